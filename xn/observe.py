"""Reads topics from their beginning, without a group: whoever audits leaves no trace and disturbs nobody."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pydantic import ValidationError

from contracts.envelope import Envelope, EnvelopeError, decode
from contracts.message import Message
from contracts.topics import REGISTRY
from infra.topics import create_no_topics

Observed = tuple[str, Envelope, Message]
"""Topic, envelope, message."""


class Observer:
    """Everything on some topics, from the first record on. A record may come twice: the id of its envelope says so."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        """Does not connect yet."""
        self._topics = topics
        self._types = REGISTRY.messages
        self._partitions: list[TopicPartition] = []
        self._consumer = create_no_topics(
            AIOKafkaConsumer(
                bootstrap_servers=bootstrap,
                fetch_max_wait_ms=100,
                request_timeout_ms=15_000,
                max_partition_fetch_bytes=4 * 1024 * 1024,
                auto_offset_reset="earliest",  # else records are passed over when an end is behind them
            )
        )
        self.missing: tuple[str, ...] = ()
        """Topics that did not exist when this began; nothing is read from them."""
        self.unreadable: Counter[str] = Counter()
        """Records by topic that are of a type we know, or of none, and fit no contract."""

    async def __aenter__(self) -> Self:
        try:
            await self._assign()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def _assign(self) -> None:
        await self._consumer.start()
        known = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - aiokafka has no public call for it
        self._partitions = [
            TopicPartition(topic, partition)
            for topic in self._topics
            for partition in known.partitions_for_topic(topic) or ()
        ]
        self.missing = tuple(topic for topic in self._topics if not known.partitions_for_topic(topic))
        if self._partitions:
            self._consumer.assign(self._partitions)
            await self._consumer.seek_to_beginning(*self._partitions)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def poll(self, wait_ms: int = 100) -> list[Observed]:
        """What has come since, of the types we know; empty when nothing has."""
        if not self._partitions:
            await asyncio.sleep(wait_ms / 1000)
            return []
        batches = await self._consumer.getmany(timeout_ms=wait_ms, max_records=2_000)
        return list(self._read(record for records in batches.values() for record in records))

    async def rest(self, quiet_seconds: float = 0.5, stalled_seconds: float = 30.0) -> list[Observed]:
        """Everything up to the present end and a moment of quiet behind it; raises `TimeoutError` when reading stalls.

        Both, since an embedded broker's end may stand before its last few records.
        """
        found: list[Observed] = []
        if not self._partitions:
            return found
        ends = {at: end for at, end in (await self._consumer.end_offsets(self._partitions)).items() if end}
        since = time.monotonic()
        while ends or time.monotonic() - since < quiet_seconds:
            if more := await self.poll():
                found += more
                since = time.monotonic()
            ends = {at: end for at, end in ends.items() if await self._consumer.position(at) < end}
            if time.monotonic() - since > stalled_seconds:
                raise TimeoutError(f"the broker gave nothing for {stalled_seconds} s")
        return found

    def _read(self, records: Iterable[ConsumerRecord]) -> Iterator[Observed]:
        for record in records:
            try:
                envelope, body = decode(record.headers, record.value)
                model = self._types.get(envelope.type)
                if model is not None:
                    yield record.topic, envelope, model.model_validate_json(body)
            except (EnvelopeError, ValidationError):
                if record.value is not None:  # a tombstone says nothing
                    self.unreadable[record.topic] += 1
