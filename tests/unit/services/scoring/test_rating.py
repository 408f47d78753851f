"""Ratings: by the person served, once per case, when it is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.channel import RateCase, rating_code
from contracts.codes import Channel, Ending, Satisfaction
from contracts.intake import CaseEnded
from contracts.message import case_id_for
from contracts.scoring import CaseRated, RatingRefused
from infra.decision import Decision, Problem, Unreadable, Wait
from services.scoring.domain.case import Case
from services.scoring.domain.case_rules import CaseRules
from services.scoring.domain.decide import Rules
from services.scoring.domain.rating import RatingPolicy
from tests.unit.services.scoring.test_clock import LIMITS, RULES, running
from tests.unit.services.speaking import AT, CASE, closed, context, decided, demo, only, told

KEY = b"a key of the tests"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def rating(satisfaction: Satisfaction = Satisfaction.SATISFIED, **changes: Any) -> RateCase:
    return RateCase(
        **{
            "case_id": CASE,
            "issued_at": AT,
            "channel": Channel.WEB,
            "satisfaction": satisfaction,
            "solved": True,
            **changes,
        }
    )


def ended() -> Case:
    state = decided(RULES.decide(running(), closed(), context())).state
    assert isinstance(state, Case)
    return state


def rate(case: Case | None, speaker: str = "web", **more: Any) -> Decision[Case] | Wait:
    return RULES.decide(case, rating(), context(speaker, **more))


def refused(decision: Decision[Case] | Wait, case: Case | None) -> list[tuple[str, str | None]]:
    event = only(RatingRefused, decided(decision).events)
    assert decided(decision).state == case
    assert event.rating_id == "m1"
    return told(event.reasons)


@pytest.mark.parametrize("satisfaction", Satisfaction)
@pytest.mark.parametrize("solved", [True, False])
def test_a_closed_case_is_rated_by_grade_and_by_whether_it_is_solved(satisfaction: Satisfaction, solved: bool) -> None:
    decision = decided(RULES.decide(ended(), rating(satisfaction, solved=solved), context("web")))
    rated = only(CaseRated, decision.events)
    assert (rated.channel, rated.satisfaction, rated.solved) == (Channel.WEB, satisfaction, solved)
    assert decision.state is not None
    (kept,) = decision.state.ratings
    assert (kept.answer, kept.satisfaction, kept.solved) == (1, satisfaction, solved)


def test_a_case_that_nobody_rated_is_not_satisfied() -> None:
    assert ended().ratings == ()


def test_a_second_rating_is_refused() -> None:
    case = decided(rate(ended())).state
    assert refused(rate(case), case) == [("already-rated", None)]


def test_a_rating_may_overtake_the_news_that_its_case_is_closed() -> None:
    for case in (None, running()):
        assert rate(case) == Wait(timedelta(hours=1))


def test_a_rating_of_an_open_case_is_refused_when_it_has_waited_long_enough() -> None:
    case = running()
    assert refused(rate(case, patience_over=True), case) == [("not-closed-yet", None)]


def test_a_rating_of_a_case_nobody_knows_is_refused_when_it_has_waited_long_enough() -> None:
    assert refused(rate(None, patience_over=True), None) == [("case-unknown", None)]


@pytest.mark.parametrize("over", [False, True])
def test_only_the_channel_that_took_the_case_may_rate_it(over: bool) -> None:
    case = ended()
    assert refused(rate(case, "radio", patience_over=over), case) == [("not-your-case", None)]


def test_the_topic_says_which_channel_speaks_whatever_the_rating_claims() -> None:
    case = ended()
    decision = RULES.decide(case, rating(channel=Channel.WEB), context("radio"))
    assert refused(decision, case) == [("not-your-case", None)]
    assert only(RatingRefused, decided(decision).events).channel == Channel.RADIO
    decision = RULES.decide(case, rating(channel=Channel.RADIO), context("web"))
    assert only(CaseRated, decided(decision).events).channel == Channel.WEB


def test_a_rating_that_was_patient_is_counted_when_the_case_is_closed() -> None:
    case = running()
    assert rate(case) == Wait(timedelta(hours=1))
    only(CaseRated, decided(rate(ended(), patience_over=True)).events)
    assert case.ratings == ()


@pytest.mark.parametrize("known", [True, False])
def test_a_rating_that_fits_no_contract_is_answered(known: bool) -> None:
    case = ended() if known else None
    subject = Unreadable(RateCase.TYPE, (Problem("satisfaction", "enum"), Problem("solved", "missing")))
    decision = RULES.decide(case, subject, context("web"))
    assert refused(decision, case) == [("malformed", "satisfaction: enum"), ("malformed", "solved: missing")]


@pytest.mark.parametrize("ending", Ending)
def test_where_no_unit_has_handled_anything_there_is_nothing_to_rate(ending: Ending) -> None:
    end = CaseEnded(case_id=CASE, occurred_at=AT, ending=ending, policy="p")
    case = decided(RULES.decide(running(), end, context())).state
    assert refused(rate(case), case) == [("nothing-handled", None)]


@pytest.mark.parametrize(("late", "counts"), [(timedelta(0), True), (timedelta(seconds=1), False)])
@pytest.mark.parametrize("days", [30, 7])
def test_an_answer_may_be_rated_for_so_many_days(days: int, late: timedelta, counts: bool) -> None:
    scores = {**demo().tables["scores"], "ratings": {"within_days": days}}
    rules = Rules.from_tables("test", {**demo().tables, "scores": scores})
    case = ended()
    decision = rules.decide(case, rating(), context("web", at=AT + timedelta(days=days) + late))
    if counts:
        only(CaseRated, decided(decision).events)
        return
    (reason,) = only(RatingRefused, decided(decision).events).reasons
    assert (reason.code, f"（答复后 {days} 天内）" in reason.zh) == ("rating-window-closed", True)
    assert decided(decision).state == case


@pytest.mark.parametrize("key", [KEY, None])
@pytest.mark.parametrize(
    "code",
    [
        "0000000000000000",
        "",
        "评价码",
        rating_code(KEY, case_id_for("web", "another")),
        rating_code(b"another key", CASE),
    ],
)
def test_a_code_of_no_case_or_of_another_is_refused_at_once(code: str, key: bytes | None) -> None:
    rules = CaseRules(LIMITS, RatingPolicy(key=key))
    for case in (ended(), running(), None):
        assert refused(rules.decide(case, rating(code=code), context("web")), case) == [("code-wrong", None)]


def test_the_code_of_the_case_counts_and_is_not_told_on() -> None:
    rules = CaseRules(LIMITS, RatingPolicy(key=KEY))
    code = rating_code(KEY, CASE)
    decision = decided(rules.decide(ended(), rating(code=code), context("web")))
    only(CaseRated, decision.events)
    assert decision.state is not None
    assert not [event for event in decision.events if code in event.model_dump_json()]
    assert code not in decision.state.model_dump_json()


@pytest.mark.parametrize("typed", ["{0} {1} {2} {3}", " {0}-{1}–{2}—{3}\n", "{0}\u200b{1}\u3000{2}{3}"])
def test_a_code_counts_however_it_is_typed(typed: str) -> None:
    rules, code = CaseRules(LIMITS, RatingPolicy(key=KEY)), rating_code(KEY, CASE)
    groups = typed.format(*(code[n : n + 4] for n in range(0, 16, 4)))
    for each in (groups, groups.translate(FULL_WIDTH)):
        only(CaseRated, decided(rules.decide(ended(), rating(code=each), context("web"))).events)


def test_who_shows_the_code_is_no_other_channel_all_the_same() -> None:
    case = ended()
    decision = CaseRules(LIMITS, RatingPolicy(key=KEY)).decide(
        case, rating(code=rating_code(KEY, CASE)), context("radio")
    )
    assert refused(decision, case) == [("not-your-case", None)]
