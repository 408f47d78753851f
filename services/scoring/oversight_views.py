"""Lists of accountability: findings, inspections, rectifications and surveys of a unit; evidence of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from contracts.codes import SubjectKind
from contracts.conduct import subject_key
from contracts.surveys import Question
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.scoring.conduct_views import ShownFinding, shown_finding
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.finding import Finding
from services.scoring.domain.conduct.inspection import Inspection, Visit
from services.scoring.domain.conduct.record import ConductRecord, concerning, waiting_for
from services.scoring.domain.conduct.rectification import Rectification
from services.scoring.domain.conduct.survey import Papers, Survey
from services.scoring.domain.limits import Limits

A = TypeVar("A", bound=Aggregate)


class _Model(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Evidence(_Model):
    """A finding that counts, under the key by which proposals name it."""

    key: str
    finding: ShownFinding


class ShownEvidence(_Model):
    """The findings behind a record, in the order of the days on which it happened."""

    findings: list[Evidence]


class ListedFindings(_Model):
    """Findings by the unit, about it or a unit below it, or waiting for its decision; the newest first."""

    findings: list[ShownFinding]
    next_page: int | None = None


class ShownVisit(_Model):
    """One visit of an inspection; never by whom."""

    visit: str
    about: str
    visited_on: date
    ordered: int
    """How many things have to be put right."""


class ShownInspection(_Model):
    """An inspection as a unit may see it."""

    body: str
    reference: str
    covert: bool
    units: list[str]
    """For a unit that was visited in a covert inspection: itself and those below it alone."""
    first_day: date
    last_day: date
    purpose: str
    visits: list[ShownVisit]


class ShownRectification(_Model):
    """Something that has to be put right."""

    body: str
    reference: str
    visit: str
    number: int
    unit: str
    what: str
    due_at: datetime
    over: bool
    """Its limit has passed."""
    reported_at: datetime | None
    """Since when the body has to verify it."""
    closed_at: datetime | None
    on_time: bool


class ListedInspections(_Model):
    """Inspections, the latest first, and what has to be put right after them, open ones first."""

    inspections: list[ShownInspection]
    rectifications: list[ShownRectification]


class ShownPapers(_Model):
    """Papers that were counted about one unit."""

    unit: str
    issued: int
    returned: int
    valid: int


class ShownSurvey(_Model):
    """A survey of the unit."""

    body: str
    reference: str
    units: list[str]
    period: str
    item: str | None
    questions: list[Question]
    papers: list[ShownPapers]
    batches: list[str]
    """References of the batches that were counted."""
    closed_at: datetime | None


class ListedSurveys(_Model):
    """Surveys by the unit or a unit below it, those that are not closed first."""

    surveys: list[ShownSurvey]


class OversightViews:
    """What a unit made, what is about it or units below it, and what it has to decide."""

    def __init__(self, store: Store, limits: Callable[[], Limits]) -> None:
        """`limits` have the tree in force."""
        self._store = store
        self._limits = limits

    async def findings(self, unit: str, at: datetime, page: int, size: int) -> ListedFindings:
        """A page of the findings. Raises `HttpProblem`."""
        found = await self._concerning(unit, Finding, waiting_for(unit))
        newest = sorted(found, key=lambda each: each.recorded_at, reverse=True)
        first = (page - 1) * size
        shown = [shown_finding(each, at) for each in newest[first : first + size]]
        return ListedFindings(findings=shown, next_page=page + 1 if len(newest) > first + size else None)

    async def evidence(self, kind: SubjectKind, subject: str, unit: str, at: datetime) -> ShownEvidence | None:
        """The findings behind a record, for those who may see the record; None otherwise. Raises `HttpProblem`."""
        key = subject_key(kind, subject)
        record = next(iter(await self._states([key])), None)
        if not isinstance(record, ConductRecord):
            return None
        if not (self._limits().sees(unit, record.unit) or unit in record.waits_for):
            return None
        proposed = (finding for each in record.proposals for finding in each.findings)
        keys = list(dict.fromkeys((*(each.finding for each in record.counted), *proposed)))
        states = await self._states_by_key(keys)
        found = [(each, state) for each in keys if isinstance(state := states.get(each), Finding)]
        found.sort(key=lambda each: each[1].happened_on)
        return ShownEvidence(findings=[Evidence(key=each, finding=shown_finding(state, at)) for each, state in found])

    async def inspections(self, unit: str, at: datetime) -> ListedInspections:
        """Inspections by the unit or of it, and what has to be put right. Raises `HttpProblem`."""
        inspections = await self._concerning(unit, Inspection)
        tasks = await self._concerning(unit, Rectification)
        return ListedInspections(
            inspections=[
                self._inspection(each, unit) for each in sorted(inspections, key=lambda e: e.first_day, reverse=True)
            ],
            rectifications=[
                _rectification(each, at)
                for each in sorted(tasks, key=lambda e: (not e.clock.running, e.clock.due_at.timestamp()))
            ],
        )

    async def surveys(self, unit: str) -> ListedSurveys:
        """Surveys by the unit. Raises `HttpProblem`."""
        found = await self._concerning(unit, Survey)
        return ListedSurveys(
            surveys=[_survey(each) for each in sorted(found, key=lambda e: (e.closed_at is not None, e.reference))]
        )

    def _inspection(self, found: Inspection, unit: str) -> ShownInspection:
        """The body and those above it see all of it, a visited unit only what is about itself and those below it."""
        sees, of_body = self._limits().sees, self._limits().sees(unit, found.body)
        visits: Iterable[Visit] = (each for each in found.visits if of_body or sees(unit, each.about))
        shown = [
            ShownVisit(visit=each.visit, about=each.about, visited_on=each.visited_on, ordered=each.ordered)
            for each in visits
        ]
        return ShownInspection(
            body=found.body,
            reference=found.reference,
            covert=found.covert,
            units=[each for each in found.units if of_body or not found.covert or sees(unit, each)],
            first_day=found.first_day,
            last_day=found.last_day,
            purpose=found.purpose if of_body or not found.covert else "",
            visits=shown,
        )

    async def _concerning(self, unit: str, kind: type[A], *more: str) -> list[A]:
        """Everything of a kind that concerns the unit or one below it."""
        limits = self._limits()
        under = [*(concerning(each) for each in limits.units if limits.sees(unit, each)), *more]
        try:
            rows = {key: state async for key, state in self._store.every({"filed": {"$in": under}})}
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return [each for row in rows.values() if isinstance(each := Aggregate.model_validate(row), kind)]

    async def _states(self, keys: Sequence[str]) -> list[Aggregate]:
        return list((await self._states_by_key(keys)).values())

    async def _states_by_key(self, keys: Sequence[str]) -> dict[str, Aggregate]:
        try:
            states = await self._store.states_of(keys)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return {key: Aggregate.model_validate(state) for key, state in states.items()}


def _rectification(found: Rectification, at: datetime) -> ShownRectification:
    clock = found.clock
    return ShownRectification(
        body=found.body,
        reference=found.reference,
        visit=found.visit,
        number=found.number,
        unit=clock.unit,
        what=found.rectify.what,
        due_at=clock.due_at,
        over=clock.running and clock.over_at(at),
        reported_at=found.reported_at,
        closed_at=clock.stopped_at,
        on_time=clock.on_time,
    )


def _survey(found: Survey) -> ShownSurvey:
    return ShownSurvey(
        body=found.body,
        reference=found.reference,
        units=list(found.units),
        period=found.period,
        item=found.item,
        questions=list(found.questions),
        papers=[_papers(unit, found.papers.get(unit, Papers())) for unit in found.units],
        batches=list(found.batches),
        closed_at=found.closed_at,
    )


def _papers(unit: str, found: Papers) -> ShownPapers:
    return ShownPapers(unit=unit, issued=found.issued, returned=found.returned, valid=found.valid)
