"""What bodies enter into scores beside the cases (考核): ratings by superiors and panels, deductions, bonuses, vetoes.

Said on `assessments.{body}`, answered on `assessed.{body}`; the topic proves which body speaks. Source: S2.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field, StringConstraints

from contracts.codes import AssessmentKind
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import Code, Fact, Message, PolicyVersion, StaffId, UnitId
from contracts.refusals import Reason
from contracts.text import IDENTIFIER, REQUIRED

ASSESSMENTS = uuid5(NAMESPACE_URL, "urn:xiaoneng:assessments")
"""Namespace of assessment keys. Never changes."""

Points = Annotated[Decimal, Field(ge=0, max_digits=7, decimal_places=2, description="exact; 100 is everything")]
PeriodText = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$"),
    Field(description="a year, half year, quarter or month: ``2026``, ``2026-H2``, ``2026-Q4``, ``2026-11``"),
]
Reference = Annotated[str, Field(min_length=1, max_length=200, description="the body's own reference"), IDENTIFIER]


def assessment_key(body: str, reference: str) -> str:
    """The key of a body's assessment on the bus; the same for whoever computes it."""
    return str(uuid5(ASSESSMENTS, f"{body}\n{reference}"))


class AssessmentCommand(Message):
    """What a body says."""

    body: UnitId
    """Who speaks."""
    issued_at: AwareDatetime = Field(description="when it was decided")
    reference: Reference
    actor: StaffId | None = None
    """The post that decided."""

    @property
    def time(self) -> datetime:
        return self.issued_at

    @property
    def key(self) -> str:
        return assessment_key(self.body, self.reference)


class RecordAssessment(AssessmentCommand):
    """Enter this into the score of a unit."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.record.v1"
    TOPIC: ClassVar[str] = "assessments.{body}"

    kind: AssessmentKind
    item: Code
    """Which component, deduction, bonus or veto of the place's scores."""
    about: UnitId
    """Whose score."""
    period: PeriodText
    points: Points
    """0 for a veto."""
    basis: Annotated[str, Field(min_length=1, max_length=2_000), REQUIRED]
    """What it rests on: everybody concerned may read it. No person's name."""


class WithdrawAssessment(AssessmentCommand):
    """It does not count any more: it was wrong, or it was appealed against with success."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.withdraw.v1"
    TOPIC: ClassVar[str] = "assessments.{body}"

    reason: Annotated[str, Field(min_length=1, max_length=2_000), REQUIRED]


class ApproveAssessment(AssessmentCommand):
    """A bonus of another body may count (经领导小组审定)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.approve.v1"
    TOPIC: ClassVar[str] = "assessments.{body}"

    assessor: UnitId
    """The body that entered it."""

    @property
    def key(self) -> str:
        return assessment_key(self.assessor, self.reference)


class AssessmentFact(Fact):
    """What became of an assessment."""

    body: UnitId
    """Who is told."""
    assessor: UnitId
    """The body that entered it."""
    reference: Annotated[str, Field(max_length=200)]
    """Empty where it could not be read."""
    occurred_at: AwareDatetime = Field(description="when the fact came to be")

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return assessment_key(self.assessor, self.reference)


class AssessmentRecorded(AssessmentFact):
    """It counts from now on; a bonus once it is approved."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.recorded.v1"
    TOPIC: ClassVar[str] = "assessed.{body}"

    kind: AssessmentKind
    item: Code
    about: UnitId
    period: PeriodText
    points: Points
    basis: str
    actor: StaffId | None = None
    policy: PolicyVersion


class AssessmentApproved(AssessmentFact):
    """The bonus counts."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.approved.v1"
    TOPIC: ClassVar[str] = "assessed.{body}"

    approver: UnitId
    actor: StaffId | None = None


class AssessmentWithdrawn(AssessmentFact):
    """It does not count any more; that it was there stays known."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.withdrawn.v1"
    TOPIC: ClassVar[str] = "assessed.{body}"

    reason: str


class AssessmentRefused(AssessmentFact):
    """A command was not carried out, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assessment.refused.v1"
    TOPIC: ClassVar[str] = "assessed.{body}"

    command_id: Annotated[str, Field(max_length=200)]
    command: str
    """Its type."""
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""
