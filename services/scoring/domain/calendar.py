"""The working calendar: statutory holidays and make-up workdays (调休). Source: yearly notices of the State Council.

`chinesecalendar` carries the published years. A year that is not published yet is reckoned by weekends alone, and
whatever was reckoned so is provisional.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
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
class Notice:
    """The yearly notice (节假日安排通知) of one year, as the place's own table has it."""

    days_off: frozenset[date]
    """Days from Monday to Friday that are not worked."""
    days_worked: frozenset[date]
    """Days of weekends that are (调休)."""

    def is_workday(self, on: date) -> bool:
        """Whether that day is worked."""
        return on in self.days_worked or (on.weekday() < 5 and on not in self.days_off)


@dataclass(frozen=True)
class Calendar:
    """Says which days are worked. `is_workday` raises `NotImplementedError` for a year it does not know.

    `notices` go before it, by year.
    """

    version: str
    is_workday: Callable[[date], bool]
    notices: Mapping[int, Notice] = field(default_factory=dict, compare=False)
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

    def working_day_from(self, on: date) -> WorkingDay:
        """That day if it is worked, or the next that is."""
        return WorkingDay(on, self.is_provisional(on)) if self.is_worked(on) else self.nth_working_day(on, 1)

    def is_worked(self, on: date) -> bool:
        """Whether that day is worked, as far as is known."""
        year = self._year(on.year)
        return year.worked[on.toordinal() - year.first]

    def is_provisional(self, on: date) -> bool:
        """Nothing is published for that year: it is reckoned by weekends alone."""
        return not self._year(on.year).known

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
        is_workday = self.notices[number].is_workday if number in self.notices else self.is_workday
        try:
            worked, known = tuple(is_workday(day) for day in days), True
        except NotImplementedError:
            worked, known = tuple(day.weekday() < 5 for day in days), False
        return Year(first.toordinal(), worked, tuple(accumulate(worked, initial=0)), known)


def china(notices: Mapping[int, Notice] | None = None) -> Calendar:
    """Mainland China, with holidays and make-up workdays; a place's own notices go before the package."""
    return _with(f"chinesecalendar-{version('chinesecalendar')}", chinese_calendar.is_workday, notices or {})


def weekends_only(notices: Mapping[int, Notice] | None = None) -> Calendar:
    """Monday to Friday, but for the years of which the place has a notice."""
    return _with("weekends", lambda on: on.weekday() < 5, notices or {})


def _with(name: str, is_workday: Callable[[date], bool], notices: Mapping[int, Notice]) -> Calendar:
    """The version names the content: a corrected notice makes another calendar."""
    said = [(year, sorted(of.days_off), sorted(of.days_worked)) for year, of in sorted(notices.items())]
    mark = f"+{hashlib.sha256(repr(said).encode()).hexdigest()[:8]}" if said else ""
    return Calendar(name + mark, is_workday, notices)
