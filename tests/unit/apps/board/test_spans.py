"""Spans that services export are stored without anything personal, found by case, and bounded by age and size."""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from apps.board import span_store
from apps.board.otlp import MOST_BYTES, Malformed, spans_of
from apps.board.span_store import Busy, Span, SpanStore

CASE = str(uuid4())
NOW = round(time.time() * 1_000_000)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SpanStore]:
    found = SpanStore(tmp_path / "traces" / "spans.sqlite", hours=1, most_bytes=1 << 20)
    yield found
    await found.close()


def export(*spans: Mapping[str, object], service: str = "intake") -> bytes:
    """An export as the SDK makes it."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    scope = resource.scope_spans.add()
    for n, given in enumerate(spans, 1):
        fields = dict(given)
        span = scope.spans.add(
            trace_id=bytes(15) + b"\1",
            span_id=n.to_bytes(8, "big"),
            name=str(fields.pop("name", "process cases.events")),
            start_time_unix_nano=NOW * 1_000,
            end_time_unix_nano=(NOW + 1_500) * 1_000,
        )
        for name, value in fields.items():
            attribute = span.attributes.add(key=name.replace("__", "."))
            if isinstance(value, int):
                attribute.value.int_value = value
            else:
                attribute.value.string_value = str(value)
    return request.SerializeToString()


def test_only_attributes_that_are_safe_to_show_are_stored() -> None:
    body = export(
        {
            "xn__case__id": CASE,
            "cloudevents__event_type": "cn.xiaoneng.case.registered.v1",
            "messaging__message__id": "13800138000",
            "url__path": "/v1/complaints/王小明",
            "http__response__status_code": 202,
        }
    )
    for found in (spans_of(body), spans_of(gzip.compress(body), "gzip")):
        (span,) = found
        assert (span.service, span.case_id, span.micros) == ("intake", CASE, 1_500)
        assert span.details == {"event": "cn.xiaoneng.case.registered.v1", "status": "202"}


def test_reads_and_batches_are_left_out() -> None:
    reading, writing = (
        {"http__request__method": "GET"},
        {"http__request__method": "POST", "name": "POST /v1/complaints"},
    )
    found = spans_of(export({"name": "receive"}, reading, writing, {"xn__case__id": "no-case"}))
    assert [(each.name, each.case_id) for each in found] == [
        ("POST /v1/complaints", None),
        ("process cases.events", None),
    ]


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"\xff\xff", ""),
        (b"no gzip", "gzip"),
        (gzip.compress(b"x")[:-4], "gzip"),
        (gzip.compress(bytes(MOST_BYTES + 1)), "gzip"),
    ],
    ids=["not protobuf", "not gzip", "cut off", "too large"],
)
def test_what_is_no_export_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(Malformed):
        spans_of(body, encoding)


def span(n: int, at: int = NOW, trace: int = 1, **fields: object) -> Span:
    return Span(trace.to_bytes(16, "big"), n.to_bytes(8, "big"), b"", "routing", "step", at, 10, **fields)  # type: ignore[arg-type]


async def test_all_spans_of_the_traces_of_a_case_are_found_by_start(store: SpanStore) -> None:
    await store.add([span(2, NOW + 5), span(1, case_id=CASE, details={"event": "e"}), span(3, trace=2)])
    await store.add([span(1, case_id=CASE), span(9, NOW + 9, trace=3, case_id=CASE, failed=True)])
    found = await store.of_case(CASE)
    assert [(each.trace[-1], each.id[-1], each.failed) for each in found] == [
        (1, 1, False),
        (1, 2, False),
        (3, 9, True),
    ]
    assert found[0].details == {"event": "e"}
    assert await store.of_case(str(uuid4())) == []


async def test_old_spans_are_deleted_and_the_oldest_of_too_many(store: SpanStore, tmp_path: Path) -> None:
    await store.add([span(1, NOW - 3_700_000_000, case_id=CASE), span(2, NOW - 3_500_000_000, case_id=CASE)])
    assert [each.id[-1] for each in await store.of_case(CASE)] == [2]
    for batch in range(20):
        await store.add(
            [span(1_000 * batch + n, NOW + batch, trace=batch + 9, details={"event": "x" * 90}) for n in range(1_000)]
        )
    await asyncio.to_thread(store.tidy, NOW)
    with closing(sqlite3.connect(tmp_path / "traces" / "spans.sqlite")) as connection:
        (pages,), (free,) = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count")
        )
        (first,) = connection.execute("SELECT min(start) FROM spans").fetchone()
        (last,) = connection.execute("SELECT max(start) FROM spans").fetchone()
    assert (pages - free) * 4_096 <= 1 << 20
    assert NOW < first <= last == NOW + 19


async def test_more_exports_than_the_file_takes_are_refused(store: SpanStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span_store, "MOST_WAITING", 1)
    results = await asyncio.gather(store.add([span(1)]), store.add([span(2)]), return_exceptions=True)
    assert [type(each) for each in results] == [type(None), Busy]
