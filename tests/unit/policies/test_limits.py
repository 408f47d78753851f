"""Limits of every place of the sources, by its own calendar: when they end, and when cards fall."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from contracts.codes import AppealType, Rung, Stage
from services.scoring.domain.reckoning import Budget, alarms, reckon
from tests.unit.policies.opened import opened
from tests.unit.policies.test_bodies import PLACES


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("received", "last"), [(date(2026, 9, 18), date(2026, 10, 15)), (date(2026, 2, 9), date(2026, 3, 6))]
)
def test_fifteen_working_days_pass_over_holidays_and_count_the_days_worked_for_them(
    name: str, received: date, last: date
) -> None:
    """Weekends alone would say the 9th of October and the 2nd of March."""
    for appeal in (AppealType.COMPLAINT, AppealType.REPORT):
        assert opened(name).due_on(received, appeal) == last


@pytest.mark.parametrize("name", PLACES)
def test_cards_of_a_complaint_fall_in_working_hours_before_and_after_the_holiday(name: str) -> None:
    """Eight of fifteen days are half of them, twelve are eight tenths; the red card waits for the next morning."""
    limits = opened(name).scoring.limits
    limit, _ = limits.of_case("complaint", "other")
    budget = Budget(datetime(2026, 9, 18, 12, tzinfo=limits.timezone), limit)
    found = alarms(budget, reckon(budget, limits).due_at, Stage.CLOSE, limits)
    assert [(each.rung, f"{each.at:%m-%d %H:%M}") for each in found if not each.level] == [
        (Rung.REMINDER, "09-30 09:00"),
        (Rung.YELLOW, "10-12 09:00"),
        (Rung.RED, "10-16 09:00"),
    ]


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("jiaozuo-2006", []),
        ("hangzhou-2004", []),
        ("jian-county", ["10-19 09:00"]),
        ("yibin-lingang", ["10-19 09:00"]),
        ("jiangmen-2008", ["10-19 09:00", "10-23 09:00"]),
        ("ningbo-2004", ["10-19 09:00", "10-23 09:00"]),
        ("preset-12345", ["10-19 09:00", "10-23 09:00"]),
    ],
)
def test_what_is_over_goes_up_as_many_levels_as_the_place_says(name: str, levels: list[str]) -> None:
    limits = opened(name).scoring.limits
    limit, _ = limits.of_case("complaint", "other")
    budget = Budget(datetime(2026, 9, 18, 12, tzinfo=limits.timezone), limit)
    found = alarms(budget, reckon(budget, limits).due_at, Stage.CLOSE, limits)
    assert [f"{each.at:%m-%d %H:%M}" for each in found if each.level] == levels
