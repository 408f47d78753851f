"""A centre's dispatcher: chooses a unit that covers the area, is not recused and has not just returned the case."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from apps.departments.answers import Approve, Dispatch
from contracts.handling import Consultation
from contracts.routing import DispatchRequested


@dataclass(frozen=True, slots=True)
class DeskUnit:
    """A unit as a dispatcher sees it."""

    id: str
    parent: str | None
    areas: frozenset[str]
    dispatches: bool


@dataclass(frozen=True)
class Dispatcher:
    """The choice is the same whenever the same request is asked. `preferred` names a unit for some categories."""

    units: Mapping[str, DeskUnit]
    preferred: Mapping[str, str]
    seed: int = 0

    @classmethod
    def read(cls, place_directory: Path, preferred: Mapping[str, str] | None = None, seed: int = 0) -> Dispatcher:
        """From the `units.toml` of a folder of `policies/`."""
        table = tomllib.loads((place_directory / "units.toml").read_text("utf-8"))
        units = {
            raw["id"]: DeskUnit(raw["id"], raw.get("parent"), frozenset(raw["areas"]), raw.get("dispatches", False))
            for raw in table["unit"]
        }
        return cls(units, preferred or {}, seed)

    def __call__(self, request: DispatchRequested) -> Dispatch | Approve | None:
        """A suitable unit; what is proposed is approved.

        Where the unit that returned the case is the only one, it gets it back as a ruling. A ruling rests on a
        consultation of the units that returned the case and of the unit it goes to. The centre's director rules about
        what the centre itself returned.
        """
        director = f"{request.unit}.director"
        if request.proposed is not None:
            return Approve(director)
        rules = director if request.returned_by == request.unit else None
        able = [unit for unit in self.units if self._may_handle(unit, request)]
        if not able:
            return None
        others = [unit for unit in able if unit != request.returned_by]
        to = self._choice(others, request) if others else able[0]
        if others and not request.ruling_due:
            return Dispatch(to, actor=rules)
        refusers = request.refusers or ((request.returned_by,) if request.returned_by else ())
        return Dispatch(to, binding=not others, actor=rules, consultation=_consultation((*refusers, to)))

    def _choice(self, units: Sequence[str], request: DispatchRequested) -> str:
        favourite = self.preferred.get(request.category)
        if favourite is not None and favourite in units:
            return favourite
        dice = Random(f"{self.seed}/{request.case_id}/{request.returned_by}")  # noqa: S311 - dice, not secrets
        return dice.choice(units)

    def _may_handle(self, unit: str, request: DispatchRequested) -> bool:
        """Recusal (回避) holds for the unit complained about and all below it. Centres and the root only route."""
        described = self.units[unit]
        if described.parent is None or described.dispatches or request.area not in described.areas:
            return False
        return request.about is None or request.about not in self._with_superiors(unit)

    def _with_superiors(self, unit: str) -> Iterator[str]:
        at: str | None = unit
        while at is not None:
            yield at
            at = self.units[at].parent


def _consultation(units: Iterable[str]) -> Consultation:
    return Consultation(
        participants=tuple(dict.fromkeys(units)),
        minutes="各单位就职责分工充分发表意见，按首问负责制和属地管理原则，由受派单位办理，其他单位予以配合。",
    )
