"""Lays out the trace of a case: bursts of work with the pauses between them, in each the spans by service.

Services need milliseconds and people need days, so one axis for a whole case would show nothing: each burst has its
own. A case without spans is laid out from its events, on one axis from the first to the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.board.span_store import Span

PAUSE_MICROS = 2_000_000
"""Without work for so long, the next span begins another burst."""
MOST_BURSTS = 40
_LEAST_PERCENT = 0.4
"""A bar is at least so wide that it can be seen."""
SERVICES = ("channel", "intake", "routing", "scoring", "notify")
"""Order of the groups; others come after them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One span, or one event."""

    name: str
    detail: str
    offset_micros: int
    """Since the beginning of the burst."""
    micros: int
    left: float
    """Percent of the axis."""
    width: float
    depth: int = 0
    """Number of spans of the same service around it."""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one service, by start."""

    service: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Burst:
    """Work without a pause."""

    at: datetime
    micros: int
    """Length of the axis."""
    pause_micros: int
    """Since the burst before; 0 for the first."""
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """Bars in all groups."""
        return sum(len(group.bars) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The bursts of a case, the first first."""

    bursts: tuple[Burst, ...]
    left_out: int = 0
    """Bursts after those that are shown."""
    of_events: bool = False
    """Laid out from events because there are no spans."""


@dataclass(frozen=True, slots=True)
class Instant:
    """An event of a case."""

    service: str
    name: str
    at: datetime
    detail: str = ""


def of_spans(spans: Iterable[Span]) -> Waterfall:
    """From spans in any order."""
    bursts = list(_bursts(sorted(spans, key=lambda each: (each.start, -each.micros))))
    shown, before = [], 0
    for burst in bursts[:MOST_BURSTS]:
        start, end = burst[0].start, max(each.start + each.micros for each in burst)
        shown.append(_laid_out(burst, start, end, start - before if before else 0))
        before = end
    return Waterfall(tuple(shown), len(bursts) - len(shown))


def of_events(events: Iterable[Instant]) -> Waterfall:
    """From the events of a case, each an instant."""
    ordered = sorted(events, key=lambda each: each.at)
    if not ordered:
        return Waterfall((), of_events=True)
    first, last = (_micros(ordered[place].at) for place in (0, -1))
    bars = [(each.service, _bar(each.name, each.detail, _micros(each.at), 0, first, last)) for each in ordered]
    return Waterfall((Burst(ordered[0].at, last - first, 0, _grouped(bars)),), of_events=True)


def _bursts(spans: Sequence[Span]) -> Iterator[list[Span]]:
    burst: list[Span] = []
    end = 0
    for span in spans:
        if burst and span.start - end > PAUSE_MICROS:
            yield burst
            burst, end = [], 0
        burst.append(span)
        end = max(end, span.start + span.micros)
    if burst:
        yield burst


def _laid_out(burst: Sequence[Span], start: int, end: int, pause: int) -> Burst:
    by_id = {span.id: span for span in burst}
    bars = [
        (
            span.service,
            _bar(span.name, _detail(span), span.start, span.micros, start, end, _depth(span, by_id), span.failed),
        )
        for span in burst
    ]
    at = datetime.fromtimestamp(start / 1_000_000, UTC)
    return Burst(at, end - start, pause, _grouped(bars))


def _bar(
    name: str, detail: str, at: int, micros: int, start: int, end: int, depth: int = 0, failed: bool = False
) -> Bar:
    whole = max(1, end - start)
    width = max(_LEAST_PERCENT, 100 * micros / whole)
    left = min(100 * (at - start) / whole, 100 - min(width, 100))
    return Bar(name, detail, at - start, micros, round(left, 3), round(min(width, 100), 3), depth, failed)


def _detail(span: Span) -> str:
    """What the span is about: the event's short name, or the route, and the kind of a failure."""
    event = span.details.get("event", "").removeprefix("cn.xiaoneng.").removesuffix(".v1")
    said = event or span.details.get("route", "") or span.details.get("system", "")
    return " · ".join(each for each in (said, span.details.get("error", "")) if each)


def _depth(span: Span, by_id: dict[bytes, Span]) -> int:
    depth, at, seen = 0, span, {span.id}
    while (parent := by_id.get(at.parent)) is not None and parent.id not in seen:
        depth += parent.service == span.service
        seen.add(parent.id)
        at = parent
    return min(depth, 6)


def _grouped(bars: Iterable[tuple[str, Bar]]) -> tuple[Group, ...]:
    found: dict[str, list[Bar]] = {}
    for service, bar in bars:
        found.setdefault(service, []).append(bar)
    order = {service: place for place, service in enumerate(SERVICES)}
    names = sorted(found, key=lambda each: (order.get(each, len(order)), found[each][0].offset_micros))
    return tuple(Group(name, tuple(found[name])) for name in names)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
