"""Yearly holiday notices (节假日安排通知) from a place's `calendar.toml`.

A notice lists the days that differ from the ordinary week: in its year, the December before and the January after. The
notice for 2019, for example, listed 29 and 31 December 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True)
class Notice:
    """The notice of one year."""

    days_off: frozenset[date]
    """Days off between Monday and Friday."""
    days_worked: frozenset[date]
    """Working days at weekends (调休)."""

    def missing(self, year: int) -> tuple[tuple[str, str], ...]:
        """Names, in Chinese and English, of the statutory holidays that the notice lacks; empty when complete."""
        return tuple(
            (zh, en)
            for zh, en, first, last, least in HOLIDAYS
            if sum(date(year, *first) <= day <= date(year, *last) for day in self.days_off) < least
        )


def notices_of(table: Mapping[str, Any]) -> dict[int, Notice]:
    """The notices of a parsed `calendar.toml`, by year."""
    return {
        each["year"]: Notice(frozenset(each.get("days_off", ())), frozenset(each.get("days_worked", ())))
        for each in table.get("year", ())
    }
