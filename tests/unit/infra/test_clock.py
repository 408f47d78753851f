"""Now, as an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.clock import accelerated_clock, system_clock

ORIGIN = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_the_system_clock_is_aware_and_counts_milliseconds() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    now = system_clock()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond % 1000 == 0


@pytest.mark.parametrize(
    ("wall", "speed", "shown"),
    [
        (timedelta(0), 1440, timedelta(0)),
        (timedelta(minutes=1), 43_200, timedelta(days=30)),
        (timedelta(seconds=1), 1, timedelta(seconds=1)),
        (timedelta(seconds=-1), 60, timedelta(minutes=-1)),
        (timedelta(seconds=10), 0.5, timedelta(seconds=5)),
    ],
)
def test_an_accelerated_clock_runs_so_many_times_as_fast(wall: timedelta, speed: float, shown: timedelta) -> None:
    assert accelerated_clock(ORIGIN, speed, lambda: ORIGIN + wall)() == ORIGIN + shown


def test_processes_that_share_origin_and_speed_agree() -> None:
    wall = ORIGIN + timedelta(seconds=7)
    elsewhere = ORIGIN.astimezone(timezone(timedelta(hours=8)))
    assert accelerated_clock(ORIGIN, 1440, lambda: wall)() == accelerated_clock(elsewhere, 1440, lambda: wall)()


@settings(max_examples=100, deadline=None)
@given(
    speed=st.floats(0.1, 100_000),
    walls=st.lists(st.timedeltas(timedelta(0), timedelta(hours=5)), min_size=2, max_size=6),
    offset=st.integers(-12, 14),
)
def test_an_accelerated_clock_shows_utc_in_milliseconds_and_never_goes_back(
    speed: float, walls: list[timedelta], offset: int
) -> None:
    instants = iter(sorted(walls))
    clock = accelerated_clock(
        ORIGIN.astimezone(timezone(timedelta(hours=offset))), speed, lambda: ORIGIN + next(instants)
    )
    shown = [clock() for _ in walls]
    assert shown == sorted(shown)
    assert all(each.utcoffset() == timedelta(0) and each.microsecond % 1000 == 0 for each in shown)
