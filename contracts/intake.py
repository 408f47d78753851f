"""Facts published by intake: on `cases.events`, and the sealed contact on `contacts`; keyed by case id."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.attachments import Attachment
from contracts.channel import Attribute, Instruction
from contracts.codes import AppealType, Authority, Ending, Hold, Language, ReplyBy
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import CaseId, ChannelId, Code, Event, PolicyVersion, StaffId, UnitId
from contracts.refusals import Reason


class CaseRegistered(Event):
    """The complaint has its number; it now needs an owner and a deadline.

    Once per channel and external id. Source: S1¶4, registered on the working day it arrives.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.registered.v1"
    TOPIC: ClassVar[str] = "cases.events"

    number: Annotated[str, Field(max_length=40)]
    """What the complainant is told: jurisdiction, day, position; unique and never reused."""
    channel: ChannelId
    appeal: AppealType
    category: Code
    area: Code
    jurisdiction: UnitId
    """The centre whose area covers the matter."""
    title: str
    text: str
    """As spoken, with identity masked."""
    received_at: AwareDatetime
    """When the citizen spoke; day 0 of every limit."""
    about: UnitId | None = None
    """The unit complained about: never routed to it."""
    about_person: StaffId | None = None
    """The post complained about: whoever holds it takes no part."""
    urgent: bool = False
    reply_by: ReplyBy
    language: Language
    held: Hold | None = None
    """Not to be dispatched before `CaseReleased`."""
    complainant: Annotated[str, Field(max_length=64)] | None = None
    """Opaque reference of the complainant, the same in all their cases; says nothing without intake's key."""
    confidential: bool = False
    by_agent: bool = False
    """Somebody filed it for the complainant (代办)."""
    problem: Code | None = None
    address: str = ""
    """Where it happened, with identity masked."""
    latitude: float | None = None
    longitude: float | None = None
    attributes: tuple[Attribute, ...] = ()
    """Answers to the category's questions, with identity masked."""
    instruction: Instruction | None = None
    ways: Annotated[tuple[Code, ...], Field(max_length=3)] = ()
    """By which ways the complainant may be told, the preferred one first: see `ContactWay`; none: `reply_by`."""
    external_id: str | None = None
    """The channel's own reference, without personal data."""
    submission_id: Annotated[str, Field(max_length=200)] | None = None
    """The CloudEvents id of the submission that was registered."""
    attachments: tuple[Attachment, ...] = ()
    """All submitted attachments in order, stored files with type, size and digest."""
    policy: PolicyVersion


class CaseReleased(Event):
    """A held case may be dispatched now: it is in scope and complete.

    It has everything that the complainant has added at the reception; each `SupplementReceived` before it has its part.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.released.v1"
    TOPIC: ClassVar[str] = "cases.events"

    added_text: str = ""
    """The texts of all supplements in order, one below the other, with identity masked."""
    address: str = ""
    """The addresses of all supplements in order, separated by ``；``."""
    attributes: tuple[Attribute, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    """Attachments that the complainant added after registration."""
    by: StaffId | None = None
    """The post that judged it in scope; None: it was held for its complainant alone."""
    policy: PolicyVersion


class CaseEnded(Event):
    """The case ends without a department's answer; the complainant is owed this reply all the same."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.ended.v1"
    TOPIC: ClassVar[str] = "cases.events"

    ending: Ending
    reasons: tuple[Reason, ...] = ()
    """Which rule ended it; its sentences are the reply."""
    reply: str = ""
    """The clerk's own words, where a clerk decided."""
    authority: Authority | None = None
    """Where a diverted case has to go."""
    by: StaffId | None = None
    submission_id: Annotated[str, Field(max_length=200)] | None = None
    """The CloudEvents id of the withdrawal that ended it."""
    policy: PolicyVersion


class SupplementRequested(Event):
    """The complainant is asked, once and completely, for what is missing (一次性告知, S3); the clock pauses."""

    TYPE: ClassVar[str] = "cn.xiaoneng.supplement.requested.v1"
    TOPIC: ClassVar[str] = "cases.events"

    missing: tuple[Reason, ...]
    """Everything that is missing, each with its sentence."""
    answer_by: AwareDatetime
    """Unanswered, the case lapses then."""
    round: Annotated[int, Field(ge=1)]
    """A second round counts against the centre (S3, S1¶5 no. 10)."""
    centre: UnitId
    by: StaffId | None = None
    submission_id: Annotated[str, Field(max_length=200)] | None = None
    """The CloudEvents id of the supplement that was incomplete."""
    policy: PolicyVersion


