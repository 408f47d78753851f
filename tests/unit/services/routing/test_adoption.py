"""The answer to a suggestion says whether it is adopted, and no other answer does (S2)."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.codes import AppealType, HandlingResult
from contracts.intake import CaseMerged, FollowerAdded
from contracts.message import case_id_for
from contracts.routing import (
    CaseClosed,
    HandlingReported,
    LeadingCaseClosed,
    RedoRequested,
    VerificationRequested,
)
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, demo, only, registered

UNIT, CENTRE = "police-beicheng", "beicheng-centre"
OTHER_CASE = case_id_for("web", "other")


def signed(appeal: AppealType, **changes: Any) -> Desk:
    desk = Desk(**changes)
    desk.say(registered(appeal=appeal), "")
    desk.sign(desk.held.asked or UNIT)
    return desk


@pytest.mark.parametrize("appeal", AppealType)
@pytest.mark.parametrize("adopted", [None, True, False])
def test_a_suggestion_is_adopted_or_not_and_nothing_else_is(appeal: AppealType, adopted: bool | None) -> None:
    desk = signed(appeal)
    desk.report(desk.held.asked or UNIT, adopted=adopted)
    suggestion = appeal is AppealType.SUGGESTION
    expected = "adoption-missing" if suggestion else "adoption-not-expected"
    assert desk.refusal == (None if suggestion == (adopted is not None) else (expected, "adopted"))


@pytest.mark.parametrize("adopted", [True, False])
def test_the_answer_carries_it(adopted: bool) -> None:
    desk = signed(AppealType.SUGGESTION)
    assert only(CaseClosed, desk.report(UNIT, adopted=adopted)).adopted is adopted


def test_a_verifier_reads_it_and_a_redo_asks_for_it_again() -> None:
    dispatch = {**demo().tables["dispatch"], "verification": {"appeals": ["suggestion"]}}
    rules = Rules(DispatchPolicy.from_tables("test", {**demo().tables, "dispatch": dispatch}))
    desk = signed(AppealType.SUGGESTION, rules=rules)
    told = desk.report(UNIT, adopted=False)
    assert (only(HandlingReported, told).adopted, only(VerificationRequested, told).adopted) == (False, False)
    assert only(RedoRequested, desk.verify(CENTRE, accepted=False, reason="理由不足")).appeal is AppealType.SUGGESTION
    desk.report(UNIT, adopted=True)
    assert only(CaseClosed, desk.verify(CENTRE)).adopted is True


def test_cases_merged_into_a_suggestion_get_its_answer() -> None:
    desk = signed(AppealType.SUGGESTION)
    desk.say(FollowerAdded(case_id=CASE, occurred_at=AT, follower=OTHER_CASE), "")
    assert only(LeadingCaseClosed, desk.report(UNIT, adopted=False)).adopted is False


@pytest.mark.parametrize(("appeal", "adopted"), [(AppealType.SUGGESTION, False), (AppealType.COMPLAINT, None)])
def test_only_a_suggestion_that_follows_is_adopted_or_not(appeal: AppealType, adopted: bool | None) -> None:
    desk = Desk.of(appeal=appeal)
    desk.say(CaseMerged(case_id=CASE, occurred_at=AT, into=OTHER_CASE, into_number="BC-2"), "")
    answer = LeadingCaseClosed(
        case_id=CASE,
        occurred_at=AT,
        leading=OTHER_CASE,
        unit=UNIT,
        result=HandlingResult.EXPLAINED,
        reply="暂不采纳。",
        adopted=False,
    )
    assert only(CaseClosed, desk.say(answer, "")).adopted is adopted
