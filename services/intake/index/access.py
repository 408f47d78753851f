"""Which cases a key may see: a channel its own; a unit those of it and of the units below it.

The unit complained about, and every unit below it, never sees the case, whatever else it is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.speakers import kind_of
from infra.http.endpoint import Caller
from infra.http.problems import HttpProblem
from services.intake.index.place import IndexPlace


@dataclass(frozen=True)
class Access:
    """Who searches."""

    channel: str | None = None
    unit: str | None = None
    """The unit of the key; None for a channel."""
    below: frozenset[str] = frozenset()
    """The unit and those below it."""
    above: tuple[str, ...] = ()
    """The unit and those above it: what is complained about one of them is not seen."""
    everything: bool = False
    """All units of the tree are below it, so that only complaints about units above it are left out."""

    def conditions(self) -> list[tuple[str, str | None]]:
        """The conditions of a query on `cases AS c`, each with a query of the row numbers that may drive it."""
        if self.channel is not None:
            return [("c.channel = :seen_channel", "SELECT n FROM cases WHERE channel = :seen_channel")]
        about = ("c.about IS NULL OR c.about NOT IN (SELECT value FROM json_each(:seen_above))", None)
        concerned = "SELECT n FROM concerned WHERE unit IN (SELECT value FROM json_each(:seen_below))"
        return [about] if self.everything else [about, (f"c.n IN ({concerned})", concerned)]

    def shown(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row as this key may read it: a channel does not learn which unit examines a hidden case."""
        return {**row, **_UNNAMED} if self.channel is not None and is_hidden(row) else row

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the conditions."""
        if self.channel is not None:
            return {"seen_channel": self.channel}
        return {"seen_above": json.dumps(self.above), "seen_below": json.dumps(sorted(self.below))}


_UNNAMED: Mapping[str, Any] = {"responsible": "", "asked": None, "supervisor": None}


def is_hidden(row: Mapping[str, Any]) -> bool:
    """Whether complainants and channels must not learn which unit examines the case."""
    return bool(row["confidential"] or row["about"])


def access_of(caller: Caller, place: IndexPlace) -> Access:
    """What this key sees. Raises `HttpProblem` for a unit or post that the place does not have."""
    key = caller.key
    if key is None:
        raise HttpProblem("key-missing")
    if (key.kind or kind_of(key.speaker, key.rights)) == "channel":
        return Access(channel=key.speaker)
    unit = caller.unit(lambda unit: unit in place.units.parents, place.directory.may_act)
    return unit_access(unit, place)


def unit_access(unit: str, place: IndexPlace) -> Access:
    """What a unit sees."""
    below = place.units.below(unit)
    everything = below >= frozenset(place.units.parents)
    return Access(unit=unit, below=below, above=place.units.above(unit), everything=everything)


def sees(access: Access, row: Mapping[str, Any], concerned: frozenset[str]) -> bool:
    """The same rule for one case that has been read."""
    if access.channel is not None:
        return bool(row["channel"] == access.channel)
    return row["about"] not in access.above and (access.everything or not concerned.isdisjoint(access.below))
