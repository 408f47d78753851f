"""Trace context goes from message to message; metrics have one list of names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.trace import SpanContext, TraceFlags

from infra.telemetry import Metrics, Tracing, parse_traceparent, traceparent_of

WELL_FORMED = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_the_example_of_the_recommendation_is_read() -> None:
    context = parse_traceparent(f"00-{TRACE}-{SPAN}-01")
    assert context is not None
    assert (f"{context.trace_id:032x}", f"{context.span_id:016x}") == (TRACE, SPAN)
    assert context.is_remote
    assert context.trace_flags.sampled


def test_a_later_version_may_say_more() -> None:
    assert parse_traceparent(f"01-{TRACE}-{SPAN}-01-what-the-future-says") is not None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "00",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01x",
        f"ff-{TRACE}-{SPAN}-01",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-+{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE[:15]}_{TRACE[16:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1ff",
        f"00-{TRACE}-{SPAN}-٠١",
        f" 00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_what_is_no_traceparent_is_none(text: str | None) -> None:
    assert parse_traceparent(text) is None


@settings(max_examples=100, deadline=None)
@given(trace=st.integers(1, 2**128 - 1), span=st.integers(1, 2**64 - 1), flags=st.integers(0, 255))
def test_a_span_is_the_same_after_a_round_trip(trace: int, span: int, flags: int) -> None:
    context = SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(flags))
    found = parse_traceparent(traceparent_of(context))
    assert found is not None
    assert (found.trace_id, found.span_id, found.trace_flags) == (trace, span, flags)


part = st.text(alphabet="0123456789abcdefABCDEF+_ -x٠", max_size=40)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80) | st.tuples(part, part, part, part).map("-".join))
def test_whatever_is_taken_for_a_traceparent_is_passed_on_well_formed(text: str) -> None:
    context = parse_traceparent(text)
    assert context is None or WELL_FORMED.fullmatch(traceparent_of(context))


def tracing() -> Tracing:
    return Tracing("routing", None, "test")


def test_a_message_is_processed_in_the_trace_of_its_sender_and_linked_to_its_batch() -> None:
    batch = tracing().batch(3)
    span = tracing().process(
        "type", traceparent=f"00-{TRACE}-{SPAN}-01", topic="t", partition=1, key="k", id="1", batch=batch
    )
    assert f"{span.get_span_context().trace_id:032x}" == TRACE
    assert f"{span.get_span_context().span_id:016x}" != SPAN
    assert f"{batch.get_span_context().trace_id:032x}" != TRACE


@pytest.mark.parametrize("broken", [None, "nonsense"])
def test_a_message_without_a_trace_begins_one(broken: str | None) -> None:
    spans = [
        tracing().process("type", traceparent=broken, topic="t", partition=None, key="k", id="1", batch=None)
        for _ in range(2)
    ]
    assert len({span.get_span_context().trace_id for span in spans}) == 2
    assert all(WELL_FORMED.fullmatch(traceparent_of(span.get_span_context())) for span in spans)


def test_a_delivery_stays_in_the_trace() -> None:
    span = tracing().send("smtp", traceparent=f"00-{TRACE}-{SPAN}-01", id="n")
    assert f"{span.get_span_context().trace_id:032x}" == TRACE


def test_every_metric_is_ours_and_two_sets_do_not_share_a_registry() -> None:
    one, other = Metrics.create(), Metrics.create()
    one.duplicates.inc()
    page = one.render().decode()
    names = re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)
    assert all(name.startswith("xn_") for name in names)
    assert "xn_messages_duplicate_total 1.0" in page
    assert "xn_messages_duplicate_total 0.0" in other.render().decode()
