"""A leader's instruction on an existing case (批示): who may give one, who receives it, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import Hold, PauseReason
from contracts.handling import DispatchCase, InstructCase, SuspendCase
from contracts.intake import CaseMerged, CaseReleased
from contracts.message import case_id_for
from contracts.routing import AssignmentOffered, CaseInstructed, DispatchRequested, InstructionGiven
from services.routing.domain.case import Stage
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, demo, only, registered, types

ASKED, CENTRE, OFFICE, BUREAU = "police-beicheng", "beicheng-centre", "city-office", "police"
MAYOR, DEPUTY, DIRECTOR = "city-office.director", "city-office.deputy", "beicheng-centre.director"


def place(**absences: Any) -> Rules:
    """The demonstration place, in which the bureau's chief instructs, too, and the mayor may be away."""
    chief = {"id": "police.chief", "unit": BUREAU, "duty": "leader", "instructs": True}
    posts = [{**post, **(absences if post["id"] == MAYOR else {})} for post in demo().tables["posts"]["post"]]
    return Rules(DispatchPolicy.from_tables("test", {**demo().tables, "posts": {"post": [*posts, chief]}}))


def desk_of(rules: Rules | None = None, **changes: Any) -> Desk:
    desk = Desk(rules=rules or place())
    desk.say(registered(**changes), "")
    return desk


def instruct(desk: Desk, unit: str = OFFICE, actor: str | None = MAYOR, **fields: Any) -> list[Any]:
    return desk.ask(InstructCase, unit, actor=actor, **{"text": "请速办", **fields})


def test_an_instruction_is_given_to_the_unit_that_handles_the_case_and_to_the_centre() -> None:
    desk = desk_of()
    events = instruct(desk, text="三日内办结，联系 13812345678", working_days=3)
    instructed = only(CaseInstructed, events)
    assert (instructed.unit, instructed.responsible, instructed.informed) == (OFFICE, ASKED, (ASKED, CENTRE))
    assert (instructed.instruction.by, instructed.instruction.working_days) == (MAYOR, 3)
    assert instructed.instruction.text == "三日内办结，联系 ＊＊＊"
    given = [event for event in events if isinstance(event, InstructionGiven)]
    assert [(each.topic, each.given_by) for each in given] == [
        (f"assignments.{ASKED}", OFFICE),
        (f"assignments.{CENTRE}", OFFICE),
    ]
    assert desk.held.instruction == instructed.instruction
    assert "13812345678" not in desk.held.model_dump_json()


def test_the_unit_that_is_asked_and_has_not_signed_is_informed_too() -> None:
    desk = desk_of()
    desk.give_back(ASKED)
    desk.dispatch(CENTRE, "ecology")
    assert only(CaseInstructed, instruct(desk)).informed == (ASKED, "ecology", CENTRE)


def test_the_latest_of_several_instructions_travels_with_the_case() -> None:
    desk = desk_of()
    instruct(desk, text="第一次")
    instruct(desk, CENTRE, DIRECTOR, text="第二次")
    assert desk.held.instruction is not None
    assert (desk.held.instruction.by, desk.held.instruction.text) == (DIRECTOR, "第二次")
    assert [each.instruction.text for each in desk.events if isinstance(each, CaseInstructed)] == ["第一次", "第二次"]


@pytest.mark.parametrize(
    ("unit", "actor", "about", "refusal"),
    [
        (OFFICE, MAYOR, None, None),
        (CENTRE, DIRECTOR, None, None),
        (BUREAU, "police.chief", None, None),
        (OFFICE, None, None, ("actor-missing", "actor")),
        (OFFICE, DEPUTY, None, ("not-instructor", "actor")),  # B, while A is there
        (OFFICE, "city-office.desk-1", None, ("not-instructor", "actor")),
        (OFFICE, DIRECTOR, None, ("actor-unknown", "actor")),
        (CENTRE, "beicheng-centre.desk-1", None, ("not-instructor", "actor")),
        (ASKED, "police-beicheng.chief", None, ("not-instructor", "actor")),  # a leader that is not listed
        ("nancheng-centre", "nancheng-centre.director", None, ("not-instructor", "actor")),  # names no posts
        ("police-shuangqiao", "x", None, ("not-instructor", "actor")),
        ("atlantis", "x", "police", ("not-instructor", "actor")),  # a unit that has left the tree
        (BUREAU, "police.chief", BUREAU, ("recused", None)),
        (OFFICE, MAYOR, BUREAU, None),
        (OFFICE, MAYOR, OFFICE, ("recused", None)),
    ],
)
def test_a_listed_leader_above_the_handling_unit_instructs_and_nobody_else(
    unit: str, actor: str | None, about: str | None, refusal: tuple[str, str | None] | None
) -> None:
    desk = desk_of(about=about)
    before = desk.case
    instruct(desk, unit, actor)
    assert desk.refusal == refusal
    assert (desk.case == before) == (refusal is not None)


