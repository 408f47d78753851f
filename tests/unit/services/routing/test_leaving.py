"""Units leave the tree after a case was answered: somebody still reviews the answer and handles the case again."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.codes import AppealType, HandlingResult, PauseReason
from contracts.handling import (
    DecideAnswerAppeal,
    DecideExtension,
    DispatchCase,
    InstructCase,
    ReopenCase,
    ReportHandling,
    RequestExtension,
    SuspendCase,
)
from contracts.intake import AnswerAppealed, ReopeningRequested, RepeatLinked
from contracts.routing import AnswerAppealDecided, AnswerAppealOpened, CaseQueued, CaseReopened, VerificationRequested
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import CASE, demo, only

CENTRE, HOTLINE, ROOT = "beicheng-centre", "city-12345", "city-office"
UNIT, ABOVE = "urban-management-beicheng", "urban-management"


def later(*gone: str, area: str = "beicheng", under: str = HOTLINE) -> Rules:
    """The rules after these units have left the tree; those below them, and their areas, go to another unit."""
    tables = demo().tables
    left = [
        {**unit, "parent": under} if unit.get("parent") in gone else unit
        for unit in tables["units"]["unit"]
        if unit["id"] not in gone
    ]
    areas = [
        {**each, "jurisdiction": under} if each["jurisdiction"] in gone else each for each in tables["areas"]["area"]
    ]
    rules = [each for each in tables["dispatch"]["rule"] if each["to"] not in gone]
    changed = {
        "units": {"unit": left},
        "areas": {**tables["areas"], "area": [each for each in areas if each["code"] == area]},
        "dispatch": {**tables["dispatch"], "rule": rules},
    }
    return Rules(DispatchPolicy.from_tables("later", {**tables, **changed}))


def answered(**changes: Any) -> Desk:
    """A case that its unit has answered."""
    desk = Desk.of(**{"category": "garbage-collection", "area": "beicheng", **changes})
    desk.sign(UNIT)
    desk.ask(ReportHandling, UNIT, result=HandlingResult.RESOLVED, reply="已清运。", actor=f"{UNIT}.captain")
    assert desk.held.closed
    return desk


def request(desk: Desk, kind: type[Any] = ReopeningRequested) -> list[Any]:
    given = {"channel": "web", "submission_id": "s1", "external_id": "x1", "reason": "又有垃圾。"}
    return desk.say(kind(case_id=CASE, occurred_at=desk.at, **given), "")


def decide(desk: Desk, unit: str, **fields: Any) -> list[Any]:
    return desk.ask(
        DecideAnswerAppeal, unit, **{"upheld": True, "reason": "属实。", "actor": f"{unit}.desk-1", **fields}
    )


def test_an_appeal_is_reviewed_by_the_next_unit_when_its_reviewer_leaves_the_tree() -> None:
    desk = answered()
    assert only(AnswerAppealOpened, request(desk, AnswerAppealed)).reviewer == ABOVE
    desk.rules = later(ABOVE)
    decide(desk, CENTRE, actor=f"{CENTRE}.desk-1")
    assert desk.refuses("not-appeal-body")
    (decided,) = decide(desk, HOTLINE)
    assert isinstance(decided, AnswerAppealDecided)
    assert (decided.reviewer, desk.held.review) == (HOTLINE, None)


def test_an_appeal_never_goes_to_a_centre_that_has_left_the_tree() -> None:
    desk = answered()
    desk.rules = later(UNIT, CENTRE)
    assert only(AnswerAppealOpened, request(desk, AnswerAppealed)).reviewer == HOTLINE


@pytest.mark.parametrize("area", ["beicheng", "city"])
def test_a_case_is_reopened_by_the_present_centre_when_its_own_has_left_the_tree(area: str) -> None:
    """Where the area is gone, too, the root answers for it."""
    desk = answered()
    desk.rules = later(UNIT, ABOVE, CENTRE, area=area)
    present = HOTLINE if area == "beicheng" else ROOT
    events = request(desk)
    assert only(CaseReopened, events).requested_by == "complainant"
    assert (desk.held.centre, desk.held.responsible) == (present, present)
    assert only(CaseQueued, events).centre == present
    desk.ask(DispatchCase, present, to="housing")
    assert desk.held.asked == "housing"


def test_the_present_centre_may_reopen_a_case_of_one_that_has_left() -> None:
    desk = answered()
    desk.rules = later(CENTRE)
    desk.ask(ReopenCase, CENTRE, reason="重办")
    assert desk.refuses("not-dispatcher")
    assert only(CaseReopened, desk.ask(ReopenCase, HOTLINE, reason="重办")).count == 1


def test_what_a_reopened_case_needs_verified_is_verified_by_the_present_centre() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng", appeal=AppealType.REPORT)
    desk.sign(UNIT)
    desk.report(UNIT)
    desk.verify(CENTRE)
    desk.rules = later(CENTRE)
    request(desk)
    desk.sign(UNIT)
    assert only(VerificationRequested, desk.report(UNIT)).unit == HOTLINE
    desk.verify(HOTLINE)
    assert desk.held.closed


def test_no_message_fails_on_a_unit_that_has_left_the_tree() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.sign(UNIT)
    desk.rules = later(UNIT, CENTRE)
    number = "BC-20261123-000001"
    desk.say(RepeatLinked(case_id=CASE, occurred_at=desk.at, first_case_id=CASE, first_number=number, count=9), "")
    assert desk.held.supervisor is not None
    desk.ask(InstructCase, HOTLINE, text="速办", actor=f"{HOTLINE}.director")
    desk.give_back(UNIT)
    assert desk.held.queued


def test_who_decides_about_more_time_learns_that_the_case_rests() -> None:
    """The superior of a centre that handles the case itself."""
    desk = Desk.of(category="other")
    desk.dispatch(CENTRE, CENTRE)
    desk.sign(CENTRE)
    desk.ask(RequestExtension, CENTRE, working_days=5, reason="勘测")
    desk.ask(SuspendCase, CENTRE, reason=PauseReason.SHELVED, note="暂缓")
    assert desk.held.rest is not None
    desk.ask(DecideExtension, HOTLINE, granted=True)
    assert desk.refuses("case-suspended")
    desk.ask(DecideExtension, ABOVE, granted=True)
    assert desk.refuses("not-responsible")
