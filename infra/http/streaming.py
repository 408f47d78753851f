"""Server-sent events: a topic, told to a browser or an app as it grows. Source: WHATWG HTML, 9.2.

The id of an event says how far it was told: who comes back with `Last-Event-ID` misses nothing that the topic still
holds. Of a topic of one partition it is the offset; of several, the next offset of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from starlette.requests import Request
from starlette.responses import StreamingResponse

from contracts.envelope import EnvelopeError, decode, peek
from infra.http.endpoint import Parameter
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.topics import create_no_topics

MEDIA_TYPE = "text/event-stream"
LAST_EVENT_ID = Parameter("Last-Event-ID", "header", "go on after this event; only what is new where it is left out")
QUIET_MS = 1_000
"""After so long without an event a comment is sent: else proxies take the connection for dead."""


class Streams:
    """All streams of a service. `stopping` ends them."""

    def __init__(self, bootstrap: str, stopping: Callable[[], bool], most: int = 200) -> None:
        self._bootstrap = bootstrap
        self._stopping = stopping
        self._most = most
        self._open = 0

    async def after(self, topic: str, request: Request, fault: Callable[[str, str], HttpProblem]) -> StreamingResponse:
        """As `of`, after the request's `Last-Event-ID`. Raises `HttpProblem`."""
        last = last_event_id(request, fault)
        return await self.of(topic, int(last) if last else None)

    async def of(self, topic: str, last: int | None) -> StreamingResponse:
        """The response with every event after `last`, or after now. Raises `HttpProblem`."""
        if self._open >= self._most:
            raise HttpProblem("too-many", headers=SOON)
        partition = TopicPartition(topic, 0)
        consumer = create_no_topics(
            AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
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

    async def every(self, topic: str, last: str) -> StreamingResponse:
        """As `of`, from a topic of several partitions. Raises `HttpProblem`."""
        return await self.sifted(topic, None, lambda _: True, last)

    async def sifted(self, topic: str, type: str | None, wanted: Callable[[Any], bool], last: str) -> StreamingResponse:
        """As `every`, with only events of this type (None: of any) whose content is `wanted`. Raises `HttpProblem`."""
        if self._open >= self._most:
            raise HttpProblem("too-many", headers=SOON)
        consumer = create_no_topics(
            AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
        )
        try:
            await consumer.start()
            at = await _positions(consumer, topic, last)
        except (KafkaError, OSError):
            await consumer.stop()
            raise HttpProblem("unavailable", headers=SOON) from None
        except HttpProblem:
            await consumer.stop()
            raise
        self._open += 1
        told = self._sifted(consumer, at, type, wanted)
        return StreamingResponse(told, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    async def _sifted(
        self, consumer: AIOKafkaConsumer, at: list[int], type: str | None, wanted: Callable[[Any], bool]
    ) -> AsyncIterator[str]:
        """Whoever is told nothing for a while learns how far that goes, too."""
        try:
            yield f"retry: 2000\nid: {_id(at)}\n\n"
            while not self._stopping():
                batches = await consumer.getmany(timeout_ms=QUIET_MS)
                told = ""
                for partition, records in batches.items():
                    for record in records:
                        at[partition.partition] = record.offset + 1
                        fits = type is None or peek(record.headers, "type") == type
                        told += event_of(record, _id(at), wanted) if fits else ""
                yield told or f"id: {_id(at)}\n\n"
        except (KafkaError, OSError):
            return  # the client comes back with the last id it has seen
        finally:
            self._open -= 1
            await consumer.stop()

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


def last_event_id(request: Request, fault: Callable[[str, str], HttpProblem], several: bool = False) -> str:
    """The `Last-Event-ID` of a stream; empty when there is none. Raises what `fault` returns when it is no such id."""
    given = request.headers.get("last-event-id", "")
    if given and not re.fullmatch(r"[0-9]{1,18}(-[0-9]{1,18})*" if several else r"[0-9]{1,18}", given):
        raise fault("Last-Event-ID", "pattern")
    return given


def event_of(record: ConsumerRecord, id: str = "", wanted: Callable[[Any], bool] = lambda _: True) -> str:
    """One record as an event: its CloudEvents type, and what it says. Nothing for what is no CloudEvent."""
    try:
        envelope, body = decode(record.headers, record.value)
        content = json.loads(body)
        said = json.dumps({"id": envelope.id, "type": envelope.type, "data": content}, ensure_ascii=False)
    except (EnvelopeError, ValueError):
        return ""
    return f"id: {id or record.offset}\nevent: {envelope.type}\ndata: {said}\n\n" if wanted(content) else ""


async def _positions(consumer: AIOKafkaConsumer, topic: str, last: str) -> list[int]:
    """The next offset of each partition: after that id, or the end of each. Raises `HttpProblem` and `KafkaError`."""
    known = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - aiokafka has no public call for it
    partitions = [TopicPartition(topic, number) for number in sorted(known.partitions_for_topic(topic) or ())]
    given = _offsets(last, len(partitions))
    consumer.assign(partitions)
    first, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    at = [
        end[each] if offset is None else min(max(offset, first[each]), end[each])
        for each, offset in zip(partitions, given, strict=True)
    ]
    for each, offset in zip(partitions, at, strict=True):
        consumer.seek(each, offset)
    return at


def _offsets(last: str, count: int) -> Sequence[int | None]:
    """Of an id, for so many partitions; one that was added since is told from its beginning. Raises `HttpProblem`."""
    if not last:
        return [None] * count
    if not re.fullmatch(r"[0-9]{1,18}(-[0-9]{1,18})*", last) or last.count("-") >= count:
        raise HttpProblem("malformed")
    offsets = [int(each) for each in last.split("-")]
    return [*offsets, *(0 for _ in range(count - len(offsets)))]


def _id(at: Sequence[int]) -> str:
    return "-".join(map(str, at))
