"""How long an item may stand still: for each listed reason so many days in all, as a case (挂账). Then it runs on."""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.codes import PauseReason
from contracts.instants import elapsed_after, elapsed_between
from services.scoring.domain import clock as clocks
from services.scoring.domain.clock import Clock, Pause
from services.scoring.domain.limits import Limits


def left(clock: Clock, reason: PauseReason, limits: Limits) -> timedelta | None:
    """How long it may stand still for that reason yet; None for a reason that is not listed."""
    most = limits.suspensions.get(reason)
    ended = (
        elapsed_between(each.since, each.until)
        for each in clock.pauses
        if each.reason is reason and each.until is not None
    )
    return None if most is None else most - sum(ended, timedelta())


def lapses_at(clock: Clock, limits: Limits) -> datetime | None:
    """When the longest time of a pause is over; None when it does not stand still."""
    return min((at for each in clock.open_pauses if (at := _end(clock, each, limits)) is not None), default=None)


def lapsed(clock: Clock, at: datetime, limits: Limits) -> Clock:
    """Pauses whose longest time is over by then ended when it was."""
    while clock.running and (over_at := lapses_at(clock, limits)) is not None and over_at <= at:
        over = [each.reason for each in clock.open_pauses if _end(clock, each, limits) == over_at]
        clock = clocks.resume(clock, over, over_at, limits)
    return clock


def _end(clock: Clock, pause: Pause, limits: Limits) -> datetime | None:
    """A reason that is listed no more has no longest time: it lasts until the system says that the work goes on."""
    rest = left(clock, pause.reason, limits)
    return None if rest is None else elapsed_after(pause.since, rest, limits.timezone)
