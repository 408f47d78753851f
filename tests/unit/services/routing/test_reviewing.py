"""The complainant appeals the answer: who reviews it, who may decide, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.channel import AppealAnswer
from contracts.codes import AppealType, HandlingResult
from contracts.handling import DecideAnswerAppeal, ReopenCase, ReportHandling, VerifyReport
from contracts.intake import AnswerAppealed, ReopeningRequested
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    AnswerAppealRequested,
    AssignmentOffered,
    AssignmentWithdrawn,
    CaseReopened,
    ComplainantRequestRefused,
)
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.reviewing import reviewer_of
from tests.unit.services.routing.desk import POLICY, Desk
from tests.unit.services.speaking import CASE, context, decided, demo, only, registered, told

CENTRE, UNIT, ABOVE = "beicheng-centre", "urban-management-beicheng", "urban-management"
JUDGE = f"{ABOVE}.desk-1"


def closed(rules: Rules | None = None, **changes: Any) -> Desk:
    """A case that a post of its unit has answered."""
    desk = Desk.of(**{"category": "garbage-collection", "area": "beicheng", **changes})
    desk.rules = rules or desk.rules
    desk.sign(UNIT)
    desk.ask(ReportHandling, UNIT, result=HandlingResult.RESOLVED, reply="已清运。", actor=f"{UNIT}.captain")
    return desk


def appeal(desk: Desk, **changes: Any) -> list[Any]:
    given = {
        "channel": "web",
        "submission_id": "s4",
        "external_id": "x1",
        "reason": "没有人来现场。",
        "occurred_at": desk.at,
    }
    return desk.say(AnswerAppealed(case_id=CASE, **{**given, **changes}), "")


def decide(desk: Desk, *, upheld: bool = True, unit: str = ABOVE, actor: str | None = JUDGE) -> list[Any]:
    return desk.ask(DecideAnswerAppeal, unit, upheld=upheld, reason="经复查属实。", actor=actor)


def refusal(events: list[Any]) -> tuple[str, str | None]:
    refused = only(ComplainantRequestRefused, events)
    assert events == [refused]
    assert (refused.submission_id, refused.request) == ("s4", AppealAnswer.TYPE)
    (found,) = told(refused.reasons)
    return found


def test_the_superior_gets_the_answer_and_the_complainants_words() -> None:
    desk = closed()
    events = appeal(desk)
    opened, asked = only(AnswerAppealOpened, events), only(AnswerAppealRequested, events)
    assert (opened.unit, opened.reviewer, opened.submission_id) == (UNIT, ABOVE, "s4")
    assert (asked.unit, asked.answered_by, asked.reply) == (ABOVE, UNIT, "已清运。")
    assert (asked.reason, asked.text) == ("没有人来现场。", desk.held.text)
    assert desk.held.closed


def test_an_answer_that_stands_is_explained_and_cannot_be_appealed_again() -> None:
    desk = closed()
    appeal(desk)
    (decided_,) = decide(desk)
    assert isinstance(decided_, AnswerAppealDecided)
    assert (decided_.upheld, decided_.reviewer, decided_.by) == (True, ABOVE, JUDGE)
    assert desk.held.closed
    assert refusal(appeal(desk)) == ("answer-appealed", None)
    decide(desk)
    assert desk.refuses("nothing-appealed")


def test_an_answer_that_does_not_stand_is_given_again_by_the_unit_regardless_of_earlier_reopenings() -> None:
    desk = closed(Rules(replace(POLICY, reopenings_on_request=0)))
    appeal(desk)
    events = decide(desk, upheld=False)
    assert not only(AnswerAppealDecided, events).upheld
    again = only(CaseReopened, events)
    assert (again.requested_by, again.submission_id, again.unit) == ("appeal", "s4", UNIT)
    assert again.reason == "经复查属实。"
    assert only(AssignmentOffered, events).unit == UNIT
    assert refusal(appeal(desk)) == ("not-closed", None)
    desk.sign(UNIT)
    desk.report(UNIT)
    assert refusal(appeal(desk, answer=1)) == ("answer-superseded", "answer")
    only(AnswerAppealOpened, appeal(desk, answer=2))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"unit": CENTRE, "actor": None}, ("not-appeal-body", None)),
        ({"actor": None}, ("actor-missing", "actor")),
    ],
)
def test_who_may_not_decide(fields: dict[str, Any], expected: tuple[str, str | None]) -> None:
    desk = closed()
    appeal(desk)
    decide(desk, **fields)
    assert desk.refusal == expected


def test_without_an_appeal_there_is_nothing_to_decide() -> None:
    desk = closed()
    decide(desk)
    assert desk.refuses("nothing-appealed")


def test_posts_that_reported_or_verified_an_answer_do_not_review_it() -> None:
    """At the root the unit reviews its own answer, by another post."""
    root = "city-office"
    desk = Desk.of(category="garbage-collection", area="beicheng", appeal=AppealType.REPORT)
    desk.sign(UNIT)
    desk.ask(ReportHandling, UNIT, result=HandlingResult.RESOLVED, reply="好了", actor=f"{UNIT}.captain")
    desk.ask(VerifyReport, CENTRE, accepted=True, actor=f"{CENTRE}.desk-1")
    answer = desk.held.answer
    assert answer is not None
    assert answer.posts == (f"{UNIT}.captain", f"{CENTRE}.desk-1")
    desk.case = desk.held.model_copy(
        update={"responsible": root, "answer": answer.model_copy(update={"unit": root, "posts": (f"{root}.director",)})}
    )
    assert only(AnswerAppealOpened, appeal(desk)).reviewer == root
    decide(desk, unit=root, actor=f"{root}.director")
    assert desk.refuses("same-actor", "actor")
    assert only(AnswerAppealDecided, decide(desk, unit=root, actor=f"{root}.deputy")).by == f"{root}.deputy"


@pytest.mark.parametrize(
    ("answered_by", "about", "reviewer"),
    [
        (UNIT, None, ABOVE),
        (UNIT, ABOVE, "city-office"),
        ("police-shuangqiao", "police", "city-office"),
        ("city-office", None, "city-office"),
        (CENTRE, None, "city-12345"),
        (UNIT, "city-office", CENTRE),
        ("dissolved", None, CENTRE),
    ],
)
def test_the_reviewer_is_the_next_superior_that_is_not_recused(
    answered_by: str, about: str | None, reviewer: str
) -> None:
    case = Desk.of(about=about).held.model_copy(update={"centre": CENTRE})
    assert reviewer_of(case, answered_by, POLICY) == reviewer


@pytest.mark.parametrize(
    ("changes", "later", "expected"),
    [
        ({}, {"days": 30}, None),
        ({}, {"days": 30, "seconds": 1}, ("appeal-window-closed", None)),
        ({"reason": "\u2028"}, {}, ("reason-missing", "reason")),
        ({"answer": 7}, {}, ("malformed", "answer: unknown")),
    ],
)
def test_appeals_have_a_window_and_a_reason(
    changes: dict[str, Any], later: dict[str, int], expected: tuple[str, str | None] | None
) -> None:
    desk = closed()
    desk.later(**later)
    events = appeal(desk, **changes)
    if expected is None:
        assert only(AnswerAppealOpened, events).reviewer == ABOVE
    else:
        assert refusal(events) == expected


def test_a_place_without_appeals_says_so() -> None:
    assert refusal(appeal(closed(Rules(replace(POLICY, appeal_days=None))))) == ("appeals-not-offered", None)


def test_a_reopening_ends_the_appeal_and_the_reviewer_learns_it() -> None:
    desk = closed()
    appeal(desk)
    withdrawn = [
        each.unit for each in desk.ask(ReopenCase, CENTRE, reason="重办") if isinstance(each, AssignmentWithdrawn)
    ]
    assert withdrawn == [ABOVE]
    assert (desk.held.review, desk.held.appealed) == (None, False)
    other = closed()
    appeal(other)
    asked = ReopeningRequested(
        case_id=CASE, occurred_at=other.at, channel="web", submission_id="s5", external_id="x1", reason="又开始了"
    )
    assert only(AssignmentWithdrawn, other.say(asked, "")).unit == ABOVE


def test_an_answer_from_before_appeals_were_taken_is_not_appealed() -> None:
    rules = Desk().rules
    case = closed().held.model_copy(update={"answer": None})
    asked = AnswerAppealed(
        case_id=CASE,
        occurred_at=registered().occurred_at,
        channel="web",
        submission_id="s",
        external_id="x",
        reason="?",
    )
    refused = only(ComplainantRequestRefused, decided(rules.decide(case, asked, context())).events)
    assert told(refused.reasons) == [("not-reopenable", None)]


# ---- another person reviews the answer than those who gave it


def of_the_root(appeal_type: AppealType = AppealType.COMPLAINT) -> Desk:
    """A case that the root of the tree handles: it reviews its own answers."""
    desk = Desk.of(category="other", appeal=appeal_type)
    desk.dispatch(CENTRE, "city-office")
    desk.sign("city-office")
    return desk


@pytest.mark.parametrize("kind", [AppealType.COMPLAINT, AppealType.REPORT])
@pytest.mark.parametrize("reporter", [None, "city-office.desk-1"])
def test_a_unit_that_reviews_its_own_answer_has_another_post_uphold_it(kind: AppealType, reporter: str | None) -> None:
    """Verified by another unit, or not at all. What an unnamed desk answered can only be handled again."""
    desk = of_the_root(kind)
    desk.ask(ReportHandling, "city-office", actor=reporter, result=HandlingResult.RESOLVED, reply="已办理。")
    if kind is AppealType.REPORT:
        desk.ask(VerifyReport, CENTRE, accepted=True, actor=f"{CENTRE}.desk-1")
    assert desk.held.closed
    appeal(desk)
    decide(desk, unit="city-office", actor="city-office.desk-1")
    assert desk.refuses("actor-missing" if reporter is None else "same-actor", "actor")
    decide(desk, unit="city-office", actor="city-office.deputy", upheld=reporter is not None)
    assert (desk.refusal, desk.held.review, desk.held.closed) == (None, None, reporter is not None)


@pytest.mark.parametrize("verifier", [None, f"{CENTRE}.desk-1"])
def test_a_verifier_that_reviews_the_answer_has_another_post_uphold_it(verifier: str | None) -> None:
    """A centre verifies what a unit below it reports, and reviews the answer."""
    tables = demo().tables
    moved = [{**each, "parent": CENTRE} if each["id"] == UNIT else each for each in tables["units"]["unit"]]
    rules = Rules(DispatchPolicy.from_tables("moved", {**tables, "units": {"unit": moved}}))
    desk = Desk.of(category="garbage-collection", area="beicheng", appeal=AppealType.REPORT)
    desk.rules = rules
    desk.sign(UNIT)
    desk.report(UNIT)
    desk.ask(VerifyReport, CENTRE, accepted=True, actor=verifier)
    assert desk.held.closed
    appeal(desk)
    decide(desk, unit=CENTRE, actor=f"{CENTRE}.desk-1")
    assert desk.refuses("actor-missing" if verifier is None else "same-actor", "actor")
    decide(desk, unit=CENTRE, actor=f"{CENTRE}.desk-2", upheld=verifier is not None)
    assert (desk.refusal, desk.held.review, desk.held.closed) == (None, None, verifier is not None)
