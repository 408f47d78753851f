"""A topic of one partition, read from its beginning and followed, without a group: every instance reads all of it."""

from __future__ import annotations

from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from infra.topics import create_no_topics

WAIT_MS = 1_000


async def follow(bootstrap: str, topic: str, take: Callable[[ConsumerRecord], None]) -> None:
    """Hands over every record for ever; begun again, from the beginning: to take one twice must change nothing.

    Raises `KafkaError`.
    """
    partition = TopicPartition(topic, 0)
    consumer = create_no_topics(
        AIOKafkaConsumer(
            bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=250
        )
    )
    try:
        await consumer.start()
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        while True:
            for records in (await consumer.getmany(timeout_ms=WAIT_MS)).values():
                for record in records:
                    take(record)
    finally:
        await consumer.stop()