def test_a_leader_of_a_unit_beside_the_handling_one_does_not_instruct() -> None:
    desk = desk_of(category="garbage-collection")
    instruct(desk, BUREAU, "police.chief")
    assert desk.refusal == ("not-instructor", "actor")


def test_the_post_complained_about_does_not_instruct_and_its_stand_in_does() -> None:
    desk = desk_of(about_person=MAYOR)
    instruct(desk)
    assert desk.refusal == ("actor-recused", "actor")
    instruct(desk, actor=DEPUTY)
    assert desk.refusal is None


def test_the_stand_in_instructs_while_the_leader_is_away() -> None:
    day = AT.date()
    desk = desk_of(place(away=[{"since": day, "until": day}]))
    instruct(desk, actor=DEPUTY)
    assert desk.refusal is None
    desk.later(days=1)
    instruct(desk, actor=DEPUTY)
    assert desk.refusal == ("not-instructor", "actor")


def test_an_instruction_is_possible_while_the_case_rests_or_is_held_but_not_once_it_is_closed_or_merged() -> None:
    resting = desk_of()
    resting.sign(ASKED)
    resting.ask(SuspendCase, ASKED, reason=PauseReason.THIRD_PARTY, note="等待检测")
    assert only(CaseInstructed, instruct(resting)).responsible == ASKED
    assert resting.held.stage is Stage.SUSPENDED
    held = desk_of(held=Hold.SCOPE)
    assert only(CaseInstructed, instruct(held)).informed == (CENTRE,)
    closed = desk_of()
    closed.sign(ASKED)
    closed.report(ASKED)
    instruct(closed)
    assert closed.refuses("case-closed")
    merged = desk_of()
    merged.say(CaseMerged(case_id=CASE, occurred_at=AT, into=case_id_for("web", "2"), into_number="BC-2"), "")
    instruct(merged)
    assert merged.refuses("case-merged")


def test_what_has_not_been_dispatched_is_approved_first_where_the_place_approves_instructed_cases() -> None:
    desk = desk_of(category="other")
    assert desk.held.queued
    instruct(desk)
    assert desk.held.queued
    desk.dispatch(CENTRE, "ecology")
    assert desk.refuses("actor-missing", "actor")
    desk.ask(DispatchCase, CENTRE, to="ecology", actor="beicheng-centre.desk-1")
    assert desk.held.stage is Stage.PROPOSED
    sent = desk.approve(CENTRE, DIRECTOR)
    assert only(AssignmentOffered, sent).instruction == desk.held.instruction


def test_an_offer_that_is_out_stays_out_and_the_next_dispatch_is_approved() -> None:
    desk = desk_of()
    instruct(desk)
    assert types(desk.last) == ["CaseInstructed", "InstructionGiven", "InstructionGiven"]
    assert (desk.held.stage, desk.held.asked) == (Stage.OFFERED, ASKED)
    desk.give_back(ASKED)
    desk.ask(DispatchCase, CENTRE, to="ecology", actor="beicheng-centre.desk-1")
    assert only(DispatchRequested, desk.last.events).proposed == "ecology"


def test_a_held_case_that_was_instructed_is_proposed_when_it_is_released() -> None:
    desk = desk_of(held=Hold.SCOPE)
    instruct(desk)
    desk.later(hours=1)
    desk.say(CaseReleased(case_id=CASE, occurred_at=AT + timedelta(hours=1), policy="demo"), "")
    assert desk.held.stage is Stage.PROPOSED
