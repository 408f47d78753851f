"""W3C trace context for clients: one trace per complaint goes on, whether OpenTelemetry is configured here or not."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

_SAMPLED = "01"


@contextmanager
def span(
    name: str, kind: SpanKind, *, parent: str | None = None, attributes: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yields the `traceparent` to send on: of a new span below `parent`, or of a new trace without one.

    Attributes and status never hold anything a message says.
    """
    remote = parse(parent)
    context = trace.set_span_in_context(NonRecordingSpan(remote), Context()) if remote else Context()
    tracer = trace.get_tracer("xiaoneng.apps")
    current = tracer.start_span(name, context, kind, dict(attributes or {}))
    try:
        own = current.get_span_context()
        made_here = own.is_valid and (remote is None or own.span_id != remote.span_id)
        yield _text(own) if made_here else _without_tracer(remote)
    except BaseException as error:
        current.set_attribute("error.type", type(error).__name__)
        current.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        current.end()


def parse(traceparent: str | None) -> SpanContext | None:
    """The remote span a `traceparent` names; None for none or a broken one."""
    parts = (traceparent or "").split("-")
    if [len(part) for part in parts[:4]] != [2, 32, 16, 2]:
        return None
    try:
        flags = TraceFlags(int(parts[3], 16))
        context = SpanContext(int(parts[1], 16), int(parts[2], 16), is_remote=True, trace_flags=flags)
    except ValueError:
        return None
    return context if context.is_valid else None


def _text(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _without_tracer(remote: SpanContext | None) -> str:
    """The same trace with a span id of our own, so that the next service still sees who spoke to it."""
    if remote is None:
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{_SAMPLED}"
    return f"00-{remote.trace_id:032x}-{secrets.token_hex(8)}-{remote.trace_flags:02x}"
