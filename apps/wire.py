"""The wire as a partner sees it: any Kafka, plain aiokafka; a sender that does not give up, a reader from the start.

The idempotent producer is off: receivers drop duplicates by CloudEvents id, so sending again is always safe.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
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
_LOOK_EVERY_SECONDS = 0.5


class Sender:
    """A producer that tries again, with growing pauses, until the broker has acknowledged."""

    def __init__(self, bootstrap: str, client_id: str) -> None:
        """Nothing is connected yet."""
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._patience = Patience()
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        """A broker answers. Waits for one as long as it takes."""
        await self._patience.until_done(self._connect)
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
            await self._producer.send_and_wait(record.topic, value=record.value, key=record.key, headers=record.headers)

        await self._patience.until_done(once)

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

    def __init__(
        self,
        bootstrap: str,
        topics: Iterable[str],
        *,
        group: str | None,
        client_id: str,
        session_timeout_ms: int = 10_000,
    ) -> None:
        """Nothing is connected yet. A member of the group that is silent for `session_timeout_ms` is replaced."""
        self._bootstrap = bootstrap
        self._topics = tuple(topics)
        self._group = group
        self._client_id = client_id
        self._session_timeout_ms = session_timeout_ms
        self._patience = Patience()
        self._ends: dict[TopicPartition, int] = {}
        self._look_at = 0.0
        self._consumer: AIOKafkaConsumer | None = None

    async def __aenter__(self) -> Self:
        """A broker answers. Waits for one as long as it takes."""
        await self._patience.until_done(self._connect)
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
        if self._group is None and monotonic() > self._look_at:
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
        """A broker that came back empty is read from its new beginning: a log that has become shorter is another log.

        Apache Kafka says so itself (out of range), and a group is told by its coordinator; an embedded broker may just
        stay silent. Its end offset may stand before the last few records, so it says nothing about our position.
        """
        with suppress(KafkaError):
            partitions = list(consumer.assignment())
            ends = await consumer.end_offsets(partitions) if partitions else {}
            for partition, end in ends.items():
                if end < self._ends.get(partition, 0):
                    consumer.seek(partition, 0)
            self._ends = ends
        self._look_at = monotonic() + _LOOK_EVERY_SECONDS

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
            fetch_max_wait_ms=100,
            session_timeout_ms=self._session_timeout_ms,
            heartbeat_interval_ms=self._session_timeout_ms // 4,
            metadata_max_age_ms=5_000,
        )
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        self._consumer = consumer


class Patience:
    """Tries again for as long as it takes, and logs when the trouble begins and when it is over, not every attempt."""

    def __init__(self) -> None:
        """No trouble yet."""
        self._troubled = False

    async def until_done(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """The attempt has succeeded. Raises one of `FINAL` at once."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await attempt()
            except FINAL:
                raise
            except (KafkaError, OSError) as error:
                self._note(type(error).__name__)
            else:
                return self._note(None)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _note(self, trouble: str | None) -> None:
        if trouble and not self._troubled:
            LOG.warning("the broker is away (%s); trying again until it is back", trouble)
        elif self._troubled and not trouble:
            LOG.warning("the broker is back")
        self._troubled = bool(trouble)
