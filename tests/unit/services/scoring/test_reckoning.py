"""When limits end, in whatever they are counted, and when somebody is alarmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Rung, Stage
from contracts.limits import TimeLimit
from services.scoring.domain.calendar import china
from services.scoring.domain.holiday_notices import Notice
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import Budget, alarms, reckon, union
from tests.unit.services.speaking import demo

LIMITS = Limits.from_tables(demo().version, demo().tables)
ZONE = LIMITS.timezone


def local(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=ZONE)  # type: ignore[arg-type, misc]


def budget(started_at: datetime, text: str, *still: tuple[datetime, datetime], extension: int = 0) -> Budget:
    return Budget(started_at, TimeLimit.parse(text), still, extension)


def end(given_: Budget, limits: Limits = LIMITS) -> datetime:
    return reckon(given_, limits).due_at


@pytest.mark.parametrize(
    ("started_at", "text", "due_at"),
    [
        # domain.md §4, the two check values: day 0 is the day of receipt
        (local(2026, 9, 18, 10), "15 working days", local(2026, 10, 16)),
        (local(2026, 2, 9, 10), "15 working days", local(2026, 3, 7)),
        # 当日 (S1¶4): the same working day, or the next one when it is none
        (local(2026, 9, 18, 10), "0 working days", local(2026, 9, 19)),
        (local(2026, 11, 21, 10), "0 working days", local(2026, 11, 24)),
        (local(2026, 9, 20, 10), "0 working days", local(2026, 9, 21)),  # a Sunday that is worked
        # hours are hours, by night and on days off
        (local(2026, 11, 21, 23, 30), "2 hours", local(2026, 11, 22, 1, 30)),
        (local(2026, 11, 20, 18), "24 hours", local(2026, 11, 21, 18)),
        # S0 has "15天": calendar days; the last day off rolls (民法典 §203)
        (local(2026, 11, 9, 10), "15 calendar days", local(2026, 11, 25)),
        (local(2026, 11, 6, 10), "15 calendar days", local(2026, 11, 24)),
        (local(2026, 9, 18, 10), "15 calendar days", local(2026, 10, 9)),  # the 3rd of October lies in the holidays
        (local(2026, 9, 18, 10), "50 working days", local(2026, 12, 4)),
    ],
)
def test_a_limit_ends_as_it_is_counted(started_at: datetime, text: str, due_at: datetime) -> None:
    assert end(budget(started_at, text)) == due_at


def test_a_place_may_let_calendar_days_end_on_a_day_off() -> None:
    assert end(budget(local(2026, 11, 6, 10), "15 calendar days"), replace(LIMITS, day_off_rolls=False)) == local(
        2026, 11, 22
    )


@pytest.mark.parametrize(
    ("text", "still", "due_at"),
    [
        ("24 hours", [(local(2026, 11, 9, 12), local(2026, 11, 9, 15))], local(2026, 11, 10, 13)),
        (
            "24 hours",
            [(local(2026, 11, 9, 12), local(2026, 11, 9, 15)), (local(2026, 11, 9, 14), local(2026, 11, 9, 16))],
            local(2026, 11, 10, 14),
        ),
        ("5 working days", [(local(2026, 11, 10, 9), local(2026, 11, 12, 9))], local(2026, 11, 19)),
        (
            "5 working days",
            [(local(2026, 11, 10, 9), local(2026, 11, 12, 9)), (local(2026, 11, 11, 9), local(2026, 11, 13, 9))],
            local(2026, 11, 20),
        ),
        ("10 calendar days", [(local(2026, 11, 10, 9), local(2026, 11, 12, 9))], local(2026, 11, 24)),
    ],
)
def test_time_that_stood_still_is_not_counted_and_what_overlaps_counts_once(
    text: str, still: list[tuple[datetime, datetime]], due_at: datetime
) -> None:
    assert end(budget(local(2026, 11, 9, 10), text, *still)) == due_at


@pytest.mark.parametrize(
    ("text", "due_at"),
    [
        ("5 working days", local(2026, 11, 20)),
        ("4 calendar days", local(2026, 11, 19)),  # Friday the 13th, and three working days
        ("24 hours", local(2026, 11, 14)),  # Tuesday the 10th, and three working days
    ],
)
def test_more_time_comes_in_working_days_after_the_end(text: str, due_at: datetime) -> None:
    assert end(budget(local(2026, 11, 9, 10), text, extension=3)) == due_at


@pytest.mark.parametrize(
    ("started_at", "text", "provisional"),
    [
        (local(2026, 12, 10, 9), "10 working days", False),
        (local(2026, 12, 10, 9), "15 working days", True),
        (local(2026, 12, 13, 9), "15 calendar days", True),
        (local(2026, 12, 9, 9), "15 calendar days", False),
        (local(2026, 12, 11, 9), "15 working days", True),
        (local(2026, 12, 20, 9), "15 calendar days", True),
        (local(2026, 12, 31, 9), "24 hours", False),
    ],
)
def test_an_end_that_depends_on_an_unpublished_year_is_provisional(
    started_at: datetime, text: str, provisional: bool
) -> None:
    assert reckon(budget(started_at, text), LIMITS).provisional is provisional


def test_the_notice_of_a_year_makes_its_ends_final_and_another_calendar() -> None:
    days_off = {date(2027, 1, 1), date(2027, 1, 4), *(date(2027, 2, day) for day in (8, 9, 10, 11)), date(2027, 4, 5)}
    days_off |= {date(2027, 5, 3), date(2027, 5, 4), date(2027, 6, 9), *(date(2027, 10, day) for day in (1, 4, 5, 6))}
    notice = Notice(frozenset(days_off), frozenset({date(2027, 1, 9)}))
    published = replace(LIMITS, calendar=china({2027: notice}))
    before, after = (reckon(budget(local(2026, 12, 25, 9), "10 working days"), each) for each in (LIMITS, published))
    assert (before.provisional, before.due_at) == (True, local(2027, 1, 9))
    assert (after.provisional, after.due_at) == (False, local(2027, 1, 12))  # two days off, and a Saturday worked
    assert published.calendar.version != LIMITS.calendar.version


# ---- alarms


def fallen(given_: Budget, stage: Stage = Stage.SIGN, limits: Limits = LIMITS) -> list[tuple[str, int, datetime]]:
    return [(each.rung, each.level, each.at) for each in alarms(given_, end(given_, limits), stage, limits)]


def test_one_day_has_a_yellow_card_in_its_morning_and_no_reminder_with_it() -> None:
    assert fallen(budget(local(2026, 11, 9, 10), "1 working day")) == [
        (Rung.YELLOW, 0, local(2026, 11, 10, 9)),
        (Rung.RED, 0, local(2026, 11, 11, 9)),
    ]


def test_hours_at_night_wait_for_the_morning_and_only_the_last_alarm_is_left() -> None:
    at_night = budget(local(2026, 11, 9, 22), "2 hours")
    assert fallen(at_night) == [(Rung.RED, 0, local(2026, 11, 10, 9))]
    always = replace(LIMITS, alarms=replace(LIMITS.alarms, at_any_hour=frozenset({"dispatch"})))
    assert fallen(at_night, Stage.DISPATCH, always) == [
        (Rung.REMINDER, 0, local(2026, 11, 9, 23)),
        (Rung.YELLOW, 0, local(2026, 11, 9, 23, 36)),
        (Rung.RED, 0, local(2026, 11, 10)),
    ]


def test_what_is_over_goes_up_level_by_level() -> None:
    assert [each for each in fallen(budget(local(2026, 11, 9, 10), "2 working days"), Stage.CLOSE) if each[1]] == [
        (Rung.RED, 1, local(2026, 11, 13, 9)),  # over with the 11th; the 12th is one working day after
        (Rung.RED, 2, local(2026, 11, 19, 9)),
    ]


@settings(max_examples=150, deadline=None)
@given(
    hours=st.integers(0, 24 * 330),
    amount=st.integers(0, 60),
    unit=st.sampled_from(["hours", "working days", "calendar days"]),
    stage=st.sampled_from(list(Stage)),
)
def test_whatever_the_limit_alarms_come_in_order_within_working_hours_and_red_never_early(
    hours: int, amount: int, unit: str, stage: Stage
) -> None:
    given_ = budget(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours), f"{amount} {unit}")
    found = alarms(given_, end(given_), stage, LIMITS)
    assert [each.at for each in found if not each.level] == sorted({each.at for each in found if not each.level})
    assert [each.level for each in found] == sorted(each.level for each in found)
    for each in found:
        here = each.at.astimezone(ZONE)
        assert LIMITS.calendar.is_worked(here.date())
        assert time(9) <= here.time() < time(17, 30)
        assert each.rung is not Rung.RED or each.at >= end(given_)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), max_size=8))
def test_the_union_of_standstills_holds_each_hour_once(pairs: list[list[int]]) -> None:
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    intervals = [(origin + timedelta(hours=a), origin + timedelta(hours=b)) for a, b in pairs]
    hours = {hour for a, b in pairs for hour in range(a, b)}
    assert sum((b - a for a, b in union(intervals)), timedelta()) == timedelta(hours=len(hours))
