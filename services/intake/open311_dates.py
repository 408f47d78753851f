"""Parser of the dates in an Open311 query. Source: GeoReport v2, start_date and end_date; W3C Date and Time Formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.instants import parse_instant, restore_plus

_MONTHS = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
"""A year, or a month of it."""
_DAY_WITH_OFFSET = re.compile(r"(\d{4}-\d{2}-\d{2})([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
"""A day of another zone. Source: W3C XML Schema Part 2 §3.2.9."""
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{8})[Tt ]\d[\d:.,]*([Zz]|[+-]\d{2}(:?\d{2})?)?", re.ASCII)
"""A day and a time, of the zone or with an offset. Source: ISO 8601."""
LONGEST_SPAN = timedelta(days=90)
"""Longest time between start_date and end_date, and the default range when neither is given. Source: GeoReport v2."""
_SHORTEST = timedelta(microseconds=1)


class DateFault(ValueError):
    """An unusable date of a query, with its field and the detail code of the reason."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(field)
        self.field, self.detail = field, detail


def span_of(query: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return the first instant of start_date and the last of end_date; a missing one is derived from the other.

    At most 90 days may lie between the two dates; a date without time is the whole day. Raises `DateFault`.
    """
    start, end = (_given(query, name, zone) for name in ("start_date", "end_date"))
    if end is None:
        until = start[0] + LONGEST_SPAN if start else now
        end = (until, until)
    first = start[0] if start else end[0] - LONGEST_SPAN
    if first > end[1]:
        raise DateFault("start_date", "after_end_date")
    if end[0].astimezone(zone) - first.astimezone(zone) > LONGEST_SPAN:  # on the wall: days of 23 or 25 hours count one
        raise DateFault("start_date", "span_over_90_days")
    return first, end[1]


def _given(query: Mapping[str, str], name: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    if not (text := query.get(name, "").strip()):
        return None
    try:
        return bounds_of(text, zone)
    except ValueError:
        raise DateFault(name, "datetime") from None


def bounds_of(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first and last instant of a date: an instant, or a whole day, month or year in the zone.

    A time without offset is one of the zone; a day with an offset is one of that offset.
    Raises `ValueError` for what is no date, or lies outside 1900–9000.
    """
    text = restore_plus(text)
    if not text.isascii():
        raise ValueError("not a date")
    if (found := _DAY_WITH_OFFSET.fullmatch(text)) is not None:
        first = _known(parse_instant(f"{found[1]}T00:00:00{found[2]}"))
        return first, first + timedelta(days=1) - _SHORTEST
    days = _days_of(text)
    if days is None:
        instant = _known(_instant_of(text, zone))
        return instant, instant
    first, after = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in days)
    return _known(first), after - _SHORTEST


def _days_of(text: str) -> tuple[date, date] | None:
    """The first day and the day after the last; None for text that is no day, month or year. Raises `ValueError`."""
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
        raise ValueError("outside the supported years")
    return instant


def _instant_of(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        if _TIME.fullmatch(text) is None:  # Python takes any character between day and time
            raise ValueError("not a date") from None
        instant = datetime.fromisoformat(text.upper())
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
