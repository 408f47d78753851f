"""The working days of a year: the calendar in force with a draft's notices, and changes of single days."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_SATURDAY = 5


@dataclass(frozen=True)
class Day:
    """A day of the calendar."""

    on: date
    worked: bool
    ordinary: bool
    """As in an ordinary week."""
    source: str
    """The notice of the draft that names it."""


@dataclass(frozen=True)
class Known:
    """The calendar in force, for one year."""

    days_off: frozenset[date]
    days_worked: frozenset[date]
    provisional_from: date | None = None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Known:
        """From `GET /v1/calendar/{year}` of scoring."""
        since = answer.get("provisional_from")
        return cls(
            frozenset(map(date.fromisoformat, answer["days_off"])),
            frozenset(map(date.fromisoformat, answer["days_worked"])),
            date.fromisoformat(since) if since else None,
        )

    def worked(self, on: date) -> bool:
        """Whether the day is worked."""
        return on in self.days_worked or (on.weekday() < _SATURDAY and on not in self.days_off)


Table = Mapping[str, Any]


def days_of(year: int, known: Known, table: Table, published: Table) -> list[Day]:
    """Every day of a year by the notices of a draft's `calendar.toml`; `published` is that of the version in force."""
    named, before = _named(table), _named(published)
    first = date(year, 1, 1)
    days = []
    for on in (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)):
        if on in named:
            worked, source = named[on]
        elif on in before:  # the draft no longer names it: the ordinary week, as far as can be said here
            worked, source = on.weekday() < _SATURDAY, ""
        else:
            worked, source = known.worked(on), ""
        days.append(Day(on, worked, worked == (on.weekday() < _SATURDAY), source))
    return days


def with_days(
    table: Table, position: int | None, notice: Mapping[str, Any], moved: Mapping[date, bool]
) -> dict[str, Any]:
    """The table after days were moved: to work (True) or off. Another notice is added where `position` is None."""
    changed = copy.deepcopy(dict(table))
    notices = changed.setdefault("year", [])
    if position is None:
        notices.append(dict(notice))
        position = len(notices) - 1
    own = notices[position]
    off = {*own.get("days_off", ())} - {on for on, worked in moved.items() if worked}
    on = {*own.get("days_worked", ())} - {on for on, worked in moved.items() if not worked}
    own["days_off"] = sorted(off | {day for day, worked in moved.items() if not worked})
    own["days_worked"] = sorted(on | {day for day, worked in moved.items() if worked})
    for key in ("days_off", "days_worked"):
        if not own[key]:
            del own[key]
    return changed


def in_months(days: Collection[Day]) -> list[list[list[Day | None]]]:
    """Weeks of seven days by month, Monday first; None outside the month."""
    months: list[list[list[Day | None]]] = []
    for number in range(1, 13):
        cells: list[Day | None] = [each for each in days if each.on.month == number]
        first = cells[0].on.weekday() if cells and cells[0] else 0
        cells = [*(None for _ in range(first)), *cells]
        cells.extend(None for _ in range(-len(cells) % 7))
        months.append([cells[n : n + 7] for n in range(0, len(cells), 7)])
    return months


def _named(table: Table) -> dict[date, tuple[bool, str]]:
    """Days that notices name; a later notice corrects an earlier one, and that of a later year goes first."""
    found: dict[date, tuple[bool, str]] = {}
    for notice in sorted(table.get("year", ()), key=lambda each: int(each["year"])):
        for key, worked in (("days_off", False), ("days_worked", True)):
            for on in notice.get(key, ()):
                found[on] = (worked, str(notice.get("source", "")))
    return found
