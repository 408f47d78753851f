"""A folder per test for what the engines keep, and clients that speak to them over TCP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


class Topics:
    """What the tests ask of a broker, by an ordinary client."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def create(self, name: str, *, replicas: int = 1) -> None:
        async with self._admin() as admin:
            await admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=replicas)])

    async def names(self) -> set[str]:
        async with self._admin() as admin:
            return set(await admin.list_topics())

    async def write(self, topic: str, *values: bytes) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=False)
        await producer.start()
        try:
            for value in values:
                await producer.send_and_wait(topic, value, key=value)
        finally:
            await producer.stop()

    async def read(self, topic: str, count: int, group: str | None = None) -> list[bytes]:
        """The next `count` values. With a group, its position is committed behind them."""
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=self.bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_000,
        )
        await consumer.start()
        try:
            values = [(await consumer.getone()).value for _ in range(count)]
            if group is not None:
                await consumer.commit()
        finally:
            await consumer.stop()
        return sorted(values)


@pytest.fixture
def topics():
    """Opens a client on a broker: `topics(bootstrap)`."""
    return Topics
