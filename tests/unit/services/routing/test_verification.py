"""Verification: where the policy wants it, nobody strikes their own case off the list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.codes import AppealType, HandlingResult
from contracts.routing import (
    CaseClosed,
    CaseEscalated,
    HandlingReported,
    RedoOrdered,
    RedoRequested,
    SupervisionRequested,
    VerificationRequested,
)
from services.routing.domain.verification import verifier_of
from tests.unit.services.routing.desk import POLICY, Desk
from tests.unit.services.speaking import only

CENTRE = "beicheng-centre"


def reported(**changes: Any) -> tuple[Desk, str]:
    """A report (举报) that its unit says is done."""
    desk = Desk.of(**{"appeal": AppealType.REPORT, **changes})
    unit = str(desk.held.asked)
    desk.sign(unit)
    desk.report(unit)
    return desk, unit


def test_what_the_policy_wants_verified_is_not_closed_by_its_own_unit() -> None:
    desk, unit = reported()
    told = only(HandlingReported, desk.last.events)
    asked = only(VerificationRequested, desk.last.events)
    assert (told.unit, told.verifier, told.result) == (unit, CENTRE, HandlingResult.RESOLVED)
    assert (asked.topic, asked.reported_by, asked.redos) == (f"assignments.{CENTRE}", unit, 0)
    assert not desk.held.closed


def test_other_appeals_are_closed_at_once() -> None:
    desk, unit = reported(appeal=AppealType.COMPLAINT)
    closed = only(CaseClosed, desk.last.events)
    assert (closed.unit, closed.verified_by) == (unit, None)


def test_what_is_accepted_is_closed_in_the_name_of_both() -> None:
    desk, unit = reported()
    closed = only(CaseClosed, desk.verify(CENTRE))
    assert (closed.unit, closed.verified_by, closed.reply) == (unit, CENTRE, "已办理。")
    desk.verify(CENTRE)
    assert desk.refusal == ("case-closed", None)


def test_what_is_not_accepted_is_done_again_by_the_same_unit() -> None:
    desk, unit = reported()
    ordered, asked = desk.verify(CENTRE, accepted=False, reason="问题仍在。")
    assert isinstance(ordered, RedoOrdered)
    assert isinstance(asked, RedoRequested)
    assert (asked.topic, asked.reason, asked.count) == (f"assignments.{unit}", "问题仍在。", 1)
    assert desk.held.responsible == unit
    desk.report(unit)
    assert only(VerificationRequested, desk.last.events).redos == 1


def test_done_again_too_often_it_is_supervised_one_level_up_once() -> None:
    desk, unit = reported()
    for count in range(1, 4):
        events = desk.verify(CENTRE, accepted=False, reason="问题仍在。")
        escalated = [event for event in events if isinstance(event, CaseEscalated)]
        assert len(escalated) == (count == POLICY.redos_before_escalation)
        if escalated:
            (asked,) = [event for event in events if isinstance(event, SupervisionRequested)]
            superior = next(POLICY.organisation.superiors(unit))
            assert (escalated[0].supervisor, escalated[0].why, asked.unit, asked.responsible) == (
                superior,
                "redos",
                superior,
                unit,
            )
        desk.report(unit)
    assert desk.held.redos == 3


@pytest.mark.parametrize(
    ("unit", "accepted", "reason", "refusal"),
    [
        ("nancheng-centre", True, "", ("not-verifier", None)),
        (None, True, "", ("not-verifier", None)),
        (CENTRE, False, "  ", ("reason-missing", "reason")),
    ],
)
def test_who_may_not_verify_and_what_must_be_said_is_refused_by_rule(
    unit: str | None, accepted: bool, reason: str, refusal: tuple[str, str | None]
) -> None:
    desk, own = reported()
    before = desk.case
    desk.verify(unit or own, accepted=accepted, reason=reason)
    assert desk.refusal == refusal
    assert desk.case == before


def test_nothing_is_verified_that_was_not_reported() -> None:
    desk = Desk.of(appeal=AppealType.REPORT)
    desk.verify(CENTRE)
    assert desk.refusal == ("not-reported", None)


def test_while_it_is_verified_it_is_neither_reported_again_nor_returned() -> None:
    desk, unit = reported()
    desk.report(unit)
    assert desk.refusal == ("report-pending", None)
    desk.give_back(unit)
    assert desk.refusal == ("report-pending", None)


def test_what_the_centre_handled_itself_is_verified_by_its_superior() -> None:
    desk = Desk.of(appeal=AppealType.REPORT, category="other")
    desk.dispatch(desk.held.centre, desk.held.centre)
    assert verifier_of(desk.held, POLICY) == "city-12345"


def test_a_category_may_be_verified_whatever_the_appeal() -> None:
    policy = replace(POLICY, verified_categories=frozenset({"heating"}))
    assert policy.verified("heating", "request")
    assert not policy.verified("other", "request")
