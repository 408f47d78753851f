"""One run of a contestant: complaints go in, and each is watched until it has passed every milestone.

Every time is the clock of this one process: from just before a complaint is handed to the producer until its record is
in hand here. So a latency holds what a partner sees, one fetch included, and no clock of another process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from contracts.envelope import Record

PATIENCE_SECONDS = 60.0
"""Without any progress for so long the run is given up."""


class LostError(RuntimeError):
    """Complaints did not arrive; the message says how many of how many, and at which milestones."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What a record tells of a complaint: a milestone, or nothing but what it makes others say at once."""

    key: str
    milestone: str | None
    answers: Sequence[Record] = ()


class Course(Protocol):
    """What is run through: how a complaint goes in, and how one tells where it is."""

    @property
    def milestones(self) -> Sequence[str]:
        """A complaint that has passed all of these is done."""

    @property
    def topics(self) -> Sequence[str]:
        """Where its milestones can be seen."""

    def enter(self, count: int) -> Sequence[Record]:
        """That many fresh complaints."""

    def see(self, record: ConsumerRecord) -> Passed | None:
        """What a record on one of the topics tells; None when it tells nothing."""


@dataclass
class Run:
    """What was measured."""

    seconds: float
    latencies: dict[str, list[float]]
    """Seconds from sending to each milestone, and to the last under ``end``."""
    duplicates: int

    @property
    def count(self) -> int:
        """Complaints that were done."""
        return len(self.latencies["end"])

    @property
    def rate(self) -> float:
        """Complaints per second, from the first sent to the last done."""
        return self.count / self.seconds


@dataclass
class _Field:
    """All complaints of a run, and where they are."""

    milestones: Sequence[str]
    sent: dict[str, float] = field(default_factory=dict)
    passed: dict[str, dict[str, float]] = field(default_factory=dict)
    duplicates: int = 0
    done: int = 0
    last: float = 0.0

    def note(self, passed: Passed, at: float) -> bool:
        """Whether this is news."""
        if passed.key not in self.sent:
            return False
        if passed.milestone is None:
            return True
        own = self.passed.setdefault(passed.key, {})
        if passed.milestone in own:
            self.duplicates += 1
            return False
        own[passed.milestone] = at
        self.done += len(own) == len(self.milestones)
        self.last = at
        return True

    def run(self) -> Run:
        latencies: dict[str, list[float]] = {name: [] for name in (*self.milestones, "end")}
        for key, own in self.passed.items():
            for name, at in own.items():
                latencies[name].append(at - self.sent[key])
            latencies["end"].append(max(own.values()) - self.sent[key])
        return Run(self.last - min(self.sent.values()), latencies, self.duplicates)


async def run(
    course: Course,
    producer: AIOKafkaProducer,
    reader: AIOKafkaConsumer,
    count: int,
    *,
    per_second: float | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Run:
    """All complaints were done: sent at a fixed rate, or as fast as they are taken. Raises `LostError`."""
    records = course.enter(count)
    field_ = _Field(course.milestones)
    sending = asyncio.create_task(_send(field_, producer, records, per_second))
    try:
        quiet_since = time.perf_counter()
        while field_.done < count:
            if await _look(field_, course, producer, reader):
                quiet_since = time.perf_counter()
            elif sending.done() and time.perf_counter() - quiet_since > patience_seconds:
                counts = {name: sum(name in own for own in field_.passed.values()) for name in course.milestones}
                raise LostError(f"{field_.done} of {count} complaints were done; milestones passed: {counts}")
    finally:
        await sending
    return field_.run()


async def _look(field_: _Field, course: Course, producer: AIOKafkaProducer, reader: AIOKafkaConsumer) -> bool:
    """Whether a complaint came further. Answers are under way then."""
    progress = False
    for records in (await reader.getmany(timeout_ms=50, max_records=1_000)).values():
        at = time.perf_counter()
        for record in records:
            passed = course.see(record)
            if passed is not None and field_.note(passed, at):
                progress = True
                for answer in passed.answers:
                    await _put(producer, answer)
    return progress


async def _send(
    field_: _Field, producer: AIOKafkaProducer, records: Sequence[Record], per_second: float | None
) -> None:
    """Every record was acknowledged."""
    began = time.perf_counter()
    acknowledgements = []
    for n, record in enumerate(records):
        if per_second:
            await asyncio.sleep(max(0.0, began + n / per_second - time.perf_counter()))
        field_.sent[record.key.decode()] = time.perf_counter()
        acknowledgements.append(await _put(producer, record))
    await asyncio.gather(*acknowledgements)


async def _put(producer: AIOKafkaProducer, record: Record) -> asyncio.Future[object]:
    future: asyncio.Future[object] = await producer.send(record.topic, record.value, record.key, headers=record.headers)
    return future
