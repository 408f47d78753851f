"""The bus as the measuring process sees it: one producer, and one reader of everything from now on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that waits for nothing, so that a latency holds no linger of ours."""
    client = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=False, acks="all", linger_ms=0, max_batch_size=256 * 1024
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def reader(bootstrap: str, topics: Iterable[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, on every partition of the topics, behind their last record."""
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        fetch_max_wait_ms=10,
        max_partition_fetch_bytes=4_194_304,
        auto_offset_reset="earliest",
    )
    await client.start()
    try:
        await client._client.fetch_all_metadata()  # noqa: SLF001 - assignment without a group needs it
        cluster = client._client.cluster  # noqa: SLF001
        while not all(cluster.partitions_for_topic(name) for name in topics):  # a broker takes its time
            await asyncio.sleep(0.1)
            await client._client.force_metadata_update()  # noqa: SLF001
        partitions = [TopicPartition(name, n) for name in topics for n in cluster.partitions_for_topic(name) or ()]
        client.assign(partitions)
        await client.seek_to_end(*partitions)
        for partition in partitions:
            await client.position(partition)
        yield client
    finally:
        await client.stop()
