"""What is left of a limit: working days and working time, elapsed hours, colours, pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.codes import PauseReason, Stage, TimeUnit
from contracts.limits import TimeLimit
from services.scoring.domain.clock import Clock, pause, start
from services.scoring.domain.limits import Limits
from services.scoring.domain.remaining import Light, countdown
from tests.unit.services.speaking import demo

LIMITS = Limits.from_tables(demo().version, demo().tables)


def local(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=LIMITS.timezone)  # type: ignore[arg-type, misc]


def clock_of(amount: int, unit: TimeUnit = TimeUnit.WORKING_DAYS) -> Clock:
    """A limit that starts on Monday 23 November 2026 at 10:00."""
    return start(Stage.CLOSE, "u", local(2026, 11, 23, 10), TimeLimit(amount=amount, unit=unit), "test", LIMITS)


def left(clock: Clock, at: datetime) -> tuple[bool, int, float]:
    found = countdown("close", clock, at, LIMITS)
    return found.over, found.working_days, found.seconds / 3600


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local(2026, 11, 23, 10), (False, 5, 7.5)),
        (local(2026, 11, 24, 17), (False, 4, 0.5)),
        (local(2026, 11, 24, 20), (False, 4, 0.0)),
        (local(2026, 11, 28, 12), (False, 1, 0.0)),  # a Saturday: nothing ticks
        (local(2026, 11, 30, 7), (False, 0, 8.5)),  # before work on the last day
        (local(2026, 11, 30, 23), (False, 0, 0.0)),
        (local(2026, 12, 1, 8), (True, 0, 0.0)),
        (local(2026, 12, 1, 11), (True, 0, 2.0)),
        (local(2026, 12, 3, 9, 30), (True, 2, 0.5)),
        (local(2026, 12, 6, 9, 30), (True, 4, 0.0)),  # a Sunday
    ],
)
def test_days_are_counted_in_working_time(at: datetime, expected: tuple[bool, int, float]) -> None:
    assert left(clock_of(5), at) == expected


def test_a_limit_in_hours_is_counted_in_elapsed_time_over_night() -> None:
    clock = clock_of(24, TimeUnit.HOURS)
    assert left(clock, local(2026, 11, 24, 4)) == (False, 0, 6.0)
    assert left(clock, local(2026, 11, 24, 12)) == (True, 0, 2.0)


def test_the_colour_follows_the_alarms() -> None:
    clock = clock_of(5)
    yellow = next(step.at for step in clock.steps if step.rung == "yellow")
    instants = [yellow - timedelta(seconds=1), yellow, clock.due_at - timedelta(seconds=1), clock.due_at]
    lights = [countdown("close", clock, at, LIMITS).light for at in instants]
    assert lights == [Light.GREEN, Light.YELLOW, Light.YELLOW, Light.RED]


def test_a_pause_holds_the_countdown() -> None:
    clock = pause(clock_of(5), PauseReason.THIRD_PARTY, local(2026, 11, 24, 9, 30))
    found = [countdown("close", clock, at, LIMITS) for at in (local(2026, 11, 24, 12), local(2026, 12, 8, 12))]
    assert {(each.light, each.over, each.working_days, each.seconds) for each in found} == {
        (Light.PAUSED, False, 4, 8 * 3600)
    }


def test_a_pause_after_the_end_does_not_hide_that_it_is_over() -> None:
    clock = pause(clock_of(5), PauseReason.THIRD_PARTY, local(2026, 12, 2, 9))
    assert countdown("close", clock, local(2026, 12, 3, 9), LIMITS).light is Light.RED
