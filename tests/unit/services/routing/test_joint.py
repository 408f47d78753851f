"""Joint handling: the lead answers for the case when everybody has done their part."""

from __future__ import annotations

import pytest

from contracts.channel import Instruction
from contracts.codes import Ending
from contracts.handling import CancelSubtask, DeclineSubtask, DispatchCase, InviteCoHandler, ReassignCase, ReportSubtask
from contracts.intake import CaseEnded
from contracts.routing import (
    AssignmentOffered,
    CaseClosed,
    CaseQueued,
    SubtaskAnswered,
    SubtaskEnded,
    SubtaskOpened,
    SubtaskRequested,
    SubtaskWithdrawn,
)
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, only, read

CENTRE = "beicheng-centre"
LEAD, HELPER = "urban-management-beicheng", "ecology"


def joint() -> Desk:
    """The lead has signed and asked one unit for its part."""
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.sign(LEAD)
    desk.ask(InviteCoHandler, LEAD, to=HELPER, task="请检测")
    return desk


def test_a_co_handler_is_told_its_part_and_the_lead_its_answer() -> None:
    desk = joint()
    opened, asked = only(SubtaskOpened, desk.events), only(SubtaskRequested, desk.events)
    assert (opened.unit, opened.lead, opened.task) == (HELPER, LEAD, "请检测")
    assert (asked.unit, asked.lead, asked.number) == (HELPER, LEAD, desk.held.number)
    told = desk.ask(ReportSubtask, HELPER, reply="已检测，达标。")
    ended = only(SubtaskEnded, told)
    assert (ended.ending, ended.lead) == ("reported", LEAD)
    answered = only(SubtaskAnswered, told)
    assert (answered.unit, answered.of, answered.reported, answered.open_subtasks) == (LEAD, HELPER, True, 0)


def test_the_case_is_reported_when_every_part_is_done() -> None:
    desk = joint()
    desk.ask(InviteCoHandler, CENTRE, to="housing", task="请核实产权")
    desk.report(LEAD)
    assert desk.refuses("subtasks-open")
    desk.ask(ReportSubtask, HELPER, reply="已检测。")
    desk.ask(DeclineSubtask, "housing", reason="不属本局职责")
    assert only(CaseClosed, desk.report(LEAD)).unit == LEAD


def test_a_dispatch_may_name_the_co_handlers_at_once() -> None:
    desk = Desk.of(category="other", area="beicheng")
    told = desk.ask(DispatchCase, CENTRE, to=LEAD, co_handlers=(HELPER, "housing"))
    assert only(AssignmentOffered, told).co_handlers == (HELPER, "housing")
    assert [event.unit for event in read(told) if isinstance(event, SubtaskRequested)] == [HELPER, "housing"]


def test_who_has_a_case_by_now_is_named_when_a_part_ends() -> None:
    desk = joint()
    desk.ask(ReassignCase, CENTRE, to="police-beicheng", reason="属地公安办理")
    told = desk.ask(DeclineSubtask, HELPER, reason="不属本局职责")
    assert only(SubtaskEnded, told).lead == only(SubtaskAnswered, told).unit == "police-beicheng"


def test_whoever_approves_a_dispatch_is_told_the_co_handlers() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng", instruction=Instruction(by="mayor", text="请速办"))
    told = desk.ask(DispatchCase, CENTRE, to=LEAD, co_handlers=(HELPER,), actor=f"{CENTRE}.desk-1")
    assert only(CaseQueued, told).co_handlers == (HELPER,)
    told = desk.approve(CENTRE, f"{CENTRE}.director")
    assert only(SubtaskOpened, told).unit == HELPER


@pytest.mark.parametrize(
    ("units", "refusal"),
    [
        (("atlantis",), ("unit-unknown", "co_handlers.0")),
        ((HELPER, HELPER), ("already-co-handler", "co_handlers.1")),
        ((HELPER, LEAD), ("already-co-handler", "co_handlers.1")),
        (("police-shuangqiao",), ("recused", "co_handlers.0")),
    ],
)
def test_a_dispatch_with_a_wrong_co_handler_is_refused(units: tuple[str, ...], refusal: tuple[str, str]) -> None:
    desk = Desk.of(category="other", area="beicheng", about="police-beicheng")
    desk.ask(DispatchCase, CENTRE, to=LEAD, co_handlers=units)
    assert desk.refusal == refusal


@pytest.mark.parametrize(
    ("speaker", "to", "refusal"),
    [
        (HELPER, "housing", ("not-responsible", None)),
        (LEAD, LEAD, ("already-co-handler", "to")),
        (LEAD, HELPER, ("already-co-handler", "to")),
        (LEAD, "atlantis", ("unit-unknown", "to")),
    ],
)
def test_an_invitation_against_a_rule_is_refused(speaker: str, to: str, refusal: tuple[str, str | None]) -> None:
    desk = joint()
    desk.ask(InviteCoHandler, speaker, to=to, task="协办")
    assert desk.refusal == refusal


def test_only_who_has_a_part_answers_for_it_and_only_once() -> None:
    desk = joint()
    desk.ask(ReportSubtask, "housing", reply="已办")
    assert desk.refuses("not-co-handler")
    desk.ask(ReportSubtask, HELPER, reply="已办")
    desk.ask(ReportSubtask, HELPER, reply="已办")
    assert desk.refuses("not-co-handler")


def test_a_part_that_is_not_needed_is_cancelled() -> None:
    desk = joint()
    desk.ask(CancelSubtask, LEAD, of="housing", reason="不需要")
    assert desk.refuses("not-co-handler", "of")
    told = desk.ask(CancelSubtask, LEAD, of=HELPER, reason="已委托第三方")
    assert (only(SubtaskWithdrawn, told).unit, only(SubtaskEnded, told).ending) == (HELPER, "cancelled")
    assert desk.held.subtasks == ()


def test_a_case_does_not_go_to_a_unit_that_has_a_part_of_it() -> None:
    desk = joint()
    desk.give_back(LEAD)
    desk.dispatch(CENTRE, HELPER)
    assert desk.refuses("already-co-handler", "to")


def test_every_part_falls_with_its_case() -> None:
    desk = joint()
    ended = CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="v")
    assert only(SubtaskWithdrawn, desk.say(ended, "")).unit == HELPER
