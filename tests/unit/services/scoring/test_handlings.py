"""Handlings: kept when they end and when they are rated, found by month and unit, never changed after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import AppealType, Channel, Satisfaction, TimeUnit
from contracts.limits import TimeLimit
from contracts.scoring import CallbackEnded, CaseMeasured, CaseRated, ClockResult, Measures
from infra.decision import Wait
from services.scoring.domain.decide import Rules
from services.scoring.domain.scores.handling import (
    PATIENCE,
    Handling,
    handling_key,
    key_of_handling,
    open_handling,
)
from tests.unit.services.scoring.test_course import Scorer
from tests.unit.services.speaking import AT, CASE, context, decided, demo, registered

RULES = Rules.from_tables(demo().version, demo().tables)


def measured(**changes: Any) -> CaseMeasured:
    given: dict[str, Any] = {
        "answer": 1,
        "unit": "police",
        "centre": "city-12345",
        "channel": Channel.HOTLINE_12345,
        "appeal": AppealType.COMPLAINT,
        "category": "noise-residential",
        "area": "beicheng",
        "received_at": AT,
        "ended_at": AT + timedelta(days=10),
        "on_time": True,
        "returned_by": ("housing",),
    }
    return CaseMeasured(case_id=CASE, occurred_at=AT, measures=Measures(**{**given, **changes}), policy="test")


def rated(answer: int = 1, days: int = 40) -> CaseRated:
    return CaseRated(
        case_id=CASE,
        occurred_at=AT + timedelta(days=days),
        channel=Channel.HOTLINE_12345,
        rating_id="r1",
        answer=answer,
        satisfaction=Satisfaction.SATISFIED,
        solved=True,
    )


def called_back(result: str = "unanswered", days: int = 40, **more: Any) -> CallbackEnded:
    return CallbackEnded(
        case_id=CASE,
        occurred_at=AT + timedelta(days=days, hours=1),
        answer=1,
        centre="city-12345",
        result=result,
        started_at=AT + timedelta(days=10),
        due_at=AT + timedelta(days=15),
        ended_at=AT + timedelta(days=days),
        **more,
    )


def kept(*subjects: Any) -> Handling:
    state: Any = None
    for subject in subjects:
        decision = decided(RULES.decide(state, subject, context()))
        assert decision.events == ()
        state = decision.state
    assert isinstance(state, Handling)
    return state


def test_a_handling_is_found_in_each_month_in_which_it_was_open_and_by_each_unit() -> None:
    assert kept(measured()).filed == (
        f"2026-11/{handling_key(CASE, 1)[0]}",
        f"2026-12/{handling_key(CASE, 1)[0]}",
        "2026-11/police",
        "2026-12/police",
        "2026-11/city-12345",
        "2026-12/city-12345",
        "2026-11/housing",
        "2026-12/housing",
    )


def signed(unit: str, *, on_time: bool, name: str = "sign") -> ClockResult:
    return ClockResult(
        clock=name,
        stage="sign",
        unit=unit,
        limit=TimeLimit(amount=1, unit=TimeUnit.WORKING_DAYS),
        started_at=AT,
        due_at=AT + timedelta(days=1),
        stopped_at=AT + timedelta(hours=1 if on_time else 50),
        on_time=on_time,
    )


@pytest.mark.parametrize(
    ("signs", "in_time"),
    [
        ((), None),
        ((signed("housing", on_time=False),), None),
        ((signed("housing", on_time=False), signed("police", on_time=True, name="sign-2")), True),
        ((signed("housing", on_time=True), signed("police", on_time=False, name="sign-2")), False),
        ((signed("police", on_time=False), signed("police", on_time=True, name="sign-2")), False),
    ],
)
def test_only_its_own_signatures_count_for_who_answered(signs: tuple[ClockResult, ...], in_time: bool | None) -> None:
    assert kept(measured(clocks=signs)).signed_on_time is in_time


def test_a_rating_is_added_once_and_found_in_its_own_month() -> None:
    once = kept(measured(), rated(days=70))
    assert (once.satisfaction, once.solved) == (Satisfaction.SATISFIED, True)
    assert "2027-02/police" in once.filed
    assert "2027-01/police" not in once.filed
    assert kept(measured(), rated(days=70), rated(days=80)) == once


def test_a_handling_has_the_attempts_of_its_call_back() -> None:
    found = kept(measured(), called_back("declined", attempts=2, reached=True))
    assert (found.callback, found.attempts, found.reached) == ("declined", 2, True)


def test_the_end_of_a_call_back_is_added_once_and_found_in_its_own_month() -> None:
    once = kept(measured(), called_back(days=70))
    assert (once.callback, once.called_back_at) == ("unanswered", AT + timedelta(days=70))
    assert "2027-02/police" in once.filed
    assert kept(measured(), called_back(days=70), called_back("rated", 80)) == once
    assert key_of_handling(called_back(), None) == handling_key(CASE, 1)
    assert RULES.decide(None, called_back(), context()) == Wait(PATIENCE)


def test_what_was_measured_stays_when_it_is_told_again() -> None:
    assert kept(measured(), measured(unit="housing")) == kept(measured())


def test_a_rating_waits_for_its_answer() -> None:
    assert RULES.decide(None, rated(), context()) == Wait(PATIENCE)
    with pytest.raises(LookupError):
        RULES.decide(None, rated(), context(patience_over=True))


def test_each_answer_of_a_case_has_a_handling_of_its_own() -> None:
    assert key_of_handling(measured(), None) == key_of_handling(rated(), None) == handling_key(CASE, 1)
    assert key_of_handling(measured(answer=2), None) == key_of_handling(rated(2), None) == handling_key(CASE, 2)
    assert handling_key(CASE, 1) != handling_key(CASE, 2)
    with pytest.raises(TypeError):
        key_of_handling(registered(), None)


def test_what_is_kept_is_read_back_as_it_was_written() -> None:
    once = kept(measured(), rated(), called_back("rated"))
    read = Handling.of_kept(once.model_dump(mode="json"))
    assert read.called_back_at == once.called_back_at
    assert (read.started_at, read.ended_at, read.rated_at) == (once.started_at, once.ended_at, once.rated_at)
    assert {**vars(read), "filed": (), "returned_by": ()} == {**vars(once), "filed": (), "returned_by": ()}
    assert tuple(read.returned_by) == once.returned_by


def test_an_open_case_is_a_handling_without_an_end() -> None:
    scorer = Scorer()
    found = open_handling(CASE, scorer.held)
    assert found is not None
    assert (found.answer, found.started_at, found.ended_at, found.unit) == (
        1,
        scorer.held.received_at,
        None,
        scorer.held.unit,
    )
