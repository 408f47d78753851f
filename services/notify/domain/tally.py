"""What the days of a report have seen, counted case by case: memory of units, categories, channels, not of cases.

A case is received on the day it was registered, once; closed on the day it ended, with an answer or without one; open
until then. One that was opened again is open until it is answered again. What falls after the last day is not told.
Source: S2 (what was carried over is closed in the days in which it ends, so that closed may exceed received).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.codes import Language, Rung, Satisfaction
from contracts.instants import wall_instant
from services.notify.domain.case import OPEN
from services.notify.domain.issue_facts import LateCase, Report
from services.notify.domain.policy import Names
from services.notify.domain.series import Edition
from services.notify.printing.figures import (
    CategoryFigures,
    ChannelFigures,
    DayFigures,
    Figures,
    OverdueCase,
    Ratings,
    Totals,
    UnitFigures,
)

FIELDS = (
    "registered.number",
    "registered.registered_at",
    "registered.category",
    "registered.channel",
    "registered.centre",
    "owner",
    "limit.due_at",
    "limit.resting",
    "limit.card",
    "cards",
    "outcome",
    "until",
)
"""Of a case, what is counted."""
MOST_LATE = 200
"""Overdue cases that are listed, those that are late the longest; all of them are counted."""
FIRST_LATE = 10
"""Of them, those that a notice names."""


@dataclass(slots=True)
class Count:
    """Cases of one unit, or of all."""

    received: int = 0
    closed: int = 0
    on_time: int = 0
    open: int = 0
    overdue: int = 0

    def counts(self) -> dict[str, int]:
        """By name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Flow:
    """Cases of a category, a channel or a day."""

    received: int = 0
    closed: int = 0


