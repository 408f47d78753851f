"""Rests for listed reasons, more time by somebody else's leave, and what a late unit owes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.codes import PauseReason
from contracts.handling import DecideExtension, ExplainDelay, RequestExtension, ResumeCase, SuspendCase
from contracts.intake import CaseMerged
from contracts.routing import (
    CaseJoined,
    CaseResumed,
    CaseSuspended,
    DelayExplained,
    ExtensionAnswered,
    ExtensionApprovalRequested,
    ExtensionDecided,
    ExtensionRequested,
    SuspensionEnded,
)
from infra.decision import Due
from services.routing.domain.case import Stage
from services.routing.domain.decide import Rules
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, only

CENTRE = "beicheng-centre"
UNIT = "urban-management-beicheng"


def signed(unit: str = UNIT, area: str = "beicheng") -> Desk:
    """A case that its unit works on."""
    desk = Desk.of(category="garbage-collection", area=area)
    desk.sign(unit)
    return desk


# ---- rests


def test_a_case_rests_for_as_long_as_the_list_says_and_then_goes_on_by_itself() -> None:
    desk = signed()
    told = only(CaseSuspended, desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待检测"))
    assert (told.reason, told.until, told.note) == (PauseReason.THIRD_PARTY, AT + timedelta(days=30), "等待检测")
    assert (desk.held.stage, Rules.due(desk.held)) == (Stage.SUSPENDED, told.until)
    desk.at = told.until - timedelta(seconds=1)
    assert desk.say(Due(), "") == []
    desk.at = told.until
    events = desk.say(Due(), "")
    assert (only(CaseResumed, events).lapsed, only(SuspensionEnded, events).unit) == (True, UNIT)
    assert (desk.held.stage, Rules.due(desk.held)) == (Stage.SIGNED, None)
    assert desk.say(Due(), "") == []


def test_rests_for_one_reason_together_are_not_longer_than_the_list_says() -> None:
    desk = signed()
    for days in (10, 15):
        desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待检测")
        desk.later(days=days)
        assert [type(event) for event in desk.ask(ResumeCase, UNIT)] == [CaseResumed]
    last = only(CaseSuspended, desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待检测"))
    assert last.until == desk.at + timedelta(days=5)
    desk.later(days=5)
    desk.say(Due(), "")
    desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待检测")
    assert desk.refuses("suspension-used-up", "reason")
    desk.ask(SuspendCase, UNIT, reason=PauseReason.SHELVED, note="待拆迁后办理")
    assert desk.refusal is None


def test_a_case_rests_for_no_other_reason() -> None:
    desk = signed()
    desk.ask(SuspendCase, UNIT, reason=PauseReason.SUPPLEMENT, note="等待补充")
    assert desk.refuses("suspension-not-listed", "reason")


def test_while_it_rests_its_unit_resumes_it_first() -> None:
    desk = signed()
    desk.ask(SuspendCase, UNIT, reason=PauseReason.SHELVED, note="暂缓")
    desk.report(UNIT)
    assert desk.refuses("case-suspended")
    desk.sign("housing")
    assert desk.refuses("not-responsible")
    desk.ask(ResumeCase, "housing")
    assert desk.refuses("not-responsible")
    told = desk.ask(ResumeCase, CENTRE)
    assert only(SuspensionEnded, told).lapsed is False
    desk.ask(ResumeCase, UNIT)
    assert desk.refuses("not-suspended")


def test_only_who_has_signed_lets_it_rest() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.ask(SuspendCase, UNIT, reason=PauseReason.SHELVED, note="暂缓")
    assert desk.refuses("not-signed")
    desk.ask(SuspendCase, "housing", reason=PauseReason.SHELVED, note="暂缓")
    assert desk.refuses("not-responsible")


def test_a_case_that_is_merged_rests_no_more_and_says_so_before_it_joins() -> None:
    desk = signed()
    desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待检测")
    desk.later(days=3)
    merged = CaseMerged(
        case_id=CASE, occurred_at=desk.at, into=CASE.replace("4", "5"), into_number="BC-20261123-000002"
    )
    told = desk.say(merged, "")
    assert [type(event) for event in told][:3] == [CaseResumed, SuspensionEnded, CaseJoined]
    assert (only(CaseResumed, told).unit, only(SuspensionEnded, told).unit) == (UNIT, UNIT)
    assert desk.held.rest is None
    assert desk.held.rested(PauseReason.THIRD_PARTY) == timedelta(days=3), "what it has rested stays counted"


# ---- extensions


def test_more_time_is_granted_by_somebody_else() -> None:
    desk = signed()
    asked = desk.ask(RequestExtension, UNIT, working_days=5, reason="需检测")
    assert only(ExtensionRequested, asked).approver == only(ExtensionApprovalRequested, asked).unit == CENTRE
    requested_at = desk.at
    desk.later(hours=3)
    desk.ask(DecideExtension, UNIT, granted=True)
    assert desk.refuses("not-approver")
    told = desk.ask(DecideExtension, CENTRE, granted=True)
    decided = only(ExtensionDecided, told)
    assert (decided.granted, decided.working_days, decided.requested_at) == (True, 5, requested_at)
    assert (decided.unit, decided.approver, decided.reason) == (UNIT, CENTRE, "需检测")
    assert only(ExtensionAnswered, told).unit == UNIT
    desk.ask(RequestExtension, UNIT, working_days=5, reason="再延")
    assert desk.refuses("extensions-used-up")


def test_what_is_declined_says_why_and_may_be_asked_for_again() -> None:
    desk = signed()
    desk.ask(DecideExtension, CENTRE, granted=True)
    assert desk.refuses("extension-not-asked")
    desk.ask(RequestExtension, UNIT, working_days=5, reason="需检测")
    desk.ask(RequestExtension, UNIT, working_days=5, reason="需检测")
    assert desk.refuses("extension-pending")
    desk.ask(DecideExtension, CENTRE, granted=False)
    assert desk.refuses("reason-missing", "reason")
    told = desk.ask(DecideExtension, CENTRE, granted=False, reason="检测可当日完成")
    assert (only(ExtensionDecided, told).granted, only(ExtensionAnswered, told).reason) == (False, "检测可当日完成")
    desk.ask(RequestExtension, UNIT, working_days=16, reason="需检测")
    assert desk.refuses("extension-too-long", "working_days")
    desk.ask(RequestExtension, UNIT, working_days=15, reason="需检测")
    assert desk.refusal is None


def test_the_centres_own_request_is_decided_one_level_up() -> None:
    desk = Desk.of(category="other", area="beicheng")
    desk.dispatch(CENTRE, CENTRE)
    desk.sign(CENTRE)
    asked = desk.ask(RequestExtension, CENTRE, working_days=5, reason="需协调")
    assert only(ExtensionRequested, asked).approver == "city-12345"


# ---- explanations


def test_a_late_unit_explains_and_promises_a_date_to_come() -> None:
    desk = signed()
    desk.ask(ExplainDelay, UNIT, reason="检测延期", promised_at=desk.at)
    assert desk.refuses("promise-in-past", "promised_at")
    told = only(
        DelayExplained, desk.ask(ExplainDelay, UNIT, reason="检测延期", promised_at=desk.at + timedelta(days=3))
    )
    assert (told.unit, told.reason) == (UNIT, "检测延期")


@pytest.mark.parametrize("command", [RequestExtension, ExplainDelay])
def test_only_who_works_on_it_asks_or_explains(command: type) -> None:
    desk = signed()
    fields = {"working_days": 5} if command is RequestExtension else {"promised_at": AT + timedelta(days=1)}
    desk.ask(command, "housing", reason="延期", **fields)
    assert desk.refuses("not-responsible")
