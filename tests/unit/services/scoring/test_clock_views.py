"""What units are told of their open cases."""

from __future__ import annotations

from datetime import timedelta

from contracts.routing import CaseResumed
from services.scoring.clock_views import due_case
from tests.unit.services.scoring.test_course import Scorer, assigned, event, signed, suspended
from tests.unit.services.speaking import AT, CASE

DAY = timedelta(days=1)


def test_a_case_is_over_at_its_end_and_not_before() -> None:
    scorer = Scorer()
    end = scorer.clock("close").due_at
    seen = [due_case(CASE, scorer.held, at) for at in (end - timedelta(seconds=1), end)]
    assert [(each.on_time, each.still_since) for each in seen] == [(True, None), (False, None)]


def test_a_case_that_rests_is_not_shown_as_over_until_it_runs_on_and_ends() -> None:
    scorer = Scorer()
    end = scorer.clock("close").due_at
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(suspended(end - DAY))
    resting = due_case(CASE, scorer.held, end + 2 * DAY)
    assert (resting.on_time, resting.still_since, resting.due_at) == (True, end - DAY, end)
    scorer.hear(event(CaseResumed, end + 2 * DAY, unit="police-beicheng"))
    later = scorer.clock("close").due_at
    assert [due_case(CASE, scorer.held, at).on_time for at in (end + 2 * DAY, later)] == [True, False]


def test_what_rested_only_after_its_end_is_over() -> None:
    scorer = Scorer()
    end = scorer.clock("close").due_at
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(suspended(end + DAY))
    assert not due_case(CASE, scorer.held, end + 2 * DAY).on_time
