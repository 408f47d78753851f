"""What notify publishes: what was told on `notices.events`, and its answers on a channel's `replies.<channel>`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.codes import Authority, Ending, HandlingResult
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import ChannelId, Code, Event, NoticeId, PolicyVersion, UnitId
from contracts.refusals import Reason


class NoticeSent(Event):
    """The complainant was told: the provider of a way they chose has taken it, or the channel was. Once per notice."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.sent.v2"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: NoticeId
    notice: Code
    """What was told: ``acknowledgement``, ``refusal``, ``supplement``, ``answer``, or a `ComplaintProgress.what`."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Which of its kind: there may be several rounds of what is missing, and an answer each time it was closed."""
    by: Code
    """The way: ``channel``, ``email``, ``sms``."""
    attempts: Annotated[int, Field(ge=1)]
    policy: PolicyVersion = ""


class NoticeFailed(Event):
    """A way that the complainant chose did not work for good; the next one that they allow is tried."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.failed.v2"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: NoticeId
    notice: Code
    by: Code
    attempts: Annotated[int, Field(ge=0)]
    """0 where the way was never tried."""
    why: Annotated[str, Field(max_length=200)]
    """The provider's reply code or our own reason, without the address."""
    next: Code
    """The way that is tried now; ``channel`` where there is no other."""


class NoticeDelivered(Event):
    """The provider reports that the notice has reached its receiver's device or mailbox."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.delivered.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: NoticeId
    by: Code
    delivered_at: AwareDatetime


class SilenceFound(Event):
    """The promise is broken at this moment: the case lacks something past its limit (件件有回音、事事有着落)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.silence.found.v1"
    TOPIC: ClassVar[str] = "notices.events"

    number: Annotated[str, Field(max_length=40)]
    what: Code
    """``acknowledgement``, ``owner``, ``deadline``, ``answer``, ``reply``: answered, the complainant not told."""
    since: AwareDatetime
    """When its limit ended."""
    unit: UnitId | None = None
    """Who has to see to it: the owner, or the centre where there is none."""


class SilenceEnded(Event):
    """What was missing has come."""

    TYPE: ClassVar[str] = "cn.xiaoneng.silence.ended.v1"
    TOPIC: ClassVar[str] = "notices.events"

    number: Annotated[str, Field(max_length=40)]
    what: Code


class Reply(Event):
    """A reply to a channel about its complaint or rating. `case_id` is the key of the record."""

    channel: ChannelId
    external_id: str | None = None
    """The channel's own reference of the complaint; None where the message that is answered names none of its own."""
    submission_id: str | None = None
    """The CloudEvents id of the message that is answered: what was refused, supplemented, withdrawn or rated.

    Everything else quotes the submission that was registered. A record without id is named ``topic/partition/offset``.
    """


class ComplaintAcknowledged(Reply):
    """To the channel: the complaint is registered under this number."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.acknowledged.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    number: str
    registered_at: AwareDatetime


class ComplaintScheduled(Reply):
    """To the channel: by when the complainant may expect the answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.scheduled.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    number: str
    due_at: AwareDatetime
    provisional: bool
    """A year whose holidays are not published yet was reckoned by weekends alone."""


class ComplaintRefused(Reply):
    """To the channel: the submission was not registered; mend it and send it again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.refused.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    submission_id: str
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""


class ComplaintAnswered(Reply):
    """To the channel: the case is closed with this answer; the complainant may rate it now."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.answered.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    number: str
    result: HandlingResult
    reply: str
    adopted: bool | None = None
    """Whether the suggestion is adopted; None for any other appeal."""


class ComplaintEnded(Reply):
    """To the channel: the case ended without a department's answer; this is why, and where to go instead."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.ended.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    number: str
    ending: Ending
    reasons: tuple[Reason, ...]
    reply: str
    authority: Authority | None = None


class SupplementAsked(Reply):
    """To the channel: the complainant is asked for what is missing, once and completely (补办, S3)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.supplement.asked.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    number: str
    missing: tuple[Reason, ...]
    answer_by: AwareDatetime
    round: Annotated[int, Field(ge=1)]
    """Which request, from 1; those of the reception and those after the dispatch are counted apart."""
    asked_by: UnitId | None = None
    """The unit that asks after the case was dispatched; None: the reception asks."""


class ComplaintProgress(Reply):
    """To the channel: it takes longer, rests, is handled again or together with others, and why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.progress.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    number: str
    what: Code
    """What happened: ``extended``, ``suspended``, ``delayed``, ``reopened``, ``merged``, ``unmerged``, ``appealed`` or
    ``appeal-upheld``.
    """
    zh: str
    en: str


class RequestAnswered(Reply):
    """To the channel: a complainant's request was accepted, or refused with the reasons given.

    Requests after the answer (reopening, appeal), and supplements that a unit asked for after the dispatch.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.request.answered.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    request: str
    """The CloudEvents type of the request."""
    accepted: bool
    reasons: tuple[Reason, ...] = ()


class RatingAnswered(Reply):
    """To the channel: the rating was counted, or refused with the reasons given."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rating.answered.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    rating_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the rating that is answered."""
    counted: bool
    reasons: tuple[Reason, ...] = ()
    record: Origin | None = None
    """The answered record, if it did not match its contract."""
