"""Plain clients of the bus: publish messages, read whatever has been published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.channel import Contact, SubmitComplaint
from contracts.codes import AppealType, Channel
from contracts.envelope import Envelope, EnvelopeError, Record, decode
from contracts.topics import REGISTRY


@dataclass(frozen=True)
class Seen:
    """One record as read."""

    topic: str
    envelope: Envelope
    key: str
    body: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def message(self) -> Any:
        """The body in its model."""
        return REGISTRY.messages[self.envelope.type].model_validate_json(self.body)


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer as a partner would set it up."""
    client = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=False, acks="all", linger_ms=5, max_request_size=8 * 1024 * 1024
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def publish(client: AIOKafkaProducer, records: Iterable[Record]) -> None:
    """All records are acknowledged."""
    sent = [await client.send(r.topic, r.value, r.key, headers=r.headers) for r in records]
    await asyncio.gather(*sent)


class Watch:
    """Reads topics from their beginning, without a group, and keeps everything."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._topics = topics
        self.seen: list[Seen] = []
        self._places: set[tuple[str, int, int]] = set()

    async def __aenter__(self) -> Watch:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, fetch_max_wait_ms=250, auto_offset_reset="earliest"
        )
        await self._consumer.start()
        cluster = await self._consumer._client.fetch_all_metadata()
        partitions = [TopicPartition(t, p) for t in self._topics for p in cluster.partitions_for_topic(t) or ()]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def poll(self) -> int:
        """Takes what has come; returns how many records."""
        batches = await self._consumer.getmany(timeout_ms=100, max_records=2_000)
        count = 0
        for records in batches.values():
            for record in records:
                try:
                    envelope, body = decode(record.headers, record.value)
                    key = (record.key or b"").decode()
                except (EnvelopeError, UnicodeDecodeError):
                    if record.topic.startswith("complaints."):  # strangers write there what they like
                        continue
                    raise
                place = (record.topic, record.partition, record.offset)
                if place in self._places:  # the embedded broker's end may stand before its last records
                    continue
                self._places.add(place)
                self.seen.append(Seen(record.topic, envelope, key, body, tuple(record.headers)))
                count += 1
        return count

    async def until(
        self,
        condition: Callable[[list[Seen]], bool],
        timeout: float = 60.0,  # noqa: ASYNC109 - says what was seen instead
    ) -> list[Seen]:
        """Everything seen once the condition holds. Raises `AssertionError` with a count by type when it does not."""
        deadline = time.monotonic() + timeout
        while not condition(self.seen):
            if time.monotonic() > deadline:
                counts: dict[str, int] = {}
                for each in self.seen:
                    counts[f"{each.topic} {each.envelope.type}"] = (
                        counts.get(f"{each.topic} {each.envelope.type}", 0) + 1
                    )
                raise AssertionError(f"not within {timeout} s; seen: {counts}")
            await self.poll()
        return self.seen

    def distinct(self, type: str) -> dict[str, Seen]:
        """Records of a CloudEvents type by id: what was published again counts once."""
        return {each.envelope.id: each for each in self.seen if each.envelope.type == type}


def complaint(
    external_id: str, *, channel: str = Channel.WEB, contact: Contact | None = None, **fields: Any
) -> SubmitComplaint:
    """A complaint that the demo place accepts, unless `fields` say otherwise."""
    given: dict[str, Any] = {
        "received_at": datetime.now(UTC),
        "appeal": AppealType.COMPLAINT,
        "category": "noise-residential",
        "area": "beicheng",
        "title": "夜间噪声",
        "text": "楼下烧烤店凌晨仍在营业，噪声很大。",
    }
    return SubmitComplaint(channel=channel, external_id=external_id, contact=contact, **{**given, **fields})
