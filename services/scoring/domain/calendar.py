"""The working calendar: statutory holidays and make-up workdays (调休). Source: yearly notices of the State Council.

`chinesecalendar` carries the published years. A year that is not published yet is reckoned by weekends alone, and
whatever was reckoned so is provisional.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from itertools import accumulate

import chinese_calendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDay:
    """The result of counting working days."""

    on: date
    provisional: bool


@dataclass(frozen=True)
class Year:
    """One year's days, reckoned once: asking a library day by day is too slow for every case."""

    first: int
    """Ordinal of the first of January."""
    worked: tuple[bool, ...]
    before: tuple[int, ...]
    """Working days of the year before each day; one more entry for the whole year."""
    known: bool


@dataclass(frozen=True)
class Calendar:
    """Says which days are worked. `is_workday` raises `NotImplementedError` for a year it does not know."""

    version: str
    is_workday: Callable[[date], bool]
    _years: dict[int, Year] = field(default_factory=dict, repr=False, compare=False)

    def nth_working_day(self, start: date, count: int) -> WorkingDay:
        """The `count`-th working day after `start`, which is day 0 and is not counted; `start` itself for 0."""
        on, provisional = start, False
        while count > 0:
            on += ONE_DAY
            year = self._year(on.year)
            provisional = provisional or not year.known
            count -= year.worked[on.toordinal() - year.first]
        return WorkingDay(on, provisional)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days have come after `start`, up to and including `end`; 0 when it lies before."""
        if end <= start:
            return 0
        whole_years = sum(self._year(year).before[-1] for year in range(start.year, end.year))
        return whole_years + self._so_far(end) - self._so_far(start)

    def _so_far(self, on: date) -> int:
        year = self._year(on.year)
        return year.before[on.toordinal() - year.first + 1]

    def _year(self, number: int) -> Year:
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._reckon(number)
        return year

    def _reckon(self, number: int) -> Year:
        first = date(number, 1, 1)
        days = [first + timedelta(days=n) for n in range(366) if (first + timedelta(days=n)).year == number]
        try:
            worked, known = tuple(self.is_workday(day) for day in days), True
        except NotImplementedError:
            worked, known = tuple(day.weekday() < 5 for day in days), False
        return Year(first.toordinal(), worked, tuple(accumulate(worked, initial=0)), known)


def china() -> Calendar:
    """Mainland China, with holidays and make-up workdays."""
    return Calendar(f"chinesecalendar-{version('chinesecalendar')}", chinese_calendar.is_workday)


def weekends_only() -> Calendar:
    """Monday to Friday: for places whose holidays nobody publishes to us."""
    return Calendar("weekends", lambda on: on.weekday() < 5)
