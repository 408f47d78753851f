"""What a channel's complainants are owed, collected per case; and, for trials, citizens who rate their answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID, uuid5

from aiokafka import ConsumerRecord
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from apps.trace import span
from apps.wire import Reader, Sender
from contracts.channel import RateCase
from contracts.codes import HandlingResult, Satisfaction
from contracts.envelope import Envelope, EnvelopeError, decode, encode
from contracts.message import ChannelId, Event
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, ComplaintRefused, RatingAnswered

_TYPES: dict[str, type[Event]] = {
    each.TYPE: each for each in (ComplaintAcknowledged, ComplaintRefused, ComplaintAnswered, RatingAnswered)
}

_GRADES = {
    HandlingResult.RESOLVED: (30, 40, 20, 7, 3),
    HandlingResult.EXPLAINED: (10, 30, 35, 15, 10),
    HandlingResult.NOT_RESOLVED: (2, 8, 20, 40, 30),
}
"""How often each grade is given, from very satisfied to very dissatisfied."""
_CONTENT = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED)


@dataclass(slots=True)
class CaseReplies:
    """What one complainant has been told so far."""

    acknowledged: ComplaintAcknowledged | None = None
    refused: list[ComplaintRefused] = field(default_factory=list)
    answered: ComplaintAnswered | None = None
    rating: RatingAnswered | None = None


@dataclass(frozen=True)
class Rating:
    """What a citizen says of an answer."""

    satisfaction: Satisfaction
    solved: bool


@dataclass(frozen=True)
class Citizens:
    """Simulated citizens: the same seed and case always give the same rating, or none."""

    seed: int
    rating_ratio: float = 0.6

    def rate(self, answer: ComplaintAnswered) -> Rating | None:
        """Most rate, some never do: not answered is not satisfied (S2)."""
        dice = Random(f"{self.seed}/{answer.case_id}")  # noqa: S311 - dice, not secrets
        if dice.random() >= self.rating_ratio:
            return None
        satisfaction = dice.choices(tuple(Satisfaction), _GRADES[answer.result])[0]
        return Rating(satisfaction, satisfaction in _CONTENT and answer.result is not HandlingResult.NOT_RESOLVED)


class Replies:
    """Reads `replies.<channel>` from its beginning and keeps what each case was told; with `citizens`, rates answers.

    Reading twice changes nothing: events are known by their id, and a rating's own id is made from the case's.
    """

    def __init__(
        self,
        bootstrap: str,
        channels: Iterable[ChannelId],
        *,
        citizens: Citizens | None = None,
        on_reply: Callable[[Event], None] = lambda reply: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Does not connect yet."""
        self._bootstrap = bootstrap
        self._topics = [f"replies.{channel}" for channel in channels]
        self._citizens = citizens
        self._on_reply = on_reply
        self._now = now
        self._stopping = asyncio.Event()
        self._seen: set[str] = set()
        self.cases: dict[str, CaseReplies] = {}
        """By case id."""
        self.counts: Counter[str] = Counter()
        """Events by the last part of their name (`acknowledged`, `refused`, `answered`, `rating`), and `rated`,
        `duplicate`, `unreadable`."""

    async def run(self) -> None:
        """Collects until `stop`."""
        async with (
            Sender(self._bootstrap, "channel-replies") as sender,
            Reader(self._bootstrap, self._topics, group=None, client_id="channel-replies") as reader,
        ):
            while not self._stopping.is_set():
                async with asyncio.TaskGroup() as ratings:
                    for record in await reader.batch():
                        if (rating := self._take(record)) is not None:
                            ratings.create_task(self._publish(sender, *rating))

    def stop(self) -> None:
        """`run` returns soon, with every rating it began acknowledged."""
        self._stopping.set()

    def _take(self, record: ConsumerRecord) -> tuple[RateCase, str | None] | None:
        """The reply is noted; comes back with the rating it calls for and the trace to go on with."""
        try:
            envelope, body = decode(record.headers, record.value)
            kind = _TYPES.get(envelope.type)
            reply = kind.model_validate_json(body) if kind else None
        except (EnvelopeError, ValidationError):
            self.counts["unreadable"] += 1
            return None
        if reply is None:
            return None
        if envelope.id in self._seen:
            self.counts["duplicate"] += 1
            return None
        self._seen.add(envelope.id)
        rating = self._note(reply, envelope)
        self._on_reply(reply)
        return rating

    def _note(self, reply: Event, envelope: Envelope) -> tuple[RateCase, str | None] | None:
        case = self.cases.setdefault(reply.case_id, CaseReplies())
        match reply:
            case ComplaintAcknowledged():
                self.counts["acknowledged"] += 1
                case.acknowledged = reply
            case ComplaintRefused():
                self.counts["refused"] += 1
                case.refused.append(reply)
            case RatingAnswered():
                self.counts["rating"] += 1
                case.rating = reply
            case ComplaintAnswered():
                self.counts["answered"] += 1
                case.answered = reply
                return self._rate(reply, envelope)
            case _:
                pass
        return None

    def _rate(self, answer: ComplaintAnswered, envelope: Envelope) -> tuple[RateCase, str | None] | None:
        rating = self._citizens.rate(answer) if self._citizens else None
        if rating is None:
            return None
        command = RateCase(
            case_id=answer.case_id,
            issued_at=self._now(),
            channel=answer.channel,
            satisfaction=rating.satisfaction,
            solved=rating.solved,
        )
        return command, envelope.traceparent

    async def _publish(self, sender: Sender, command: RateCase, parent: str | None) -> None:
        with span(f"rate {command.topic}", SpanKind.PRODUCER, parent=parent) as traceparent:
            record = encode(
                command, id=rating_id(command.case_id), source=f"/channels/{command.channel}", traceparent=traceparent
            )
            await sender.send(record)
        self.counts["rated"] += 1


def rating_id(case_id: str) -> str:
    """The CloudEvents id of a case's rating: a citizen rates once."""
    return str(uuid5(UUID(case_id), "rating"))
