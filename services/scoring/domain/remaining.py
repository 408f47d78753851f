"""How much of a running limit is left, in the time it is counted in, and its colour (绿、黄、红)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from contracts.codes import Rung, TimeUnit
from contracts.instants import wall_instant
from services.scoring.domain.clock import Clock, reach
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import last_day, local_date


class Light(StrEnum):
    """Colour of a limit by the alarms that have fallen."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"


class Countdown(BaseModel):
    """A running limit as people watch it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    clock: str
    """Its name, such as `close` or `sign-2`."""
    unit: str
    """Who has to keep it."""
    due_at: datetime
    light: Light
    over: bool
    """Its end has passed: what follows is how long ago."""
    working_days: int
    """Whole working days left after today, or passed before today; 0 for a limit in hours."""
    seconds: int
    """Working time left of today, or passed today; of a limit in hours: all that is left, in elapsed time."""
    provisional: bool


def countdown(name: str, clock: Clock, at: datetime, limits: Limits) -> Countdown:
    """The running clock as it is at this instant."""
    over = clock.over_at(at)
    still_since = clock.still_since
    seen_at = at if still_since is None or over else min(at, still_since)
    days, seconds = _distance(clock, seen_at, limits)
    return Countdown(
        clock=name,
        unit=clock.unit,
        due_at=clock.due_at,
        light=light_of(clock, at),
        over=over,
        working_days=days,
        seconds=seconds,
        provisional=clock.provisional,
    )


def light_of(clock: Clock, at: datetime) -> Light:
    """The colour of a running clock at this instant."""
    fallen = {step.rung for step in reach(clock, at).fallen}
    if clock.over_at(at) or Rung.RED in fallen:
        return Light.RED
    if clock.still_since is not None:
        return Light.PAUSED
    return Light.YELLOW if Rung.YELLOW in fallen else Light.GREEN


def _distance(clock: Clock, at: datetime, limits: Limits) -> tuple[int, int]:
    """Working days and seconds between the instant and the end of the limit."""
    if clock.limit.unit is TimeUnit.HOURS and not clock.extensions:
        elapsed = clock.due_at.astimezone(UTC) - at.astimezone(UTC)
        return 0, int(abs(elapsed.total_seconds()))
    today, last = local_date(at, limits), last_day(clock.due_at, limits)
    if today <= last:
        return limits.calendar.working_days_between(today, last), _work_seconds(today, at, limits, passed=False)
    passed = _work_seconds(today, at, limits, passed=True)
    return limits.calendar.working_days_between(last, today) - limits.calendar.is_worked(today), passed


def _work_seconds(on: date, at: datetime, limits: Limits, *, passed: bool) -> int:
    """Working time of this day before or after the instant; 0 on a day off."""
    if not limits.calendar.is_worked(on):
        return 0
    rules = limits.alarms
    begins, ends = (wall_instant(on, each, limits.timezone) for each in (rules.work_begins, rules.work_ends))
    middle = min(max(at.astimezone(UTC), begins.astimezone(UTC)), ends.astimezone(UTC))
    span = middle - begins.astimezone(UTC) if passed else ends.astimezone(UTC) - middle
    return int(span.total_seconds())
