"""Facts published by routing: on `routing.events`, and to a unit's own `assignments.<unit>`; keyed by case id."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from contracts.attachments import Attachment
from contracts.channel import Attribute, Instruction
from contracts.codes import AppealType, HandlingResult, PauseReason
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import CaseId, ChannelId, Code, Event, PolicyVersion, StaffId, UnitId
from contracts.refusals import Reason

FormNumber = Annotated[
    str,
    Field(
        max_length=60, description="number of a document of the case: the case's own, a letter, and which of its kind"
    ),
]


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
    """Which rule sent it there, or ``dispatcher``, ``ruling``, ``transfer``, ``reassigned``, ``reopened``."""
    binding: bool = False
    """A ruling: the unit may not return it."""
    by: StaffId | None = None
    """The post that decided; None where a rule did."""
    why: str = ""
    """The reason that was given for a transfer or a reassignment."""
    leader: StaffId | None = None
    """The one responsible leader (S1¶6)."""
    staff: tuple[StaffId, ...] = ()
    """Who works on it: two posts (S1¶6); B where A is away (AB岗)."""
    form: FormNumber | None = None
    """The approval form (呈批表) on which this was approved, by whom `by` names."""
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
    proposed: UnitId | None = None
    """Where it is to go when that is approved (呈批)."""
    co_handlers: tuple[UnitId, ...] = ()
    """Who is to work on it beside that unit then (联办)."""
    by: StaffId | None = None
    """The post that put it there; None where a rule did."""
    form: FormNumber | None = None
    """The approval form (呈批表) on which it waits for approval; or on which that was declined, by whom `by` names."""
    reported_to: UnitId | None = None
    """The superior of the unit that returned the case, which receives the reason (否定报备, S3)."""
    policy: PolicyVersion


class CaseSigned(Event):
    """The unit accepted the case and is now the one responsible."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.signed.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    by: StaffId | None = None


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
    adopted: bool | None = None
    """Whether the suggestion is adopted; None for any other appeal."""
    evidence: tuple[Attachment, ...] = ()
    """Files that the unit uploaded with its report."""
    evidence_shown: bool = False
    """Whether the complainant may open them."""


class CaseJoined(Event):
    """Merged into another case (并案): no unit works on it apart, and the centre answers for it until it is closed."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.joined.v1"
    TOPIC: ClassVar[str] = "routing.events"

    leading: CaseId
    responsible: UnitId


class LeadingCaseClosed(Event):
    """To a case that was merged into another: that one is answered, and this is the answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.leading.closed.v1"
    TOPIC: ClassVar[str] = "routing.followers"

    leading: CaseId
    unit: UnitId
    result: HandlingResult
    reply: str
    verified_by: UnitId | None = None
    adopted: bool | None = None


class LeadingCaseEnded(Event):
    """To a case that was merged into another: that one gets no answer, so this one goes on by itself."""

    TYPE: ClassVar[str] = "cn.xiaoneng.leading.ended.v1"
    TOPIC: ClassVar[str] = "routing.followers"

    leading: CaseId


class HandlingReported(Event):
    """The unit says it is done; somebody else verifies it before the complainant is told."""

    TYPE: ClassVar[str] = "cn.xiaoneng.handling.reported.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    verifier: UnitId
    result: HandlingResult
    reply: str
    adopted: bool | None = None
    by: StaffId | None = None
    """The post that reported."""
    evidence: tuple[Attachment, ...] = ()
    """Files that the unit uploaded with its report."""
    evidence_shown: bool = False
    """Whether the complainant may open them once the report is accepted."""


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


class CaseSuspended(Event):
    """The unit cannot go on for a listed reason; the clock stands still until `until` at the latest."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.suspended.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    reason: PauseReason
    note: str
    """What the complainant is told."""
    until: AwareDatetime
    by: StaffId | None = None


class CaseResumed(Event):
    """Work goes on, and the clock with it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.resumed.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    lapsed: bool = False
    """Nobody said so: the longest time was over."""
    by: StaffId | None = None


class ExtensionRequested(Event):
    """The unit wants more time; its clock runs on until somebody else has decided."""

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.requested.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    approver: UnitId
    working_days: Annotated[int, Field(ge=1)]
    reason: str
    by: StaffId | None = None


class ExtensionDecided(Event):
    """More time was granted or declined. It counts only where it was asked for before the limit ended: scoring says
    so (`ClockExtended`, or `ExtensionRefused`).
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.decided.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    approver: UnitId
    granted: bool
    working_days: Annotated[int, Field(ge=1)]
    requested_at: AwareDatetime
    reason: str
    """Why it was asked for when granted, why not when declined."""
    by: StaffId | None = None


class DelayExplained(Event):
    """The unit explains to the complainant why it is late and promises a new date (S2)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.delay.explained.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    reason: str
    promised_at: AwareDatetime
    by: StaffId | None = None


