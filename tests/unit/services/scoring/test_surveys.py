"""Surveys: batches counted once, exact results, and a rating only where enough came back valid."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.assessments import AssessmentRecorded, AssessmentRefused
from contracts.codes import RefusalCode, Satisfaction
from contracts.conduct import ConductRefused
from contracts.surveys import (
    AnswerCount,
    CloseSurvey,
    PlanSurvey,
    Question,
    RecordResponses,
    SurveyClosed,
    SurveyPlanned,
    SurveyResult,
    survey_key,
)
from infra.decision import Decision, Problem, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.keys import key_of_oversight
from services.scoring.domain.conduct.survey import Papers, score
from services.scoring.domain.decide import Rules
from tests.unit.services.speaking import AT, context, decided, demo, only, read, told

BODY, UNIT = "city-12345", "housing"
RULES = Rules.from_tables(demo().version, demo().tables)
QUESTIONS = (Question(id="attitude", zh="服务态度", weight=60), Question(id="speed", zh="办事效率", weight=40))
POINTS = {"very-satisfied": 100, "satisfied": 85, "fairly-satisfied": 70, "dissatisfied": 40, "very-dissatisfied": 0}


def plan(**changes: Any) -> PlanSurvey:
    given: dict[str, Any] = {
        "unit": BODY,
        "issued_at": AT,
        "reference": "CP-1",
        "units": (UNIT, "education"),
        "period": "2026-11",
        "item": "service-objects",
        "questions": QUESTIONS,
    }
    return PlanSurvey(**{**given, **changes})


def answers(attitude: int = 90, speed: int = 90) -> tuple[AnswerCount, ...]:
    return (
        AnswerCount(question="attitude", grade=Satisfaction.SATISFIED, count=attitude),
        AnswerCount(question="speed", grade=Satisfaction.VERY_SATISFIED, count=speed),
    )


def batch(**changes: Any) -> RecordResponses:
    given: dict[str, Any] = {
        "unit": BODY,
        "issued_at": AT,
        "reference": "CP-1",
        "batch": "1",
        "about": UNIT,
        "issued": 100,
        "returned": 95,
        "valid": 90,
        "answers": answers(),
    }
    return RecordResponses(**{**given, **changes})


CLOSE = CloseSurvey(unit=BODY, issued_at=AT, reference="CP-1")


class Office:
    """One survey in scoring."""

    def __init__(self, *heard: Subject) -> None:
        self.survey: Aggregate | None = None
        for each in heard:
            self.hear(each)

    def hear(self, subject: Subject, speaker: str = BODY) -> Decision[Any]:
        decision = decided(RULES.decide(self.survey, subject, context(speaker, key=survey_key(BODY, "CP-1"))))
        self.survey = decision.state
        return decision


def refused(decision: Decision[Any]) -> list[tuple[str, str | None]]:
    return told(only(ConductRefused, decision.events).reasons)


def closed(decision: Decision[Any], about: str = UNIT) -> SurveyClosed:
    found = [event for event in read(decision.events) if isinstance(event, SurveyClosed) and event.about == about]
    assert [event.unit for event in found] == [about, BODY]
    first: SurveyClosed = found[0]
    return first


def test_a_result_is_the_mean_of_each_question_by_its_weight() -> None:
    office = Office()
    assert only(SurveyPlanned, office.hear(plan()).events).unit == BODY
    office.hear(batch())
    decision = office.hear(CLOSE)
    result = closed(decision)
    assert (result.points, result.issued, result.valid, result.counts) == (Decimal("91.00"), 100, 90, True)
    assert closed(decision, "education").points is None
    entered = only(SurveyResult, decision.events)
    assert (entered.unit, entered.item, entered.points) == (UNIT, "service-objects", Decimal("91.00"))


@given(st.lists(st.lists(st.integers(0, 50), min_size=5, max_size=5), min_size=2, max_size=2))
def test_a_score_is_exact_and_between_nothing_and_everything(counts: list[list[int]]) -> None:
    grades = {
        question.id: dict(zip(POINTS, numbers, strict=True))
        for question, numbers in zip(QUESTIONS, counts, strict=True)
    }
    found = score(Papers(grades=grades), QUESTIONS, POINTS)
    if any(not sum(numbers) for numbers in counts):
        assert found is None
        return
    means = [
        Fraction(sum(p * n for p, n in zip(POINTS.values(), numbers, strict=True)), sum(numbers)) for numbers in counts
    ]
    assert found == (means[0] * 60 + means[1] * 40) / 100
    assert 0 <= found <= 100


@pytest.mark.parametrize(("valid", "counts"), [(60, True), (59, False), (100, True)])
def test_a_result_counts_if_enough_came_back_valid(valid: int, counts: bool) -> None:
    office = Office(plan(), batch(returned=100, valid=valid, answers=answers(50, 50)))
    decision = office.hear(CLOSE)
    assert closed(decision).counts == counts
    assert any(isinstance(event, SurveyResult) for event in decision.events) == counts


def test_a_batch_counts_once_and_batches_add_up() -> None:
    office = Office(plan(), batch(), batch(), batch(batch="2"))
    assert refused(office.hear(batch(valid=80, answers=answers(1, 1)))) == [("batch-exists", None)]
    assert closed(office.hear(CLOSE)).valid == 180


def test_what_was_closed_stays_closed() -> None:
    office = Office(plan(), batch(), CLOSE)
    assert office.hear(CLOSE).events == ()
    assert refused(office.hear(batch(batch="3"))) == [("survey-closed", None)]


@pytest.mark.parametrize(
    ("changes", "speaker", "code", "field"),
    [
        ({}, "education", RefusalCode.NOT_SURVEY_BODY, None),
        ({"units": (UNIT, BODY)}, BODY, RefusalCode.JUDGES_ITSELF, "units"),
        ({"units": ("atlantis",)}, BODY, RefusalCode.UNIT_UNKNOWN, "units"),
        ({"questions": QUESTIONS[:1]}, BODY, RefusalCode.WEIGHTS_DO_NOT_ADD_UP, "questions"),
        ({"item": "charm"}, BODY, RefusalCode.NOT_IN_SCORES, "item"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    changes: dict[str, Any], speaker: str, code: RefusalCode, field: str | None
) -> None:
    office = Office()
    assert refused(office.hear(plan(**changes), speaker)) == [(str(code), field)]
    assert office.survey is None


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"about": "police"}, RefusalCode.NOT_PLANNED, "about"),
        ({"returned": 101}, RefusalCode.PAPERS_DO_NOT_ADD_UP, "valid"),
        ({"valid": 96}, RefusalCode.PAPERS_DO_NOT_ADD_UP, "valid"),
        ({"answers": answers(91)}, RefusalCode.PAPERS_DO_NOT_ADD_UP, "answers"),
        (
            {"answers": (AnswerCount(question="charm", grade=Satisfaction.SATISFIED, count=1),)},
            RefusalCode.CODE_UNKNOWN,
            "answers",
        ),
    ],
)
def test_numbers_that_do_not_fit_are_refused(changes: dict[str, Any], code: RefusalCode, field: str) -> None:
    office = Office(plan())
    held = office.survey
    assert refused(office.hear(batch(**changes))) == [(str(code), field)]
    assert office.survey == held


def test_what_was_not_planned_is_unknown() -> None:
    assert refused(Office().hear(batch())) == [("survey-unknown", None)]
    assert refused(Office().hear(CLOSE)) == [("survey-unknown", None)]
    assert refused(Office(plan()).hear(plan(period="2026-12"))) == [("survey-exists", None)]
    assert Office(plan()).hear(plan()).events == ()


def test_a_result_becomes_the_rating_of_the_body_in_the_scores() -> None:
    result = only(SurveyResult, Office(plan(), batch()).hear(CLOSE).events)
    decision = decided(RULES.decide(None, result, context(key=result.key)))
    recorded = only(AssessmentRecorded, decision.events)
    assert (recorded.assessor, recorded.about, recorded.item, recorded.points) == (
        BODY,
        UNIT,
        "service-objects",
        Decimal("91.00"),
    )
    assert decision.state is not None
    again = decided(RULES.decide(decision.state, result, context(key=result.key)))
    assert (again.state, again.events) == (decision.state, ())


def test_a_result_that_the_scores_do_not_take_from_this_body_is_refused_to_it() -> None:
    result = only(SurveyResult, Office(plan(item="superior"), batch()).hear(CLOSE).events)
    decision = decided(RULES.decide(None, result, context(key=result.key)))
    assert told(only(AssessmentRefused, decision.events).reasons) == [("not-assessor", "item")]


def test_a_survey_is_that_of_the_body_that_the_topic_proves() -> None:
    assert {key_of_oversight(each, BODY) for each in (plan(unit="police"), batch(), CLOSE)} == {
        survey_key(BODY, "CP-1")
    }


def test_what_cannot_be_read_is_answered_to_whoever_said_it() -> None:
    spoilt = Unreadable(RecordResponses.TYPE, (Problem("valid", "less_than_equal"),))
    answer = only(ConductRefused, decided(RULES.decide(None, spoilt, context(BODY))).events)
    assert told(answer.reasons) == [("malformed", "valid: less_than_equal")]
