"""What a partner channel publishes: complaints on `complaints.<channel>`, ratings on `feedback.<channel>`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.attachments import Attachments
from contracts.codes import AppealType, CallbackOutcome, ContactWay, Language, ReplyBy, Satisfaction
from contracts.instants import AwareDatetime
from contracts.masking import MASKED
from contracts.message import ChannelId, Code, Command, Message, StaffId, UnitId, case_id_for
from contracts.text import CLEAN, ExternalId, FreeText

MAX_TITLE = 200
"""Characters of a title that are accepted."""
MAX_TEXT = 10_000
"""Characters of a complaint's text that are accepted; more is refused by name, never cut."""


MAX_ANSWER = 1000
"""Characters of an answer to a category's question."""


class Contact(BaseModel):
    """Who the complainant is and how they chose to be answered. Sealed by intake; nobody but notify reads it."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    name: Annotated[str, Field(max_length=100), CLEAN] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    reply_by: ReplyBy = ReplyBy.CHANNEL
    """The one way that was chosen, where `ways` names none."""
    language: Language = Language.CHINESE
    ways: Annotated[tuple[ContactWay, ...], Field(max_length=3)] = ()
    """All ways that are allowed, the preferred one first. The channel carries what none of them can."""
    receipt_code: Annotated[str, Field(max_length=40), CLEAN] | None = None
    """The receipt code in clear, to be told with the acknowledgement; sealed with everything else here."""

    @property
    def allowed(self) -> tuple[ContactWay, ...]:
        """The ways in order, each once."""
        return tuple(dict.fromkeys(self.ways or (ContactWay(self.reply_by.value),)))


class Attribute(BaseModel):
    """The answer to one question that a category asks. Source: Open311 GeoReport v2, service definition attributes."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    code: Code
    """Of the question, from the city's catalogue."""
    value: Annotated[str, Field(max_length=MAX_ANSWER), CLEAN]


class Instruction(BaseModel):
    """A leader has asked for this case to be handled (领导批示); it has a clock of its own. Source: S2."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    by: StaffId
    """The post that instructs, such as ``mayor``."""
    text: Annotated[str, Field(max_length=1000), CLEAN]
    working_days: Annotated[int, Field(ge=1, le=60)] | None = None
    """The leader's own limit, where there is one."""


class SubmitComplaint(Message):
    """A citizen spoke, and the channel passes it on.

    The same channel and external id is the same complaint, however often it is sent. Values that a city configures
    (`area`, `category`) and lengths are judged by intake, which refuses with a reason, not by this model.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.submit.v1"
    TOPIC: ClassVar[str] = "complaints.{channel}"

    channel: ChannelId
    external_id: ExternalId
    received_at: AwareDatetime
    """When the citizen spoke; day 0 of every limit."""
    appeal: AppealType
    category: Code
    """The kind of matter, from the city's catalogue."""
    area: Code
    """Where it is, from the city's list of areas."""
    title: FreeText = ""
    text: FreeText
    about: UnitId | None = None
    """The unit complained about; the case is never routed to it."""
    about_person: StaffId | None = None
    """The post complained about: whoever holds it takes no part in the case (回避)."""
    urgent: bool = False
    contact: Contact | None = None
    """Absent when the complainant stays anonymous: the channel then carries the answer."""
    agent: Contact | None = None
    """Who files for the complainant (代办, S3); told in the place of one who left no contact."""
    confidential: bool = False
    """The complainant asks that the unit complained about learns nothing that tells who they are."""
    receipt: Annotated[str, Field(max_length=200)] | None = None
    """Hash of the receipt code by which the status can be asked for without a name: `receipt_hash`."""
    problem: Code | None = None
    """The kind of misconduct complained about, from the city's list (S1¶5)."""
    address: Annotated[str, Field(max_length=300), CLEAN] = ""
    """Where it happened, in words."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """WGS 84, degrees."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=50)] = ()
    """Answers to the questions that the category asks."""
    instruction: Instruction | None = None
    attachments: Attachments = ()
    """Photos, documents and recordings, in the order given."""

    @property
    def case_id(self) -> str:
        """The case this submission is, or becomes."""
        return case_id_for(self.channel, self.external_id)

    @property
    def key(self) -> str:
        return self.case_id

    @property
    def time(self) -> datetime:
        return self.received_at