class CaseReopened(Event):
    """A closed case is handled again; it gets a new limit, and a new answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.reopened.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    """Responsible from now on."""
    count: Annotated[int, Field(ge=1)]
    """How many times by now."""
    reason: str
    by: StaffId | None = None
    requested_by: Code | None = None
    """``complainant``: on request; ``appeal``: the answer was not upheld; None: the centre decided."""
    submission_id: Annotated[str, Field(max_length=200)] | None = None
    """The CloudEvents id of the complainant's request."""


class CaseInstructed(Event):
    """A leader has given an instruction on the case (领导批示); its own clock starts now."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.instructed.v1"
    TOPIC: ClassVar[str] = "routing.events"

    instruction: Instruction
    unit: UnitId
    """The unit of the leader."""
    responsible: UnitId
    """Who has to carry it out."""
    informed: tuple[UnitId, ...] = ()
    """Who receives `InstructionGiven`: the responsible unit, the unit that is asked, the centre."""


class NoteAdded(Event):
    """A unit has written an internal note; never shown to the complainant."""

    TYPE: ClassVar[str] = "cn.xiaoneng.note.added.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    text: str
    """With numbers and addresses of people masked."""
    by: StaffId | None = None


class ConsultationHeld(Event):
    """The units in dispute were consulted (会商), and the ruling rests on it. Source: S3."""

    TYPE: ClassVar[str] = "cn.xiaoneng.consultation.held.v1"
    TOPIC: ClassVar[str] = "routing.events"

    centre: UnitId
    participants: tuple[UnitId, ...]
    minutes: str
    held_on: date
    to: UnitId
    """The unit that has to handle the case by the ruling."""
    by: StaffId | None = None


class ComplainantAsked(Event):
    """A unit has asked the complainant for what is missing (补办); the clock pauses until `answer_by` at the latest."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complainant.asked.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    """Who asked."""
    missing: tuple[Reason, ...]
    answer_by: AwareDatetime
    round: Annotated[int, Field(ge=1)] = 1
    """Which request of the case after its dispatch, from 1; each handling has one at most."""
    by: StaffId | None = None


class AskingEnded(Event):
    """The complainant has answered, their time is over, or the case goes on without; the clock runs again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.asking.ended.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    """Who asked."""
    answered: bool


class AnswerAppealOpened(Event):
    """The complainant's appeal is with a reviewing unit (复核)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.review.opened.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    """The unit whose answer is appealed."""
    reviewer: UnitId
    reason: str
    submission_id: Annotated[str, Field(max_length=200)]


class AnswerAppealDecided(Event):
    """The reviewing unit has decided: the answer is upheld, or `CaseReopened` follows."""

    TYPE: ClassVar[str] = "cn.xiaoneng.review.decided.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    reviewer: UnitId
    upheld: bool
    reason: str
    """Sent to the complainant."""
    by: StaffId | None = None


class ComplainantRequestRefused(Event):
    """A complainant's request after the answer is against a rule; the channel is answered."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complainant.request-refused.v1"
    TOPIC: ClassVar[str] = "routing.events"

    channel: ChannelId
    submission_id: Annotated[str, Field(max_length=200)]
    request: str
    """The CloudEvents type of the complainant's message."""
    reasons: tuple[Reason, ...]


class SubtaskOpened(Event):
    """A unit works on the case beside the lead (联办)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.opened.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    """The co-handler."""
    lead: UnitId
    task: str
    by: StaffId | None = None


class SubtaskEnded(Event):
    """A co-handler has reported its part, or declined it, or it was cancelled."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.ended.v1"
    TOPIC: ClassVar[str] = "routing.events"

    unit: UnitId
    ending: Code
    """``reported``, ``declined`` or ``cancelled``."""
    words: str
    """What was reported, or why not."""
    lead: UnitId | None = None
    """Who has the case at this moment; None where that was not said yet."""
    by: StaffId | None = None


