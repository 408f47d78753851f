"""The working calendar: statutory holidays and make-up workdays (调休). Source: yearly notices of the State Council.

`chinesecalendar` carries the published years. A year that is not published yet is reckoned by weekends alone, and
whatever was reckoned so is provisional.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version

import chinese_calendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDay:
    """The result of counting working days."""

    on: date
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    """Says which days are worked. `is_workday` raises `NotImplementedError` for a year it does not know."""

    version: str
    is_workday: Callable[[date], bool]

    def nth_working_day(self, start: date, count: int) -> WorkingDay:
        """The `count`-th working day after `start`, which is day 0 and is not counted; `start` itself for 0."""
        on, provisional = start, False
        while count > 0:
            on += ONE_DAY
            worked, known = self._worked(on)
            provisional = provisional or not known
            count -= worked
        return WorkingDay(on, provisional)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days have come after `start`, up to and including `end`."""
        span = (end - start).days
        return sum(self._worked(start + timedelta(days=day))[0] for day in range(1, span + 1))

    def _worked(self, on: date) -> tuple[bool, bool]:
        try:
            return self.is_workday(on), True
        except NotImplementedError:
            return on.weekday() < 5, False


def china() -> Calendar:
    """Mainland China, with holidays and make-up workdays."""
    return Calendar(f"chinesecalendar-{version('chinesecalendar')}", chinese_calendar.is_workday)


def weekends_only() -> Calendar:
    """Monday to Friday: for places whose holidays nobody publishes to us."""
    return Calendar("weekends", lambda on: on.weekday() < 5)
