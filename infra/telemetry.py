"""Traces and metrics by OpenTelemetry's messaging conventions; names in one place; no personal data in any of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, set_span_in_context
from opentelemetry.trace.status import Status, StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
"""W3C Trace Context §3.2: later versions than 00 may append fields; ``ff`` is no version."""


def traceparent_of(context: SpanContext) -> str:
    """W3C `traceparent` of a span."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def parse_traceparent(text: str | None) -> SpanContext | None:
    """The remote span a `traceparent` names; None for none or a broken one."""
    found = _TRACEPARENT.fullmatch(text or "")
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    if version == "ff" or (version == "00" and more):
        return None
    context = SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
    return context if context.is_valid else None


class Tracing:
    """The spans of one service. Without an endpoint nothing is exported; trace ids go on from message to message."""

    def __init__(self, service: str, endpoint: str | None, instance: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create(
                {"service.name": service, "service.instance.id": instance, "service.namespace": "xiaoneng"}
            ),
            shutdown_on_exit=False,
        )
        self._exports = endpoint is not None
        self._ids = RandomIdGenerator()
        if endpoint:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - costs each start 0.3 s
                OTLPSpanExporter,
            )

            exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
            self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
        self._tracer = self._provider.get_tracer("xiaoneng")
        self._group = service

    def batch(self, count: int) -> Span:
        """A `receive` span for a batch, in a trace of its own."""
        if not self._exports:
            return self._unrecorded(None)
        return self._tracer.start_span(
            "receive",
            kind=SpanKind.CLIENT,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "receive",
                "messaging.operation.name": "receive",
                "messaging.batch.message_count": count,
                "messaging.consumer.group.name": self._group,
            },
        )

    def process(
        self,
        name: str,
        *,
        traceparent: str | None,
        topic: str,
        partition: int | None,
        key: str,
        id: str,
        batch: Span | None,
    ) -> Span:
        """A `process` span for one message: child of whoever sent it, linked to the batch it came in."""
        remote = parse_traceparent(traceparent)
        if not self._exports:
            return self._unrecorded(remote)
        attributes: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": topic,
            "messaging.message.id": id,
            "messaging.kafka.message.key": key,
            "messaging.consumer.group.name": self._group,
            "xn.case.id": key,
            "cloudevents.event_type": name,
        }
        if partition is not None:
            attributes["messaging.destination.partition.id"] = str(partition)
        return self._tracer.start_span(
            f"process {topic}",
            context=set_span_in_context(NonRecordingSpan(remote)) if remote else None,
            kind=SpanKind.CONSUMER,
            attributes=attributes,
            links=[Link(batch.get_span_context())] if batch is not None else [],
        )

    def send(self, provider: str, *, traceparent: str | None, id: str) -> Span:
        """A client span for a delivery to somebody outside, such as a mail server."""
        remote = parse_traceparent(traceparent)
        return self._tracer.start_span(
            f"send {provider}",
            context=set_span_in_context(NonRecordingSpan(remote)) if remote else None,
            kind=SpanKind.CLIENT,
            attributes={"messaging.system": provider, "messaging.operation.type": "send", "messaging.message.id": id},
        )

    def serve(self, method: str, *, traceparent: str | None) -> Span:
        """A server span for one HTTP request: child of whoever asked, where they say so. Its route is set later."""
        remote = parse_traceparent(traceparent)
        if not self._exports:
            return self._unrecorded(remote)
        return self._tracer.start_span(
            method,
            context=set_span_in_context(NonRecordingSpan(remote)) if remote else None,
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "url.scheme": "http", "network.protocol.name": "http"},
        )

    def _unrecorded(self, remote: SpanContext | None) -> Span:
        """An id to send on, in the trace of the remote span or in a new one; a tenth of a recorded span's cost."""
        return NonRecordingSpan(
            SpanContext(
                remote.trace_id if remote else self._ids.generate_trace_id(),
                self._ids.generate_span_id(),
                is_remote=False,
                trace_flags=remote.trace_flags if remote else TraceFlags(TraceFlags.SAMPLED),
            )
        )

    def close(self) -> None:
        """Spans that are finished are exported."""
        self._provider.shutdown()


def served(span: Span, method: str, route: str, status: int) -> None:
    """A server span ends with its route, never the path or query, which may tell who asked."""
    span.update_name(f"{method} {route}" if route else method)
    span.set_attribute("http.response.status_code", status)
    if route:
        span.set_attribute("http.route", route)
    if status >= 500:
        failed(span, str(status))
    span.end()


