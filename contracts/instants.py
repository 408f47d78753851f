"""Timestamps as RFC 3339 allows them: what CloudEvents, JSON Schema and Open311 call a date-time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_RFC3339 = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt ](?P<minute>\d{2}:\d{2}):(?P<second>\d{2})(?:\.(?P<fraction>\d+))?"
    r"(?P<zone>[Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_LEAP_SECOND = 60
_BARE_PLUS = re.compile(r"(\d{4}-?\d{2}-?\d{2}[Tt ][\d:.,]+) (\d{2}:?\d{2})", re.ASCII)


def parse_instant(text: str) -> datetime:
    """Parse an RFC 3339 timestamp, keeping its offset.

    Letter case is free, fractions of any length are cut to microseconds, and a leap second (``23:59:60`` UTC) is the
    first instant of the next day, because Python's clock has no name for it. Source: RFC 3339 §5.6 and §5.7.

    Raises `ValueError` for anything else, a local time without offset included.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("not an RFC 3339 timestamp")
    leap = int(found["second"]) == _LEAP_SECOND
    second = "59" if leap else found["second"]
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    zone = "+00:00" if found["zone"] in "Zz" else found["zone"]
    try:
        instant = datetime.fromisoformat(f"{found['day']}T{found['minute']}:{second}.{fraction}{zone}")
        utc = instant.astimezone(UTC)
        if not leap:
            return instant
        if (utc.hour, utc.minute) != (23, 59):
            raise ValueError("second 60 outside 23:59 UTC")
        return instant.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError as error:
        raise ValueError("a timestamp outside the calendar") from error


def restore_plus(text: str) -> str:
    """Return the text with the plus of its offset, which a query or form that does not escape it turns into a space."""
    return _BARE_PLUS.sub(r"\1+\2", text)
