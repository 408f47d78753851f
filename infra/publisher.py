"""Events to Kafka, in order per key, acknowledged by all in-sync replicas before we go on.

The idempotent producer is off on purpose: receivers drop duplicates anyway, sends of aiokafka's never expire while
brokers are away and a failed batch can leave it unusable until restart; the embedded broker does not speak it at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.envelope import Envelope, Record, record
from infra.document import Entry
from infra.topics import create_no_topics

PublishError = KafkaError
"""The broker is away or refused: broken infrastructure, to be retried."""

MOST_BYTES = 6 * 1024 * 1024


class Publisher:
    """One producer. `source` names the publisher in every envelope, such as ``/services/intake``."""

    def __init__(self, bootstrap: str, source: str) -> None:
        self._bootstrap = bootstrap
        self._source = source
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> AIOKafkaProducer:
        """Connected, once for all who ask meanwhile. Raises `PublishError` when no broker answers."""
        async with self._starting:
            return self._producer or await self._connect()

    async def _connect(self) -> AIOKafkaProducer:
        producer = create_no_topics(
            AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=self._source.strip("/").replace("/", "-"),
                acks="all",
                enable_idempotence=False,
                linger_ms=2,
                max_batch_size=256 * 1024,
                max_request_size=MOST_BYTES,
                request_timeout_ms=15_000,
            )
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer
        return producer

    async def stop(self) -> None:
        """What is in flight is sent, then the connection closes."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def publish(self, entries: Iterable[Entry]) -> int:
        """All entries are acknowledged, those of one key in the order given. Raises `PublishError`; safe to repeat.

        What was forgotten is not said again.
        """
        return await self.send([self._record(entry) for entry in entries if entry.digest is None])

    async def send(self, records: Sequence[Record]) -> int:
        """All records are acknowledged. Raises `PublishError`."""
        if self._producer and self._producer._sender.sender_task.done():  # noqa: SLF001 - it would accept, and never send
            await self.stop()
        producer = self._producer or await self.start()
        sent: list[asyncio.Future[object]] = []
        try:
            for r in records:  # one after another: the order per key is the order of the calls
                future = await producer.send(r.topic, r.value, r.key, headers=r.headers)
                sent.append(future)
        finally:
            results = await asyncio.gather(*sent, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return len(sent)

    def _record(self, entry: Entry) -> Record:
        return record(
            topic=entry.topic,
            key=entry.key,
            body=entry.body,
            envelope=Envelope(entry.id, self._source, entry.type, entry.key, entry.at, entry.traceparent),
        )
