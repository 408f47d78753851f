"""A case in notify: what its complainant is owed, and what they were told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from contracts.codes import Channel, Ending, HandlingResult, Language, ReplyBy


class NoticeStatus(StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    """Owed: it is being sent, waits for the contact, or for its next attempt."""
    SENT = "sent"
    FAILED = "failed"
    """Given up by the chosen way; the channel carries it."""


class Kind(StrEnum):
    """What a notice tells."""

    ACKNOWLEDGEMENT = "acknowledgement"
    SUPPLEMENT = "supplement"
    ANSWER = "answer"


class Notice(BaseModel):
    """One thing the complainant is told by mail."""

    model_config = ConfigDict(frozen=True)

    id: str
    """Idempotency key; the Message-ID of the mail."""
    kind: Kind
    nth: int = 1
    """Which of its kind: there may be several rounds of what is missing."""
    status: NoticeStatus = NoticeStatus.PENDING
    attempts: int = 0
    next_at: datetime
    """When to try (again): the end of the lease while an attempt is under way."""


class Registered(BaseModel):
    """What the registration told us."""

    model_config = ConfigDict(frozen=True)

    number: str
    channel: Channel
    registered_at: datetime
    title: str
    reply_by: ReplyBy
    language: Language


class Answer(BaseModel):
    """How the case ended: a department's result, or why there is none."""

    model_config = ConfigDict(frozen=True)

    result: HandlingResult | Ending
    reply: str


class Asked(BaseModel):
    """What the complainant is asked for (补办)."""

    model_config = ConfigDict(frozen=True)

    round: int
    missing: tuple[str, ...]
    """A sentence each, in the complainant's language."""
    answer_by: datetime


class Case(BaseModel):
    """One case. The contact and the registration arrive on two topics, in any order."""

    model_config = ConfigDict(frozen=True)

    registered: Registered | None = None
    contact_box: str | None = None
    answer: Answer | None = None
    asked: Asked | None = None
    """The last round of what is missing."""
    notices: tuple[Notice, ...] = ()
