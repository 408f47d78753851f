"""A centre's dispatcher: chooses a unit that covers the area, is not recused and has not just returned the case."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from apps.desk.answers import Approve, Dispatch
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

        Where the unit that returned the case is the only one, it gets it back as a ruling. What the centre returned
        itself, its director rules about.
        """
        director = f"{request.unit}.director"
        if request.proposed is not None:
            return Approve(director)
        rules = director if request.returned_by == request.unit else None
        able = [unit for unit in self.units if self._may_handle(unit, request)]
        others = [unit for unit in able if unit != request.returned_by]
        if not others:
            return Dispatch(able[0], binding=True, actor=rules) if able else None
        favourite = self.preferred.get(request.category)
        if favourite in others:
            return Dispatch(favourite, actor=rules)
        dice = Random(f"{self.seed}/{request.case_id}/{request.returned_by}")  # noqa: S311 - dice, not secrets
        return Dispatch(dice.choice(others), actor=rules)

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
