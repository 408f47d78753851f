"""A real OTLP/HTTP receiver on this machine that remembers every span it was sent."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from infra.local.process import free_port

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
class Receiver:
    """Accepts `POST /v1/traces` in protobuf, plain or compressed."""

    port: int = field(default_factory=free_port)
    bodies: list[bytes] = field(default_factory=list)
    """What was posted, decompressed."""
    spans: list[Exported] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What an exporter is given as its endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """It answers on its port."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """It is gone."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

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

    def take(self, body: bytes) -> None:
        """One export request is remembered."""
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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                known = self.path == "/v1/traces"
                if known:
                    receiver.take(body)
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler


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
