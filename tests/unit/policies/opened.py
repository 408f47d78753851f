"""A place of `policies/` opened as the services open it, and what is said to its rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, AssessmentKind, Channel, Satisfaction
from infra.place import PlaceFiles, read_place
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.scope import Verdict as Scope
from services.intake.domain.scope import scope_of
from services.routing.domain.decide import Rules as RoutingRules
from services.routing.domain.dispatch import DispatchPolicy, Matter
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.decide import Rules as ScoringRules
from services.scoring.domain.reckoning import Budget, reckon
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.counting import Tallies
from services.scoring.domain.scores.grading import graded, with_consequences
from services.scoring.domain.scores.handling import Handling
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.domain.scores.scorecard import Scorecard, scorecard
from tests.support.deployment import ROOT
from tests.unit.services.speaking import AT

YEAR, LAST_YEAR = Period.parse("2026"), Period.parse("2025")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """One folder, with what each service makes of it."""

    files: PlaceFiles
    scoring: ScoringRules
    dispatch: DispatchPolicy
    catalogue: Catalogue
    scores: ScorePolicy
    conduct: ConductPolicy

    @property
    def routing(self) -> RoutingRules:
        """What routing decides by."""
        return RoutingRules(self.dispatch)

    @property
    def units(self) -> dict[str, dict[str, Any]]:
        """Units by id, as they stand in the file."""
        return {unit["id"]: unit for unit in self.files["units"]["unit"]}

    def peers(self, group: str) -> list[str]:
        """The units of a group."""
        return [member.id for member in self.scores.members.values() if member.group == group]

    def due_on(self, received: date, appeal: AppealType = AppealType.COMPLAINT, category: str = "other") -> date:
        """The last day on which a matter that came at noon that day may be answered, by the place's own clock."""
        zone = self.scoring.limits.timezone
        limit, _ = self.scoring.limits.of_case(appeal, category)
        started_at = datetime(received.year, received.month, received.day, 12, tzinfo=zone)
        due_at = reckon(Budget(started_at, limit), self.scoring.limits).due_at
        return (due_at - timedelta(microseconds=1)).astimezone(zone).date()

    def scope(self, category: str, text: str = "请予处理。") -> Scope:
        """What the scope test says about a matter."""
        said = SubmitComplaint(
            channel=Channel.CENTRE_96666,
            external_id="x1",
            received_at=AT,
            appeal=AppealType.COMPLAINT,
            category=category,
            area=next(iter(self.catalogue.jurisdictions)),
            title="诉求",
            text=text,
        )
        found = scope_of(said, self.catalogue.scope)
        return Scope.IN if found is None else found.verdict

    def routed(self, category: str, area: str, appeal: str = "complaint", about: str | None = None) -> str | None:
        """Which unit gets a matter; None: the dispatcher's queue."""
        return self.dispatch.route(Matter(category, area, appeal, about)).unit

    def card(self, unit: str, handlings: Iterable[Handling] = (), entries: Iterable[Assessment] = ()) -> Any:
        """The card of a unit for the year, before it is compared; its exact numbers may be compared with whole ones."""
        tallies = Tallies(self.scores.span(YEAR), self.scores.parts)
        for each in handlings:
            tallies.add(each)
        return scorecard(self.scores.members[unit], tallies, entries, self.scores)

    def compared(self, group: str, now: Sequence[Assessment], before: Sequence[Assessment] = ()) -> dict[str, Any]:
        """The cards of a group for this year, beside each other and the year before: made of what bodies entered."""
        this, last = (
            graded([self.card(unit, entries=entries) for unit in self.peers(group)], self.scores)
            for entries in (now, before)
        )
        found = with_consequences(this, last, self.scores, YEAR)[group]
        return {card.unit.id: card for card in found}


@cache
def opened(name: str) -> Place:
    """A folder of `policies/`, as every service reads it."""
    files = read_place(ROOT / "policies" / name)
    scoring = ScoringRules.from_tables(files.version, files.tables)
    conduct = ConductPolicy.from_tables(files.version, files.tables, scoring.limits)
    assert scoring.scores is not None
    assert conduct is not None
    return Place(
        files,
        scoring,
        DispatchPolicy.from_tables(files.version, files.tables),
        Catalogue.from_tables(files.version, files.tables),
        scoring.scores,
        conduct,
    )


def entry(kind: AssessmentKind, item: str, about: str, points: str, **changes: Any) -> Assessment:
    """What a body has entered for the year."""
    given: dict[str, Any] = {
        "assessor": "a-body",
        "reference": f"{item}-{about}-{points}",
        "does": kind,
        "item": item,
        "about": about,
        "entered_for": str(YEAR),
        "points": Decimal(points),
        "basis": "年度测评",
        "recorded_at": AT,
    }
    return Assessment(**{**given, **changes})


def rated(item: str, points: dict[str, str]) -> list[Assessment]:
    """Ratings of a component, by unit."""
    return [entry(AssessmentKind.RATING, item, unit, each) for unit, each in points.items()]


def handlings(
    unit: str, grades: Sequence[Satisfaction], channel: str = "hotline-12345", **changes: Any
) -> list[Handling]:
    """One case of the unit for each grade, answered in time; solved where nobody says that he is not satisfied."""
    unhappy = {Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED}
    given: dict[str, Any] = {
        "answer": 1,
        "unit": unit,
        "centre": "a-centre",
        "channel": channel,
        "appeal": "complaint",
        "category": "other",
        "area": "city",
        "started_at": datetime(2026, 11, 2, 4, tzinfo=UTC),
        "ended_at": datetime(2026, 11, 5, 4, tzinfo=UTC),
        "answered": True,
        "on_time": True,
        "signed_on_time": True,
        "rated_at": datetime(2026, 11, 6, 4, tzinfo=UTC),
        **changes,
    }
    return [
        Handling(
            case_id=str(uuid5(NAMESPACE_OID, f"{unit}/{channel}/{n}")),
            satisfaction=grade,
            solved=grade not in unhappy,
            **given,
        )
        for n, grade in enumerate(grades)
    ]


def points(card: Scorecard) -> dict[str, Any]:
    """What each part of a score adds."""
    return {line.id: line.adds for line in card.lines}
