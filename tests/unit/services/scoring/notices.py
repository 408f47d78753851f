"""Invented holiday notices for future years."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.scoring.domain.holiday_notices import HOLIDAYS, Notice


def complete(year: int, *, off: tuple[date, ...] = (), worked: tuple[date, ...] = ()) -> Notice:
    """A complete notice, with each holiday on its first possible weekdays."""
    found = set(off)
    for _, _, first, last, least in HOLIDAYS:
        days = (date(year, *first) + timedelta(days=n) for n in range((date(year, *last) - date(year, *first)).days))
        found.update([day for day in days if day.weekday() < 5][:least])
    return Notice(frozenset(found), frozenset(worked))


def table(year: int, notice: Notice) -> dict[str, Any]:
    """The same as a parsed `calendar.toml`."""
    days = {"days_off": sorted(notice.days_off), "days_worked": sorted(notice.days_worked)}
    return {"year": [{"year": year, "source": "a notice of ours", **days}]}
