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
    PROGRESS = "progress"
    """It takes longer, rests or is handled again."""


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


class Progress(BaseModel):
    """What became of the matter on the way, told at once."""

    model_config = ConfigDict(frozen=True)

    what: str
    zh: str
    en: str


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
    contact_key: str | None = None
    """Id of the key that opens it."""
    answers: tuple[Answer, ...] = ()
    """One each time it was closed."""
    asked: Asked | None = None
    """The last round of what is missing."""
    progress: tuple[Progress, ...] = ()
    """Everything that was told on the way; a notice names its place in it."""
    reopened: int = 0
    """How often it was opened again; each time there is another answer."""
    notices: tuple[Notice, ...] = ()

    @property
    def answer(self) -> Answer | None:
        """How it ended; None while it is handled, for the first time or again."""
        return self.answers[self.reopened] if len(self.answers) > self.reopened else None
