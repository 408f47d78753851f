"""The working calendar: statutory holidays and make-up workdays (调休). Source: yearly notices of the State Council.

Each day follows the first of these that knows it: a notice of the place that names it, `chinesecalendar`, the ordinary
week. A notice therefore changes the days it names and no others. What depends on a notice that is not there yet is
provisional: a year that neither the package nor a complete notice covers, and the last days of the December before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from itertools import accumulate

import chinese_calendar

from services.scoring.domain.holiday_notices import Notice

ONE_DAY = timedelta(days=1)
DAYS_OF_NEXT_NOTICE = 7
"""Last days of December that the notice for the next year may change; the earliest so far was 29 December."""
_RULE = "r2"
"""Part of the version: another one has every open limit calculated anew."""


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
    provisional_from: int
    """Index of the first day that a later notice may change; the number of days where none can."""


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. `is_workday` raises `NotImplementedError` for a year it does not know.

    `notices` are those of the place, by year.
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
            index = on.toordinal() - year.first
            provisional = provisional or index >= year.provisional_from
            count -= year.worked[index]
        return WorkingDay(on, provisional)

    def working_day_from(self, on: date) -> WorkingDay:
        """That day if it is worked, or the next that is."""
        return WorkingDay(on, self.is_provisional(on)) if self.is_worked(on) else self.nth_working_day(on, 1)

    def is_worked(self, on: date) -> bool:
        """Whether that day is worked, as far as is known."""
        year = self._year(on.year)
        return year.worked[on.toordinal() - year.first]

    def is_provisional(self, on: date) -> bool:
        """Whether a future notice may still change whether this day is worked."""
        year = self._year(on.year)
        return on.toordinal() - year.first >= year.provisional_from

    def is_published(self, year: int) -> bool:
        """The package knows that year, or the place has a complete notice of it."""
        notice = self.notices.get(year)
        return self._in_package(date(year, 1, 1)) is not None or (notice is not None and not notice.missing(year))

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
        first, next_first = date(number, 1, 1), date(number + 1, 1, 1)
        days = [first + timedelta(days=n) for n in range((next_first - first).days)]
        worked = tuple(self._is_worked(day) for day in days)
        if not self.is_published(number):
            provisional_from = 0
        elif not self.is_published(number + 1):
            provisional_from = len(days) - DAYS_OF_NEXT_NOTICE
        else:
            provisional_from = len(days)
        return Year(first.toordinal(), worked, tuple(accumulate(worked, initial=0)), provisional_from)

    def _is_worked(self, day: date) -> bool:
        for year in (day.year + 1, day.year, day.year - 1):  # a later notice may correct the one before
            notice = self.notices.get(year)
            if notice is not None and (day in notice.days_off or day in notice.days_worked):
                return day in notice.days_worked
        known = self._in_package(day)
        return day.weekday() < 5 if known is None else known

    def _in_package(self, day: date) -> bool | None:
        try:
            return self.is_workday(day)
        except NotImplementedError:
            return None


def china(notices: Mapping[int, Notice] | None = None) -> Calendar:
    """Mainland China, with holidays and make-up workdays; a place's own notices go before the package."""
    return _with(f"chinesecalendar-{version('chinesecalendar')}-{_RULE}", chinese_calendar.is_workday, notices or {})


def weekends_only(notices: Mapping[int, Notice] | None = None) -> Calendar:
    """Monday to Friday, but for the days that the place's notices name. Nothing of it is provisional."""
    return _with("weekends", lambda on: on.weekday() < 5, notices or {})


def _with(name: str, is_workday: Callable[[date], bool], notices: Mapping[int, Notice]) -> Calendar:
    """The version names the content: a corrected notice makes another calendar."""
    content = [(year, sorted(of.days_off), sorted(of.days_worked)) for year, of in sorted(notices.items())]
    mark = f"+{hashlib.sha256(repr(content).encode()).hexdigest()[:8]}" if content else ""
    return Calendar(name + mark, is_workday, notices)
