"""A survey (问卷测评): batches of papers, and a result per unit that counts if enough came back valid. Source: S2."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.codes import RefusalCode
from contracts.message import Fact
from contracts.refusals import Reason, reason
from contracts.score_tables import Ratings
from contracts.surveys import (
    CloseSurvey,
    PlanSurvey,
    Question,
    RecordResponses,
    SurveyClosed,
    SurveyCommand,
    SurveyPlanned,
    SurveyResult,
)
from infra.decision import Context, Decision, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record import concerning
from services.scoring.domain.conduct.refusing import refused, refused_unreadable
from services.scoring.domain.scores.counting import shown
from services.scoring.domain.scores.policy import ScorePolicy

COMMANDS = (PlanSurvey, RecordResponses, CloseSurvey)


class Papers(BaseModel):
    """What was counted about one unit."""

    model_config = ConfigDict(frozen=True)

    issued: int = 0
    returned: int = 0
    valid: int = 0
    grades: Mapping[str, Mapping[str, int]] = {}
    """How many, by question and grade."""

    def plus(self, batch: RecordResponses) -> Papers:
        """With one batch more."""
        grades = {question: dict(counts) for question, counts in self.grades.items()}
        for each in batch.answers:
            counts = grades.setdefault(each.question, {})
            counts[str(each.grade)] = counts.get(str(each.grade), 0) + each.count
        return Papers(
            issued=self.issued + batch.issued,
            returned=self.returned + batch.returned,
            valid=self.valid + batch.valid,
            grades=grades,
        )


class Survey(Aggregate):
    """One survey."""

    kind: Literal["survey"] = "survey"
    body: str
    reference: str
    units: tuple[str, ...]
    period: str
    item: str | None
    questions: tuple[Question, ...]
    papers: Mapping[str, Papers] = {}
    """By unit."""
    batches: Mapping[str, str] = {}
    """Digest of each batch that was counted, by its reference."""
    closed_at: datetime | None = None
    filed: tuple[str, ...] = ()
    """Under which it is found: the body."""


@dataclass(frozen=True)
class SurveyRules:
    """By the accountability of one place, and the points of its scores."""

    policy: ConductPolicy | None
    scores: ScorePolicy | None

    def decide(self, state: Survey | None, subject: Subject, context: Context) -> Decision[Survey]:
        """Planned, counted, closed, or refused with the rule."""
        match subject:
            case Unreadable():
                return Decision(state, (refused_unreadable(context, subject),))
            case PlanSurvey():
                return self._plan(state, subject, context)
            case RecordResponses() | CloseSurvey() if state is None:
                return _refuse(state, subject, context, reason(RefusalCode.SURVEY_UNKNOWN))
            case RecordResponses() if state is not None:
                return _count(state, subject, context)
            case CloseSurvey() if state is not None and state.closed_at is None:
                told = tuple(self._results(state, context))
                return Decision(state.model_copy(update={"closed_at": context.at}), told)
            case _:
                return Decision(state)

    @staticmethod
    def due(_state: Survey) -> datetime | None:
        """Never."""
        return None

    @staticmethod
    def is_open(state: Survey) -> bool:
        """Papers are still counted."""
        return state.closed_at is None

    def _plan(self, state: Survey | None, command: PlanSurvey, context: Context) -> Decision[Survey]:
        planned = Survey(
            body=context.speaker,
            reference=command.reference,
            units=tuple(dict.fromkeys(command.units)),
            period=command.period,
            item=command.item,
            questions=command.questions,
            filed=(concerning(context.speaker),),
        )
        if state is not None:
            since = {
                "papers": state.papers,
                "batches": state.batches,
                "closed_at": state.closed_at,
                "filed": state.filed,
            }
            same = planned.model_copy(update=since) == state
            return Decision(state) if same else _refuse(state, command, context, reason(RefusalCode.SURVEY_EXISTS))
        fault = self._unplannable(planned)
        if fault is not None:
            return _refuse(None, command, context, fault)
        told = SurveyPlanned(
            **_told(planned, planned.body, context),
            units=planned.units,
            period=planned.period,
            item=planned.item,
            questions=planned.questions,
        )
        return Decision(planned, (told,))

    def _unplannable(self, planned: Survey) -> Reason | None:
        if self.policy is None or planned.body not in self.policy.table.surveys.by:
            return reason(RefusalCode.NOT_SURVEY_BODY)
        if planned.body in planned.units:
            return reason(RefusalCode.JUDGES_ITSELF, "units")
        if not self.policy.limits.units.issuperset(planned.units):
            return reason(RefusalCode.UNIT_UNKNOWN, "units")
        if sum(each.weight for each in planned.questions) != 100:
            return reason(RefusalCode.WEIGHTS_DO_NOT_ADD_UP, "questions")
        if len({each.id for each in planned.questions}) != len(planned.questions):
            return reason(RefusalCode.CODE_UNKNOWN, "questions")
        part = self.scores.part(planned.item) if self.scores is not None and planned.item is not None else None
        return reason(RefusalCode.NOT_IN_SCORES, "item") if planned.item is not None and part is None else None

    def _results(self, state: Survey, context: Context) -> Iterator[Fact]:
        for unit in state.units:
            papers = state.papers.get(unit, Papers())
            points = shown(score(papers, state.questions, self._points()))
            enough = self.policy.table.surveys.enough_percent if self.policy is not None else 100
            counts = points is not None and papers.valid * 100 >= papers.issued * enough
            for told in (unit, state.body):
                yield SurveyClosed(
                    **_told(state, told, context),
                    about=unit,
                    issued=papers.issued,
                    returned=papers.returned,
                    valid=papers.valid,
                    points=points,
                    counts=counts,
                )
            if counts and state.item is not None and points is not None:
                yield _result(state, unit, papers, points, context)

    def _points(self) -> Mapping[str, int]:
        ratings = self.scores.table.ratings if self.scores is not None else Ratings()
        return {str(grade): points for grade, points in ratings.points.items()}


def score(papers: Papers, questions: Iterable[Question], points: Mapping[str, int]) -> Fraction | None:
    """Of a hundred: the mean of each question by its weight. None as long as a question has no answer."""
    total = Fraction(0)
    for each in questions:
        grades = papers.grades.get(each.id, {})
        count = sum(grades.values())
        if not count:
            return None
        given = sum(points.get(grade, 0) * number for grade, number in grades.items())
        total += Fraction(given * each.weight, count * 100)
    return total


def _count(state: Survey, command: RecordResponses, context: Context) -> Decision[Survey]:
    """The same batch counts once."""
    digest = hashlib.sha256(command.model_dump_json(exclude={"issued_at", "unit", "actor"}).encode()).hexdigest()
    if command.batch in state.batches:
        same = state.batches[command.batch] == digest
        return Decision(state) if same else _refuse(state, command, context, reason(RefusalCode.BATCH_EXISTS))
    fault = _uncountable(state, command)
    if fault is not None:
        return _refuse(state, command, context, fault)
    papers = state.papers.get(command.about, Papers()).plus(command)
    return Decision(
        state.model_copy(
            update={
                "papers": {**state.papers, command.about: papers},
                "batches": {**state.batches, command.batch: digest},
            }
        )
    )


def _uncountable(state: Survey, command: RecordResponses) -> Reason | None:
    if state.closed_at is not None:
        return reason(RefusalCode.SURVEY_CLOSED)
    if command.about not in state.units:
        return reason(RefusalCode.NOT_PLANNED, "about")
    if not command.valid <= command.returned <= command.issued:
        return reason(RefusalCode.PAPERS_DO_NOT_ADD_UP, "valid")
    known = {each.id for each in state.questions}
    for question in dict.fromkeys(each.question for each in command.answers):
        if question not in known:
            return reason(RefusalCode.CODE_UNKNOWN, "answers")
        if sum(each.count for each in command.answers if each.question == question) > command.valid:
            return reason(RefusalCode.PAPERS_DO_NOT_ADD_UP, "answers")
    return None


def _result(state: Survey, unit: str, papers: Papers, points: Decimal, context: Context) -> SurveyResult:
    assert state.item is not None  # noqa: S101 - who calls has looked
    return SurveyResult(
        unit=unit,
        occurred_at=context.at,
        body=state.body,
        reference=state.reference,
        item=state.item,
        period=state.period,
        points=points,
        issued=papers.issued,
        valid=papers.valid,
    )


def _told(state: Survey, unit: str, context: Context) -> dict[str, Any]:
    return {"unit": unit, "occurred_at": context.at, "body": state.body, "reference": state.reference}


def _refuse(state: Survey | None, command: SurveyCommand, context: Context, why: Reason) -> Decision[Survey]:
    return Decision(state, (refused(context, command.TYPE, (why,)),))
