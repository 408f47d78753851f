"""A notice: owed, tried by one way after another, told or given up. Every attempt is leased: two instances never make
the same one. What follows from a step is said by whoever owes the notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from services.notify.domain.sending import CERTAIN, DeliveryFailed, HandedOver, Postponed, Way

LEASE = timedelta(seconds=60)
"""How long an attempt may take before another is made, unless set otherwise; longer than a provider's time-outs."""
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""Pauses between attempts by one way; after the last the next way is tried."""
LONGEST_WAIT = timedelta(hours=6)
"""For a provider that asks for more, or stays away: the way is given up where that comes again and again."""
SHORTEST_WAIT = 5.0
"""Seconds that a notice waits at least for a provider that takes none: each look costs the database an update."""
POSTPONED_AT_MOST = timedelta(hours=8)
"""How long a notice waits for a provider that takes none, counted from its first try, before the next way is tried."""


class NoticeStatus(StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    """Owed: it is being sent, waits for the contact, or for its next attempt."""
    SENT = "sent"
    """Taken by the provider of a way that was chosen."""
    DELIVERED = "delivered"
    """The provider has reported that it arrived."""
    FAILED = "failed"
    """Given up by every way that was chosen; the certain one carries it."""


class Notice(BaseModel):
    """One thing that one receiver is told."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    nth: int = 1
    """Which of its kind."""
    ways: tuple[Way, ...]
    """In order; the last is a certain one."""
    turn: int = 0
    """Which of them it is at."""
    status: NoticeStatus = NoticeStatus.PENDING
    attempts: int = 0
    """By the way it is at."""
    owed_at: datetime
    next_at: datetime
    """When to look again: the end of the lease while an attempt is under way."""
    tried_at: datetime | None = None
    """When it was first tried by the way it is at."""
    why: str | None = None
    """Why the last way, or the last attempt, did not work."""
    redriven: int = 0
    """How often an operator has had it sent again."""

    @property
    def way(self) -> Way:
        """By which it goes now, or went."""
        return self.ways[self.turn]

    @property
    def sent_as(self) -> str:
        """Idempotency key towards the provider: another one each time an operator wants it sent again."""
        return self.id if not self.redriven else f"again-{self.redriven}.{self.id}"


@dataclass(frozen=True, slots=True)
class Told:
    """The receiver was told by the way that the notice is at."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A way did not work for good; the notice is at the next."""

    by: Way
    attempts: int
    why: str
    next: Way


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt is to be made by the way that the notice is at."""


Step: TypeAlias = "Told | Missed | Try"


def ways_of(chosen: tuple[Way, ...], certain: Way) -> tuple[Way, ...]:
    """The chosen ways in order, each once, up to the certain one, which comes last."""
    named = tuple(dict.fromkeys(chosen))
    before = named[: named.index(certain)] if certain in named else named
    return (*before, certain)


def go(notice: Notice, at: datetime, lease: timedelta) -> tuple[Notice, tuple[Step, ...]]:
    """An attempt is leased; a certain way needs none."""
    if notice.way in CERTAIN:
        status = NoticeStatus.FAILED if notice.turn else NoticeStatus.SENT
        return notice.model_copy(update={"status": status, "attempts": notice.attempts + 1}), (Told(),)
    tried = {"attempts": notice.attempts + 1, "next_at": at + lease, "tried_at": notice.tried_at or at}
    return notice.model_copy(update=tried), (Try(),)


def miss(notice: Notice, why: str, at: datetime) -> tuple[Notice, tuple[Step, ...]]:
    """The way is given up; a certain one tells at once, any other is tried when somebody looks, which is now."""
    step = Missed(notice.way, notice.attempts, why[:200], notice.ways[notice.turn + 1])
    moved = notice.model_copy(
        update={
            "turn": notice.turn + 1,
            "attempts": 0,
            "status": NoticeStatus.PENDING,
            "next_at": at,
            "tried_at": None,
            "why": f"{notice.way}: {why}"[:200],
        }
    )
    return moved, (step,)


def miss_all(notice: Notice, why: str, at: datetime) -> tuple[Notice, tuple[Step, ...]]:
    """No way but the certain one is left: each that needs a contact is given up for the same reason."""
    steps: tuple[Step, ...] = ()
    while notice.way not in CERTAIN:
        notice, more = miss(notice, why, at)
        steps += more
    return notice, steps


def after(
    notice: Notice, outcome: HandedOver | DeliveryFailed | Postponed, at: datetime
) -> tuple[Notice, tuple[Step, ...]]:
    """What came of an attempt: told, tried again later, or given up by this way. A late report changes nothing."""
    if notice.status is not NoticeStatus.PENDING or outcome.way is not notice.way:
        return notice, ()
    match outcome:
        case HandedOver():
            return notice.model_copy(update={"status": NoticeStatus.SENT, "why": None}), (Told(),)
        case DeliveryFailed():
            if outcome.permanent or notice.attempts > len(RETRY_AFTER):
                return miss(notice, outcome.why, at)
            pause = RETRY_AFTER[max(0, notice.attempts - 1)]
            if outcome.retry_after_seconds is not None:
                pause = min(LONGEST_WAIT, max(pause, timedelta(seconds=outcome.retry_after_seconds)))
            return notice.model_copy(update={"next_at": at + pause, "why": outcome.why[:200]}), ()
        case Postponed():
            if at >= (notice.tried_at or notice.owed_at) + POSTPONED_AT_MOST:
                return miss(notice, outcome.why, at)
            pause = min(LONGEST_WAIT, timedelta(seconds=max(SHORTEST_WAIT, outcome.seconds)))
            attempts = max(0, notice.attempts - 1)
            return (
                notice.model_copy(update={"next_at": at + pause, "attempts": attempts, "why": outcome.why[:200]}),
                (),
            )


def received(notice: Notice, delivered: bool, code: str, at: datetime) -> tuple[Notice, tuple[Step, ...]]:
    """What the provider reports: it has arrived, or it has not, and the next way is tried.

    It may come before we have saved that the provider took the notice: then this says so, too.
    """
    under_way = notice.status is NoticeStatus.PENDING and notice.attempts > 0
    if notice.status is not NoticeStatus.SENT and not under_way:
        return notice, ()
    if delivered:
        return notice.model_copy(update={"status": NoticeStatus.DELIVERED}), (Told(),) if under_way else ()
    return miss(notice, f"receipt: {code or 'undelivered'}", at)


def again(notice: Notice, at: datetime) -> Notice:
    """It is owed again from its first way on, under another idempotency key; not while it is under way."""
    if notice.status is NoticeStatus.PENDING or notice.ways[0] in CERTAIN:
        return notice
    return notice.model_copy(
        update={
            "turn": 0,
            "attempts": 0,
            "status": NoticeStatus.PENDING,
            "owed_at": at,
            "next_at": at,
            "tried_at": None,
            "redriven": notice.redriven + 1,
            "why": None,
        }
    )
