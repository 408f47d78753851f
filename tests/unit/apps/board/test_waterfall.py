"""A trace is laid out in bursts of work, each with an axis of its own, and a case without spans by its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.board.span_store import Span
from apps.board.waterfall import MOST_BURSTS, PAUSE_MICROS, Instant, of_events, of_spans

START = 1_700_000_000_000_000
TRACE = bytes(16)


def span(id: int, start: int, micros: int, service: str = "intake", parent: int = 0, **fields: object) -> Span:
    above = parent.to_bytes(8, "big") if parent else b""
    return Span(TRACE, id.to_bytes(8, "big"), above, service, f"step {id}", START + start, micros, **fields)  # type: ignore[arg-type]


def test_work_after_a_pause_is_another_burst_with_its_own_axis() -> None:
    found = of_spans([span(2, 10_000_000, 1_000), span(1, 0, 2_000), span(3, 10_001_500, 500)])
    first, second = found.bursts
    assert (first.count, first.micros, first.pause_micros) == (1, 2_000, 0)
    assert (second.count, second.micros, second.pause_micros) == (2, 2_000, 9_998_000)
    assert second.at == datetime.fromtimestamp((START + 10_000_000) / 1_000_000, UTC)
    (bars,) = (group.bars for group in second.groups)
    assert [(bar.left, bar.width) for bar in bars] == [(0, 50), (75, 25)]


def test_a_long_span_holds_its_burst_together() -> None:
    found = of_spans([span(1, 0, 3 * PAUSE_MICROS), span(2, 2 * PAUSE_MICROS, 10, "routing")])
    assert [burst.count for burst in found.bursts] == [2]


def test_spans_are_grouped_by_service_in_the_order_of_the_flow_and_indented_below_their_own() -> None:
    spans = [
        span(4, 30, 5, "notify", parent=3),
        span(3, 20, 10, "scoring", parent=1, failed=True, details={"error": "KeyError"}),
        span(2, 10, 10, "intake", parent=1, details={"event": "cn.xiaoneng.case.registered.v1"}),
        span(1, 0, 100, "intake"),
    ]
    (burst,) = of_spans(spans).bursts
    assert [group.service for group in burst.groups] == ["intake", "scoring", "notify"]
    outer, inner = burst.groups[0].bars
    assert (outer.depth, inner.depth, inner.detail) == (0, 1, "case.registered")
    (failed,) = burst.groups[1].bars
    assert (failed.depth, failed.failed, failed.detail) == (0, True, "KeyError")
    for group in burst.groups:
        for bar in group.bars:
            assert 0 <= bar.left <= bar.left + bar.width <= 100.001


def test_spans_that_name_each_other_as_parent_end() -> None:
    (burst,) = of_spans([span(1, 0, 5, parent=2), span(2, 1, 5, parent=1)]).bursts
    assert burst.count == 2


def test_bursts_beyond_the_most_are_counted_only() -> None:
    found = of_spans(span(n + 1, n * 2 * PAUSE_MICROS, 1) for n in range(MOST_BURSTS + 3))
    assert (len(found.bursts), found.left_out) == (MOST_BURSTS, 3)


def test_without_spans_events_are_on_one_axis() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    events = [Instant("routing", "派单", at + timedelta(hours=1)), Instant("intake", "登记", at)]
    events.append(Instant("notify", "答复", at + timedelta(hours=4)))
    found = of_events(events)
    (burst,) = found.bursts
    assert found.of_events
    assert [(group.service, group.bars[0].left) for group in burst.groups] == [
        ("intake", 0),
        ("routing", 25),
        ("notify", 99.6),
    ]
    assert of_events([]).bursts == ()
    assert of_spans([]).bursts == ()
