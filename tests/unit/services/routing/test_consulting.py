"""Returns are reported to the superior (否定报备), and a ruling rests on a consultation (会商)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.handling import Consultation, DispatchCase, InstructCase, ReassignCase, RequestReturn
from contracts.routing import (
    CaseAssigned,
    CaseQueued,
    CommandRefused,
    ConsultationHeld,
    ConsultationRecorded,
    DispatchRequested,
    ReturnReported,
)
from services.routing.domain.case import Stage
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from tests.unit.services.routing.desk import MINUTES, Desk
from tests.unit.services.speaking import AT, demo, only, registered

ASKED, CENTRE, OTHER = "police-beicheng", "beicheng-centre", "urban-management-beicheng"
CLERK, DIRECTOR = "beicheng-centre.desk-1", "beicheng-centre.director"
TODAY = date(2026, 11, 23)


def returned(**changes: Any) -> Desk:
    """A case that two units have returned."""
    desk = Desk.of(**changes)
    desk.give_back(ASKED)
    desk.dispatch(CENTRE, OTHER)
    desk.give_back(OTHER)
    return desk


def held(*participants: str, **fields: Any) -> Consultation:
    return Consultation(participants=participants, **{"minutes": MINUTES, **fields})


# ---- what is reported of a return


def test_a_return_is_reported_to_the_superior_of_the_unit() -> None:
    desk = Desk.of()
    desk.give_back(ASKED, "属于城管职责")
    reported, queued = only(ReturnReported, desk.last.events), only(CaseQueued, desk.last.events)
    assert reported.topic == "assignments.police"
    assert (reported.returned_by, reported.reason, reported.count) == (ASKED, "属于城管职责", 1)
    assert queued.reported_to == "police"
    desk.dispatch(CENTRE, OTHER)
    desk.give_back(OTHER)
    assert (only(ReturnReported, desk.last.events).unit, only(ReturnReported, desk.last.events).count) == (
        "urban-management",
        2,
    )


def test_a_recused_superior_is_passed_over() -> None:
    """The bureau is complained about, so a unit below it is never asked: here by an older case."""
    desk = Desk.of()
    desk.case = desk.held.model_copy(update={"about": "police"})
    desk.give_back(ASKED)
    assert only(ReturnReported, desk.last.events).unit == "city-office"


def test_the_root_reports_to_nobody() -> None:
    desk = Desk.of(category="other")
    desk.dispatch(CENTRE, "city-office")
    desk.give_back("city-office")
    assert only(CaseQueued, desk.last.events).reported_to is None
    assert not [event for event in desk.last.events if isinstance(event, ReturnReported)]


def test_the_dispatcher_learns_who_has_returned_the_case_and_that_a_ruling_is_due() -> None:
    desk = Desk.of()
    desk.give_back(ASKED)
    first = only(DispatchRequested, desk.last.events)
    assert (first.refusers, first.ruling_due) == ((ASKED,), False)
    desk.dispatch(CENTRE, OTHER)
    desk.give_back(OTHER)
    second = only(DispatchRequested, desk.last.events)
    assert (second.refusers, second.ruling_due) == ((ASKED, OTHER), True)


# ---- rulings


def test_a_ruling_announces_its_consultation_to_each_participant() -> None:
    desk = returned()
    told = desk.ask(DispatchCase, CENTRE, to="police", consultation=held(ASKED, OTHER, OTHER), actor=CLERK)
    assert only(CaseAssigned, told).binding
    minutes = only(ConsultationHeld, told)
    assert (minutes.centre, minutes.participants, minutes.to, minutes.by) == (CENTRE, (ASKED, OTHER), "police", CLERK)
    assert (minutes.minutes, minutes.held_on) == (MINUTES, TODAY)
    recorded = [each for each in told if isinstance(each, ConsultationRecorded)]
    assert [each.topic for each in recorded] == [f"assignments.{ASKED}", f"assignments.{OTHER}"]
    assert desk.held.consultation is not None
    assert desk.held.consultation.participants == (ASKED, OTHER)


@pytest.mark.parametrize(
    ("consultation", "refusal"),
    [
        (None, ("consultation-missing", "consultation")),
        (held(ASKED), ("consultation-incomplete", "consultation.participants")),
        (held(ASKED, "atlantis"), ("unit-unknown", "consultation.participants.1")),
        (held("police-shuangqiao", ASKED, OTHER), ("recused", "consultation.participants.0")),
        (held(ASKED, OTHER, held_on=TODAY + timedelta(days=1)), ("happened-in-future", "consultation.held_on")),
        (held(ASKED, OTHER, held_on=TODAY), None),
        (held(ASKED, OTHER, CENTRE, "housing"), None),
    ],
)
def test_a_ruling_needs_a_consultation_of_all_that_returned_the_case(
    consultation: Consultation | None, refusal: tuple[str, str] | None
) -> None:
    desk = returned(about="police-shuangqiao")
    before = desk.case
    desk.ask(DispatchCase, CENTRE, to="police", consultation=consultation)
    assert desk.refusal == refusal
    assert (desk.case == before) == (refusal is not None)


def test_an_incomplete_consultation_names_the_unit_that_is_missing() -> None:
    desk = returned()
    desk.ask(DispatchCase, CENTRE, to="police", consultation=held("housing", ASKED))
    (reason,) = only(CommandRefused, desk.last.events).reasons
    assert OTHER in reason.zh
    assert OTHER in reason.en


def test_a_centre_that_returned_the_case_itself_is_not_named() -> None:
    desk = Desk.of(category="other")
    desk.dispatch(CENTRE, CENTRE)
    desk.ask(RequestReturn, CENTRE, reason="不属本中心职责", actor=CLERK)
    desk.ask(DispatchCase, CENTRE, to="police", binding=True, consultation=held("housing"), actor=DIRECTOR)
    assert desk.refusal is None


def test_a_binding_reassignment_is_a_ruling_and_a_plain_one_is_not() -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    desk.ask(ReassignCase, CENTRE, to=OTHER, reason="职责交叉", binding=True)
    assert desk.refuses("consultation-missing", "consultation")
    told = desk.ask(ReassignCase, CENTRE, to=OTHER, reason="职责交叉", binding=True, consultation=held(ASKED, OTHER))
    assert only(ConsultationHeld, told).to == OTHER
    desk.ask(ReassignCase, CENTRE, to=ASKED, reason="改派")
    assert desk.refusal is None


def test_a_plain_dispatch_may_rest_on_a_consultation_too() -> None:
    desk = Desk.of()
    desk.give_back(ASKED)
    told = desk.ask(DispatchCase, CENTRE, to=OTHER, consultation=held(ASKED, OTHER))
    assert not only(CaseAssigned, told).binding
    assert only(ConsultationHeld, told).to == OTHER


def test_a_place_that_does_not_require_it_rules_without() -> None:
    tables = {**demo().tables, "dispatch": {**demo().tables["dispatch"], "consultation": {"required": False}}}
    desk = Desk(rules=Rules(DispatchPolicy.from_tables("test", tables)))
    desk.say(registered(), "")
    assert only(CaseAssigned, desk.dispatch(CENTRE, OTHER, binding=True)).binding
    assert desk.held.consultation is None


def test_a_consultation_waits_with_its_proposal_and_is_announced_when_that_is_approved() -> None:
    desk = returned()
    desk.ask(InstructCase, "city-office", text="请速办", actor="city-office.director")
    told = desk.ask(DispatchCase, CENTRE, to="police", consultation=held(ASKED, OTHER), actor=CLERK)
    assert desk.held.stage is Stage.PROPOSED
    assert not [each for each in told if isinstance(each, ConsultationHeld)]
    assert desk.held.proposal is not None
    assert desk.held.proposal.consultation is not None
    desk.later(days=1)
    told = desk.approve(CENTRE, DIRECTOR)
    minutes = only(ConsultationHeld, told)
    assert (minutes.held_on, minutes.by, minutes.to) == (TODAY, CLERK, "police")
    assert only(CaseAssigned, told).by == DIRECTOR


def test_a_consultation_whose_proposal_is_not_approved_is_not_announced() -> None:
    desk = returned()
    desk.ask(InstructCase, "city-office", text="请速办", actor="city-office.director")
    desk.ask(DispatchCase, CENTRE, to="police", consultation=held(ASKED, OTHER), actor=CLERK)
    told = desk.approve(CENTRE, DIRECTOR, approved=False, reason="再议")
    assert not [each for each in told if isinstance(each, ConsultationHeld)]
    assert desk.held.consultation is None
    assert desk.at == AT


# ---- units that have left the tree


def without(*gone: str) -> Rules:
    """The rules of the place after these units, and those below them, have left the tree."""
    tables = demo().tables
    left = [unit for unit in tables["units"]["unit"] if not {unit["id"], unit.get("parent")} & set(gone)]
    return Rules(DispatchPolicy.from_tables("later", {**tables, "units": {"unit": left}}))


def test_a_unit_that_returned_the_case_and_has_left_the_tree_does_not_block_the_ruling() -> None:
    desk = returned()
    desk.rules = without(ASKED)
    desk.ask(DispatchCase, CENTRE, to="housing", consultation=held(ASKED, OTHER))
    assert desk.refuses("unit-unknown", "consultation.participants.0")
    desk.ask(DispatchCase, CENTRE, to="housing", consultation=held("housing"))
    assert desk.refuses("consultation-incomplete", "consultation.participants")
    desk.ask(DispatchCase, CENTRE, to="housing", consultation=held(OTHER))
    assert only(ConsultationHeld, desk.last.events).participants == (OTHER,)


def test_a_recused_unit_that_returned_the_case_does_not_block_the_ruling() -> None:
    """It was moved below the unit complained about after it had returned the case."""
    desk = returned(about="transport")
    tables = demo().tables
    moved = [{**unit, "parent": "transport"} if unit["id"] == ASKED else unit for unit in tables["units"]["unit"]]
    desk.rules = Rules(DispatchPolicy.from_tables("later", {**tables, "units": {"unit": moved}}))
    desk.ask(DispatchCase, CENTRE, to="housing", consultation=held(ASKED, OTHER))
    assert desk.refuses("recused", "consultation.participants.0")
    desk.ask(DispatchCase, CENTRE, to="housing", consultation=held(OTHER))
    assert only(ConsultationHeld, desk.last.events).participants == (OTHER,)
