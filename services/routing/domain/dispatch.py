"""Dispatch rules (派单): ordered, the first that fits decides; recusal (回避) holds against every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from contracts.codes import PauseReason
from contracts.limits import TimeLimit
from services.routing.domain.organisation import Organisation
from services.routing.domain.posts import Named, Posts


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
    transfers_before_escalation: int = 3
    """So many times sent on without an owner, and the same."""
    repeats_before_escalation: int = 3
    """So many times brought again by the same complainant, and the same."""
    approved_appeals: frozenset[str] = frozenset()
    approved_categories: frozenset[str] = frozenset()
    approves_instructed: bool = False
    suspensions: Mapping[PauseReason, timedelta] = field(default_factory=dict)
    """For what a case may rest, and how long in all."""
    extension_working_days: int = 15
    extension_times: int = 1
    extension_room: Mapping[str, int] = field(default_factory=dict)
    """By category, instead of both: working days that all extensions of a case may add."""
    reopen_days: int = 30
    consultation_required: bool = False
    """A ruling needs a consultation (会商)."""
    reopenings_on_request: int = 1
    """How often a complainant may have a case reopened."""
    question_days: int = 7
    """Calendar days that a complainant has to answer a unit."""
    appeal_days: int | None = None
    """Calendar days in which an answer may be appealed; None: never."""
    posts: Posts = field(default_factory=lambda: Posts({}))
    centres: Mapping[str, str] = field(default_factory=dict)
    """The centre of each area."""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @classmethod
    def from_tables(cls, version: str, tables: Mapping[str, Mapping[str, Any]]) -> DispatchPolicy:
        """From the place's files `units`, `posts`, `dispatch` and `limits`."""
        limits, dispatch = tables["limits"], tables["dispatch"]
        returns, verification, approval = (
            limits["return"],
            dispatch.get("verification", {}),
            dispatch.get("approval", {}),
        )
        extension = limits.get("extension", {})
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
                for raw in dispatch["rule"]
            ),
            return_window_hours=returns["window_hours"],
            returns_before_ruling=returns["returns_before_ruling"],
            verified_appeals=frozenset(verification.get("appeals", ())),
            verified_categories=frozenset(verification.get("categories", ())),
            redos_before_escalation=verification.get("redos_before_escalation", 3),
            transfers_before_escalation=dispatch.get("escalation", {}).get("transfers", 3),
            repeats_before_escalation=dispatch.get("escalation", {}).get("repeats", 3),
            approved_appeals=frozenset(approval.get("appeals", ())),
            approved_categories=frozenset(approval.get("categories", ())),
            approves_instructed=approval.get("instructed", False),
            suspensions={
                PauseReason(raw["reason"]): timedelta(days=raw["days"]) for raw in limits.get("suspension", ())
            },
            extension_working_days=extension.get("working_days", 15),
            extension_times=extension.get("times", 1),
            extension_room=_rooms(limits.get("close", {}).get("categories", {}), extension.get("most", {})),
            reopen_days=limits.get("reopen", {}).get("days", 30),
            consultation_required=dispatch.get("consultation", {}).get("required", False),
            reopenings_on_request=limits.get("reopen", {}).get("by_complainant", 1),
            question_days=limits.get("question", {}).get("days", 7),
            appeal_days=limits["appeal"].get("days", 30) if "appeal" in limits else None,
            posts=Posts.from_table(tables.get("posts", {})),
            centres={raw["code"]: raw["jurisdiction"] for raw in tables.get("areas", {}).get("area", ())},
            timezone=ZoneInfo(tables["place"]["timezone"]),
        )

    @cached_property
    def _of_any_category(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if not rule.categories)

    @cached_property
    def _by_category(self) -> Mapping[str, tuple[Rule, ...]]:
        """For each category that a rule names, all that may fit it, in their order: a city has hundreds of others."""
        named = {category for rule in self.rules for category in rule.categories}
        return {
            category: tuple(rule for rule in self.rules if not rule.categories or category in rule.categories)
            for category in named
        }

    def approved(self, category: str, appeal: str, *, instructed: bool) -> bool:
        """Whether somebody approves where it goes before it is sent (呈批, S1¶4)."""
        return (
            category in self.approved_categories
            or appeal in self.approved_appeals
            or (instructed and self.approves_instructed)
        )

    def named(self, unit: str, at: datetime, about_person: str | None) -> Named:
        """Who works on a case in that unit at that moment."""
        return self.posts.named(unit, self.local_date(at), about_person)

    def instructs(self, unit: str, actor: str, at: datetime, about_person: str | None) -> bool:
        """Whether that post may give instructions for its unit at that moment (批示)."""
        return self.posts.instructs(unit, actor, self.local_date(at), about_person)

    def local_date(self, at: datetime) -> date:
        """The date in the place's time zone."""
        return at.astimezone(self.timezone).date()

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

    def present_centre(self, centre: str, area: str, about: str | None) -> str:
        """The centre; where it has left the tree, that of the area, and where the area is gone, the root."""
        if centre in self.organisation:
            return centre
        return self.centre_for(self.centres.get(area, self.organisation.root), about)

    def route(self, matter: Matter) -> Route:
        """The lowest competent unit by the first rule that fits; its superior where it is recused; else the queue."""
        rules = self._by_category.get(matter.category, self._of_any_category)
        rule = next((rule for rule in rules if rule.fits(matter)), None)
        if rule is None:
            return Route(None, "no-rule")
        unit = self.organisation.lowest_covering(rule.to, matter.area)
        if not self.recused(unit, matter.about):
            return Route(unit, rule.id)
        for superior in self.organisation.superiors(unit):
            if not self.recused(superior, matter.about):
                return Route(superior, f"{rule.id}/recusal")
        return Route(None, f"{rule.id}/recusal")


def _rooms(limits: Mapping[str, str], most: Mapping[str, str]) -> dict[str, int]:
    """Working days that all extensions of a case may add, by category."""
    return {name: TimeLimit.parse(text).amount - TimeLimit.parse(limits[name]).amount for name, text in most.items()}
