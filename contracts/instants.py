"""Parser of RFC 3339 timestamps, and arithmetic on instants across changes between standard and summer time.

Python adds and subtracts `ZoneInfo` times by their wall-clock values, so a day of 25 hours counts as 24. Instants used
in calculations therefore have a fixed offset, which `pinned` and `wall_instant` attach.
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

    `T` and `Z` may be lower case. Fractions of a second are truncated to microseconds. A leap second (``23:59:60``
    UTC) becomes the first instant of the next day, because `datetime` cannot represent it. Source: RFC 3339 §5.6, §5.7.

    Raises `ValueError` for anything else, including a local time without offset.
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
    """Restore the plus sign of an offset that form decoding turned into a space because it was not escaped."""
    return _BARE_PLUS.sub(r"\1+\2", text)


def _read(value: object, info: ValidationInfo) -> object:
    """Parse a JSON string; any other value is left to pydantic's own validation."""
    if not isinstance(value, str) or info.mode != "json":
        return value
    try:
        return parse_instant(value)
    except ValueError as error:
        if _LOCAL.fullmatch(value):
            raise PydanticCustomError("timezone_aware", "a timestamp needs its offset from UTC") from error
        raise PydanticCustomError("datetime_parsing", "not an RFC 3339 timestamp") from error


AwareDatetime: TypeAlias = Annotated[pydantic.AwareDatetime, BeforeValidator(_read)]
"""An aware `datetime` in a message or request body, parsed from JSON by `parse_instant`.

Replaces pydantic's type of the same name, which refuses leap seconds and accepts texts outside RFC 3339. The JSON
Schema is unchanged: a string with format ``date-time``.
"""


def pinned(instant: datetime, zone: ZoneInfo) -> datetime:
    """The same instant with the UTC offset of `zone` at that time, fixed, so that arithmetic counts elapsed time."""
    local = instant.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)


def elapsed_after(start: datetime, duration: timedelta, zone: ZoneInfo) -> datetime:
    """The instant at which `duration` has elapsed since `start`, unaffected by changes of the clock in `zone`."""
    return pinned(start.astimezone(UTC) + duration, zone)


def elapsed_between(start: datetime, end: datetime) -> timedelta:
    """The time that elapses between two instants."""
    return end.astimezone(UTC) - start.astimezone(UTC)


def end_of_day_after(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the local day that comes `days` calendar days after that of `at`."""
    return wall_instant(at.astimezone(zone).date() + timedelta(days=days + 1), time.min, zone)


def wall_instant(on: date, at: time, zone: ZoneInfo, not_before: datetime | None = None) -> datetime:
    """The instant at which clocks in `zone` show this date and time.

    A time that occurs twice (autumn) is the first occurrence, or the second when the first is before `not_before`. A
    time that is skipped (spring) uses the offset before the change: 02:30 becomes 03:30. Source: RFC 5545 §3.3.5.
    """
    first = pinned(datetime.combine(on, at, zone), zone)
    second = pinned(datetime.combine(on, at.replace(fold=1), zone), zone)
    return second if not_before is not None and first < not_before <= second else first
