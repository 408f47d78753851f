"""A case that was answered is handled again, within its window."""

from __future__ import annotations

from contracts.codes import Ending
from contracts.handling import ReopenCase
from contracts.intake import CaseEnded
from contracts.routing import AssignmentOffered, CaseAssigned, CaseClosed, CaseReopened
from services.routing.domain.case import Stage
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, only

CENTRE = "beicheng-centre"
UNIT = "urban-management-beicheng"


def closed() -> Desk:
    """A case that its unit has answered."""
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.sign(UNIT)
    desk.report(UNIT)
    assert desk.held.stage is Stage.CLOSED
    return desk


def test_the_unit_that_answered_is_asked_again_and_answers_again() -> None:
    desk = closed()
    desk.later(days=30)
    told = desk.ask(ReopenCase, CENTRE, reason="回访不满意", actor=f"{CENTRE}.desk-1")
    again, sent = only(CaseReopened, told), only(CaseAssigned, told)
    assert (again.unit, again.count, again.reason) == (UNIT, 1, "回访不满意")
    assert (sent.unit, sent.responsible, sent.rule) == (UNIT, UNIT, "reopened")
    assert only(AssignmentOffered, told).unit == UNIT
    desk.sign(UNIT)
    assert only(CaseClosed, desk.report(UNIT)).unit == UNIT
    assert only(CaseReopened, desk.ask(ReopenCase, CENTRE, reason="仍未解决")).count == 2


def test_after_the_window_it_stays_closed() -> None:
    desk = closed()
    desk.later(days=30, seconds=1)
    desk.ask(ReopenCase, CENTRE, reason="回访不满意")
    assert desk.refuses("reopen-window-closed")


def test_only_the_centre_opens_a_case_again_and_only_a_closed_one() -> None:
    desk = closed()
    desk.ask(ReopenCase, UNIT, reason="重办")
    assert desk.refuses("not-dispatcher")
    desk.ask(ReopenCase, CENTRE, reason="重办")
    desk.ask(ReopenCase, CENTRE, reason="重办")
    assert desk.refuses("not-closed")


def test_what_intake_ended_is_not_opened_again() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.say(CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="v"), "")
    desk.ask(ReopenCase, CENTRE, reason="重办")
    assert desk.refuses("not-reopenable")
