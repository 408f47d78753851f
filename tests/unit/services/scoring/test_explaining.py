"""A deadline is explained line by line, and the lines lead to the end that is in force."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import PauseReason, Stage, TimeUnit
from contracts.limits import TimeLimit
from services.scoring.domain import clock as clocks
from services.scoring.domain.clock import Clock, Extension
from services.scoring.domain.explaining import explain
from tests.unit.services.scoring.test_reckoning import LIMITS, local

EVERY = tuple(PauseReason)


def clock_of(text: str, at: datetime) -> Clock:
    return clocks.start(Stage.CLOSE, "u", at, TimeLimit.parse(text), "appeal/complaint", LIMITS)


def test_the_check_value_of_the_national_day_is_explained_day_by_day() -> None:
    """2026-09-18 + 15 working days = 2026-10-15, and each day says why."""
    lines = explain(clock_of("15 working days", local(2026, 9, 18, 10)), LIMITS)
    days = {line.on: line for line in lines[1:29] if line.on > date(2026, 9, 18) and "到期" not in line.zh}
    assert days[date(2026, 9, 20)].zh == "周日 第1日（调休上班）"
    assert days[date(2026, 9, 19)].en == "Saturday is not counted: a weekend"
    assert days[date(2026, 10, 1)].zh == "周四 不计：放假"
    assert days[date(2026, 10, 10)].en.endswith("(a make-up workday)")
    assert lines[0].zh.startswith("2026-09-18 10:00 起算，限15个工作日（appeal/complaint）；当日不计。")
    end = next(line for line in lines if line.zh.startswith("到期"))
    assert (end.zh, end.en) == ("到期：2026-10-15 24时", "ends with the end of 2026-10-15")
    assert [line.zh.split("：")[0] for line in lines[lines.index(end) + 1 :]] == [
        "提醒",
        "黄牌",
        "红牌",
        "上报第1级",
        "上报第2级",
    ]


def more(working_days: int, requested_at: datetime) -> Extension:
    return Extension(working_days=working_days, requested_at=requested_at, reason="需检测")


def test_a_pause_an_extension_and_an_unpublished_year_stand_in_the_lines() -> None:
    clock = clock_of("10 working days", local(2026, 12, 14, 10))
    clock = clocks.pause(clock, PauseReason.THIRD_PARTY, local(2026, 12, 15, 9))
    standing = explain(clock, LIMITS)
    assert any("停算：等待第三方" in line.zh for line in standing)
    clock = clocks.resume(clock, EVERY, local(2026, 12, 17, 9), LIMITS)
    clock = clocks.extend(clock, more(3, local(2026, 12, 18)), LIMITS)
    lines = explain(clock, LIMITS)
    assert [line.on.day for line in lines if "等待第三方" in line.zh] == [16, 17]
    assert any(line.en == "3 working days of it were granted as an extension: 需检测" for line in lines)
    assert any("暂计" in line.zh for line in lines)
    assert any(line.zh.endswith("（暂定）") for line in lines)


def test_weekends_that_the_next_notice_may_name_are_provisional_in_the_lines() -> None:
    lines = {line.on: line for line in explain(clock_of("12 working days", local(2026, 12, 14, 10)), LIMITS)}
    assert lines[date(2026, 12, 20)].en == "Sunday is not counted: a weekend"
    assert lines[date(2026, 12, 26)].en.startswith("Saturday is not counted: a weekend (provisional")
    assert lines[date(2026, 12, 26)].zh == "周六 不计：周末（放假安排尚未公布，暂计）"


def test_hours_are_explained_by_their_ledger() -> None:
    clock = clock_of("24 hours", local(2026, 11, 9, 10))
    clock = clocks.pause(clock, PauseReason.SHELVED, local(2026, 11, 9, 12))
    clock = clocks.resume(clock, EVERY, local(2026, 11, 9, 15), LIMITS)
    lines = explain(clock, LIMITS)
    assert lines[1].zh == "2026-11-09 12:00 至2026-11-09 15:00不计：挂账"
    assert lines[2].en == "ends with 2026-11-10 13:00"


@settings(max_examples=120, deadline=None)
@given(
    hours=st.integers(0, 24 * 300),
    amount=st.integers(1, 40),
    unit=st.sampled_from([TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS]),
    pauses=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted), max_size=3),
    extension=st.integers(0, 5),
)
def test_whatever_moved_the_end_the_counted_days_are_the_budget_and_the_last_line_of_days_is_the_end(
    hours: int, amount: int, unit: TimeUnit, pauses: list[list[int]], extension: int
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    clock = clocks.start(Stage.CLOSE, "u", at, TimeLimit(amount=amount, unit=unit), "b", LIMITS)
    for (since, until), reason in zip(pauses, EVERY, strict=False):
        clock = clocks.pause(clock, reason, at + timedelta(hours=since))
        clock = clocks.resume(clock, (reason,), at + timedelta(hours=until), LIMITS)
    if extension:
        clock = clocks.extend(clock, more(extension, at), LIMITS)
    lines = explain(clock, LIMITS)
    assert [line.counted for line in lines if line.counted is not None] == list(range(1, clock.budget.days + 1))
    (end,) = [n for n, line in enumerate(lines) if line.zh.startswith("到期")]
    last = (clock.due_at - timedelta(microseconds=1)).astimezone(LIMITS.timezone).date()
    days = [line.on for line in lines[1:end]]
    assert days[-1] == lines[end].on == last
    assert sorted(set(days)) == days[: len(set(days))]
