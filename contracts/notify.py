"""What notify publishes: what was told on `notices.events`, and its answers on a channel's `replies.<channel>`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from contracts.codes import Authority, Channel, Ending, HandlingResult, NoticeKind, ReplyBy
from contracts.message import Code, Event
from contracts.refusals import Reason


class NoticeSent(Event):
    """The complainant was told, by the way they chose; once per notice."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.sent.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: str
    """Idempotency key towards the provider; e-mail carries it as Message-ID."""
    notice: NoticeKind
    by: ReplyBy
    attempts: Annotated[int, Field(ge=1)]


class NoticeFailed(Event):
    """The chosen way did not work for good; the channel carries the notice instead."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.failed.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: str
    notice: NoticeKind
    by: ReplyBy
    attempts: Annotated[int, Field(ge=1)]
    why: str
    """The provider's reply code, without the address."""


class SupplementTold(Event):
    """The complainant was told what is missing; once per round."""

    TYPE: ClassVar[str] = "cn.xiaoneng.supplement.told.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: Annotated[str, Field(max_length=200)]
    """Idempotency key towards the provider."""
    round: Annotated[int, Field(ge=1)]
    by: ReplyBy
    attempts: Annotated[int, Field(ge=1)]
    why: Annotated[str, Field(max_length=200)] | None = None
    """Why the way that was chosen did not work, where the channel had to carry it: the provider's reply code."""


class ProgressTold(Event):
    """The complainant was told that it takes longer, rests or is handled again; once per notice."""

    TYPE: ClassVar[str] = "cn.xiaoneng.progress.told.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: Annotated[str, Field(max_length=200)]
    """Idempotency key towards the provider."""
    what: Code
    """As in `ComplaintProgress`."""
    by: ReplyBy
    attempts: Annotated[int, Field(ge=1)]
    why: Annotated[str, Field(max_length=200)] | None = None
    """Why the way that was chosen did not work, where the channel had to carry it: the provider's reply code."""


class ComplaintAcknowledged(Event):
    """To the channel: the complaint is registered under this number."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.acknowledged.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    number: str
    registered_at: AwareDatetime


class ComplaintRefused(Event):
    """To the channel: the submission was not registered; mend it and send it again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.refused.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    submission_id: str
    reasons: tuple[Reason, ...]


class ComplaintAnswered(Event):
    """To the channel: the case is closed with this answer; the complainant may rate it now."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.answered.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    number: str
    result: HandlingResult
    reply: str


class ComplaintEnded(Event):
    """To the channel: the case ended without a department's answer; this is why, and where to go instead."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.ended.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    number: str
    ending: Ending
    reasons: tuple[Reason, ...]
    reply: str
    authority: Authority | None = None


class SupplementAsked(Event):
    """To the channel: the complainant is asked for what is missing, once and completely (补办, S3)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.supplement.asked.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    number: str
    missing: tuple[Reason, ...]
    answer_by: AwareDatetime
    round: Annotated[int, Field(ge=1)]


class ComplaintProgress(Event):
    """To the channel: it takes longer, rests, is handled again or together with others, and why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.progress.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    number: str
    what: Code
    """``extended``, ``suspended``, ``delayed``, ``reopened``, ``merged`` or ``unmerged``."""
    zh: str
    en: str


class RatingAnswered(Event):
    """To the channel: the rating was counted, or refused with the reasons given."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rating.answered.v1"
    TOPIC: ClassVar[str] = "replies.{channel}"

    channel: Channel
    rating_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the rating that is answered."""
    counted: bool
    reasons: tuple[Reason, ...] = ()