class SupplementReceived(Event):
    """The complainant has answered; the clock runs again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.supplement.received.v1"
    TOPIC: ClassVar[str] = "cases.events"

    round: Annotated[int, Field(ge=1)]
    complete: bool
    """Whether nothing is missing any more."""
    attachments: tuple[Attachment, ...] = ()
    """Attachments of the supplement."""
    added_text: str = ""
    """What the complainant added, with identity masked."""
    address: str = ""
    attributes: tuple[Attribute, ...] = ()
    asked_by: UnitId | None = None
    """The unit that had asked after the case was dispatched; None: the reception had."""
    submission_id: Annotated[str, Field(max_length=200)] | None = None
    """The CloudEvents id of the supplement."""


class ComplainantRequested(Event):
    """Base of a complainant's request after the answer, forwarded to routing with identity masked."""

    channel: ChannelId
    submission_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the request."""
    external_id: str
    reason: str
    """The complainant's words, with identity masked."""
    answer: Annotated[int, Field(ge=1)] | None = None
    """Which answer is meant; None: the latest."""


class ReopeningRequested(ComplainantRequested):
    """The complainant wants the case handled again (申请重办); routing decides."""

    TYPE: ClassVar[str] = "cn.xiaoneng.reopening.requested.v1"
    TOPIC: ClassVar[str] = "cases.events"


class AnswerAppealed(ComplainantRequested):
    """The complainant appeals the answer (申请复核); routing decides who reviews it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.answer.appealed.v1"
    TOPIC: ClassVar[str] = "cases.events"


class RepeatLinked(Event):
    """The same complainant has brought the same matter before (重复投诉); it counts for escalation."""

    TYPE: ClassVar[str] = "cn.xiaoneng.repeat.linked.v1"
    TOPIC: ClassVar[str] = "cases.events"

    first_case_id: CaseId
    first_number: Annotated[str, Field(max_length=40)]
    count: Annotated[int, Field(ge=1)]
    """How many times the matter has come again, this one included."""
    similarity: Annotated[float, Field(ge=0, le=1)] | None = None
    """By the words; None when a clerk has linked it."""
    by: StaffId | None = None


class CaseMerged(Event):
    """The case goes on as part of another (并案): no unit handles it apart, and it gets the other's answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.merged.v1"
    TOPIC: ClassVar[str] = "cases.events"

    into: CaseId
    into_number: Annotated[str, Field(max_length=40)]
    by: StaffId | None = None


class CaseUnmerged(Event):
    """The merger was undone: the case is dispatched by itself again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.unmerged.v1"
    TOPIC: ClassVar[str] = "cases.events"

    out_of: CaseId
    by: StaffId | None = None


class FollowerAdded(Event):
    """To the case that others are merged into: its answer is this one's answer, too. Keyed by the leading case."""

    TYPE: ClassVar[str] = "cn.xiaoneng.follower.added.v1"
    TOPIC: ClassVar[str] = "cases.events"

    follower: CaseId


class FollowerRemoved(Event):
    """To the case that others were merged into: the merger was undone."""

    TYPE: ClassVar[str] = "cn.xiaoneng.follower.removed.v1"
    TOPIC: ClassVar[str] = "cases.events"

    follower: CaseId


class IdentityErased(Event):
    """The contact was destroyed on request, wherever it was kept sealed. The matter itself is kept."""

    TYPE: ClassVar[str] = "cn.xiaoneng.identity.erased.v1"
    TOPIC: ClassVar[str] = "cases.events"

    by: StaffId | None = None


class SubmissionRefused(Event):
    """The submission was not registered, and this is why. It may be mended and sent again under the same reference."""

    TYPE: ClassVar[str] = "cn.xiaoneng.submission.refused.v1"
    TOPIC: ClassVar[str] = "cases.events"

    channel: ChannelId
    submission_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the submission that is answered."""
    reasons: tuple[Reason, ...]
    reply_by: ReplyBy
    language: Language
    policy: PolicyVersion
    external_id: str | None = None
    """The channel's own reference, if readable."""
    record: Origin | None = None
    """The answered record, if it did not match its contract."""


class ReceptionRequested(Event):
    """To the centre: this case waits for a clerk, who says whether it is in scope."""

    TYPE: ClassVar[str] = "cn.xiaoneng.reception.requested.v1"
    TOPIC: ClassVar[str] = "reception.{unit}"

    unit: UnitId
    """The centre."""
    number: Annotated[str, Field(max_length=40)]
    category: Code
    area: Code
    title: str
    text: str
    """With identity masked."""
    why: Reason
    """The rule that wants a clerk's judgement."""
    attachments: tuple[Attachment, ...] = ()


class ClerkingRefused(Event):
    """To the centre: what its clerk asked for is against a rule, and this is the rule."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clerking.refused.v1"
    TOPIC: ClassVar[str] = "reception.{unit}"

    unit: UnitId
    command_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the command that is answered."""
    command: str
    """Its CloudEvents type."""
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""


class ContactSealed(Event):
    """How to reach the complainant, readable by notify alone (libsodium sealed box over the JSON of a `Contact`)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.contact.sealed.v1"
    TOPIC: ClassVar[str] = "contacts"

    key_id: Annotated[str, Field(max_length=64)]
    """Which of notify's public keys it was sealed for."""
    box: str
    """Base64 of the sealed box."""


class ContactErased(Event):
    """Takes the place of what was sealed: compaction removes that, and whoever reads from the start learns why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.contact.erased.v1"
    TOPIC: ClassVar[str] = "contacts"
