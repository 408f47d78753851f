"""FastStream carries the subscription and its life; what it cannot promise is done here, inside its extension points.

Its batch parser skips a whole batch for one odd header, its acknowledgement swallows errors, its start gives up when no
broker answers: so we parse nothing, commit the offsets of a finished batch ourselves, and start patiently.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from infra.health import Health
from infra.settings import Settings

log = logging.getLogger(__name__)

Records = tuple["ConsumerRecord[bytes, bytes]", ...]
Handle = Callable[[Sequence[Any]], Awaitable[None]]
Membership = tuple[int, str]
"""Generation of the group and our name in it; after any rebalance it is another one."""

NO_MEMBER = -1
"""Generation of who does not belong to the group at this moment."""


class PatientBroker(KafkaBroker):
    """A broker whose start returns when Kafka answers, however long that takes, and `ready` has been awaited."""

    ready: Callable[[], Awaitable[None]]
    attempt_pause_seconds = 1.0

    async def start(self) -> None:
        """Subscribed and consuming afterwards."""
        await self.ready()
        while True:
            try:
                await super().start()
            except (KafkaError, OSError) as error:
                log.warning("Kafka does not answer yet", extra={"fields": {"error": type(error).__name__}})
                await super().stop()
                await asyncio.sleep(self.attempt_pause_seconds)
            else:
                return


class Bus:
    """One group's subscription to everything a service reads: batches are handled one after another, then committed."""

    def __init__(self, group: str, pattern: str, settings: Settings, handle: Handle, health: Health) -> None:
        self._handle = handle
        self._health = health
        self._stop_seconds = settings.stop_seconds
        self._in_hand = asyncio.Lock()
        self.assigned: Callable[[], Awaitable[None]] = _nothing
        self.broker = PatientBroker(
            settings.kafka_bootstrap.split(","),  # FastStream takes one string for one server
            client_id=group,
            consumer_only=True,
            allow_auto_create_topics=False,
            metadata_max_age_ms=10_000,
            graceful_timeout=settings.stop_seconds,
            apply_types=False,
            logger=log,
            log_level=logging.DEBUG,
        )
        self._subscriber = self.broker.subscriber(
            pattern=pattern,
            group_id=group,
            batch=True,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            max_records=settings.batch_records,
            batch_timeout_ms=settings.batch_wait_ms,
            fetch_max_wait_ms=settings.fetch_wait_ms,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=max(500, settings.session_timeout_ms // 10),
            max_poll_interval_ms=600_000,
            rebalance_timeout_ms=max(settings.session_timeout_ms, 10_000),
            listener=_Listener(self),
            parser=_keep,
            decoder=_same,
        )
        self._subscriber(self._on_batch)

    async def _on_batch(self, message: KafkaMessage) -> None:
        records = cast(Records, message.raw_message)
        membership = self._membership()
        async with self._in_hand:
            await self._handle(records)
            await self._commit(records, membership)

    def _membership(self) -> Membership:
        consumer = self.consumer
        if consumer is None:
            return (NO_MEMBER, "")
        coordinator = consumer._coordinator  # noqa: SLF001 - aiokafka has no public call for it
        return (coordinator.generation, coordinator.member_id)

    async def _commit(self, records: Records, membership: Membership) -> None:
        """The batch will not come again; if it cannot be committed it will, and is dropped as a duplicate.

        Committed only as the member that the records came to. aiokafka's own `commit` goes on trying after a rebalance,
        and before it as nobody, which a broker that came back empty accepts: it would pass over that many new records.
        """
        offsets: dict[TopicPartition, OffsetAndMetadata] = {}
        for record in records:  # in the order of their partition
            offsets[TopicPartition(record.topic, record.partition)] = OffsetAndMetadata(record.offset + 1, "")
        while (consumer := self.consumer) and self._membership() == membership and membership[0] != NO_MEMBER:
            try:
                await consumer._coordinator._do_commit_offsets(None, offsets)  # noqa: SLF001 - one attempt, no more
                return
            except KafkaError as error:
                log.warning("commit failed", extra={"fields": {"error": type(error).__name__}})
                if not error.retriable:
                    return
                await asyncio.sleep(self.broker.attempt_pause_seconds)

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The consumer while it runs."""
        return self._subscriber.consumer

    def lags(self) -> Iterable[tuple[str, int, int]]:
        """Topic, partition and number of records not taken yet, as far as known."""
        consumer = self.consumer
        if consumer is None:
            return
        for partition in consumer.assignment():
            state = consumer._subscription.subscription.assignment.state_value(partition)  # noqa: SLF001
            high = consumer.highwater(partition)
            if state is not None and state.has_valid_position and high is not None:
                yield partition.topic, partition.partition, max(0, high - state.position)

    async def on_revoked(self) -> None:
        """The batch in hand is finished and committed, or the group waits no longer for it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._in_hand.acquire(), self._stop_seconds)
            self._in_hand.release()

    async def on_assigned(self) -> None:
        """Partitions are ours: what others left unpublished is looked for."""
        self._health.assigned = True
        await self.assigned()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """The batch in hand is finished first, so that hardly anything comes twice."""
        await self._bus.on_revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Others' leftovers are looked for."""
        await self._bus.on_assigned()


async def _keep(records: Records) -> KafkaMessage:
    return KafkaMessage(body=b"", headers={}, raw_message=records, consumer=FAKE_CONSUMER)


async def _same(message: KafkaMessage) -> Any:
    return message


async def _nothing() -> None:
    return None
