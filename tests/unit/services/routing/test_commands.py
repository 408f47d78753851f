"""What units may say about a case, and by which rule they are refused."""

from __future__ import annotations

import pytest

from contracts.channel import RateCase
from contracts.codes import Channel, HandlingResult, Satisfaction
from contracts.handling import RequestReturn, SignCase
from contracts.routing import (
    AssignmentOffered,
    AssignmentWithdrawn,
    CaseAssigned,
    CaseClosed,
    CaseQueued,
    CaseSigned,
    CommandRefused,
    DispatchRequested,
)
from infra.decision import Problem, Subject, Unreadable
from tests.support.bus import complaint
from tests.unit.services.routing.desk import RULES, Desk
from tests.unit.services.speaking import AT, CASE, context, decided, only, registered, told, types

ASKED, CENTRE, OTHER = "police-beicheng", "beicheng-centre", "urban-management-beicheng"


def queued(*returns: str) -> Desk:
    """A case that was returned by these units in turn, the first of which a rule had asked."""
    desk = Desk.of()
    for n, unit in enumerate(returns):
        if n:
            desk.dispatch(CENTRE, unit)
        desk.give_back(unit)
    return desk


# ---- registration


def test_a_case_registered_again_is_not_opened_again() -> None:
    desk = Desk.of()
    before = desk.case
    assert desk.say(registered(number="BC-20261123-000099"), "") == []
    assert desk.case == before


@pytest.mark.parametrize("subject", [complaint("x1")])
def test_what_routing_does_not_know_is_our_fault(subject: Subject) -> None:
    with pytest.raises(TypeError, match="routing does not decide"):
        RULES.decide(None, subject, context())


def test_a_command_routing_does_not_know_is_our_fault() -> None:
    rating = RateCase(case_id=CASE, issued_at=AT, channel=Channel.WEB, satisfaction=Satisfaction.SATISFIED, solved=True)
    with pytest.raises(TypeError, match="does not decide on RateCase"):
        RULES.decide(Desk.of().case, rating, context())


# ---- sign


def test_who_signs_is_responsible() -> None:
    desk = Desk.of()
    assert only(CaseSigned, desk.sign(ASKED)).unit == ASKED
    assert (desk.held.signed, desk.held.responsible) == (True, ASKED)


def test_a_second_signature_is_refused() -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    desk.sign(ASKED)
    assert desk.refusal == ("already-signed", None)


@pytest.mark.parametrize("unit", [CENTRE, OTHER, "police", "police-shuangqiao", "nobody"])
def test_a_foreign_case_cannot_be_signed_returned_or_reported(unit: str) -> None:
    desk = Desk.of()
    before = desk.case
    for say in (desk.sign, desk.give_back, desk.report):
        say(unit)
        assert desk.refusal == ("not-responsible", None)
    assert desk.case == before


def test_the_topic_says_who_speaks_whatever_the_command_claims() -> None:
    desk = Desk.of()
    desk.say(SignCase(case_id=CASE, issued_at=AT, unit=ASKED), OTHER)
    assert desk.refusal == ("not-responsible", None)
    assert desk.last.events[0].topic == f"assignments.{OTHER}"


@pytest.mark.parametrize("say", ["sign", "give_back", "report"])
def test_a_case_nobody_registered_is_unknown(say: str) -> None:
    desk = Desk()
    getattr(desk, say)(ASKED)
    assert desk.refusal == ("case-unknown", None)
    assert desk.case is None


@pytest.mark.parametrize("say", ["sign", "give_back", "report"])
def test_a_closed_case_stays_closed(say: str) -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    desk.report(ASKED)
    before = desk.case
    getattr(desk, say)(ASKED)
    assert desk.refusal == ("case-closed", None)
    desk.dispatch(CENTRE, OTHER)
    assert desk.refusal == ("case-closed", None)
    assert desk.case == before


def test_the_centre_cannot_sign_what_waits_in_its_own_queue() -> None:
    desk = Desk.of(category="official-conduct")
    desk.sign(CENTRE)
    assert desk.refusal == ("not-responsible", None)


# ---- return


@pytest.mark.parametrize("hours", [0, 1, 24])
def test_inside_the_window_a_case_goes_back_to_the_dispatcher(hours: int) -> None:
    desk = Desk.of()
    desk.later(hours=hours)
    desk.give_back(ASKED, "属于城管职责")
    back = only(CaseQueued, desk.last.events)
    request = only(DispatchRequested, desk.last.events)
    assert (back.centre, back.responsible, back.why) == (CENTRE, ASKED, "returned")
    assert (back.returned_by, back.return_reason) == (ASKED, "属于城管职责")
    assert (request.unit, request.returned_by, request.return_reason) == (CENTRE, ASKED, "属于城管职责")
    assert desk.held.queued


def test_after_the_window_a_return_is_refused_with_its_hours() -> None:
    desk = Desk.of()
    desk.later(hours=24, milliseconds=1)
    desk.give_back(ASKED)
    assert desk.refusal == ("return-window-closed", None)
    (reason,) = only(CommandRefused, desk.last.events).reasons
    assert "24 小时" in reason.zh
    assert "24 hours" in reason.en


def test_the_window_begins_anew_with_every_dispatch() -> None:
    desk = queued(ASKED)
    desk.later(hours=100)
    desk.dispatch(CENTRE, OTHER)
    desk.later(hours=24)
    desk.give_back(OTHER)
    assert desk.refusal is None


def test_a_signed_case_may_still_be_returned_inside_the_window() -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    desk.give_back(ASKED)
    assert desk.refusal is None
    assert (desk.held.signed, desk.held.responsible) == (False, ASKED)


