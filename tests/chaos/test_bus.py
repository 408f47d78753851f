"""The bus outlives its broker, which may come back empty and number its records from 0 again, and its own consumer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from contracts.envelope import Record
from contracts.registry import Topic
from infra.bus import Bus
from infra.health import Health
from infra.local.engines import Engines
from infra.local.tansu import Tansu
from infra.publisher import Publisher
from infra.settings import Settings
from infra.topics import ensure_topics
from tests.support.bus import producer
from tests.support.waiting import wait_for

TOPIC = "things"
DECLARED = {TOPIC: Topic(name=TOPIC, description="", messages=(), writers=(), readers=(), partitions=1)}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]


class Hand:
    """Takes batches; while it is held, the batch in hand is not finished."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.free = asyncio.Event()
        self.holds = asyncio.Event()

    async def __call__(self, records: Sequence[Any]) -> None:
        """The records are taken."""
        self.taken += [record.value for record in records]
        self.holds.set()
        await self.free.wait()


@asynccontextmanager
async def running(bus: Bus) -> AsyncIterator[None]:
    """The bus consumes."""
    bus.broker.ready = nothing
    await bus.broker.start()
    try:
        yield
    finally:
        await bus.broker.stop()


async def nothing() -> None:
    """No engine but the broker is needed."""


async def say(client: AIOKafkaProducer, values: set[bytes]) -> None:
    """All are with the broker."""
    for value in sorted(values):
        await client.send_and_wait(TOPIC, value)


@pytest.mark.parametrize("session_seconds", [6, 20], ids=["when it is known", "before a heartbeat has told it"])
async def test_a_batch_that_outlived_its_broker_is_not_committed_to_the_empty_one(
    tmp_path: Path, session_seconds: int
) -> None:
    """Else as many of the new records would be passed over as the old broker had had."""
    tansu = Tansu(tmp_path / "tansu")
    tansu.start()
    settings = Settings(kafka_bootstrap=tansu.bootstrap, session_timeout_ms=session_seconds * 1_000, dead_letter_key="")  # type: ignore[arg-type]
    hand = Hand()
    bus = Bus("things", f"^{TOPIC}$", settings, hand, Health(60))
    before, after = {b"before %d" % n for n in range(20)}, {b"after %d" % n for n in range(5)}
    try:
        await ensure_topics(tansu.bootstrap, DECLARED)
        async with running(bus):
            async with producer(tansu.bootstrap) as client:
                await say(client, before)
            await hand.holds.wait()
            tansu.kill()
            tansu.start()
            await ensure_topics(tansu.bootstrap, DECLARED)
            consumer = bus.consumer
            assert consumer is not None
            if session_seconds == 6:
                await wait_for(lambda: not consumer._coordinator.member_id, 60, "the new broker says it knows us not")
            assert bool(consumer._coordinator.member_id) == (session_seconds != 6)
            hand.free.set()
            async with producer(tansu.bootstrap) as client:
                await say(client, after)
            await wait_for(lambda: after <= set(hand.taken), 60, "what was said to the new broker is taken")
    finally:
        tansu.stop()


async def test_a_consumer_whose_background_work_ended_is_replaced(tmp_path: Path) -> None:
    """An error that aiokafka does not foresee ends its coordination for good; the records must come all the same."""
    tansu = Tansu(tmp_path / "tansu")
    tansu.start()
    settings = Settings(kafka_bootstrap=tansu.bootstrap, session_timeout_ms=4_000, dead_letter_key="")  # type: ignore[arg-type]
    hand = Hand()
    hand.free.set()
    bus = Bus("things", f"^{TOPIC}$", settings, hand, Health(60))
    before, after = {b"before %d" % n for n in range(5)}, {b"after %d" % n for n in range(5)}
    try:
        await ensure_topics(tansu.bootstrap, DECLARED)
        async with running(bus), producer(tansu.bootstrap) as client:
            await say(client, before)
            await wait_for(lambda: before <= set(hand.taken), 60, "what was said first is taken")
            consumer = bus.consumer
            assert consumer is not None
            coordinator = consumer._coordinator
            await bus.mend()
            assert bus.consumer is consumer, "nothing was broken"

            async def lost() -> None:
                raise RuntimeError("unable to perform operation on a closed transport")

            coordinator.ensure_coordinator_known = lost
            coordinator.request_rejoin()
            coordinator.coordinator_dead()
            await wait_for(coordinator._coordination_task.done, 60, "the coordination breaks")
            await bus.mend()
            await say(client, after)
            await wait_for(lambda: after <= set(hand.taken), 60, "what was said later is taken")
            assert sorted(hand.taken) == sorted(before | after), "each came once"
    finally:
        tansu.stop()


async def test_many_who_publish_at_once_share_one_connection_also_a_new_one(embedded: Engines) -> None:
    topic = f"shared-{uuid4().hex[:8]}"
    await ensure_topics(embedded.bootstrap, {topic: replace(DECLARED[TOPIC], name=topic)})
    records = [Record(topic, b"%d" % n, b"value", []) for n in range(20)]
    publisher = Publisher(embedded.bootstrap, "/tests")
    try:
        (first,) = set(await asyncio.gather(*(publisher.start() for _ in records)))
        first._sender.sender_task.cancel()
        await wait_for(first._sender.sender_task.done, 60, "the connection breaks")
        assert await asyncio.gather(*(publisher.send([record]) for record in records)) == [1] * len(records)
        (second,) = set(await asyncio.gather(*(publisher.start() for _ in records)))
        assert second is not first
    finally:
        await publisher.stop()