def failed(span: Span, kind: str) -> None:
    """Marks a span as failed by the kind of error alone; its text may hold what must not be told."""
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


@dataclass(frozen=True)
class Metrics:
    """Every metric of a service: name, kind and unit. Served in Prometheus' text format."""

    registry: CollectorRegistry
    consumed: Counter
    skipped: Counter
    duplicates: Counter
    decided: Counter
    failures: Counter
    refused: Counter
    refusals: Counter
    published: Counter
    conflicts: Counter
    dead_letters: Counter
    outages: Counter
    taken_over: Counter
    decided_ahead: Counter
    effects: Counter
    http_requests: Counter
    http_seconds: Histogram
    batch_size: Histogram
    batch_seconds: Histogram
    latency_seconds: Histogram
    due_lag_seconds: Histogram
    parked_keys: Gauge
    waiting: Gauge
    ready: Gauge
    topics_missing: Gauge
    keys_next_expiry: Gauge
    keys_faulty: Gauge
    lag: Gauge
    reference_version: Gauge
    reference_refused: Counter

    @classmethod
    def create(cls) -> Metrics:
        """A set with a registry of its own."""
        r = CollectorRegistry()

        def counter(name: str, text: str, labels: Sequence[str] = ()) -> Counter:
            return Counter(f"xn_{name}", text, labels, registry=r)

        def histogram(name: str, text: str, buckets: Sequence[float]) -> Histogram:
            return Histogram(f"xn_{name}", text, buckets=buckets, registry=r)

        seconds = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
        return cls(
            registry=r,
            consumed=counter("messages_consumed", "records taken from Kafka", ["topic"]),
            skipped=counter("messages_skipped", "records of types this service does not read"),
            duplicates=counter("messages_duplicate", "messages that had been applied before"),
            decided=counter("messages_decided", "messages decided upon", ["type"]),
            failures=counter("rule_failures", "decisions in which our own rules broke"),
            refused=counter("messages_unreadable", "messages that did not fit their contract", ["topic", "code"]),
            refusals=counter("refusals", "reasons for which our rules refused a request", ["type", "code"]),
            published=counter("events_published", "events acknowledged by the broker"),
            conflicts=counter("save_conflicts", "documents that somebody else had saved in between"),
            dead_letters=counter("dead_letters", "messages put aside", ["reason"]),
            outages=counter("outages", "attempts that failed because an engine was away", ["doing"]),
            taken_over=counter("outbox_taken_over", "unfinished batches published by recovery"),
            decided_ahead=counter("timers_decided_ahead", "timers that stood ready before their instant"),
            effects=counter("effects", "things done outside after a decision"),
            http_requests=counter("http_requests", "HTTP requests answered", ["method", "route", "status"]),
            http_seconds=histogram("http_request_seconds", "time from a request's head to its answer", seconds),
            batch_size=histogram("batch_messages", "messages per batch", (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)),
            batch_seconds=histogram("batch_seconds", "time from a batch in hand to its commit", seconds),
            latency_seconds=histogram(
                "message_latency_seconds", "time from a message being said to its decision", seconds
            ),
            due_lag_seconds=histogram("due_lag_seconds", "time from a timer's instant to its firing", seconds),
            parked_keys=Gauge("xn_parked_keys_seen", "keys parked by this process", registry=r),
            waiting=Gauge("xn_waiting_seen", "messages put to wait for their cause by this process", registry=r),
            ready=Gauge("xn_ready", "1 when taking messages and both engines answer", registry=r),
            topics_missing=Gauge("xn_topics_missing", "topics it owns that do not exist", registry=r),
            keys_next_expiry=Gauge(
                "xn_http_keys_next_expiry_seconds", "until the next API key expires; +Inf when none does", registry=r
            ),
            keys_faulty=Gauge(
                "xn_http_keys_file_faulty", "1 when the file of keys cannot be used and older keys stay", registry=r
            ),
            lag=Gauge("xn_consumer_lag", "records not taken yet", ["topic", "partition"], registry=r),
            reference_version=Gauge(
                "xn_reference_version_info", "1 for the version of the reference data in force", ["version"], registry=r
            ),
            reference_refused=counter("reference_refused", "versions that could not be used, by reason", ["version"]),
        )

    def render(self) -> bytes:
        """The page of `/metrics`."""
        return generate_latest(self.registry)
