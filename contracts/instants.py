"""Timestamps as RFC 3339 allows them, and instants of a place that changes its clocks.

Python adds to and compares `ZoneInfo` times on the wall: across a change of clock a day of 25 hours has 24. Instants
that are calculated with therefore have a fixed offset, which `pinned` and `wall_instant` give them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import pydantic
from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

_RFC3339 = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt ](?P<minute>\d{2}:\d{2}):(?P<second>\d{2})(?:\.(?P<fraction>\d+))?"
    r"(?P<zone>[Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?", re.ASCII)
_LEAP_SECOND = 60
_BARE_PLUS = re.compile(r"(\d{4}-?\d{2}-?\d{2}[Tt ][\d:.,]+) (\d{2}(?::?\d{2})?)", re.ASCII)


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


def _read(value: object, info: ValidationInfo) -> object:
    """The instant of a text in JSON; everything else is left to pydantic's own type."""
    if not isinstance(value, str) or info.mode != "json":
        return value
    try:
        return parse_instant(value)
    except ValueError as error:
        if _LOCAL.fullmatch(value):
            raise PydanticCustomError("timezone_aware", "a timestamp needs its offset from UTC") from error
        raise PydanticCustomError("datetime_parsing", "not an RFC 3339 timestamp") from error


AwareDatetime: TypeAlias = Annotated[pydantic.AwareDatetime, BeforeValidator(_read)]
"""A date-time of a message or a request body, read from JSON by `parse_instant`; in Python an aware `datetime`.

Stands in for the type of the same name in pydantic, which refuses leap seconds and takes texts that RFC 3339 does not
know. Its JSON Schema is the same: a string of the format ``date-time``.
"""


def pinned(instant: datetime, zone: ZoneInfo) -> datetime:
    """The same instant with the offset that `zone` has then, as a fixed one: arithmetic on it is elapsed time."""
    local = instant.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)


def elapsed_after(start: datetime, duration: timedelta, zone: ZoneInfo) -> datetime:
    """The instant when so much time has passed since `start`, whatever the clocks of `zone` do meanwhile."""
    return pinned(start.astimezone(UTC) + duration, zone)


def elapsed_between(start: datetime, end: datetime) -> timedelta:
    """How much time passes from one instant to the other."""
    return end.astimezone(UTC) - start.astimezone(UTC)


def wall_instant(on: date, at: time, zone: ZoneInfo, not_before: datetime | None = None) -> datetime:
    """The instant when the clocks of `zone` show that time of that day.

    Of an hour that comes twice the first is meant, or the second where the first lies before `not_before`. A time that
    is skipped is counted on from before the change: 02:30 is 03:30. Source: RFC 5545 §3.3.5.
    """
    first = pinned(datetime.combine(on, at, zone), zone)
    second = pinned(datetime.combine(on, at.replace(fold=1), zone), zone)
    return second if not_before is not None and first < not_before <= second else first
