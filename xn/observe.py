"""Reads topics from their beginning, without a group: whoever audits leaves no trace and disturbs nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from contracts.envelope import Envelope, EnvelopeError, decode
from contracts.message import Message
from contracts.topics import REGISTRY

Observed = tuple[str, Envelope, Message]
"""Topic, envelope, message."""


class Observer:
    """Everything on some topics, from the first record on."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self._topics = topics
        self._types = REGISTRY.messages
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, fetch_max_wait_ms=50, max_partition_fetch_bytes=4 * 1024 * 1024
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        known = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - aiokafka has no public call for it
        partitions = [
            TopicPartition(topic, partition)
            for topic in self._topics
            for partition in known.partitions_for_topic(topic) or ()
        ]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def poll(self, wait_ms: int = 100) -> list[Observed]:
        """What has come since, of the types we know; empty when nothing has."""
        batches = await self._consumer.getmany(timeout_ms=wait_ms, max_records=2_000)
        return list(self._read(record for records in batches.values() for record in records))

    async def rest(self, quiet_polls: int = 5) -> list[Observed]:
        """Everything up to a moment of quiet."""
        found: list[Observed] = []
        quiet = 0
        while quiet < quiet_polls:
            more = await self.poll()
            quiet = 0 if more else quiet + 1
            found += more
        return found

    def _read(self, records: Iterable[object]) -> Iterable[Observed]:
        for record in records:
            try:
                envelope, body = decode(record.headers, record.value)  # type: ignore[attr-defined]
                model = self._types.get(envelope.type)
                if model is not None:
                    yield record.topic, envelope, model.model_validate_json(body)  # type: ignore[attr-defined]
            except (EnvelopeError, ValidationError):
                continue
