"""Dates of an Open311 query. Source: GeoReport v2, start_date and end_date; W3C Date and Time Formats."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.instants import parse_instant

_BARE_PLUS = re.compile(r"(\d{4}-?\d{2}-?\d{2}[Tt ][\d:.,]+) (\d{2}:?\d{2})", re.ASCII)
"""A time with its offset, whose plus was not escaped and came as a space."""
_MONTHS = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
"""A year, or a month of it."""
_SHORTEST = timedelta(microseconds=1)


def bounds_of(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first and the last instant of what is named: an instant, or a day, month or year of the zone.

    A time without offset is one of the zone. Raises `ValueError` for what is no date, or lies outside 1900–9000.
    """
    text = _BARE_PLUS.sub(r"\1+\2", text)
    if not text.isascii():
        raise ValueError("not a date")
    days = _days_of(text)
    if days is None:
        instant = _known(_instant_of(text, zone))
        return instant, instant
    first, after = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in days)
    return _known(first), after - _SHORTEST


def _days_of(text: str) -> tuple[date, date] | None:
    """The first day, and the first after the last; None for what is no day, month or year. Raises `ValueError`."""
    if (found := _MONTHS.fullmatch(text)) is not None:
        year, month = int(found[1]), int(found[2] or 1)
        after = date(year + 1, 1, 1) if found[2] is None or month == 12 else date(year, month + 1, 1)
        return date(year, month, 1), after
    try:
        day = date.fromisoformat(text)
        return day, day + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def _known(instant: datetime) -> datetime:
    if not 1900 <= instant.year <= 9000:
        raise ValueError("outside the years that are read")
    return instant


def _instant_of(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        instant = datetime.fromisoformat(text.upper())
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
