"""Limits across a change of the clock: hours are elapsed time, days are local dates, alarms are in working hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.codes import PauseReason, Rung, Stage
from contracts.limits import TimeLimit
from services.scoring.domain import clock as clocks
from services.scoring.domain.calendar import weekends_only
from services.scoring.domain.clock import Extension
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import Budget, alarms, last_day, local_date, reckon
from tests.unit.services.speaking import demo

ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Antarctica/Troll",
]
"""Changes of an hour, of half an hour and of two, at night and at midnight, and none."""


def limits_in(zone: str, **alarm_rules: object) -> Limits:
    made = Limits.from_tables(demo().version, demo().tables)
    rules = replace(made.alarms, **alarm_rules) if alarm_rules else made.alarms  # type: ignore[arg-type]
    return replace(made, timezone=ZoneInfo(zone), calendar=weekends_only(), alarms=rules)


zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1985, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours = st.integers(1, 500)


@settings(deadline=None)
@given(zones, instants, hours, st.booleans())
def test_a_limit_in_hours_is_so_many_times_3600_seconds(zone: str, start: datetime, amount: int, local: bool) -> None:
    limits = limits_in(zone)
    given_ = start.astimezone(ZoneInfo(zone)) if local else start
    due_at = reckon(Budget(given_, TimeLimit.parse(f"{amount} hours")), limits).due_at
    assert (due_at.astimezone(UTC) - start).total_seconds() == amount * 3600


@settings(deadline=None)
@given(zones, instants, hours, hours, hours)
def test_a_standstill_moves_the_end_by_its_elapsed_time(
    zone: str, start: datetime, amount: int, since: int, length: int
) -> None:
    limits, here = limits_in(zone), ZoneInfo(zone)
    paused = (start + timedelta(hours=since)).astimezone(here)
    still = (paused, (paused.astimezone(UTC) + timedelta(hours=length)).astimezone(here))
    budget = Budget(start.astimezone(here), TimeLimit.parse(f"{amount} hours"), (still,))
    due_at = reckon(budget, limits).due_at.astimezone(UTC)
    assert (due_at - start).total_seconds() == (amount + length) * 3600


@settings(deadline=None)
@given(zones, instants, st.integers(1, 40), st.sampled_from(["working days", "calendar days"]))
def test_a_limit_in_days_ends_with_a_local_day(zone: str, start: datetime, amount: int, unit: str) -> None:
    limits = limits_in(zone)
    due_at = reckon(Budget(start, TimeLimit.parse(f"{amount} {unit}")), limits).due_at
    last = last_day(due_at, limits)
    assert local_date(due_at, limits) > last
    day0 = local_date(start, limits)
    if unit == "working days":
        assert limits.calendar.working_days_between(day0, last) == amount
    else:
        assert (last - day0).days >= amount


@settings(deadline=None)
@given(zones, instants, st.integers(0, 40), st.sampled_from(["working days", "calendar days"]), st.booleans())
def test_a_limit_in_days_ends_at_the_first_instant_of_the_day_after(
    zone: str, start: datetime, amount: int, unit: str, rolls: bool
) -> None:
    """The last day is counted one by one, and its end is found by looking at the clock every quarter of an hour."""
    limits, here = replace(limits_in(zone), day_off_rolls=rolls), ZoneInfo(zone)
    found = reckon(Budget(start, TimeLimit.parse(f"{amount} {unit}")), limits).due_at
    last = start.astimezone(here).date()
    if unit == "calendar days":
        last += timedelta(days=amount)
    while amount and unit == "working days":
        last += timedelta(days=1)
        amount -= last.weekday() < 5
    while last.weekday() > 4 and (rolls or unit == "working days"):
        last += timedelta(days=1)
    end = datetime.combine(last, time.min, UTC) - timedelta(hours=14)
    while end.astimezone(here).date() <= last:
        end += timedelta(minutes=15)
    assert found.astimezone(UTC) == end


@settings(deadline=None)
@given(zones, instants, st.sampled_from(["2 calendar days", "3 working days", "30 hours"]))
def test_each_level_falls_so_many_elapsed_hours_after_the_end(zone: str, start: datetime, text: str) -> None:
    limits = limits_in(
        zone,
        at_any_hour=frozenset({"close"}),
        escalated=frozenset({"close"}),
        escalate_after=(TimeLimit.parse("24 hours"), TimeLimit.parse("48 hours")),
    )
    clock = clocks.start(Stage.CLOSE, "u", start, TimeLimit.parse(text), "b", limits)
    levels = {step.level: step.at for step in clock.steps if step.rung is Rung.RED}
    assert [(levels[n].astimezone(UTC) - clock.due_at.astimezone(UTC)).total_seconds() / 3600 for n in (1, 2)] == [
        24,
        48,
    ]


@pytest.mark.parametrize(
    ("start", "due_at", "second_level"),
    [
        (datetime(2026, 10, 30, 15, tzinfo=UTC), "2026-11-01T04:00Z", "2026-11-03T04:00Z"),
        (datetime(2027, 3, 12, 15, tzinfo=UTC), "2027-03-14T05:00Z", "2027-03-16T05:00Z"),
    ],
)
def test_two_days_later_in_new_york(start: datetime, due_at: str, second_level: str) -> None:
    limits = replace(
        limits_in(
            "America/New_York",
            at_any_hour=frozenset({"close"}),
            escalated=frozenset({"close"}),
            escalate_after=(TimeLimit.parse("24 hours"), TimeLimit.parse("48 hours")),
        ),
        day_off_rolls=False,
    )
    clock = clocks.start(Stage.CLOSE, "u", start, TimeLimit.parse("1 calendar day"), "b", limits)
    assert clock.due_at == datetime.fromisoformat(due_at)
    assert clock.steps[-1].at == datetime.fromisoformat(second_level)
    saved = clocks.Clock.model_validate_json(clock.model_dump_json())
    assert saved == clock


@settings(deadline=None)
@given(zones, instants, st.sampled_from(["5 hours", "1 working day", "10 calendar days"]), st.times(), st.times())
def test_no_alarm_falls_outside_working_hours_or_before_its_cause(
    zone: str, start: datetime, text: str, one: time, other: time
) -> None:
    begins, ends = min(one, other), max(one, other, time(0, 0, 1))
    assume(begins < ends)
    limits = limits_in(zone, work_begins=begins, work_ends=ends, at_any_hour=frozenset())
    budget = Budget(start, TimeLimit.parse(text))
    due_at = reckon(budget, limits).due_at
    found = alarms(budget, due_at, Stage.CLOSE, limits)
    assert [each.at for each in found] == sorted(each.at for each in found)
    red = next(each for each in found if each.rung is Rung.RED)
    assert red.at >= due_at
    for each in found:
        here = each.at.astimezone(ZoneInfo(zone))
        assert limits.calendar.is_worked(here.date())
        assert here.time() >= begins


def test_an_alarm_in_an_hour_that_comes_twice_falls_once_and_not_before_its_cause() -> None:
    limits = replace(
        limits_in("America/New_York", work_begins=time(1, 15), work_ends=time(4), at_any_hour=frozenset()),
        calendar=replace(weekends_only(), is_workday=lambda on: True),
    )
    cause = datetime(2026, 11, 1, 6, 5, tzinfo=UTC)  # 01:05, the second time
    (red,) = [
        each
        for each in alarms(Budget(cause - timedelta(hours=1), TimeLimit.parse("1 hour")), cause, Stage.CLOSE, limits)
        if each.rung is Rung.RED and not each.level
    ]
    assert red.at == datetime(2026, 11, 1, 6, 15, tzinfo=UTC)


def test_a_pause_within_the_hour_that_comes_twice_has_its_elapsed_length() -> None:
    limits, zone = limits_in("America/New_York"), ZoneInfo("America/New_York")
    clock = clocks.start(
        Stage.CLOSE, "u", datetime(2026, 11, 1, 0, 30, tzinfo=zone), TimeLimit.parse("6 hours"), "b", limits
    )
    since, until = datetime(2026, 11, 1, 1, 50, tzinfo=zone), datetime(2026, 11, 1, 1, 10, tzinfo=zone, fold=1)
    paused = clocks.resume(clocks.pause(clock, PauseReason.SUPPLEMENT, since), (PauseReason.SUPPLEMENT,), until, limits)
    assert (paused.due_at - clock.due_at) == timedelta(minutes=20)


def test_an_extension_is_counted_on_local_dates() -> None:
    limits = limits_in("America/New_York")
    clock = clocks.start(
        Stage.CLOSE, "u", datetime(2026, 10, 30, 14, tzinfo=UTC), TimeLimit.parse("24 hours"), "b", limits
    )
    more = Extension(working_days=2, requested_at=datetime(2026, 10, 30, 15, tzinfo=UTC), reason="r")
    extended = clocks.extend(clock, more, limits)
    assert extended.due_at == datetime(2026, 11, 4, 5, tzinfo=UTC)  # from Saturday on: Monday, and Tuesday until 24:00
    assert last_day(extended.due_at, limits) == date(2026, 11, 3)
