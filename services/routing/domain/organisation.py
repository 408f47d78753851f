"""The organisation tree: units, their superiors, the areas they cover. Source: S3, city → district → town → village."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Unit:
    """One unit of the tree."""

    id: str
    parent: str | None
    areas: frozenset[str]
    dispatches: bool
    """A centre: its dispatcher decides what no rule covers."""


class Organisation:
    """The tree, indexed both ways."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._children: dict[str, list[str]] = {}
        for unit in units.values():
            if unit.parent is not None:
                self._children.setdefault(unit.parent, []).append(unit.id)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Organisation:
        """From the place's file `units`."""
        return cls(
            {
                raw["id"]: Unit(raw["id"], raw.get("parent"), frozenset(raw["areas"]), raw.get("dispatches", False))
                for raw in table["unit"]
            }
        )

    def __contains__(self, unit: str) -> bool:
        return unit in self._units

    def __getitem__(self, unit: str) -> Unit:
        return self._units[unit]

    def __iter__(self) -> Iterator[str]:
        return iter(self._units)

    @property
    def root(self) -> str:
        """The first unit without a superior."""
        return next(unit.id for unit in self._units.values() if unit.parent is None)

    def superiors(self, unit: str) -> Iterator[str]:
        """From the unit's own superior up to the root; none of a unit that has left the tree."""
        found = self._units.get(unit)
        while found is not None and found.parent is not None:
            yield found.parent
            found = self._units.get(found.parent)

    def is_under(self, unit: str, other: str | None) -> bool:
        """Whether a unit is the other one or below it."""
        return other is not None and (unit == other or other in self.superiors(unit))

    def lowest_covering(self, top: str, area: str) -> str:
        """The deepest unit at or below `top` whose areas hold the matter's; `top` when none of them does.

        Source: S3, "小事不出村、大事不出镇": resolve at the lowest competent level. The first by file order wins a tie.
        """
        for child in self._children.get(top, ()):
            if area in self._units[child].areas:
                return self.lowest_covering(child, area)
        return top
