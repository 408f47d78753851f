"""The wire as a partner sees it: any Kafka, plain aiokafka; a sender that does not give up, a reader from the start.

The idempotent producer is off: receivers drop duplicates by CloudEvents id, so sending again is always safe.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
    RecordListTooLargeError,
    RecordTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)

from contracts.envelope import Record

LOG = logging.getLogger(__name__)

TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)
"""The broker will never take this message."""
FINAL = (
    *TOO_LARGE,
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    ProducerClosed,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)
"""Errors that trying again does not mend: somebody has to change a right, a name or a message."""

MOST_BYTES = 2 * 1024 * 1024
"""The largest message of a channel's topic (contracts.topics)."""
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


class Sender:
    """A producer that tries again, with growing pauses, until the broker has acknowledged."""

    def __init__(self, bootstrap: str, client_id: str) -> None:
        """Nothing is connected yet."""
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        """A broker answers. Waits for one as long as it takes."""
        await persist(self._connect, "connect")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Disconnected; messages whose `send` has not returned may or may not be there."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, record: Record) -> None:
        """All in-sync replicas have the record. Raises one of `FINAL`; waits out everything else."""

        async def once() -> None:
            if self._producer is None:
                raise ProducerClosed
            await self._producer.send_and_wait(
                record.topic, value=record.value, key=record.key, headers=record.headers
            )

        await persist(once, f"send to {record.topic}")

    async def _connect(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=False,
            linger_ms=5,
            max_batch_size=256 * 1024,
            max_request_size=MOST_BYTES,
            request_timeout_ms=10_000,
            metadata_max_age_ms=5_000,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer


class Reader:
    """A consumer that begins at the first message; with a group it goes on where the group has committed.

    Without a group it reads every partition and commits nothing.
    """

    def __init__(self, bootstrap: str, topics: Iterable[str], *, group: str | None, client_id: str) -> None:
        """Nothing is connected yet."""
        self._bootstrap = bootstrap
        self._topics = tuple(topics)
        self._group = group
        self._client_id = client_id
        self._consumer: AIOKafkaConsumer | None = None

    async def __aenter__(self) -> Self:
        """A broker answers. Waits for one as long as it takes."""
        await persist(self._connect, "connect")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Disconnected, and out of the group."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def batch(self, wait_ms: int = 200, most: int = 500) -> list[ConsumerRecord]:
        """The next records, in order within each partition; none when nothing came in time."""
        consumer = self._connected()
        try:
            found = await consumer.getmany(timeout_ms=wait_ms, max_records=most)
        except FINAL:
            raise
        except KafkaError as error:
            LOG.warning("reading failed, trying again: %s", type(error).__name__)
            await asyncio.sleep(_FIRST_PAUSE_SECONDS)
            return []
        if not found:
            await self._rewind_where_forgotten(consumer)
        return [record for records in found.values() for record in records]

    async def commit(self) -> None:
        """What was read is done. Where it fails (a rebalance), the same records come again, to somebody."""
        try:
            await self._connected().commit()
        except FINAL:
            raise
        except KafkaError as error:
            LOG.warning("commit failed, records will come again: %s", type(error).__name__)

    async def _rewind_where_forgotten(self, consumer: AIOKafkaConsumer) -> None:
        """A broker that came back empty is read from its new beginning.

        Apache Kafka says so itself (out of range); an embedded broker may just stay silent.
        """
        with suppress(KafkaError):
            partitions = list(consumer.assignment())
            ends = await consumer.end_offsets(partitions) if partitions else {}
            for partition, end in ends.items():
                if await consumer.position(partition) > end:
                    consumer.seek(partition, 0)

    def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("not connected: use `async with`")
        return self._consumer

    async def _connect(self) -> None:
        consumer = AIOKafkaConsumer(
            *self._topics,
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            group_id=self._group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
            session_timeout_ms=30_000,
            metadata_max_age_ms=5_000,
        )
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        self._consumer = consumer


async def persist(attempt: Callable[[], Awaitable[None]], doing: str) -> None:
    """The attempt has succeeded, after as many tries as it took. Raises one of `FINAL` at once."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await attempt()
        except FINAL:
            raise
        except (KafkaError, OSError) as error:
            LOG.warning("%s: %s; again in %.1f s", doing, type(error).__name__, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
