"""Now, as an argument. A clock may run faster than the wall, so that a month can be tried in a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns an aware UTC instant."""


def system_clock() -> datetime:
    """The wall clock. Millisecond resolution, as MongoDB keeps it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def accelerated_clock(origin: datetime, speed: float, wall: Clock = system_clock) -> Clock:
    """A clock that showed `origin` at the wall's `origin` and has run `speed` times as fast since.

    Processes that share `origin` and `speed` agree on the time.
    """

    def now() -> datetime:
        elapsed: timedelta = wall() - origin
        return origin + elapsed * speed

    return now
