"""Ids, traces and simulated citizens of the reference clients."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import SpanKind

from apps.channel.feed import submission_id
from apps.channel.replies import Citizens, rating_id
from apps.trace import parse, span
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel, HandlingResult
from contracts.message import case_id_for
from contracts.notify import ComplaintAnswered

AT = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def complaint(text: str) -> SubmitComplaint:
    return SubmitComplaint(
        channel=Channel.WEB,
        external_id="1",
        received_at=AT,
        appeal=AppealType.REQUEST,
        category="heating",
        area="city",
        text=text,
    )


def answer(number: int, result: HandlingResult) -> ComplaintAnswered:
    return ComplaintAnswered(
        case_id=case_id_for("web", str(number)),
        occurred_at=AT,
        channel=Channel.WEB,
        number="SL-1",
        result=result,
        reply="…",
    )


def test_the_same_words_are_the_same_message_and_others_are_not() -> None:
    assert submission_id(complaint("a")) == submission_id(complaint("a")) != submission_id(complaint("b"))


def test_a_trace_begins_without_a_parent() -> None:
    with span("submit", SpanKind.PRODUCER) as first, span("submit", SpanKind.PRODUCER) as second:
        one, other = parse(first), parse(second)
    assert one is not None
    assert other is not None
    assert one.trace_id != other.trace_id


def test_a_trace_goes_on_with_a_span_of_its_own() -> None:
    with span("process", SpanKind.CONSUMER, parent=TRACEPARENT) as own:
        parts = own.split("-")
    assert parts[1] == TRACEPARENT.split("-")[1]
    assert parts[2] != TRACEPARENT.split("-")[2]
    assert parts[3] == "00"


@pytest.mark.parametrize("broken", ["", "00-1-2-01", f"00-{'0' * 32}-b7ad6b7169203331-01", "00-" + "x" * 52])
def test_a_broken_parent_begins_a_new_trace(broken: str) -> None:
    with span("process", SpanKind.CONSUMER, parent=broken) as own:
        assert parse(own) is not None


@given(st.integers(), st.integers(), st.sampled_from(HandlingResult))
def test_a_citizen_says_the_same_of_the_same_answer(seed: int, number: int, result: HandlingResult) -> None:
    assert Citizens(seed).rate(answer(number, result)) == Citizens(seed).rate(answer(number, result))


def test_citizens_rate_as_often_as_asked_and_never_call_the_unsolved_solved() -> None:
    ratings = [Citizens(1, 0.6).rate(answer(number, HandlingResult.NOT_RESOLVED)) for number in range(1000)]
    given_ratings = [rating for rating in ratings if rating]
    assert len(given_ratings) / len(ratings) == pytest.approx(0.6, abs=0.05)
    assert not any(rating.solved for rating in given_ratings)


def test_a_case_has_one_rating_id() -> None:
    assert (
        rating_id(case_id_for("web", "1")) == rating_id(case_id_for("web", "1")) != rating_id(case_id_for("web", "2"))
    )
