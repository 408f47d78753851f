"""Facts published by routing: on `routing.events`, and to a unit's own `assignments.<unit>`; keyed by case id."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from contracts.channel import Attribute, Instruction
from contracts.codes import AppealType, Channel, HandlingResult
from contracts.message import Code, Event, PolicyVersion, StaffId, UnitId
from contracts.refusals import Reason


class CaseAssigned(Event):
    """A unit has been asked to handle the case.

    Until it signs, whoever was responsible before stays so (首问负责制, S3).
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.assigned.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    responsible: UnitId
    """Who answers for the case at this moment."""
    rule: str
    """Which rule sent it there, or ``dispatcher``."""
    binding: bool = False
    """A ruling: the unit may not return it."""
    policy: PolicyVersion


class CaseQueued(Event):
    """No rule covers the case, or a unit returned it: it waits for the centre's dispatcher, not for a default unit."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.queued.v1"
    TOPIC: ClassVar[str] = "routing.events"

    centre: UnitId
    """Whose dispatcher decides."""
    responsible: UnitId
    why: str
    """Which rule put it in the queue."""
    returned_by: UnitId | None = None
    return_reason: str | None = None
    policy: PolicyVersion


class CaseSigned(Event):
    """The unit accepted the case and is now the one responsible."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.signed.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId


class CaseClosed(Event):
    """The unit answered the matter; the complainant is owed this text."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.closed.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    result: HandlingResult
    reply: str
    """What is told to the complainant."""
    verified_by: UnitId | None = None
    """Who struck it off the list; None where the policy wants no verification."""
    by: StaffId | None = None


class HandlingReported(Event):
    """The unit says it is done; somebody else verifies it before the complainant is told."""

    TYPE: ClassVar[str] = "cn.xiaoneng.handling.reported.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    verifier: UnitId
    result: HandlingResult
    reply: str


class RedoOrdered(Event):
    """The verifier was not content: the unit handles the case again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.redo.ordered.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    verifier: UnitId
    count: Annotated[int, Field(ge=1)]
    """How many times by now."""
    reason: str
    by: StaffId | None = None


class CaseEscalated(Event):
    """The case is supervised one level up (提级督办): it was done again or sent on too often."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.escalated.v1"
    TOPIC: ClassVar[str] = "routing.events"

    supervisor: UnitId
    why: Code
    """Such as ``redos``."""
    count: Annotated[int, Field(ge=1)]


class AssignmentOffered(Event):
    """To the unit: here is a case for you, with all you need to handle it; sign it or return it with a reason."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assignment.offered.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    channel: Channel
    appeal: AppealType
    category: Code
    area: Code
    title: str
    text: str
    received_at: AwareDatetime
    urgent: bool
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    attributes: tuple[Attribute, ...] = ()
    """Answers to the questions that the category asks."""
    confidential: bool = False
    """Nothing that tells who the complainant is may reach the unit complained about."""
    problem: Code | None = None
    instruction: Instruction | None = None
    """A leader has asked for it (领导批示)."""
    rule: str
    binding: bool = False


class AssignmentWithdrawn(Event):
    """To the unit: the case has gone to another unit and is no longer yours."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assignment.withdrawn.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId


class DispatchRequested(Event):
    """To the centre: this case waits for its dispatcher."""

    TYPE: ClassVar[str] = "cn.xiaoneng.dispatch.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The centre."""
    number: Annotated[str, Field(max_length=40)]
    category: Code
    area: Code
    title: str
    text: str
    why: str
    about: UnitId | None = None
    """Recused."""
    returned_by: UnitId | None = None
    return_reason: str | None = None


class VerificationRequested(Event):
    """To the verifier: this is what the unit reported; accept it, or have it done again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.verification.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The verifier."""
    number: Annotated[str, Field(max_length=40)]
    reported_by: UnitId
    redos: Annotated[int, Field(ge=0)] = 0
    """How many times it has been done again already."""
    result: HandlingResult
    reply: str
    title: str
    text: str


class RedoRequested(Event):
    """To the unit: the verifier was not content, and this is why; handle it again and report."""

    TYPE: ClassVar[str] = "cn.xiaoneng.redo.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    title: str
    count: Annotated[int, Field(ge=1)]
    reason: str


class SupervisionRequested(Event):
    """To the superior: a case below you is supervised by you from now on (提级督办)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.supervision.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The superior."""
    number: Annotated[str, Field(max_length=40)]
    responsible: UnitId
    title: str
    why: Code
    count: Annotated[int, Field(ge=1)]


class CommandRefused(Event):
    """To the unit: what you asked for is against a rule, and this is the rule."""

    TYPE: ClassVar[str] = "cn.xiaoneng.command.refused.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    command_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the command that is answered."""
    command: str
    """Its CloudEvents type."""
    reasons: tuple[Reason, ...]