@pytest.mark.parametrize("say", ["sign", "give_back"])
def test_while_a_return_is_pending_the_unit_waits_for_the_ruling(say: str) -> None:
    desk = queued(ASKED)
    getattr(desk, say)(ASKED)
    assert desk.refusal == ("return-pending", None)


def test_a_binding_dispatch_may_not_be_returned() -> None:
    desk = queued(ASKED)
    desk.dispatch(CENTRE, OTHER, binding=True, consulted=(ASKED, OTHER))
    assert only(CaseAssigned, desk.last.events).binding
    assert only(AssignmentOffered, desk.last.events).binding
    desk.give_back(OTHER)
    assert desk.refusal == ("ruling-binds", None)


@pytest.mark.parametrize(
    ("returns", "binding", "rule"),
    [((ASKED,), False, "dispatcher"), ((ASKED, OTHER), True, "ruling"), ((ASKED, ASKED), True, "ruling")],
)
def test_after_so_many_returns_a_dispatch_is_a_ruling(returns: tuple[str, ...], binding: bool, rule: str) -> None:
    desk = queued(*returns)
    assigned = only(CaseAssigned, desk.dispatch(CENTRE, "police", consulted=(ASKED, OTHER)))
    assert (assigned.binding, assigned.rule) == (binding, rule)
    desk.give_back("police")
    assert desk.refusal == (("ruling-binds", None) if binding else None)


# ---- report


def test_who_has_not_signed_cannot_report() -> None:
    desk = Desk.of()
    desk.report(ASKED)
    assert desk.refusal == ("not-signed", None)


@pytest.mark.parametrize("result", HandlingResult)
def test_a_report_closes_the_case_with_its_answer(result: HandlingResult) -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    ended = only(CaseClosed, desk.report(ASKED, result))
    assert (ended.unit, ended.result, ended.reply) == (ASKED, result, "已办理。")
    assert desk.held.closed
    assert not desk.held.queued
    assert desk.held.responsible == ASKED


# ---- dispatch


@pytest.mark.parametrize("unit", [ASKED, "city-12345", "nancheng-centre", "city-office", "nobody"])
def test_only_the_cases_own_centre_dispatches_it(unit: str) -> None:
    desk = queued(ASKED)
    desk.dispatch(unit, OTHER)
    assert desk.refusal == ("not-dispatcher", None)


def test_a_unit_that_does_not_exist_cannot_be_asked() -> None:
    desk = queued(ASKED)
    desk.dispatch(CENTRE, "atlantis")
    assert desk.refusal == ("unit-unknown", "to")


@pytest.mark.parametrize("to", ["police", "police-beicheng", "police-shuangqiao"])
def test_the_unit_complained_about_and_those_below_it_cannot_be_asked(to: str) -> None:
    desk = Desk.of(category="official-conduct", about="police")
    desk.dispatch(CENTRE, to)
    assert desk.refusal == ("recused", "to")


def test_a_signed_case_is_not_dispatched() -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    desk.dispatch(CENTRE, OTHER)
    assert desk.refusal == ("already-signed", None)


def test_a_case_that_nobody_has_signed_may_be_sent_to_another_who_is_asked_instead() -> None:
    desk = Desk.of()
    desk.dispatch(CENTRE, OTHER)
    assert types(desk.last) == ["CaseAssigned", "AssignmentOffered", "AssignmentWithdrawn"]
    assert only(AssignmentWithdrawn, desk.last.events).topic == f"assignments.{ASKED}"
    desk.sign(ASKED)
    assert desk.refusal == ("not-responsible", None)


# ---- who is responsible


def test_somebody_is_responsible_at_every_moment() -> None:
    desk = Desk.of()
    seen = [desk.held.responsible]
    desk.give_back(ASKED)
    seen.append(desk.held.responsible)
    desk.dispatch(CENTRE, OTHER)
    seen.append(desk.held.responsible)
    assert only(CaseAssigned, desk.last.events).responsible == ASKED
    desk.sign(OTHER)
    seen.append(desk.held.responsible)
    assert only(AssignmentWithdrawn, desk.last.events).unit == ASKED
    desk.report(OTHER)
    seen.append(desk.held.responsible)
    assert seen == [ASKED, ASKED, ASKED, OTHER, OTHER]


def test_the_centre_answers_for_its_queue_until_a_unit_signs_and_is_not_told_that_it_lost_anything() -> None:
    desk = Desk.of(category="official-conduct")
    assert desk.held.responsible == CENTRE
    desk.dispatch(CENTRE, OTHER)
    assert desk.held.responsible == CENTRE
    assert [type(event) for event in desk.sign(OTHER)] == [CaseSigned]
    assert desk.held.responsible == OTHER


# ---- unreadable


@pytest.mark.parametrize("known", [True, False])
def test_a_message_that_fits_no_contract_is_answered_field_by_field(known: bool) -> None:
    case = Desk.of().case if known else None
    subject = Unreadable(RequestReturn.TYPE, (Problem("reason", "string_too_short"), Problem("unit", "missing")))
    decision = decided(RULES.decide(case, subject, context(ASKED)))
    refused = only(CommandRefused, decision.events)
    assert decision.state == case
    assert (refused.unit, refused.command, refused.command_id) == (ASKED, RequestReturn.TYPE, "m1")
    assert told(refused.reasons) == [("malformed", "reason: string_too_short"), ("malformed", "unit: missing")]


def test_a_message_without_an_envelope_is_answered_too() -> None:
    refused = only(
        CommandRefused, decided(RULES.decide(None, Unreadable("", (Problem("", "x"),)), context(ASKED))).events
    )
    assert refused.command == ""
