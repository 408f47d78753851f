"""What is counted of items of other systems (电子监察): items and the cards that fell on them, of who has to keep them.

The items of a period: carried in + watched = finished + cancelled + carried out. One that is carried over the end of a
year is watched once, in the year of its start, and finished in the year of its end, so that more can be finished than
were watched (S2: 监控 22,746, 办结 28,260 含上年未办结事项, 办结率 96.2%).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.codes import Rung
from services.scoring.domain.scores.counting import Rate, Span

KEPT = (
    *("system", "external_id", "matter", "cancelled", "clock.unit", "clock.started_at", "clock.due_at"),
    *("clock.stopped_at", "clock.fallen", "steps"),
)
"""Fields of an item that something is counted by."""


@dataclass(frozen=True, slots=True)
class WatchedItem:
    """An item as it is counted. Once it has ended, nothing of it changes."""

    key: str
    system: str
    external_id: str
    matter: str
    unit: str
    started_at: datetime
    ended_at: datetime | None = None
    cancelled: bool = False
    """It came to nothing: neither finished nor late."""
    on_time: bool = False
    """It ended before its limit."""
    yellow_at: datetime | None = None
    red_at: datetime | None = None
    """When the card fell; at its end for one that ended before it was told."""
    errors_at: tuple[datetime, ...] = ()
    """Times of the steps with a recorded error."""

    @classmethod
    def of_kept(cls, key: str, state: Mapping[str, Any]) -> WatchedItem:
        """From a state that was written by `ItemRules`."""
        clock = state["clock"]
        ended_at = _instant(clock["stopped_at"])
        fell = {step["rung"]: _instant(step["at"]) for step in clock["fallen"] if not step["level"]}
        due_at, cancelled = _instant(clock["due_at"]), state["cancelled"]
        return cls(
            key,
            state["system"],
            state["external_id"],
            state["matter"],
            clock["unit"],
            datetime.fromisoformat(clock["started_at"]),
            ended_at,
            cancelled=cancelled,
            on_time=ended_at is not None and due_at is not None and ended_at < due_at,
            yellow_at=_within(fell.get(Rung.YELLOW), ended_at),
            red_at=None if cancelled else _within(fell.get(Rung.RED), ended_at),
            errors_at=tuple(datetime.fromisoformat(step["at"]) for step in state.get("steps", ()) if step["error"]),
        )


@dataclass(frozen=True)
class ItemCount:
    """A number of items."""

    zh: str
    en: str
    test: Callable[[Span, WatchedItem], int]
    """How much an item adds; one that adds nothing is not listed among its items."""


@dataclass(frozen=True)
class ItemRate:
    """How many of those that one test fits another fits, too."""

    zh: str
    en: str
    of: Callable[[Span, WatchedItem], bool]
    adds: Callable[[Span, WatchedItem], bool]
    scale: int = 100
    """In percent."""


def _open_at(item: WatchedItem, instant: datetime) -> bool:
    return item.started_at < instant and (item.ended_at is None or item.ended_at >= instant)


def _finished(span: Span, item: WatchedItem) -> bool:
    return span.has(item.ended_at) and not item.cancelled


def _to_finish(span: Span, item: WatchedItem) -> bool:
    """It was there to be finished: carried in, or watched in the period, and not cancelled in it."""
    there = _open_at(item, span.start) or span.has(item.started_at)
    return there and not (item.cancelled and span.has(item.ended_at))


ITEM_COUNTS: Mapping[str, ItemCount] = {
    "item.carried-in": ItemCount("上期结转", "carried in", lambda span, each: _open_at(each, span.start)),
    "item.watched": ItemCount("监控", "watched", lambda span, each: span.has(each.started_at)),
    "item.finished": ItemCount("办结", "finished", _finished),
    "item.cancelled": ItemCount("撤销", "cancelled", lambda span, each: span.has(each.ended_at) and each.cancelled),
    "item.carried-out": ItemCount("结转下期", "carried out", lambda span, each: _open_at(each, span.end)),
    "item.yellow": ItemCount("黄牌", "yellow cards", lambda span, each: span.has(each.yellow_at)),
    "item.red": ItemCount("红牌", "red cards", lambda span, each: span.has(each.red_at)),
    "item.step-errors": ItemCount(
        "工作差错", "errors in steps", lambda span, each: sum(span.has(at) for at in each.errors_at)
    ),
}
"""Numbers of items by name. A card counts in the period in which it fell."""

ITEM_RATES: Mapping[str, ItemRate] = {
    "item.finished-rate": ItemRate("办结率", "finished of those to finish", _to_finish, _finished),
    "item.on-time": ItemRate("按时办结率", "finished on time", _finished, lambda _, each: each.on_time),
}
"""Rates by name, in percent. What is to be finished includes what was carried in (S2: 含上年未办结事项)."""


@dataclass(slots=True)
class ItemTally:
    """The numbers of one unit, or of whatever else is counted by."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ITEM_COUNTS, 0))
    rates: dict[str, Rate] = field(default_factory=lambda: {name: Rate() for name in ITEM_RATES})

    def add(self, item: WatchedItem, span: Span) -> None:
        """Counted once."""
        for name, count in ITEM_COUNTS.items():
            self.counts[name] += count.test(span, item)
        for name, rule in ITEM_RATES.items():
            if rule.of(span, item):
                self.rates[name].add(rule.adds(span, item))


class ItemTallies:
    """The numbers of all units by system, from one pass over the items of a span."""

    def __init__(self, span: Span, items: Iterable[WatchedItem] = ()) -> None:
        self._span = span
        self._tallies: dict[str, dict[str, ItemTally]] = defaultdict(lambda: defaultdict(ItemTally))
        for each in items:
            self.add(each)

    def add(self, item: WatchedItem) -> None:
        """Counted for its unit."""
        self._tallies[item.unit][item.system].add(item, self._span)

    def count(self, unit: str, name: str, systems: Iterable[str] = ()) -> int:
        """Of a unit's items of these systems; of all where none is named."""
        return sum(tally.counts[name] for tally in self._of(unit, systems))

    def rate(self, unit: str, name: str, systems: Iterable[str] = ()) -> Rate:
        """The same for a rate; nothing over nothing where there are no items."""
        rates = [tally.rates[name] for tally in self._of(unit, systems)]
        return Rate(sum(each.numerator for each in rates), sum(each.denominator for each in rates))

    def _of(self, unit: str, systems: Iterable[str]) -> list[ItemTally]:
        wanted = set(systems)
        return [tally for system, tally in self._tallies.get(unit, {}).items() if not wanted or system in wanted]


@dataclass(frozen=True)
class ItemAddend:
    """An item, and what it adds to a number."""

    item: WatchedItem
    adds: int


def item_addends(
    name: str, span: Span, items: Iterable[WatchedItem], systems: Iterable[str] = ()
) -> Iterator[ItemAddend]:
    """Every item behind a number, with what it adds; those that add nothing, too. Raises `KeyError`."""
    wanted, rule = set(systems), ITEM_RATES.get(name)
    test = rule.of if rule is not None else ITEM_COUNTS[name].test
    for each in items:
        if (not wanted or each.system in wanted) and (adds := int(test(span, each))):
            yield ItemAddend(each, adds if rule is None else int(rule.adds(span, each)))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _within(at: datetime | None, ended_at: datetime | None) -> datetime | None:
    return at if at is None or ended_at is None else min(at, ended_at)
