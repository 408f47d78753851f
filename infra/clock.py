"""Now, as an argument. A clock may run faster than the wall, so that a month can be tried in a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns an aware UTC instant."""


def system_clock() -> datetime:
    """The wall clock. Millisecond resolution, as MongoDB keeps it."""
    return _to_the_millisecond(datetime.now(UTC))


def accelerated_clock(origin: datetime, speed: float, wall: Clock = system_clock) -> Clock:
    """A clock that showed `origin` at the wall's `origin` and has run `speed` times as fast since.

    Processes that share `origin` and `speed` agree on the time.
    """

    def now() -> datetime:
        elapsed: timedelta = wall() - origin
        return _to_the_millisecond(origin.astimezone(UTC) + elapsed * speed)

    return now


def _to_the_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
