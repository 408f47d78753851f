"""A real OTLP/HTTP receiver on this machine that remembers every span it was sent."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from xn.demo.listener import Answer, Listener, Posted

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
"""Kinds of span, as OTLP numbers them."""


@dataclass(frozen=True)
class Exported:
    """One span as it was exported; ids in hexadecimal."""

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    links: tuple[str, ...]
    """Ids of the spans it is linked to."""
    attributes: dict[str, str | int | float | bool]


@dataclass
class Receiver(Listener):
    """Accepts `POST /v1/traces` in protobuf, plain or compressed."""

    bodies: list[bytes] = field(default_factory=list)
    """What was posted, decompressed."""
    spans: list[Exported] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What an exporter is given as its endpoint."""
        return f"http://127.0.0.1:{self.port}"

    async def until(
        self, condition: Callable[[list[Exported]], bool], patience_seconds: float = 60.0
    ) -> list[Exported]:
        """All spans once the condition holds. Raises `AssertionError` with what there is when it does not."""
        deadline = time.monotonic() + patience_seconds
        while not condition(list(self.spans)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {patience_seconds} s; {len(self.spans)} spans")
            await asyncio.sleep(0.05)
        return list(self.spans)

    def take(self, posted: Posted) -> Answer:
        """One export request is remembered."""
        if posted.path != "/v1/traces":
            return Answer(404)
        body = gzip.decompress(posted.body) if posted.headers.get("content-encoding") == "gzip" else posted.body
        self.bodies.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            for scope in resource.scope_spans:
                self.spans += [
                    Exported(
                        service=service,
                        name=span.name,
                        kind=span.kind,
                        trace_id=span.trace_id.hex(),
                        span_id=span.span_id.hex(),
                        parent_id=span.parent_span_id.hex(),
                        links=tuple(link.span_id.hex() for link in span.links),
                        attributes={a.key: _value(a.value) for a in span.attributes},
                    )
                    for span in scope.spans
                ]
        return Answer(headers={"Content-Type": "application/x-protobuf"})


def _value(value: AnyValue) -> str | int | float | bool:
    match value.WhichOneof("value"):
        case "int_value":
            return value.int_value
        case "bool_value":
            return value.bool_value
        case "double_value":
            return value.double_value
        case _:
            return value.string_value
