"""What intake holds, releases and ends, as routing takes it: somebody answers for the case all the while."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.channel import Attribute, Instruction
from contracts.codes import Ending, Hold
from contracts.intake import CaseEnded, CaseReleased
from contracts.routing import AssignmentOffered, AssignmentWithdrawn, CaseAssigned, CaseQueued
from infra.decision import Wait
from services.routing.domain.decide import PATIENCE
from tests.unit.services.routing.desk import RULES, Desk
from tests.unit.services.speaking import AT, CASE, context, only

UNIT = "police-beicheng"


def released(**more: Any) -> CaseReleased:
    return CaseReleased(case_id=CASE, occurred_at=AT, policy="p", **more)


def ended(ending: Ending = Ending.WITHDRAWN) -> CaseEnded:
    return CaseEnded(case_id=CASE, occurred_at=AT, ending=ending, policy="p")


@pytest.mark.parametrize("hold", Hold)
def test_what_intake_holds_is_the_centres_and_is_dispatched_to_nobody(hold: Hold) -> None:
    desk = Desk.of(held=hold)
    assert desk.events == []
    assert (desk.held.responsible, desk.held.asked, desk.held.queued) == (desk.held.centre, None, False)
    desk.dispatch(desk.held.centre, UNIT)
    assert desk.refusal == ("case-held", None)
    desk.sign(UNIT)
    assert desk.refusal == ("not-responsible", None)


def test_what_is_released_is_dispatched_with_what_was_added() -> None:
    desk = Desk.of(held=Hold.SUPPLEMENT, text="路灯不亮。")
    answer = Attribute(code="fault", value="dark")
    offered = only(
        AssignmentOffered, desk.say(released(added_text="三号杆。", address="双桥街", attributes=(answer,)), "")
    )
    assert (offered.text, offered.address, offered.attributes) == ("路灯不亮。\n三号杆。", "双桥街", (answer,))
    assert only(CaseAssigned, desk.events).responsible == offered.unit
    assert desk.say(released(), "") == []


def test_what_is_released_and_covered_by_no_rule_waits_for_the_dispatcher() -> None:
    desk = Desk.of(held=Hold.SCOPE, category="other")
    assert only(CaseQueued, desk.say(released(), "")).why == "no-rule"


def test_what_intake_ends_is_withdrawn_from_whoever_had_it() -> None:
    desk = Desk.of()
    asked = desk.held.asked
    assert [event.unit for event in desk.say(ended(), "")] == [asked]
    assert desk.held.closed
    assert desk.say(ended(), "") == []
    desk.sign(str(asked))
    assert desk.refusal == ("case-closed", None)


def test_what_was_never_dispatched_is_withdrawn_from_nobody() -> None:
    desk = Desk.of(held=Hold.SCOPE)
    assert desk.say(ended(Ending.DECLINED), "") == []
    assert desk.say(released(), "") == []
    assert desk.held.closed


def test_an_ending_after_the_answer_changes_nothing() -> None:
    desk = Desk.of()
    unit = str(desk.held.asked)
    desk.sign(unit)
    desk.report(unit)
    before = desk.case
    assert desk.say(ended(), "") == []
    assert desk.case == before


def test_a_signed_case_that_is_ended_is_withdrawn_from_its_unit_once() -> None:
    desk = Desk.of()
    unit = str(desk.held.asked)
    desk.sign(unit)
    assert only(AssignmentWithdrawn, desk.say(ended(), "")).unit == unit


@pytest.mark.parametrize("subject", [released(), ended()], ids=["released", "ended"])
def test_what_comes_before_the_registration_waits_for_it(subject: CaseReleased | CaseEnded) -> None:
    assert RULES.decide(None, subject, context()) == Wait(PATIENCE)
    with pytest.raises(LookupError, match="never registered"):
        RULES.decide(None, subject, context(patience_over=True))


def test_a_unit_is_told_everything_about_the_matter() -> None:
    told = {
        "address": "双桥街",
        "latitude": 34.5,
        "longitude": 113.5,
        "confidential": True,
        "problem": "delay",
        "instruction": Instruction(by="mayor", text="速办", working_days=3),
    }
    desk = Desk.of(**told)
    offered = only(AssignmentOffered, desk.approve(desk.held.centre, "beicheng-centre.director"))
    assert {name: getattr(offered, name) for name in told} == told
