"""What units are told of their open cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.routing import CaseResumed
from infra.store import Listed, StateQuery, Store
from services.scoring.clock_views import ClockViews, due_case
from tests.unit.services.scoring.test_course import DEMO, Scorer, assigned, event, signed, suspended
from tests.unit.services.speaking import AT, CASE

DAY = timedelta(days=1)


def test_a_case_is_over_at_its_end_and_not_before() -> None:
    scorer = Scorer()
    end = scorer.clock("close").due_at
    seen = [due_case(CASE, scorer.held, at, DEMO) for at in (end - timedelta(seconds=1), end)]
    assert [(each.on_time, each.still_since) for each in seen] == [(True, None), (False, None)]


def test_a_case_that_rests_is_not_shown_as_over_until_it_runs_on_and_ends() -> None:
    scorer = Scorer()
    end = scorer.clock("close").due_at
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(suspended(end - DAY))
    resting = due_case(CASE, scorer.held, end + 2 * DAY, DEMO)
    assert (resting.on_time, resting.still_since, resting.due_at) == (True, end - DAY, end)
    scorer.hear(event(CaseResumed, end + 2 * DAY, unit="police-beicheng"))
    later = scorer.clock("close").due_at
    assert [due_case(CASE, scorer.held, at, DEMO).on_time for at in (end + 2 * DAY, later)] == [True, False]


def test_what_rested_only_after_its_end_is_over() -> None:
    scorer = Scorer()
    end = scorer.clock("close").due_at
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(suspended(end + DAY))
    assert not due_case(CASE, scorer.held, end + 2 * DAY, DEMO).on_time


class OneCase(Store):
    """A store with one case."""

    def __init__(self, scorer: Scorer) -> None:
        self._state = scorer.held.model_dump(mode="json")

    async def state_of(self, key: str) -> dict[str, Any] | None:
        return self._state if key == CASE else None

    async def listed(self, query: StateQuery, *, with_state: bool = True) -> list[Listed]:
        return [Listed(CASE, 1, 1, self._state)] if query.wanted["unit"] == self._state["unit"] else []


@pytest.mark.parametrize(
    ("about", "unit", "seen"),
    [
        (None, "beicheng-centre", True),
        ("ecology", "beicheng-centre", True),
        ("beicheng-centre", "beicheng-centre", False),
        ("city-12345", "beicheng-centre", False),
        ("city-office", "beicheng-centre", False),
        ("beicheng-centre", "city-office", True),
    ],
)
async def test_the_unit_complained_about_and_those_below_it_see_no_clock_of_the_case(
    about: str | None,
    unit: str,
    seen: bool,
) -> None:
    scorer = Scorer(DEMO)
    scorer.case = scorer.held.model_copy(update={"about": about})
    views = ClockViews(OneCase(scorer), lambda: DEMO)
    listed = await views.due(scorer.held.unit, unit, AT - 99 * DAY, AT + 99 * DAY, AT, 10)
    assert (bool(listed.cases), await views.explained(CASE, unit) is not None) == (seen, seen)