@dataclass
class Tally:
    """Counts of an edition, as far as cases were added. Each case is to be added once."""

    edition: Edition
    zone: ZoneInfo
    channels: frozenset[str] = frozenset()
    """Counts only cases of these channels; empty: all channels."""
    whole: Count = field(default_factory=Count)
    units: dict[str, Count] = field(default_factory=dict)
    categories: dict[str, _Flow] = field(default_factory=dict)
    by_channel: dict[str, _Flow] = field(default_factory=dict)
    days: dict[date, _Flow] = field(default_factory=dict)
    grades: Counter[Satisfaction] = field(default_factory=Counter)
    unrated: int = 0
    cards: Counter[Rung] = field(default_factory=Counter)
    late: list[tuple[int, str, str, str]] = field(default_factory=list)
    """A heap: of the limit's last day the negative, so that the latest goes first; number, unit, category."""

    def __post_init__(self) -> None:
        last = self.edition.last_day
        self._end = wall_instant(last + timedelta(days=1), time.min, self.zone)
        self.days = dict(_empty(self.edition))

    def add(self, state: Mapping[str, Any]) -> None:
        """Counts one case by the `FIELDS` of its state, unless it was never registered or is of another channel."""
        registered = state.get("registered")
        if not registered or (self.channels and registered["channel"] not in self.channels):
            return
        received_on = datetime.fromisoformat(registered["registered_at"]).astimezone(self.zone).date()
        first, last = self.edition.first_day, self.edition.last_day
        if received_on > last:
            return
        until, outcome = state.get("until", OPEN), state.get("outcome")
        closed = outcome if outcome and first.isoformat() <= until <= last.isoformat() else None
        unit = closed["unit"] if closed else state.get("owner") or registered["centre"]
        of_unit = self.units.setdefault(unit, Count())
        of_category = self.categories.setdefault(registered["category"], _Flow())
        of_channel = self.by_channel.setdefault(registered["channel"], _Flow())
        self._cards(state)
        if received_on >= first:
            _one_more(self.whole, of_unit, of_category, of_channel, self.days[received_on], name="received")
        if closed:
            ended_on = date.fromisoformat(until)
            _one_more(self.whole, of_unit, of_category, of_channel, self.days[ended_on], name="closed")
            self._rated(closed)
            if closed["on_time"]:
                _one_more(self.whole, of_unit, name="on_time")
        elif until > last.isoformat():
            _one_more(self.whole, of_unit, name="open")
            self._late(state, registered, unit, of_unit)

    def _cards(self, state: Mapping[str, Any]) -> None:
        first, last = self.edition.first_day.isoformat(), self.edition.last_day.isoformat()
        self.cards.update(Rung(card["rung"]) for card in state.get("cards", ()) if first <= card["on"] <= last)

    def _rated(self, outcome: Mapping[str, Any]) -> None:
        """Who was not asked, since no unit has answered, is not among those who did not rate."""
        if (grade := outcome.get("satisfaction")) is not None:
            self.grades[Satisfaction(grade)] += 1
        elif outcome["answered"]:
            self.unrated += 1

    def _late(self, state: Mapping[str, Any], registered: Mapping[str, Any], unit: str, of_unit: Count) -> None:
        """Whose limit is over by the end of the last day; one that rests is late only if it was red before."""
        limit = state.get("limit")
        if not limit or (limit.get("resting") and limit.get("card") != Rung.RED):
            return
        due_at = datetime.fromisoformat(limit["due_at"])
        if due_at > self._end:
            return
        _one_more(self.whole, of_unit, name="overdue")
        due_on = (due_at - timedelta(microseconds=1)).astimezone(self.zone).date()
        entry = (-due_on.toordinal(), registered["number"], unit, registered["category"])
        push = heapq.heappush if len(self.late) < MOST_LATE else heapq.heappushpop
        push(self.late, entry)

    # ---- as it is reported

    def report(self, language: Language, names: Names, before: Totals | None) -> Report:
        """What was counted, with units, categories and channels by their names in this language."""
        late = sorted((date.fromordinal(-each[0]), *each[1:]) for each in self.late)
        figures = Figures(
            **self.whole.counts(),
            first_day=self.edition.first_day,
            last_day=self.edition.last_day,
            before=before,
            units=tuple(self._units(language, names)),
            categories=tuple(self._categories(language, names)),
            channels=tuple(self._channels(language, names)),
            days=tuple(DayFigures(day=day, received=n.received, closed=n.closed) for day, n in self.days.items()),
            ratings=Ratings(grades=dict(self.grades), unanswered=self.unrated),
            yellow_cards=self.cards[Rung.YELLOW],
            red_cards=self.cards[Rung.RED],
            overdue_cases=tuple(
                OverdueCase(
                    number=number,
                    unit=_called(unit, language, names),
                    due_on=due_on,
                    days=(self.edition.last_day - due_on).days,
                )
                for due_on, number, unit, _ in late
            ),
        )
        first = tuple(
            LateCase(
                number=number,
                title=names.category(category, language),
                unit_name=_called(unit, language, names),
                due_on=due_on,
            )
            for due_on, number, unit, category in late[:FIRST_LATE]
        )
        return Report(language=language, figures=figures, late=first)

    def _units(self, language: Language, names: Names) -> Iterator[UnitFigures]:
        for unit, count in sorted(self.units.items()):
            if any(count.counts().values()):
                yield UnitFigures(unit=_called(unit, language, names), **count.counts())

    def _categories(self, language: Language, names: Names) -> Iterator[CategoryFigures]:
        for code, each in sorted(self.categories.items()):
            if each.received or each.closed:
                name = names.category(code, language)
                yield CategoryFigures(category=name, received=each.received, closed=each.closed)

    def _channels(self, language: Language, names: Names) -> Iterator[ChannelFigures]:
        """Those that had cases, and those that the report counts alone even where they had none."""
        for code, each in sorted({**{each: _Flow() for each in self.channels}, **self.by_channel}.items()):
            if each.received or each.closed or code in self.channels:
                name = names.channel(code, language)
                yield ChannelFigures(channel=name, received=each.received, closed=each.closed)


def _called(unit: str, language: Language, names: Names) -> str:
    return names.unit(unit, language) or unit


def _empty(edition: Edition) -> Iterator[tuple[date, _Flow]]:
    day = edition.first_day
    while day <= edition.last_day:
        yield day, _Flow()
        day += timedelta(days=1)


def _one_more(*counts: Count | _Flow, name: str) -> None:
    for each in counts:
        setattr(each, name, getattr(each, name) + 1)
