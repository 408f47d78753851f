"""Instants across changes of the clock: hours are elapsed time, and each local time is one instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.instants import elapsed_after, elapsed_between, pinned, wall_instant

ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Europe/Dublin",  # its winter time is the exception
    "Asia/Shanghai",  # summer time from 1986 to 1991
    "Australia/Lord_Howe",  # half an hour
    "America/Havana",  # midnight comes twice
    "Africa/Cairo",  # midnight is skipped
    "Pacific/Apia",  # 30 December 2011 is skipped
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(1985, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants, st.integers(0, 2_000), zones)
def test_n_hours_are_n_times_3600_seconds(start: datetime, hours: int, zone: ZoneInfo) -> None:
    local = start.astimezone(zone)
    end = elapsed_after(local, timedelta(hours=hours), zone)
    assert (end.astimezone(UTC) - start).total_seconds() == hours * 3600
    assert elapsed_between(local, end.astimezone(zone)) == timedelta(hours=hours)
    assert end.replace(tzinfo=None) == end.astimezone(zone).replace(tzinfo=None), "it shows what the clocks show"


@given(instants, zones, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_arithmetic_on_a_pinned_instant_is_elapsed_time(instant: datetime, zone: ZoneInfo, more: timedelta) -> None:
    found = pinned(instant, zone)
    assert found == instant
    assert (found + more).astimezone(UTC) == instant + more


@given(st.dates(date(1985, 1, 2), date(2036, 1, 1)), st.times(), zones)
def test_a_time_on_the_wall_is_found_again_unless_it_was_skipped(on: date, at: time, zone: ZoneInfo) -> None:
    found = wall_instant(on, at, zone)
    shown = found.astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(on, at)
    assert shown >= wanted
    if shown != wanted:
        before = (found - timedelta(days=2)).astimezone(zone).utcoffset()
        assert before is not None
        assert found.astimezone(UTC).replace(tzinfo=None) + before <= wanted + timedelta(hours=24)
        assert wall_instant(on, at.replace(fold=1), zone) <= found, "it is counted on from before the change"


@given(st.dates(date(1985, 1, 2), date(2036, 1, 1)), zones)
def test_a_day_ends_after_everything_that_happens_on_it(on: date, zone: ZoneInfo) -> None:
    end = wall_instant(on + timedelta(days=1), time.min, zone)
    assert end.astimezone(zone).date() > on
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() <= on


@pytest.mark.parametrize(
    ("on", "at", "zone", "utc"),
    [
        (date(2026, 11, 1), time(1, 30), "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2027, 3, 14), time(2, 30), "America/New_York", datetime(2027, 3, 14, 7, 30, tzinfo=UTC)),
        (date(2026, 4, 24), time(0, 0), "Africa/Cairo", datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),
        (date(2026, 11, 1), time(0, 0), "America/Havana", datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        (date(1986, 5, 4), time(12, 0), "Asia/Shanghai", datetime(1986, 5, 4, 3, 0, tzinfo=UTC)),
    ],
)
def test_times_that_are_skipped_or_come_twice(on: date, at: time, zone: str, utc: datetime) -> None:
    assert wall_instant(on, at, ZoneInfo(zone)) == utc


def test_the_second_of_two_is_meant_when_the_first_is_too_early() -> None:
    zone = ZoneInfo("America/New_York")
    first = wall_instant(date(2026, 11, 1), time(1, 30), zone)
    asked = first + timedelta(minutes=20)
    assert wall_instant(date(2026, 11, 1), time(1, 30), zone, not_before=asked) == first + timedelta(hours=1)
    assert wall_instant(date(2026, 11, 1), time(1, 30), zone, not_before=first) == first
