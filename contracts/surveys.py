"""Surveys of service objects and panels (问卷测评): planned by a body, counted in batches, closed with a result.

Only counts travel: nobody's answer can be told from another's. Said on `oversight.{unit}`, told on `conduct.{unit}`; a
result that counts enters the score as the body's rating. Source: S2 (服务对象评议), S1¶4 (民主测评).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field

from contracts.assessments import PeriodText, assessment_key
from contracts.codes import Satisfaction
from contracts.conduct import ConductFact, OversightCommand, Reference
from contracts.message import Code, UnitId
from contracts.text import CLEAN, IDENTIFIER, REQUIRED

SURVEYS = uuid5(NAMESPACE_URL, "urn:xiaoneng:surveys")
"""Namespace of survey keys. Never changes."""

Papers = Annotated[int, Field(ge=0, le=10_000_000)]


def survey_key(body: str, reference: str) -> str:
    """The key of a survey on the bus; the same for whoever computes it."""
    return str(uuid5(SURVEYS, f"{body}\n{reference}"))


class Part(BaseModel):
    """Part of a message."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )


class Question(Part):
    """One question."""

    id: Code
    zh: Annotated[str, Field(min_length=1, max_length=500), REQUIRED]
    en: Annotated[str, Field(max_length=500), CLEAN] = ""
    weight: Annotated[int, Field(ge=1, le=100)]
    """Percent; all together 100."""


class AnswerCount(Part):
    """How many gave this grade to that question."""

    question: Code
    grade: Satisfaction
    count: Papers


class SurveyCommand(OversightCommand):
    """What a body says of its survey."""

    reference: Reference

    @property
    def key(self) -> str:
        return survey_key(self.unit, self.reference)


class PlanSurvey(SurveyCommand):
    """These units will be asked about, with these questions."""

    TYPE: ClassVar[str] = "cn.xiaoneng.survey.plan.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    units: Annotated[tuple[UnitId, ...], Field(min_length=1, max_length=500)]
    period: PeriodText
    item: Code | None = None
    """The component of the scores that the result enters; absent: it enters none."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=100)]


class RecordResponses(SurveyCommand):
    """A batch of papers about one unit was counted."""

    TYPE: ClassVar[str] = "cn.xiaoneng.survey.record-responses.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    batch: Annotated[str, Field(min_length=1, max_length=100), IDENTIFIER]
    """The body's own reference of the batch: the same batch counts once."""
    about: UnitId
    issued: Papers
    returned: Papers
    valid: Papers
    answers: Annotated[tuple[AnswerCount, ...], Field(max_length=500)]


class CloseSurvey(SurveyCommand):
    """No more papers are counted."""

    TYPE: ClassVar[str] = "cn.xiaoneng.survey.close.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"


class SurveyFact(ConductFact):
    """What became of a survey."""

    body: UnitId
    reference: Annotated[str, Field(max_length=200)]

    @property
    def key(self) -> str:
        return survey_key(self.body, self.reference)


class SurveyPlanned(SurveyFact):
    """Papers may be counted."""

    TYPE: ClassVar[str] = "cn.xiaoneng.survey.planned.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    units: tuple[UnitId, ...]
    period: PeriodText
    item: Code | None = None
    questions: tuple[Question, ...]


class SurveyClosed(SurveyFact):
    """The result about one unit, told to it and to the body."""

    TYPE: ClassVar[str] = "cn.xiaoneng.survey.closed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    about: UnitId
    issued: int
    returned: int
    valid: int
    points: Decimal | None
    """Of a hundred, with two decimals; None where nobody has answered."""
    counts: bool
    """Enough came back valid."""


class SurveyResult(ConductFact):
    """A result that counts; scoring tells itself, and enters it into the score of the unit."""

    TYPE: ClassVar[str] = "cn.xiaoneng.survey.result.v1"
    TOPIC: ClassVar[str] = "scoring.conduct"

    body: UnitId
    reference: Annotated[str, Field(max_length=200)]
    item: Code
    period: PeriodText
    points: Decimal
    issued: int
    valid: int

    @property
    def key(self) -> str:
        return assessment_key(self.body, self.entry)

    @property
    def entry(self) -> str:
        """The reference of the assessment that it becomes."""
        return f"survey/{survey_key(self.body, self.reference)}/{self.unit}"
