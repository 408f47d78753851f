"""A clock that was given more time, that rests with its case, and that starts again when the case is opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import PauseReason, Rung, Satisfaction
from contracts.routing import CaseReopened, CaseResumed, CaseSuspended, ExtensionDecided
from contracts.scoring import (
    ClockExtended,
    ClockPaused,
    ClockResumed,
    ClockRungReached,
    ClockStarted,
    ClockStopped,
    ExtensionRefused,
)
from infra.decision import Due, Subject
from services.scoring.domain.case import Case, Rating
from services.scoring.domain.case_rules import CaseRules
from services.scoring.domain.clock import Clock
from services.scoring.domain.limits import Limits
from tests.unit.services.speaking import AT, CASE, closed, context, decided, demo, only, read, registered, told

DEMO = Limits.from_tables(demo().version, demo().tables)
LIMITS = replace(DEMO, stages={}, alarms=replace(DEMO.alarms, escalated=frozenset()))
"""The limit of the whole case alone."""
RULES = CaseRules(LIMITS)
UNIT = "urban-management-beicheng"


class Scorer:
    """One case in scoring."""

    def __init__(self, **changes: Any) -> None:
        self.case: Case | None = None
        self.hear(registered(**changes), AT)

    @property
    def held(self) -> Case:
        """The case."""
        assert self.case is not None
        return self.case

    @property
    def clock(self) -> Clock:
        """That of the whole case."""
        return self.held.clocks["close"]

    def hear(self, subject: Subject, at: datetime) -> list[Any]:
        """What is announced on it."""
        decision = decided(RULES.decide(self.case, subject, context(at=at)))
        self.case = decision.state
        return read(decision.events)

    def extend(self, requested_at: datetime, *, days: int = 5, granted: bool = True) -> list[Any]:
        """More time is decided an hour after it was asked for."""
        at = requested_at + timedelta(hours=1)
        decided_ = ExtensionDecided(
            case_id=CASE,
            occurred_at=at,
            unit=UNIT,
            approver="beicheng-centre",
            granted=granted,
            working_days=days,
            requested_at=requested_at,
            reason="需检测",
        )
        return self.hear(decided_, at)


def test_more_time_lengthens_the_budget_and_moves_what_is_still_to_come() -> None:
    scorer = Scorer()  # 15 working days from Monday 2026-11-23
    before = scorer.clock
    more = only(ClockExtended, scorer.extend(AT + timedelta(days=1)))
    clock = scorer.clock
    assert (more.working_days, more.budget_working_days, clock.extension_working_days) == (5, 20, 5)
    assert more.due_at == clock.due_at == before.due_at + timedelta(days=7)
    assert (more.reason, more.due_on) == ("需检测", date(2026, 12, 21))
    assert [step.rung for step in clock.steps] == [Rung.REMINDER, Rung.YELLOW, Rung.RED]


def test_a_card_that_has_fallen_does_not_fall_again() -> None:
    scorer = Scorer()
    yellow = scorer.clock.steps[1].at
    scorer.hear(Due(), yellow)
    scorer.extend(yellow + timedelta(hours=1))
    assert [step.rung for step in scorer.clock.steps] == [Rung.RED]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=3)])
def test_more_time_that_was_asked_for_after_the_end_counts_for_nothing(late: timedelta) -> None:
    scorer = Scorer()
    before = scorer.held
    end = before.clocks["close"].due_at
    refused = only(ExtensionRefused, scorer.extend(end + late))
    assert scorer.held == before
    assert (refused.unit, refused.approver, refused.working_days) == (UNIT, "beicheng-centre", 5)
    assert (refused.clock, refused.requested_at, refused.due_at) == ("close", end + late, end)
    assert told(refused.reasons) == [("extension-too-late", "requested_at")]


def test_of_a_case_that_is_over_no_more_time_is_refused() -> None:
    scorer = Scorer()
    scorer.hear(closed(occurred_at=AT), AT)
    assert scorer.extend(AT + timedelta(days=90)) == []


def test_more_time_that_was_asked_for_while_the_clock_stood_still_counts_though_its_old_end_is_past() -> None:
    scorer = Scorer()
    end = scorer.clock.due_at
    scorer.hear(rest(end - timedelta(days=2)), end - timedelta(days=2))
    extended = only(ClockExtended, scorer.extend(end + timedelta(days=3)))
    woken = end + timedelta(days=7)
    resumed = only(ClockResumed, scorer.hear(CaseResumed(case_id=CASE, occurred_at=woken, unit=UNIT), woken))
    assert end < extended.due_at < resumed.due_at
    assert scorer.clock.extension_working_days == 5


def test_a_clock_that_stood_still_only_after_its_end_has_no_more_time() -> None:
    scorer = Scorer()
    end = scorer.clock.due_at
    scorer.hear(rest(end + timedelta(days=1)), end + timedelta(days=1))
    assert [type(each) for each in scorer.extend(end + timedelta(days=3))] == [ExtensionRefused]


def rest(since: datetime, reason: PauseReason = PauseReason.THIRD_PARTY) -> CaseSuspended:
    until = since + timedelta(days=30)
    return CaseSuspended(case_id=CASE, occurred_at=since, unit=UNIT, reason=reason, note="等待检测", until=until)


def test_asked_for_in_time_it_counts_though_it_was_granted_late() -> None:
    scorer = Scorer()
    end = scorer.clock.due_at
    told = scorer.extend(end - timedelta(minutes=30))
    assert only(ClockExtended, told).due_at > end
    assert Rung.RED not in [event.rung for event in told if isinstance(event, ClockRungReached)]
    assert scorer.clock.steps[-1].rung is Rung.RED


def test_what_is_declined_changes_nothing() -> None:
    scorer = Scorer()
    before = scorer.held
    assert scorer.extend(AT + timedelta(days=1), granted=False) == []
    assert scorer.held == before


def test_a_case_at_rest_has_a_clock_at_rest() -> None:
    scorer = Scorer()
    end = scorer.clock.due_at
    since, until = AT + timedelta(days=1), AT + timedelta(days=8)
    assert only(ClockPaused, scorer.hear(rest(since), since)).reason is PauseReason.THIRD_PARTY
    assert RULES.due(scorer.held) is None
    told = only(ClockResumed, scorer.hear(CaseResumed(case_id=CASE, occurred_at=until, unit=UNIT), until))
    assert (told.paused_working_days, told.due_at) == (5, end + timedelta(days=7))


def test_a_case_that_is_opened_again_has_a_new_clock_and_a_new_rating() -> None:
    scorer = Scorer()
    done = AT + timedelta(days=2)
    scorer.hear(closed(occurred_at=done), done)
    rated = Rating(answer=1, rated_at=done, satisfaction=Satisfaction.DISSATISFIED, solved=False)
    scorer.case = scorer.held.model_copy(update={"ratings": (rated,)})
    again = done + timedelta(days=5)
    told = only(
        ClockStarted,
        scorer.hear(CaseReopened(case_id=CASE, occurred_at=again, unit=UNIT, count=1, reason="仍未解决"), again),
    )
    assert (told.clock, told.started_on, told.budget_working_days) == ("close-2", date(2026, 11, 30), 15)
    assert (scorer.held.closed_at, len(scorer.held.answers), scorer.held.ratings) == (None, 1, (rated,))
    ended = only(ClockStopped, scorer.hear(closed(occurred_at=again + timedelta(days=1)), again + timedelta(days=1)))
    assert (ended.clock, ended.on_time) == ("close-2", True)
