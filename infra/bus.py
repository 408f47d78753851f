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
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.structs import OffsetAndMetadata
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from infra.health import Health
from infra.logs import describe
from infra.settings import Settings

log = logging.getLogger(__name__)

Records = tuple["ConsumerRecord[bytes, bytes]", ...]
Handle = Callable[[Sequence[Any]], Awaitable[None]]
Membership = tuple[int, str, str | None]
"""Generation of the group, our name in it, and the cluster whose group it is; after any rebalance it is another one."""

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
        self._cluster: str | None = None
        """The cluster in whose group we got our partitions; None while it could not be asked."""
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
            fetch_max_wait_ms=settings.fetch_wait_ms,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=max(500, settings.session_timeout_ms // 10),
            max_poll_interval_ms=600_000,
            rebalance_timeout_ms=settings.session_timeout_ms,
            listener=_Listener(self),
            parser=_keep,
            decoder=_same,
        )
        self._subscriber(self._on_batch)
        self._poll_limits = {"timeout_ms": settings.batch_wait_ms, "max_records": settings.batch_records}
        self._subscriber.get_msg = self._poll  # type: ignore[method-assign]

    async def _poll(self, consumer: AIOKafkaConsumer) -> Records:
        """What has come, as soon as something has. FastStream's own sleeps after an empty poll: records would wait."""
        found = await consumer.getmany(**self._poll_limits)
        return tuple(record for records in found.values() for record in records)

    async def _on_batch(self, message: KafkaMessage) -> None:
        records = cast(Records, message.raw_message)
        membership = self._membership()
        async with self._in_hand:
            await self._handle(records)
            await self._commit(records, membership)

    def _membership(self) -> Membership:
        consumer = self.consumer
        if consumer is None or _broken(consumer):
            return (NO_MEMBER, "", None)
        coordinator = consumer._coordinator  # noqa: SLF001 - aiokafka has no public call for it
        return (coordinator.generation, coordinator.member_id, self._cluster)

    async def _commit(self, records: Records, membership: Membership) -> None:
        """The batch will not come again; if it cannot be committed it will, and is dropped as a duplicate.

        Committed only as the member that the records came to, and only in the cluster that they came from. aiokafka's
        own `commit` goes on trying after a rebalance; and a broker that came back empty may accept a member of a group
        that it has never seen (the embedded one does): either would pass over that many new records.
        """
        offsets: dict[TopicPartition, OffsetAndMetadata] = {}
        for record in records:  # in the order of their partition
            offsets[TopicPartition(record.topic, record.partition)] = OffsetAndMetadata(record.offset + 1, "")
        while (consumer := self.consumer) and self._membership() == membership and membership[0] != NO_MEMBER:
            coordinator = consumer._coordinator  # noqa: SLF001
            try:
                if await _cluster_id(consumer) != membership[2]:
                    coordinator.request_rejoin()  # another cluster, or we never learnt which one it was
                    return
                await coordinator._do_commit_offsets(None, offsets)  # noqa: SLF001 - one attempt, no more
                return
            except (KafkaError, OSError) as error:
                log.warning("commit failed", extra={"fields": {"error": type(error).__name__}})
                if not getattr(error, "retriable", True):
                    return
                await asyncio.sleep(self.broker.attempt_pause_seconds)

    async def mend(self) -> None:
        """A consumer whose work in the background has ended is replaced; aiokafka would complain for ever instead.

        Its tasks foresee Kafka's errors; any other one, from a connection that broke in an odd moment, ends them.
        """
        if (consumer := self.consumer) and _broken(consumer):
            ended = [task for task in _tasks(consumer) if task.done() and not task.cancelled()]
            errors = [describe(error) for task in ended if (error := task.exception())]
            log.error("the consumer broke; it is replaced", extra={"fields": {"error": "; ".join(errors)}})
            await self._subscriber.stop()
            while True:
                try:
                    await self._subscriber.start()
                except (KafkaError, OSError) as error:
                    log.warning("Kafka does not answer yet", extra={"fields": {"error": type(error).__name__}})
                    await self._subscriber.stop()
                    await asyncio.sleep(self.broker.attempt_pause_seconds)
                else:
                    return

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
        self._cluster = None
        if consumer := self.consumer:
            with suppress(KafkaError, OSError):  # asked once, now: later it might be another cluster already
                self._cluster = await _cluster_id(consumer)
        self._health.assigned = True
        await self.assigned()


def _tasks(consumer: AIOKafkaConsumer) -> tuple[asyncio.Task[None], ...]:
    if consumer._coordinator is None or consumer._fetcher is None:  # noqa: SLF001 - it is being started
        return ()
    return consumer._coordinator._coordination_task, consumer._fetcher._fetch_task  # noqa: SLF001


def _broken(consumer: AIOKafkaConsumer) -> bool:
    return any(task.done() for task in _tasks(consumer))


async def _cluster_id(consumer: AIOKafkaConsumer) -> str | None:
    """Which cluster answers at this moment. Raises `KafkaError` when none does."""
    coordinator = consumer._coordinator  # noqa: SLF001 - the very connection that commits
    some = next((partition.topic for partition in consumer.assignment()), None)
    response = await coordinator._send_req(MetadataRequest([some] if some else []))  # noqa: SLF001
    found = response.cluster_id
    return str(found) if found is not None else None


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
