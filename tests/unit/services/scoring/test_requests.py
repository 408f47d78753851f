"""Clocks while a unit waits for the complainant, and while an answer is reviewed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts.codes import PauseReason, Rung
from contracts.intake import SupplementReceived
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    AskingEnded,
    CaseReopened,
    ComplainantAsked,
)
from contracts.scoring import ClockPaused, ClockResumed, ClockRungReached, ClockStopped
from infra.decision import Due
from tests.unit.services.scoring.test_course import CENTRE, DAY, HOUR, UNIT, Scorer, asked, assigned, event, signed
from tests.unit.services.speaking import AT, closed, only

ABOVE = "police"


def question(at: Any, nth: int = 1) -> Any:
    return event(ComplainantAsked, at, unit=UNIT, missing=(), answer_by=at + 7 * DAY, round=nth)


def ended(at: Any, *, answered: bool = True) -> Any:
    return event(AskingEnded, at, unit=UNIT, answered=answered)


def received(at: Any) -> Any:
    return event(SupplementReceived, at, round=1, complete=True, asked_by=UNIT)


def at_work() -> Scorer:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT + HOUR))
    return scorer


def test_every_clock_pauses_until_routing_announces_the_end() -> None:
    scorer = at_work()
    before = scorer.held.clocks["close"].due_at
    paused = only(ClockPaused, scorer.hear(question(AT + DAY)))
    assert (paused.clock, paused.reason) == ("close", PauseReason.SUPPLEMENT)
    assert {clock.still_since for clock in scorer.held.clocks.values() if clock.running} == {AT + DAY}
    assert scorer.hear(received(AT + 2 * DAY)) == [], "intake has the answer, routing has not yet"
    resumed = only(ClockResumed, scorer.hear(ended(AT + 3 * DAY)))
    assert (resumed.clock, resumed.paused_working_days) == ("close", 2)
    assert resumed.due_at == before + 2 * DAY
    assert scorer.held.counts.supplements == 1


def test_the_answer_may_be_read_before_the_question() -> None:
    scorer = at_work()
    assert scorer.hear(received(AT + 2 * DAY)) == []
    scorer.hear(question(AT + DAY))
    scorer.hear(ended(AT + 3 * DAY, answered=False))
    assert all(clock.still_since is None for clock in scorer.held.clocks.values())
    assert [(each.since, each.until) for each in scorer.held.clocks["close"].pauses] == [(AT + DAY, AT + 3 * DAY)]


def test_a_unit_that_asks_after_the_reception_did_is_a_second_round() -> None:
    scorer = Scorer()
    scorer.hear(asked(AT))
    scorer.hear(event(SupplementReceived, AT + HOUR, round=1, complete=True))
    scorer.hear(assigned(AT + HOUR))
    scorer.hear(question(AT + DAY))
    scorer.hear(ended(AT + 2 * DAY))
    scorer.hear(closed(occurred_at=AT + 3 * DAY))
    assert scorer.held.answers[0].supplements == 2


def appealed(at: Any) -> Any:
    return event(AnswerAppealOpened, at, unit=UNIT, reviewer=ABOVE, reason="不实", submission_id="s")


def decided_on(at: Any) -> Any:
    return event(AnswerAppealDecided, at, unit=UNIT, reviewer=ABOVE, upheld=True, reason="属实")


def test_the_reviewer_has_a_clock_of_its_own_while_the_case_stays_closed() -> None:
    scorer = at_work()
    scorer.hear(closed(occurred_at=AT + DAY))
    scorer.hear(appealed(AT + 2 * DAY))
    assert scorer.running()["review"] == ABOVE
    assert scorer.held.closed_at == AT + DAY
    rungs = [each for each in scorer.hear(Due(), AT + 60 * DAY) if isinstance(each, ClockRungReached)]
    fallen = [each for each in rungs if each.clock == "review"]
    assert [(each.rung, each.unit) for each in fallen] == [
        (rung, ABOVE) for rung in (Rung.REMINDER, Rung.YELLOW, Rung.RED)
    ]
    stopped = only(ClockStopped, scorer.hear(decided_on(AT + 61 * DAY)))
    assert (stopped.clock, stopped.on_time, stopped.unit) == ("review", False, ABOVE)
    assert "review" not in scorer.running()


def test_a_review_that_a_reopening_ends_is_neither_kept_nor_late() -> None:
    scorer = at_work()
    scorer.hear(closed(occurred_at=AT + DAY))
    scorer.hear(appealed(AT + 2 * DAY))
    scorer.hear(event(CaseReopened, AT + 3 * DAY, unit=UNIT, count=1, reason="重办"))
    clock = scorer.held.clocks["review"]
    assert (clock.stopped_at, clock.counts) == (AT + 3 * DAY, False)
    scorer.hear(closed(occurred_at=AT + 4 * DAY))
    second = scorer.held.answers[1]
    assert {each.clock for each in second.clocks if not each.counts} == {"review", "callback"}


def test_what_is_appealed_before_the_answer_is_known_here_starts_nothing() -> None:
    scorer = at_work()
    scorer.hear(appealed(AT + timedelta(hours=2)))
    assert "review" not in scorer.held.clocks
    assert scorer.held.unit in {UNIT, CENTRE}
