"""What a department's staff app publishes on its own `handling.<unit>`: the topic proves who speaks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.attachments import EvidenceIds
from contracts.codes import HandlingResult, PauseReason
from contracts.instants import AwareDatetime
from contracts.masking import MASKED
from contracts.message import Command, StaffId, UnitId
from contracts.text import CLEAN, REQUIRED

Words = Annotated[str, Field(min_length=1, max_length=2000), REQUIRED]
MaskedWords = Annotated[str, Field(min_length=1, max_length=2000), REQUIRED, MASKED]
"""Text for staff only, in which numbers and addresses of people are masked."""
Sentence = Annotated[str, Field(min_length=1, max_length=500), REQUIRED]


class Consultation(BaseModel):
    """A consultation (会商) about a case that several units refuse. Source: S3, 职能交叉."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    participants: Annotated[tuple[UnitId, ...], Field(min_length=1, max_length=20)]
    """Units that took part, beside the centre; all units that returned the case must be among them."""
    minutes: Annotated[str, Field(min_length=1, max_length=10_000), REQUIRED, MASKED]
    """The minutes: the units' positions and the reason for the ruling (会商纪要)."""
    held_on: date | None = None
    """Local date; None: the date of the command."""


class UnitCommand(Command):
    """What a unit says about a case. The post complained about takes no part in it (回避)."""

    unit: UnitId
    """The unit that speaks."""
    actor: StaffId | None = None
    """The post that decided; None: the unit's desk."""


class SignCase(UnitCommand):
    """The unit accepts the case (签收)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.sign.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"


class RequestReturn(UnitCommand):
    """The unit says the case is not its to handle (退单). Source: S3, 否定报备制: the reason is given in writing."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.request-return.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    reason: Words


class ReportHandling(UnitCommand):
    """The unit reports what it did and what the complainant is to be told (办结反馈)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.report-handling.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    result: HandlingResult
    reply: Annotated[str, Field(min_length=1, max_length=10_000), REQUIRED]
    adopted: bool | None = None
    """Whether a suggestion is adopted; `reply` gives the reason (S2). Required for suggestions, absent otherwise."""
    evidence: EvidenceIds = ()
    evidence_shown: bool = False
    """Whether the evidence is part of the answer: the complainant may open it once the case is closed."""


class VerifyReport(UnitCommand):
    """The verifier has looked at what was reported: the case is struck off the list (销号), or done again (返工)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.verify-report.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    accepted: bool
    reason: Annotated[str, Field(max_length=2000), CLEAN] = ""
    """Must be given when it is not accepted; the unit reads it."""


class DispatchCase(UnitCommand):
    """The centre's dispatcher sends a queued case to a unit (派单). After a return it is a ruling if `binding`.

    Where the policy wants it approved first, another post of the centre has to say so (`ApproveDispatch`).
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.dispatch.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    to: UnitId
    binding: bool = False
    co_handlers: Annotated[tuple[UnitId, ...], Field(max_length=20)] = ()
    """Units that work on it beside the lead (联办); each is asked for its part."""
    consultation: Consultation | None = None
    """The consultation before a ruling; required where `required` of `[consultation]` in `dispatch.toml` is true."""


class ApproveDispatch(UnitCommand):
    """Another post of the centre says whether a dispatch goes out (呈批). Source: S1¶4, S3 一审一核.

    Not approved, the case waits for the dispatcher again.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.dispatch.approve.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    approved: bool
    reason: Annotated[str, Field(max_length=2000), CLEAN] = ""
    """Must be given when it is not approved."""


class ReassignCase(UnitCommand):
    """The centre takes a case from the unit that has it, signed for or not, and asks another (改派)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.reassign.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    to: UnitId
    reason: Words
    binding: bool = False
    consultation: Consultation | None = None
    """As in `DispatchCase`."""


class RequestTransfer(UnitCommand):
    """The responsible unit passes the case on to another (移交).

    It stays responsible until the other has signed (首问负责制, S3).
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.request-transfer.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    to: UnitId
    reason: Words


class SuspendCase(UnitCommand):
    """The unit cannot go on for a listed reason (挂账); the clock stands still, for as long as the policy allows."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.suspend.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    reason: PauseReason
    note: Words
    """What the complainant is told."""


class ResumeCase(UnitCommand):
    """The unit, or the centre, says that work goes on."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.resume.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"


class RequestExtension(UnitCommand):
    """The unit asks for more time before its limit ends; another role decides."""

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.request.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    working_days: Annotated[int, Field(ge=1, le=366)]
    reason: Words


class DecideExtension(UnitCommand):
    """The approver grants or declines more time; the complainant is told when it is granted."""

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.decide.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    granted: bool
    reason: Annotated[str, Field(max_length=2000), CLEAN] = ""
    """Must be given when it is declined."""


class ExplainDelay(UnitCommand):
    """The unit could not keep its limit, explains it to the complainant and promises a new date.

    Source: S2, 不能依时办结. It changes no clock.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.delay.explain.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    reason: Words
    """What the complainant is told."""
    promised_at: AwareDatetime


class ReopenCase(UnitCommand):
    """The centre opens a closed case again, in the window that the policy allows (重办)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.reopen.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    reason: Words


class InviteCoHandler(UnitCommand):
    """The lead or the centre asks another unit for its part of the work (联办, 并联)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.invite.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    to: UnitId
    task: Words


class ReportSubtask(UnitCommand):
    """A co-handler reports its part to the lead."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.report.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    reply: Annotated[str, Field(min_length=1, max_length=10_000), REQUIRED]
    evidence: EvidenceIds = ()
    """For the units of the case; the complainant does not see it."""


class DeclineSubtask(UnitCommand):
    """A co-handler says the part is not its to do; the lead and the centre read why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.decline.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    reason: Words


class CancelSubtask(UnitCommand):
    """The lead or the centre needs a co-handler's part no more."""

    TYPE: ClassVar[str] = "cn.xiaoneng.subtask.cancel.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    of: UnitId
    reason: Words


class InstructCase(UnitCommand):
    """A leader gives an instruction on an existing case (领导批示); it has a clock of its own. Source: S2.

    `actor` is required: a leader's post that `posts.toml` lists for instructions, in a unit above the one that handles
    the case, or in the centre.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.instruct.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    text: Annotated[str, Field(min_length=1, max_length=1000), REQUIRED, MASKED]
    working_days: Annotated[int, Field(ge=1, le=60)] | None = None
    """The leader's own limit; None: that of the place."""


class AskComplainant(UnitCommand):
    """The unit that handles the case, or the dispatcher, asks the complainant for what is missing (补办).

    Once per handling; the clock pauses until the complainant answers or the place's time is over.

    Source: S3 (一次性告知).
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.ask-complainant.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    missing: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=20)]
    """Everything that is missing, a sentence each, in the complainant's language."""


class AddNote(UnitCommand):
    """A unit that has to do with the case writes an internal note; the complainant does not see it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.add-note.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    text: MaskedWords


class DecideAnswerAppeal(UnitCommand):
    """The reviewing unit decides about the complainant's appeal (复核): it upholds the answer or reopens the case."""

    TYPE: ClassVar[str] = "cn.xiaoneng.review.decide.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    upheld: bool
    """True: the answer is upheld. False: the case is reopened and handled again."""
    reason: Words
    """Sent to the complainant."""