class AssignmentOffered(Event):
    """To the unit: here is a case for you, with all you need to handle it; sign it or return it with a reason."""

    TYPE: ClassVar[str] = "cn.xiaoneng.assignment.offered.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    channel: ChannelId
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
    leader: StaffId | None = None
    staff: tuple[StaffId, ...] = ()
    co_handlers: tuple[UnitId, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    """Attachments of the case. Download stored files from routing: `GET /v1/cases/{case_id}/attachments/{file_id}`."""


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
    refusers: tuple[UnitId, ...] = ()
    """All units that have returned the case, in order; each must take part in a consultation (会商)."""
    ruling_due: bool = False
    """The next dispatch is a ruling: the case was returned as often as the place allows."""
    proposed: UnitId | None = None
    """Somebody has to say whether it goes there (`ApproveDispatch`)."""
    proposed_by: StaffId | None = None
    """The post that must not approve it itself; None where a rule proposed it."""
    form: FormNumber | None = None
    """The approval form (呈批表)."""
    attachments: tuple[Attachment, ...] = ()
    """Attachments of the case. Download stored files from routing: `GET /v1/cases/{case_id}/attachments/{file_id}`."""


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
    adopted: bool | None = None
    reported_by_post: StaffId | None = None
    """The post that reported; it must not verify its own report."""
    title: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    """Attachments of the case. Download stored files from routing: `GET /v1/cases/{case_id}/attachments/{file_id}`."""
    evidence: tuple[Attachment, ...] = ()
    """Files that the unit uploaded with its report; downloaded as the attachments are."""
    evidence_shown: bool = False
    """Whether the complainant may open them once the report is accepted."""


class RedoRequested(Event):
    """To the unit: the verifier was not content, and this is why; handle it again and report."""

    TYPE: ClassVar[str] = "cn.xiaoneng.redo.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    title: str
    count: Annotated[int, Field(ge=1)]
    reason: str
    appeal: AppealType | None = None
    """The new answer to a suggestion has to say again whether it is adopted."""


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


class SubtaskRequested(Event):
    """To a co-handler: this is your part of the case; report it to the lead, or decline it with a reason."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    lead: UnitId
    number: Annotated[str, Field(max_length=40)]
    title: str
    text: str
    task: str
    attachments: tuple[Attachment, ...] = ()
    """Attachments of the case. Download stored files from routing: `GET /v1/cases/{case_id}/attachments/{file_id}`."""


class SubtaskWithdrawn(Event):
    """To a co-handler: your part is not needed any more."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.withdrawn.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    reason: str


class SubtaskAnswered(Event):
    """To the lead: a co-handler has reported its part, or declined it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.answered.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The lead."""
    of: UnitId
    reported: bool
    words: str
    open_subtasks: Annotated[int, Field(ge=0)]
    """So many parts are still open; with none the case can be reported."""
    evidence: tuple[Attachment, ...] = ()
    """Files that the co-handler uploaded; download from routing: `GET /v1/cases/{case_id}/attachments/{file_id}`."""


class ExtensionApprovalRequested(Event):
    """To the approver: a unit asks for more time."""

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.approval-requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The approver."""
    number: Annotated[str, Field(max_length=40)]
    title: str
    asked_by: UnitId
    working_days: Annotated[int, Field(ge=1)]
    reason: str


class ExtensionAnswered(Event):
    """To the unit: more time is granted, or not."""

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.answered.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    granted: bool
    working_days: Annotated[int, Field(ge=1)]
    reason: str = ""


class SuspensionEnded(Event):
    """To the unit: the longest time is over, or the centre has said so; work goes on."""

    TYPE: ClassVar[str] = "cn.xiaoneng.suspension.ended.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    lapsed: bool


class ReturnReported(Event):
    """To the superior of a unit that returned a case: the reason it gave in writing (否定报备). Source: S3."""

    TYPE: ClassVar[str] = "cn.xiaoneng.return.reported.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The superior."""
    number: Annotated[str, Field(max_length=40)]
    title: str
    returned_by: UnitId
    reason: str
    count: Annotated[int, Field(ge=1)]
    """How many units have returned the case by now."""
    by: StaffId | None = None


class InstructionGiven(Event):
    """To the unit that handles the case, and to the centre: a leader has given an instruction (领导批示)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.instruction.given.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    title: str
    instruction: Instruction
    given_by: UnitId
    """The unit of the leader."""


class ConsultationRecorded(Event):
    """To each participant of a consultation: its minutes and the ruling (会商)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.consultation.recorded.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    title: str
    participants: tuple[UnitId, ...]
    minutes: str
    held_on: date
    to: UnitId
    """The unit that has to handle the case by the ruling."""


class SupplementArrived(Event):
    """To the unit that handles the case, and the unit that asked: the complainant's answer, or that none came.

    A unit that asked and has lost the case since does not get it.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.supplement.arrived.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    number: Annotated[str, Field(max_length=40)]
    title: str
    answered: bool
    added_text: str = ""
    address: str = ""
    attributes: tuple[Attribute, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class AnswerAppealRequested(Event):
    """To the reviewing unit: the complainant appeals this answer; uphold it, or have the case handled again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.review.requested.v1"
    TOPIC: ClassVar[str] = "assignments.{unit}"

    unit: UnitId
    """The reviewing unit."""
    number: Annotated[str, Field(max_length=40)]
    title: str
    text: str
    answered_by: UnitId
    result: HandlingResult
    reply: str
    reason: str
    """The complainant's words, with identity masked."""


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
    record: Origin | None = None
    """The answered record, if it did not match its contract."""
