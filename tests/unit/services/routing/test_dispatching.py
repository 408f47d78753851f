"""Approval before dispatch, reassignment by the centre, transfer between units; sent on too often, somebody watches."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.channel import Instruction
from contracts.codes import PauseReason
from contracts.handling import ApproveDispatch, DispatchCase, ReassignCase, RequestTransfer, SuspendCase
from contracts.intake import RepeatLinked
from contracts.routing import (
    AssignmentOffered,
    AssignmentWithdrawn,
    CaseAssigned,
    CaseEscalated,
    CaseQueued,
    CaseResumed,
    DispatchRequested,
    SupervisionRequested,
)
from services.routing.domain.case import Stage
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, only

CENTRE = "beicheng-centre"
DIRECTOR, CLERK = f"{CENTRE}.director", f"{CENTRE}.desk-1"
UNIT, OTHER = "urban-management-beicheng", "ecology"


def case(**changes: Any) -> Desk:
    """A matter that a rule sends to `UNIT`."""
    return Desk.of(**{"category": "garbage-collection", "area": "beicheng", **changes})


def instructed(**changes: Any) -> Desk:
    """A leader has asked for it, so somebody approves where it goes."""
    return case(instruction=Instruction(by="mayor", text="速办"), **changes)


# ---- approval


def test_what_a_rule_proposes_goes_out_when_somebody_has_approved_it() -> None:
    desk = instructed()
    assert (desk.held.stage, desk.held.responsible) == (Stage.PROPOSED, CENTRE)
    queued, asked = only(CaseQueued, desk.events), only(DispatchRequested, desk.events)
    assert (queued.why, queued.proposed, queued.by) == ("approval", UNIT, None)
    assert queued.form == "BC-20261123-000001-C1"
    assert (asked.unit, asked.proposed, asked.proposed_by) == (CENTRE, UNIT, None)
    sent = only(CaseAssigned, desk.approve(CENTRE, DIRECTOR))
    assert (sent.unit, sent.responsible, sent.rule, sent.by) == (UNIT, UNIT, "city-appearance", DIRECTOR)
    assert desk.held.stage is Stage.OFFERED


def test_who_proposed_it_does_not_approve_it() -> None:
    desk = instructed(category="other")
    assert desk.held.queued
    desk.ask(DispatchCase, CENTRE, to=OTHER)
    assert desk.refuses("actor-missing", "actor")
    desk.ask(DispatchCase, CENTRE, to=OTHER, actor=CLERK)
    assert desk.held.stage is Stage.PROPOSED
    for actor, refusal in ((CLERK, "same-actor"), (None, "actor-missing")):
        desk.ask(ApproveDispatch, CENTRE, actor=actor, approved=True)
        assert desk.refusal == (refusal, "actor")
    sent = only(CaseAssigned, desk.approve(CENTRE, DIRECTOR))
    assert (sent.unit, sent.rule, sent.responsible) == (OTHER, "dispatcher", CENTRE)


def test_what_is_not_approved_waits_for_the_dispatcher_with_the_reason() -> None:
    desk = instructed()
    desk.approve(CENTRE, DIRECTOR, approved=False)
    assert desk.refuses("reason-missing", "reason")
    told = only(CaseQueued, desk.approve(CENTRE, DIRECTOR, approved=False, reason="应由市局办理"))
    assert (told.why, told.return_reason, told.proposed) == ("not-approved", "应由市局办理", None)
    assert (told.form, told.by) == ("BC-20261123-000001-C1", DIRECTOR)
    assert desk.held.stage is Stage.QUEUED
    desk.approve(CENTRE, DIRECTOR)
    assert desk.refuses("nothing-to-approve")
    again = only(CaseQueued, desk.ask(DispatchCase, CENTRE, to=OTHER, actor=CLERK))
    assert (again.form, again.by) == ("BC-20261123-000001-C2", CLERK)
    assert only(CaseAssigned, desk.approve(CENTRE, DIRECTOR)).form == "BC-20261123-000001-C2"


def test_only_the_centre_approves() -> None:
    desk = instructed()
    desk.ask(ApproveDispatch, OTHER, actor="ecology.desk-1", approved=True)
    assert desk.refuses("not-dispatcher")


def test_an_offer_that_is_proposed_elsewhere_is_withdrawn_until_that_is_approved() -> None:
    desk = instructed()
    desk.approve(CENTRE, DIRECTOR)
    told = desk.ask(DispatchCase, CENTRE, to=OTHER, actor=CLERK)
    assert only(AssignmentWithdrawn, told).unit == UNIT
    assert desk.held.stage is Stage.PROPOSED


# ---- reassignment


def test_the_centre_takes_a_case_from_whoever_has_it() -> None:
    desk = case()
    desk.sign(UNIT)
    told = desk.ask(ReassignCase, CENTRE, to=OTHER, reason="跨区", actor=CLERK)
    sent = only(CaseAssigned, told)
    assert (sent.unit, sent.responsible, sent.rule, sent.by, sent.why) == (OTHER, UNIT, "reassigned", CLERK, "跨区")
    assert only(AssignmentWithdrawn, told).unit == UNIT
    desk.sign(UNIT)
    assert desk.refuses("not-responsible")
    desk.sign(OTHER)
    assert (desk.held.responsible, desk.held.stage) == (OTHER, Stage.SIGNED)


@pytest.mark.parametrize(
    ("speaker", "to", "refusal"),
    [
        (UNIT, OTHER, ("not-dispatcher", None)),
        (CENTRE, "atlantis", ("unit-unknown", "to")),
        (CENTRE, UNIT, ("already-there", "to")),
        (CENTRE, "police-shuangqiao", ("recused", "to")),
    ],
)
def test_a_reassignment_against_a_rule_is_refused(speaker: str, to: str, refusal: tuple[str, str | None]) -> None:
    desk = case(about="police-beicheng")
    desk.ask(ReassignCase, speaker, to=to, reason="改派")
    assert desk.refusal == refusal


def test_what_is_with_nobody_is_dispatched_and_not_reassigned() -> None:
    desk = case(category="other")
    desk.ask(ReassignCase, CENTRE, to=OTHER, reason="改派")
    assert desk.refuses("not-assigned")


def test_a_case_at_rest_goes_on_when_it_is_reassigned() -> None:
    desk = case()
    desk.sign(UNIT)
    desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待检测")
    told = desk.ask(ReassignCase, CENTRE, to=OTHER, reason="改派")
    assert only(CaseResumed, told).lapsed is False
    assert desk.held.stage is Stage.OFFERED


# ---- transfer


def test_who_passes_a_case_on_stays_responsible_until_the_other_has_signed() -> None:
    desk = case()
    desk.sign(UNIT)
    sent = only(CaseAssigned, desk.ask(RequestTransfer, UNIT, to=OTHER, reason="属生态环境部门职责"))
    assert (sent.unit, sent.responsible, sent.rule) == (OTHER, UNIT, "transfer")
    desk.sign(OTHER)
    assert desk.held.responsible == OTHER


def test_a_transfer_that_is_returned_waits_for_the_dispatcher() -> None:
    desk = case()
    desk.sign(UNIT)
    desk.ask(RequestTransfer, UNIT, to=OTHER, reason="属生态环境部门职责")
    assert only(CaseQueued, desk.give_back(OTHER)).responsible == UNIT


@pytest.mark.parametrize(
    ("to", "refusal"),
    [("atlantis", "unit-unknown"), (UNIT, "already-there"), ("police-shuangqiao", "recused")],
)
def test_a_transfer_against_a_rule_is_refused(to: str, refusal: str) -> None:
    desk = case(about="police-beicheng")
    desk.sign(UNIT)
    desk.ask(RequestTransfer, UNIT, to=to, reason="移交")
    assert desk.refusal == (refusal, "to")


def test_a_ruling_is_not_passed_on_and_neither_is_what_is_not_signed_for() -> None:
    desk = case(category="other")
    desk.dispatch(CENTRE, UNIT, binding=True, consulted=(UNIT,))
    desk.ask(RequestTransfer, UNIT, to=OTHER, reason="移交")
    assert desk.refuses("not-signed")
    desk.sign(UNIT)
    desk.ask(RequestTransfer, UNIT, to=OTHER, reason="移交")
    assert desk.refuses("ruling-binds")


def test_sent_on_three_times_without_an_owner_it_is_supervised_one_level_up_once() -> None:
    desk = case()
    for n, unit in enumerate([OTHER, "housing", "health", "education"], 1):
        told = desk.dispatch(CENTRE, unit)
        assert [type(event) for event in told].count(CaseEscalated) == (n == 3)
        if n == 3:
            assert only(CaseEscalated, told).why == "transfers"
            assert only(SupervisionRequested, told).count == 3
    assert desk.held.supervisor == "urban-management"


def test_a_signature_ends_the_counting() -> None:
    desk = case()
    for unit in [OTHER, "housing"]:
        desk.dispatch(CENTRE, unit)
    desk.sign("housing")
    assert desk.held.transfers == 0


def test_the_offer_of_a_passed_on_case_says_everything() -> None:
    desk = case()
    desk.sign(UNIT)
    first = only(AssignmentOffered, desk.events)
    again = only(AssignmentOffered, desk.ask(RequestTransfer, UNIT, to=OTHER, reason="移交"))
    same = {"number", "channel", "appeal", "category", "area", "title", "text", "received_at"}
    assert first.model_dump(include=same) == again.model_dump(include=same)


@pytest.mark.parametrize(("count", "watched"), [(2, False), (3, True), (4, True)])
def test_what_is_brought_again_often_enough_is_watched_from_above(count: int, watched: bool) -> None:
    desk = case()
    again = RepeatLinked(case_id=CASE, occurred_at=AT, first_case_id=CASE, first_number="BC-1", count=count)
    told = desk.say(again, "")
    assert [event.why for event in told if isinstance(event, CaseEscalated)] == (["repeats"] if watched else [])
    assert desk.say(again, "") == []
