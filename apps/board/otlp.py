"""OTLP over HTTP: an export of spans becomes rows of the store, with only those attributes that are safe to show.

Reads of pages and batches of messages are traces of their own, without a case; they are not stored.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from apps.board.span_store import Span

MEDIA_TYPE = "application/x-protobuf"
MOST_BYTES = 8 << 20
"""Of an export, unpacked."""
ANSWER = ExportTraceServiceResponse().SerializeToString()
SHOWN = {
    "cloudevents.event_type": "event",
    "messaging.destination.name": "topic",
    "messaging.system": "system",
    "http.route": "route",
    "http.response.status_code": "status",
    "error.type": "error",
}
"""Attributes that are stored, by what the page calls them; never ids, keys, paths or texts."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST = 120


class Malformed(Exception):
    """The body is not an export."""


def spans_of(body: bytes, encoding: str = "") -> list[Span]:
    """The spans of an export. Raises `Malformed`."""
    try:
        export = ExportTraceServiceRequest.FromString(_unpacked(body) if encoding == "gzip" else body)
    except (DecodeError, OSError, EOFError, zlib.error):
        raise Malformed from None
    found = []
    for resource in export.resource_spans:
        service = _text(resource.resource.attributes, "service.name")[:_LONGEST] or "?"
        for scope in resource.scope_spans:
            found += [span for each in scope.spans if (span := _span(each, service)) is not None]
    return found


def _unpacked(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    found = unpacking.decompress(body, MOST_BYTES)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise Malformed
    return found


def _span(given: trace_pb2.Span, service: str) -> Span | None:
    attributes = dict(_texts(given.attributes))
    if given.name == "receive" or attributes.get("http.request.method") in _READING:
        return None
    if len(given.trace_id) != 16 or len(given.span_id) != 8:
        return None
    start = given.start_time_unix_nano // 1_000
    return Span(
        trace=given.trace_id,
        id=given.span_id,
        parent=given.parent_span_id,
        service=service,
        name=given.name[:_LONGEST],
        start=start,
        micros=max(0, given.end_time_unix_nano // 1_000 - start),
        failed=given.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        details={shown: attributes[name][:_LONGEST] for name, shown in SHOWN.items() if attributes.get(name)},
        case_id=_case_id(attributes),
    )


def _case_id(attributes: Mapping[str, str]) -> str | None:
    try:
        return str(UUID(attributes.get("xn.case.id", "")))
    except ValueError:
        return None  # the key of an assessment, an item or a notice


def _texts(attributes: Iterable[KeyValue]) -> Iterator[tuple[str, str]]:
    for each in attributes:
        kind = each.value.WhichOneof("value")
        if kind in {"string_value", "int_value", "bool_value"}:
            yield each.key, str(getattr(each.value, kind))


def _text(attributes: Iterable[KeyValue], name: str) -> str:
    return dict(_texts(attributes)).get(name, "")