class SupplementComplaint(Message):
    """The complainant gives what was missing (补办). Read like a submission: it may hold identity in clear."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.supplement.v1"
    TOPIC: ClassVar[str] = "complaints.{channel}"

    channel: ChannelId
    external_id: ExternalId
    given_at: AwareDatetime
    text: FreeText = ""
    """Added to the words of the complaint."""
    address: Annotated[str, Field(max_length=300), CLEAN] = ""
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=50)] = ()
    contact: Contact | None = None
    """Replaces the contact that was given first."""
    attachments: Attachments = ()
    """Further photos, documents and recordings."""

    @property
    def case_id(self) -> str:
        """The case it belongs to."""
        return case_id_for(self.channel, self.external_id)

    @property
    def key(self) -> str:
        return self.case_id

    @property
    def time(self) -> datetime:
        return self.given_at


class WithdrawComplaint(Message):
    """The complainant takes the complaint back (撤诉)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.withdraw.v1"
    TOPIC: ClassVar[str] = "complaints.{channel}"

    channel: ChannelId
    external_id: ExternalId
    withdrawn_at: AwareDatetime
    reason: Annotated[str, Field(max_length=2000), CLEAN] = ""

    @property
    def case_id(self) -> str:
        """The case it ends."""
        return case_id_for(self.channel, self.external_id)

    @property
    def key(self) -> str:
        return self.case_id

    @property
    def time(self) -> datetime:
        return self.withdrawn_at


class ComplainantRequest(Message):
    """Base of what a complainant asks for after the answer. Their words may contain identity in clear."""

    channel: ChannelId
    external_id: ExternalId
    requested_at: AwareDatetime
    """When the complainant asked."""
    reason: FreeText
    """The complainant's words; intake masks identity before it publishes them."""
    answer: Annotated[int, Field(ge=1)] | None = None
    """Which answer of the case is meant, from 1; None: the latest. An older one is refused as ``answer-superseded``."""

    @property
    def case_id(self) -> str:
        """The case it is about."""
        return case_id_for(self.channel, self.external_id)

    @property
    def key(self) -> str:
        return self.case_id

    @property
    def time(self) -> datetime:
        return self.requested_at


class ReopenComplaint(ComplainantRequest):
    """The complainant wants the case handled again (申请重办), within the place's window after the answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.reopen.v1"
    TOPIC: ClassVar[str] = "complaints.{channel}"


class AppealAnswer(ComplainantRequest):
    """The complainant appeals the answer (申请复核): a unit above the one that answered reviews it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.answer.appeal.v1"
    TOPIC: ClassVar[str] = "complaints.{channel}"


class RateCase(Command):
    """The person served says how it went. Source: S2, rated per case, at once."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.rate.v1"
    TOPIC: ClassVar[str] = "feedback.{channel}"

    channel: ChannelId
    satisfaction: Satisfaction
    solved: bool
    code: Annotated[str, Field(max_length=64)] | None = None
    """`rating_code` of the case, if the rating is given by link or call: it proves the invitation.

    Groups, spaces, dashes and full-width digits make no difference.
    """
    answer: Annotated[int, Field(ge=1)] | None = None
    """Which answer of the case is rated, from 1; None: the latest. An older one is refused as ``answer-superseded``."""


class RecordCallback(Command):
    """The channel called the person served back (回访): one attempt, with the rating where one was given.

    Source: S2 (即时测评). `satisfaction` and `solved` are given together, and only when the person was reached.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.callback.record.v1"
    TOPIC: ClassVar[str] = "feedback.{channel}"

    channel: ChannelId
    outcome: CallbackOutcome
    note: Annotated[str, Field(max_length=1000), CLEAN, MASKED] = ""
    """What the agent noted; telephone numbers, identity numbers and e-mail addresses are masked."""
    satisfaction: Satisfaction | None = None
    solved: bool | None = None
    answer: Annotated[int, Field(ge=1)] | None = None
    """Which answer of the case, as in `RateCase`."""


RATING_DIGITS = 16
"""Digits of a rating code."""


def rating_code(secret: bytes, case_id: str) -> str:
    """What whoever was served in this case shows with the rating; without the secret nobody can make it."""
    digest = hmac.new(secret, case_id.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest) % 10**RATING_DIGITS:0{RATING_DIGITS}d}"


RECEIPT_DIGITS = 16
"""Digits of a receipt code: what an anonymous complainant keeps to ask for the status."""
_SCRYPT = (2**14, 8, 1)
"""Cost, block size and parallelism of a receipt's hash: about 40 ms and 16 MiB."""


def receipt_hash(case_id: str, code: str) -> str:
    """What `SubmitComplaint.receipt` holds for a code: ``scrypt$n$r$p$base64``, salted with the case id."""
    n, r, p = _SCRYPT
    return f"scrypt${n}${r}${p}${base64.b64encode(_scrypt(case_id, code, n, r, p)).decode()}"


def receipt_matches(case_id: str, code: str, hash: str) -> bool:
    """Whether the code is the one that was hashed. Takes as long for a wrong code as for the right one."""
    try:
        scheme, n, r, p, digest = hash.split("$")
        known = base64.b64decode(digest, validate=True)
        cost = (int(n), int(r), int(p))
    except (ValueError, binascii.Error):
        return False
    if scheme != "scrypt" or cost != _SCRYPT:  # a hash comes from a channel: it must not choose what it costs us
        return False
    return hmac.compare_digest(_scrypt(case_id, code, *cost), known)


def _scrypt(case_id: str, code: str, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(code.encode(), salt=case_id.encode(), n=n, r=r, p=p, dklen=32)
