"""One hop of a chain as a process: `python -m bench.hop batch|single`, told by environment what it reads and writes.

Neither has any logic, and neither can lose or double less than it does: they are what the engines and the two styles
cost by themselves.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne

MOST_RECORDS = 500
POLL_MS = 10
FETCH_WAIT_MS = 50
LINGER_MS = 2
"""The same waits as our services have by default (`infra.settings`, `infra.publisher`)."""


@dataclass(frozen=True)
class Hop:
    """What one hop reads, keeps and writes."""

    bootstrap: str
    mongo_uri: str
    database: str
    source: str
    target: str

    @classmethod
    def from_environment(cls) -> Hop:
        """As `bench.chains` sets it."""
        names = ("XN_KAFKA_BOOTSTRAP", "XN_MONGO_URI", "BENCH_DATABASE", "BENCH_SOURCE", "BENCH_TARGET")
        return cls(*(os.environ[name] for name in names))

    def collection(self) -> Any:
        """Its documents."""
        return AsyncIOMotorClient(self.mongo_uri)[self.database][self.source.replace(".", "-")]


async def batch(hop: Hop) -> None:
    """Consume up to 500, one bulk write, produce, commit; for ever."""
    documents = hop.collection()
    consumer = AIOKafkaConsumer(
        hop.source,
        bootstrap_servers=hop.bootstrap,
        group_id=hop.source,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=hop.bootstrap,
        enable_idempotence=False,
        acks="all",
        linger_ms=LINGER_MS,
        max_batch_size=256 * 1024,
    )
    await consumer.start()
    await producer.start()
    while True:
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
        records = [record for part in found.values() for record in part]
        if not records:
            continue
        writes = [
            UpdateOne({"_id": record.key.decode()}, {"$set": {"body": record.value.decode()}}, upsert=True)
            for record in records
        ]
        await documents.bulk_write(writes, ordered=False)
        sent = [await producer.send(hop.target, record.value, record.key) for record in records]
        await asyncio.gather(*sent)
        await consumer.commit()


async def single(hop: Hop) -> None:
    """One message, one insert, one publish, one commit; for ever."""
    documents = hop.collection()
    broker = KafkaBroker(hop.bootstrap, acks="all", enable_idempotence=False, logger=None)

    @broker.subscriber(
        hop.source,
        group_id=hop.source,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    async def handle(event: dict[str, Any], message: KafkaMessage) -> None:
        await documents.insert_one({"_id": uuid4().hex, **event})
        key = message.raw_message.key  # type: ignore[union-attr]
        await broker.publish(event, topic=hop.target, key=key)

    await FastStream(broker, logger=None).run()


STYLES = {"batch": batch, "single": single}

if __name__ == "__main__":
    asyncio.run(STYLES[sys.argv[1]](Hop.from_environment()))
