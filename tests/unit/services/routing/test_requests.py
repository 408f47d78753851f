"""The complainant has the case reopened: in the window, so often, and of the latest answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.channel import ReopenComplaint
from contracts.codes import Ending
from contracts.handling import ReopenCase
from contracts.intake import CaseEnded, ReopeningRequested
from contracts.routing import AssignmentOffered, CaseAssigned, CaseReopened, ComplainantRequestRefused
from services.routing.domain.decide import Rules
from tests.unit.services.routing.desk import POLICY, Desk
from tests.unit.services.speaking import AT, CASE, only, told

CENTRE, UNIT = "beicheng-centre", "urban-management-beicheng"


def closed(rules: Rules | None = None) -> Desk:
    """A case that its unit has answered."""
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.rules = rules or desk.rules
    desk.sign(UNIT)
    desk.report(UNIT)
    return desk


def request(desk: Desk, **changes: Any) -> list[Any]:
    given = {
        "channel": "web",
        "submission_id": "s3",
        "external_id": "x1",
        "reason": "当晚又开始施工。",
        "occurred_at": desk.at,
    }
    return desk.say(ReopeningRequested(case_id=CASE, **{**given, **changes}), "")


def refusal(events: list[Any]) -> tuple[str, str | None]:
    """Code and field, of the answer to the channel."""
    refused = only(ComplainantRequestRefused, events)
    assert events == [refused]
    assert (refused.channel, refused.submission_id, refused.request) == ("web", "s3", ReopenComplaint.TYPE)
    (found,) = told(refused.reasons)
    return found


def test_the_unit_that_answered_handles_it_again() -> None:
    desk = closed()
    desk.later(days=30)
    events = request(desk, answer=1)
    again, sent = only(CaseReopened, events), only(CaseAssigned, events)
    assert (again.requested_by, again.submission_id, again.by) == ("complainant", "s3", None)
    assert (again.unit, again.count, again.reason) == (UNIT, 1, "当晚又开始施工。")
    assert (sent.unit, sent.rule) == (UNIT, "reopened")
    assert only(AssignmentOffered, events).unit == UNIT


@pytest.mark.parametrize(
    ("changes", "later", "expected"),
    [
        ({}, {"days": 30, "seconds": 1}, ("reopen-window-closed", None)),
        ({"reason": " \u200b"}, {}, ("reason-missing", "reason")),
        ({"answer": 2}, {}, ("malformed", "answer: unknown")),
    ],
)
def test_requests_that_a_rule_forbids_are_answered_and_change_nothing(
    changes: dict[str, Any], later: dict[str, int], expected: tuple[str, str | None]
) -> None:
    desk = closed()
    desk.later(**later)
    before = desk.held
    assert refusal(request(desk, **changes)) == expected
    assert desk.held == before


def test_the_window_is_measured_when_intake_takes_the_request() -> None:
    desk = closed()
    desk.later(days=30)
    taken_at = desk.at
    desk.later(hours=1)
    only(CaseReopened, request(desk, occurred_at=taken_at))


def test_only_so_often_and_the_centre_is_not_counted() -> None:
    desk = closed()
    only(CaseReopened, desk.ask(ReopenCase, CENTRE, reason="回访不满意"))
    desk.sign(UNIT)
    desk.report(UNIT)
    assert refusal(request(desk, answer=1)) == ("answer-superseded", "answer")
    assert only(CaseReopened, request(desk, answer=2)).count == 2
    desk.sign(UNIT)
    desk.report(UNIT)
    assert refusal(request(desk)) == ("reopenings-used-up", None)


def test_a_place_may_leave_it_to_the_centre() -> None:
    desk = closed(Rules(replace(POLICY, reopenings_on_request=0)))
    assert refusal(request(desk)) == ("reopenings-used-up", None)


def test_only_an_answered_case_is_reopened() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng")
    assert refusal(request(desk)) == ("not-closed", None)
    desk.say(CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="v"), "")
    assert refusal(request(desk)) == ("not-reopenable", None)
