"""How often a body has to inspect (S1¶4 每月度, S2 每季度至少一次), and who has not done so in the current period."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.scoring.domain.conduct.inspecting import current, duties
from services.scoring.domain.conduct.inspection import Inspection, Visit
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.decide import Rules
from services.scoring.domain.scores.period import Period
from tests.unit.services.speaking import demo

OFFICE, HOTLINE = "city-office", "city-12345"
QUARTER = Period.parse("2026-Q4")


def policy(**changes: Any) -> ConductPolicy:
    table = demo().tables["accountability"]
    inspections = {**table["inspections"], **changes}
    found = Rules.from_tables("test", {**demo().tables, "accountability": {**table, "inspections": inspections}})
    assert found.conduct is not None
    return found.conduct


def inspection(*visited_on: date, body: str = OFFICE, covert: bool = True) -> Inspection:
    visits = tuple(
        Visit(visit=str(n), about="police", visited_on=day, monitor_hash=None, digest="d", ordered=0)
        for n, day in enumerate(visited_on)
    )
    return Inspection(
        body=body,
        reference="AF-1",
        covert=covert,
        units=("police",),
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        purpose="窗口单位作风",
        visits=visits,
    )


def undone(found: ConductPolicy, *inspections: Inspection, period: Period = QUARTER) -> list[str]:
    return [each.body for each in duties(found, period, inspections) if not each.done]


@pytest.mark.parametrize(
    ("every", "on", "period"),
    [
        ("quarter", date(2026, 10, 1), "2026-Q4"),
        ("quarter", date(2026, 9, 30), "2026-Q3"),
        ("month", date(2026, 11, 23), "2026-11"),
    ],
)
def test_the_current_period_is_that_of_the_place(every: str, on: date, period: str) -> None:
    assert str(current(policy(every=every), on)) == period


def test_where_the_place_names_no_period_nobody_has_to() -> None:
    table = {name: value for name, value in demo().tables["accountability"]["inspections"].items() if name == "by"}
    rules = Rules.from_tables(
        "test", {**demo().tables, "accountability": {**demo().tables["accountability"], "inspections": table}}
    )
    assert rules.conduct is not None
    assert current(rules.conduct, date(2026, 11, 23)) is None


def test_who_has_not_inspected_in_the_quarter_still_has_to() -> None:
    assert undone(policy()) == [OFFICE, HOTLINE]
    assert undone(policy(), inspection(date(2026, 10, 8))) == [HOTLINE]


def test_a_plan_without_a_visit_and_a_visit_of_another_quarter_do_not_count() -> None:
    assert undone(policy(), inspection(), inspection(date(2026, 9, 30))) == [OFFICE, HOTLINE]


def test_only_covert_visits_count_where_the_place_says_so() -> None:
    """S2: 暗查每季度至少一次; S1¶4: 每月度…安排一次明察或暗访活动."""
    opened = inspection(date(2026, 11, 3), covert=False)
    assert undone(policy(), opened) == [OFFICE, HOTLINE]
    assert undone(policy(every="month", covert_only=False), opened, period=Period.parse("2026-11")) == [HOTLINE]


def test_a_duty_names_the_days_of_its_visits_in_order() -> None:
    several = inspection(date(2026, 12, 1), date(2026, 10, 8), date(2026, 1, 5))
    assert duties(policy(), QUARTER, [several])[0].visited_on == (date(2026, 10, 8), date(2026, 12, 1))
