"""Types that are not said any more, beside those that replaced them: records of them can be read for ever."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.codes import NoticeKind, ReplyBy
from contracts.message import Code, Event


class NoticeSentV1(Event):
    """The complainant was told, by the way they chose; once per notice.

    Not said any more: see `NoticeSent`.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.sent.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: str
    """Idempotency key towards the provider; e-mail carries it as Message-ID."""
    notice: NoticeKind
    by: ReplyBy
    attempts: Annotated[int, Field(ge=1)]


class NoticeFailedV1(Event):
    """The chosen way did not work for good; the channel carries the notice instead.

    Not said any more: see `NoticeFailed`.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.failed.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: str
    notice: NoticeKind
    by: ReplyBy
    attempts: Annotated[int, Field(ge=1)]
    why: str
    """The provider's reply code, without the address."""


class SupplementTold(Event):
    """The complainant was told what is missing; once per round.

    Not said any more: see `NoticeSent`.
    """

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
    """The complainant was told that it takes longer, rests or is handled again; once per notice.

    Not said any more: see `NoticeSent`.
    """

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
