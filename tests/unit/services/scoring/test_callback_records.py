"""Records of calling the person served back (回访), and which answer of a case a rating means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.channel import RecordCallback
from contracts.codes import CallbackOutcome, Channel, Ending, Satisfaction
from contracts.intake import CaseEnded
from contracts.limits import TimeLimit
from contracts.routing import CaseReopened
from contracts.scoring import CallbackEnded, CaseRated, RatingRefused
from contracts.scoring import CallbackRecorded as Recorded
from infra.decision import Decision, Due, Wait
from services.scoring.domain.callback_records import MOST_ATTEMPTS
from services.scoring.domain.case import Case
from services.scoring.domain.case_rules import CaseRules
from tests.unit.services.scoring.test_clock import LIMITS, running
from tests.unit.services.scoring.test_rating import rating
from tests.unit.services.speaking import AT, CASE, closed, context, decided, only, told

REACHED, NO_ANSWER = CallbackOutcome.REACHED, CallbackOutcome.NO_ANSWER
LIMIT = TimeLimit.parse("3 working days")
RULES = CaseRules(replace(LIMITS, stages={"callback": LIMIT}))
RATED = {"satisfaction": Satisfaction.SATISFIED, "solved": True}


def ended() -> Case:
    state = decided(RULES.decide(running(), closed(), context())).state
    assert isinstance(state, Case)
    return state


def record(outcome: CallbackOutcome = NO_ANSWER, **more: Any) -> RecordCallback:
    return RecordCallback(case_id=CASE, issued_at=AT, channel=Channel.WEB, outcome=outcome, **more)


def called(case: Case | None, command: RecordCallback, speaker: str = "web", **more: Any) -> Decision[Case] | Wait:
    return RULES.decide(case, command, context(speaker, **more))


def after(case: Case, *commands: RecordCallback) -> Case:
    for command in commands:
        state = decided(called(case, command)).state
        assert isinstance(state, Case)
        case = state
    return case


def reopened(case: Case) -> Case:
    event = CaseReopened(case_id=CASE, occurred_at=AT, unit="housing", reason="再看看", by="dispatcher", count=1)
    state = decided(RULES.decide(case, event, context())).state
    assert isinstance(state, Case)
    return state


def again() -> Case:
    """A case with two answers."""
    state = decided(RULES.decide(reopened(ended()), closed(), context())).state
    assert isinstance(state, Case)
    return state


def end_of(decision: Decision[Case] | Wait) -> list[CallbackEnded]:
    return [each for each in decided(decision).events if isinstance(each, CallbackEnded)]


def refusal(decision: Decision[Case] | Wait) -> list[str]:
    event = only(RatingRefused, decided(decision).events)
    assert event.rating_id == "m1"
    return [code for code, _ in told(event.reasons)]


@pytest.mark.parametrize(
    ("outcome", "rated", "result", "goes_on"),
    [
        (REACHED, RATED, "rated", False),
        (REACHED, {}, None, True),
        (NO_ANSWER, {}, None, True),
        (CallbackOutcome.DECLINED, {}, "declined", False),
        (CallbackOutcome.UNREACHABLE, {}, "unreachable", False),
    ],
)
def test_an_attempt_is_recorded_and_ends_the_call_back_by_its_outcome(
    outcome: CallbackOutcome, rated: dict[str, Any], result: str | None, goes_on: bool
) -> None:
    decision = called(ended(), record(outcome, note="第一次", **rated))
    recorded = only(Recorded, decided(decision).events)
    assert (recorded.answer, recorded.attempt, recorded.outcome) == (1, 1, outcome)
    assert (recorded.record_id, recorded.channel, recorded.note) == ("m1", Channel.WEB, "第一次")
    assert [each.result for each in end_of(decision)] == ([result] if result else [])
    assert [each.rating_id for each in decided(decision).events if isinstance(each, CaseRated)] == ["m1"] * bool(rated)
    state = decided(decision).state
    assert state is not None
    assert RULES.is_open(state) is goes_on
    for each in end_of(decision):
        assert (each.attempts, each.reached) == (1, outcome is REACHED)
        assert (each.on_time is None) == (result != "rated")


def test_attempts_are_numbered_for_each_answer_and_the_latest_stay_in_the_state() -> None:
    case = after(ended(), *[record()] * (MOST_ATTEMPTS + 5))
    assert [each.number for each in case.attempts] == list(range(6, MOST_ATTEMPTS + 6))
    assert only(Recorded, decided(called(case, record())).events).attempt == MOST_ATTEMPTS + 6
    second = decided(RULES.decide(reopened(case), closed(), context())).state
    recorded = only(Recorded, decided(called(second, record())).events)
    assert (recorded.answer, recorded.attempt) == (2, 1)


def test_a_call_back_without_a_rating_counts_its_attempts_when_its_time_is_over() -> None:
    case = after(ended(), record(REACHED), record())
    over_at = RULES.due(case)
    while over_at is not None:
        decision = RULES.decide(case, Due(), context(at=over_at))
        if found := end_of(decision):
            assert [(each.result, each.attempts, each.reached) for each in found] == [("unanswered", 2, True)]
            return
        state = decided(decision).state
        assert state is not None
        case, over_at = state, RULES.due(state)
    raise AssertionError("the call-back never ended")


def test_an_attempt_after_the_end_is_recorded_and_ends_nothing() -> None:
    case = after(ended(), record(CallbackOutcome.DECLINED))
    decision = called(case, record(CallbackOutcome.UNREACHABLE))
    assert only(Recorded, decided(decision).events).attempt == 2
    assert end_of(decision) == []


def test_who_declined_on_the_telephone_may_still_rate() -> None:
    case = after(ended(), record(CallbackOutcome.DECLINED))
    decision = RULES.decide(case, rating(), context("web"))
    only(CaseRated, decided(decision).events)
    assert end_of(decision) == []


def test_a_case_that_was_rated_on_the_telephone_is_not_rated_again() -> None:
    case = after(ended(), record(REACHED, **RATED))
    assert refusal(RULES.decide(case, rating(), context("web"))) == ["already-rated"]
    decision = called(case, record(REACHED, **RATED))
    assert refusal(decision) == ["already-rated"]
    assert decided(decision).state == case, "an attempt whose rating is refused is not recorded"
    only(Recorded, decided(called(case, record(REACHED))).events)


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": REACHED, "satisfaction": Satisfaction.SATISFIED},
        {"outcome": REACHED, "solved": True},
        {"outcome": NO_ANSWER, **RATED},
        {"outcome": CallbackOutcome.DECLINED, "solved": False},
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_half_a_rating_or_one_without_a_call_is_refused_at_once(given: dict[str, Any], known: bool) -> None:
    assert refusal(called(ended() if known else None, record(**given))) == ["rating-incomplete"]


def test_a_rating_on_the_telephone_has_the_window_of_any_other() -> None:
    late = AT + timedelta(days=31)
    assert refusal(called(ended(), record(REACHED, **RATED), at=late)) == ["rating-window-closed"]
    only(Recorded, decided(called(ended(), record(REACHED), at=late)).events)


def withdrawn() -> Case:
    end = CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="p")
    state = decided(RULES.decide(running(), end, context())).state
    assert isinstance(state, Case)
    return state


COMMANDS = {
    "rating": lambda answer: rating(answer=answer),
    "record": lambda answer: record(answer=answer),
    "record with a rating": lambda answer: record(REACHED, answer=answer, **RATED),
}
CASES: dict[str, tuple[Any, str, int | None, str | None, str | None]] = {
    # case, who speaks, answer meant, refused at once (None: waits or counts), refused after waiting
    "not closed yet": (running, "web", None, None, "not-closed-yet"),
    "an answer that is still to come": (ended, "web", 2, None, "not-closed-yet"),
    "an unknown case": (lambda: None, "web", 1, None, "case-unknown"),
    "another channel's case": (ended, "radio", 1, "not-your-case", "not-your-case"),
    "no unit has answered": (withdrawn, "web", None, "nothing-handled", "nothing-handled"),
    "answered again since": (again, "web", 1, "answer-superseded", "answer-superseded"),
    "reopened since": (lambda: reopened(ended()), "web", 1, "answer-superseded", "answer-superseded"),
    "reopened, the next answer": (lambda: reopened(ended()), "web", 2, None, "not-closed-yet"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", CASES)
def test_which_answer_is_meant_and_whether_it_may_be_rated(name: str, command: str) -> None:
    make, speaker, answer, at_once, at_last = CASES[name]
    given, case = COMMANDS[command](answer), make()
    decision = RULES.decide(case, given, context(speaker))
    if at_once is None:
        assert decision == Wait(timedelta(hours=1))
    else:
        assert refusal(decision) == [at_once]
    late = RULES.decide(case, given, context(speaker, patience_over=True))
    assert refusal(late) == [at_last]
    assert decided(late).state == case


@pytest.mark.parametrize("answer", [None, 2])
@pytest.mark.parametrize("command", ["rating", "record with a rating"])
def test_the_latest_answer_is_rated(answer: int | None, command: str) -> None:
    given = COMMANDS[command](answer)
    assert only(CaseRated, decided(RULES.decide(again(), given, context("web"))).events).answer == 2
