"""Dispatch rules (派单): ordered, the first that fits decides; recusal (回避) holds against every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.routing.domain.organisation import Organisation


@dataclass(frozen=True)
class Matter:
    """What a rule looks at."""

    category: str
    area: str
    appeal: str
    about: str | None


@dataclass(frozen=True)
class Rule:
    """Sends matters of these categories to the lowest competent unit at or below `to`. Empty sets fit everything."""

    id: str
    to: str
    categories: frozenset[str]
    areas: frozenset[str]
    appeals: frozenset[str]

    def fits(self, matter: Matter) -> bool:
        """Whether this rule speaks about the matter."""
        return (
            (not self.categories or matter.category in self.categories)
            and (not self.areas or matter.area in self.areas)
            and (not self.appeals or matter.appeal in self.appeals)
        )


@dataclass(frozen=True)
class Route:
    """Where a matter goes, and by which rule; no unit means the dispatcher's queue."""

    unit: str | None
    rule: str


@dataclass(frozen=True)
class DispatchPolicy:
    """All routing configuration of a place."""

    version: str
    organisation: Organisation
    rules: tuple[Rule, ...]
    return_window_hours: int
    returns_before_ruling: int
    verified_appeals: frozenset[str] = frozenset()
    verified_categories: frozenset[str] = frozenset()
    redos_before_escalation: int = 3
    """So many times done again, and the case is supervised one level up."""

    @classmethod
    def from_tables(cls, version: str, tables: Mapping[str, Mapping[str, Any]]) -> DispatchPolicy:
        """From the place's files `units`, `dispatch` and `limits`."""
        returns, verification = tables["limits"]["return"], tables["dispatch"].get("verification", {})
        return cls(
            version=version,
            organisation=Organisation.from_table(tables["units"]),
            rules=tuple(
                Rule(
                    id=raw["id"],
                    to=raw["to"],
                    categories=frozenset(raw.get("categories", ())),
                    areas=frozenset(raw.get("areas", ())),
                    appeals=frozenset(raw.get("appeals", ())),
                )
                for raw in tables["dispatch"]["rule"]
            ),
            return_window_hours=returns["window_hours"],
            returns_before_ruling=returns["returns_before_ruling"],
            verified_appeals=frozenset(verification.get("appeals", ())),
            verified_categories=frozenset(verification.get("categories", ())),
            redos_before_escalation=verification.get("redos_before_escalation", 3),
        )

    def verified(self, category: str, appeal: str) -> bool:
        """Whether somebody else looks at what was reported before the case is closed (销号)."""
        return category in self.verified_categories or appeal in self.verified_appeals

    def recused(self, unit: str, about: str | None) -> bool:
        """A complaint about a unit never goes to that unit, nor to one below it (回避)."""
        return self.organisation.is_under(unit, about)

    def centre_for(self, jurisdiction: str, about: str | None) -> str:
        """Whose dispatcher decides: the area's centre, or its lowest superior that is not recused.

        Where nobody stands above the unit complained about, it is the centre all the same.
        """
        if not self.recused(jurisdiction, about):
            return jurisdiction
        superiors = self.organisation.superiors(jurisdiction)
        return next((unit for unit in superiors if not self.recused(unit, about)), jurisdiction)

    def route(self, matter: Matter) -> Route:
        """The lowest competent unit by the first rule that fits; its superior where it is recused; else the queue."""
        rule = next((rule for rule in self.rules if rule.fits(matter)), None)
        if rule is None:
            return Route(None, "no-rule")
        unit = self.organisation.lowest_covering(rule.to, matter.area)
        if not self.recused(unit, matter.about):
            return Route(unit, rule.id)
        for superior in self.organisation.superiors(unit):
            if not self.recused(superior, matter.about):
                return Route(superior, f"{rule.id}/recusal")
        return Route(None, f"{rule.id}/recusal")
