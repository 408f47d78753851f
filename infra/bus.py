"""FastStream carries the subscription and its life; what it cannot promise is done here, inside its extension points.

Its batch parser skips a whole batch for one odd header, its acknowledgement swallows errors, its start gives up when no
broker answers: so we parse nothing, commit the offsets of a finished batch ourselves, and start patiently.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from infra.health import Health
from infra.settings import Settings

log = logging.getLogger(__name__)

Records = tuple["ConsumerRecord[bytes, bytes]", ...]
Handle = Callable[[Sequence[Any]], Awaitable[None]]


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
        self.assigned: Callable[[], Awaitable[None]] = _nothing
        self.revoked: Callable[[], Awaitable[None]] = _nothing
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
        await self._handle(records)
        await self._commit(records)

    async def _commit(self, records: Records) -> None:
        """The batch will not come again; if committing fails it will, and is dropped as a duplicate."""
        consumer = self.consumer
        if consumer is None:
            return
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            offsets[partition] = max(offsets.get(partition, 0), record.offset + 1)
        mine = consumer.assignment()
        try:
            await consumer.commit({partition: offset for partition, offset in offsets.items() if partition in mine})
        except KafkaError as error:
            log.warning("commit failed", extra={"fields": {"error": type(error).__name__}})

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

    async def on_assigned(self) -> None:
        """Partitions are ours: what others left unpublished is looked for."""
        self._health.assigned = True
        await self.assigned()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """The batch in hand is finished first, so that hardly anything comes twice."""
        await self._bus.revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Others' leftovers are looked for."""
        await self._bus.on_assigned()


async def _keep(records: Records) -> KafkaMessage:
    return KafkaMessage(body=b"", headers={}, raw_message=records, consumer=FAKE_CONSUMER)


async def _same(message: KafkaMessage) -> Any:
    return message


async def _nothing() -> None:
    return None
