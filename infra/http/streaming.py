"""Server-sent events: a topic of one partition, told to a browser or an app as it grows. Source: WHATWG HTML, 9.2.

The id of an event is its offset: who comes back with `Last-Event-ID` misses nothing that the topic still holds.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from starlette.responses import StreamingResponse

from contracts.envelope import EnvelopeError, decode
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON

MEDIA_TYPE = "text/event-stream"
QUIET_MS = 1_000
"""After so long without an event a comment is sent: else proxies take the connection for dead."""


class Streams:
    """All streams of a service. `stopping` ends them."""

    def __init__(self, bootstrap: str, stopping: Callable[[], bool], most: int = 200) -> None:
        self._bootstrap = bootstrap
        self._stopping = stopping
        self._most = most
        self._open = 0

    async def of(self, topic: str, last: int | None) -> StreamingResponse:
        """The response that tells what comes after `last`, or after now. Raises `HttpProblem`."""
        if self._open >= self._most:
            raise HttpProblem("too-many", headers=SOON)
        partition = TopicPartition(topic, 0)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        try:
            await consumer.start()
            consumer.assign([partition])
            if last is None:
                await consumer.seek_to_end(partition)
            else:
                first, end = (await consumer.beginning_offsets([partition]), await consumer.end_offsets([partition]))
                consumer.seek(partition, min(max(last + 1, first[partition]), end[partition]))
        except (KafkaError, OSError):
            await consumer.stop()
            raise HttpProblem("unavailable", headers=SOON) from None
        self._open += 1
        return StreamingResponse(self._told(consumer), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    async def _told(self, consumer: AIOKafkaConsumer) -> AsyncIterator[str]:
        try:
            yield "retry: 2000\n\n"
            while not self._stopping():
                batches = await consumer.getmany(timeout_ms=QUIET_MS)
                records = [record for batch in batches.values() for record in batch]
                yield "".join(map(event_of, records)) or ": \n\n"
        except (KafkaError, OSError):
            return  # the client comes back with the last id it has seen
        finally:
            self._open -= 1
            await consumer.stop()


def event_of(record: ConsumerRecord) -> str:
    """One record as an event: its CloudEvents type, and what it says. Nothing for what is no CloudEvent."""
    try:
        envelope, body = decode(record.headers, record.value)
        said = json.dumps({"id": envelope.id, "type": envelope.type, "data": json.loads(body)}, ensure_ascii=False)
    except (EnvelopeError, ValueError):
        return ""
    return f"id: {record.offset}\nevent: {envelope.type}\ndata: {said}\n\n"
