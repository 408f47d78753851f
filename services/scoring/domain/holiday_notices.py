"""Yearly holiday notices (节假日安排通知) from a place's `calendar.toml`.

A notice names the days that differ from the ordinary week, or from an earlier notice: of its year, of the December
before and of the January after. The notice for 2019 named 29 and 31 December 2018.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Window = tuple[int, int]
"""Month and day."""

HOLIDAYS: tuple[tuple[str, str, Window, Window, int], ...] = (
    ("元旦", "New Year", (1, 1), (1, 5), 1),
    ("春节", "Spring Festival", (1, 19), (2, 28), 4),
    ("清明节", "Qingming", (4, 2), (4, 8), 1),
    ("劳动节", "Labour Day", (4, 27), (5, 8), 2),
    ("端午节", "Dragon Boat Festival", (5, 25), (6, 28), 1),
    ("中秋节和国庆节", "Mid-Autumn Festival and National Day", (9, 5), (10, 12), 4),
)
"""The statutory holidays since 2025: names, first and last possible day, and the fewest weekdays off.

A holiday on a weekend is moved to a weekday. Source: 全国年节及纪念日放假办法 (2024), §2, §6.
"""

_SATURDAY = 5
_BEFORE_NEW_YEAR = timedelta(days=3)
"""A New Year's Day at a weekend may be given on a weekday before it."""


@dataclass(frozen=True)
class Notice:
    """The notice of one year, with its corrections."""

    days_off: frozenset[date]
    """Days that are not worked, whatever the package or an earlier notice has."""
    days_worked: frozenset[date]
    """Days that are worked, whatever the package or an earlier notice has."""

    def corrected(self, days_off: Collection[date], days_worked: Collection[date]) -> Notice:
        """The same after a later notice of that year: it decides on the days that it names."""
        return Notice(
            (self.days_off - frozenset(days_worked)) | frozenset(days_off),
            (self.days_worked - frozenset(days_off)) | frozenset(days_worked),
        )

    def missing(self, year: int) -> tuple[tuple[str, str], ...]:
        """The holidays of every year that it lacks, in Chinese and English; none in a complete notice.

        Weekends do not count: they are off anyway. New Year may be given in the December before.
        """
        weekdays = [day for day in self.days_off if day.weekday() < _SATURDAY]
        return tuple(
            (zh, en)
            for zh, en, first, last, least in HOLIDAYS
            if sum(_from(year, first) <= day <= date(year, *last) for day in weekdays) < least
        )


def notices_of(table: Mapping[str, Any]) -> dict[int, Notice]:
    """The notices of a parsed `calendar.toml`, by year; of several for one year the later ones correct the earlier."""
    found: dict[int, Notice] = {}
    for each in table.get("year", ()):
        before = found.get(each["year"], Notice(frozenset(), frozenset()))
        found[each["year"]] = before.corrected(each.get("days_off", ()), each.get("days_worked", ()))
    return found


def _from(year: int, first: Window) -> date:
    on = date(year, *first)
    return on - _BEFORE_NEW_YEAR if first == (1, 1) else on
