"""Reads the topics into the index: all partitions, no group; positions are stored with what follows from them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from infra.clock import Clock
from infra.store import Store, StoreError
from infra.topics import cluster_id, create_no_topics
from services.intake.index.case_index import CaseIndex
from services.intake.index.facts import TOPICS, Reported, of_instant, read_fact
from services.intake.index.filling import stored_facts
from services.intake.index.schema import IndexAway, IndexReplaced

MOST_RECORDS = 400
"""Records of one transaction."""
WAIT_MS = 500
LOOK_SECONDS = 15.0
"""Pause between two looks at the cluster, the partitions and the end of the topics."""
AWAY_SECONDS = 10.0
"""Pause after the file could not be used."""
BROKER_SECONDS = 2.0
"""Pause after the broker failed."""
_REST = 0.5
"""While a backlog is read, the share of the time that is left to the loop of the service."""


class ClusterChanged(Exception):
    """The topics are other topics than those that the positions belong to."""


class Follower:
    """Keeps the index up to date. `work` is a background task of the service."""

    def __init__(self, index: CaseIndex, store: Store, bootstrap: str, clock: Clock) -> None:
        self._index = index
        self._store = store
        self._bootstrap = bootstrap
        self._clock = clock
        self._generation = 0
        self._beyond = 0

    async def work(self) -> None:
        """Read until the broker fails or the cluster changes; called again then."""
        try:
            cluster = await cluster_id(self._bootstrap) or ""
            await self._index.on_projection(lambda projection: _recognise(projection, cluster))
            self._generation = self._index.generation
            await self._follow(cluster)
        except (ClusterChanged, IndexReplaced):
            return
        except (KafkaError, OSError):  # the probes of the service report it
            await asyncio.sleep(BROKER_SECONDS)
        except IndexAway:
            await asyncio.sleep(AWAY_SECONDS)

    async def _follow(self, cluster: str) -> None:
        consumer = create_no_topics(
            AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=250,
                max_partition_fetch_bytes=512 << 10,
                fetch_max_bytes=4 << 20,
            )
        )
        try:
            await consumer.start()
            partitions = await _assigned(consumer, await self._index.on_projection(lambda each: each.positions()))
            self._index.healthy()
            await self._read(consumer, partitions, cluster)
        finally:
            await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition], cluster: str) -> None:
        looked, ends = 0.0, dict[TopicPartition, int]()
        while True:
            if time.monotonic() - looked > LOOK_SECONDS or not partitions:
                looked = time.monotonic()
                ends = await self._look(consumer, partitions, cluster)
                if not partitions:
                    await asyncio.sleep(1)
                    raise ClusterChanged
            batch = await consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST_RECORDS)
            began = time.time()
            if records := [record for part in batch.values() for record in part]:
                began_write = time.monotonic()
                await self._take(records)
                if len(records) >= MOST_RECORDS:
                    await asyncio.sleep(min(1.0, (time.monotonic() - began_write) * _REST / (1 - _REST)))
            await self._caught_up(consumer, ends, began, empty=not records)

    async def _take(self, records: Sequence[Any]) -> None:
        events = await asyncio.to_thread(lambda: list(_events(records)))
        positions = {(record.topic, record.partition): record.offset + 1 for record in records}
        await self._index.apply(events, positions, generation=self._generation)

    async def _caught_up(
        self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int], began: float, *, empty: bool
    ) -> None:
        """An empty fetch, and every partition read to the end that was seen at the last look."""
        behind = 0
        for partition, end in ends.items():
            behind += max(0, end - await consumer.position(partition))
        self._index.lag = behind
        if behind or not empty:
            return
        if self._index.read_until is None:
            await self._fill()
        self._index.read_until = began

    async def _look(
        self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition], cluster: str
    ) -> dict[TopicPartition, int]:
        """The ends of the topics. Raises `ClusterChanged` when they were created anew or have other partitions."""
        if (await cluster_id(self._bootstrap) or "") != cluster:
            raise ClusterChanged
        known = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - aiokafka has no public call for it
        if {*_partitions(known)} != {*partitions}:
            raise ClusterChanged
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions) if partitions else {}
        beyond = [each for each, end in ends.items() if await consumer.position(each) > end]
        self._beyond = self._beyond + 1 if beyond else 0
        if self._beyond > 1:  # the embedded broker's end may be behind for a moment
            self._beyond = 0
            await self._index.on_projection(lambda each: each.forget_positions())
            raise ClusterChanged
        now = of_instant(self._clock())
        await self._index.on_projection(lambda each: each.tidy(now))
        if self._index.generation != self._generation:
            raise IndexReplaced
        return ends

    async def _fill(self) -> None:
        """Add what intake's database knows of cases whose events are older than the topics; once for each file."""
        if await self._index.on_projection(lambda each: each.meta("filled")):
            return
        try:
            batch: list[Reported] = []
            async for events in stored_facts(self._store):
                batch += events
                if len(batch) >= MOST_RECORDS:
                    await self._index.apply(batch, {}, generation=self._generation)
                    batch = []
                    await asyncio.sleep(0.02)
            await self._index.apply(batch, {}, generation=self._generation, filled="1")
        except StoreError:
            return  # the next empty fetch begins it again


def _events(records: Iterable[Any]) -> Iterable[Reported]:
    for record in records:
        headers = dict(record.headers)
        type, id = headers.get("ce_type"), headers.get("ce_id")
        if type is None or id is None or record.key is None:
            continue
        rank = TOPICS.index(record.topic)
        found = read_fact(_text(type), _text(id), _text(record.key), rank, record.value)
        if found is not None:
            yield found


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _recognise(projection: Any, cluster: str) -> None:
    """Positions of another cluster mean nothing here: everything is read again, and known events change nothing."""
    if projection.meta("cluster") != cluster:
        projection.forget_positions()
        projection.set_meta(cluster=cluster)


def _partitions(known: Any) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic in TOPICS for number in known.partitions_for_topic(topic) or ()]


async def _assigned(consumer: AIOKafkaConsumer, positions: dict[tuple[str, int], int]) -> list[TopicPartition]:
    known = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - aiokafka has no public call for it
    partitions = _partitions(known)
    if not partitions:
        return []
    consumer.assign(partitions)
    for partition in partitions:
        at = positions.get((partition.topic, partition.partition))
        if at is None:
            await consumer.seek_to_beginning(partition)
        else:
            consumer.seek(partition, at)
    return partitions
