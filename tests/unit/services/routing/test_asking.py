"""A unit asks the complainant after the dispatch: who may, once per handling, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.attachments import Attachment
from contracts.channel import Attribute
from contracts.codes import AppealType, Ending, Hold, PauseReason
from contracts.handling import (
    AskComplainant,
    ReassignCase,
    ReopenCase,
    RequestTransfer,
    ResumeCase,
    SuspendCase,
)
from contracts.intake import CaseEnded, CaseMerged, SupplementReceived
from contracts.message import case_id_for
from contracts.routing import (
    AskingEnded,
    CaseClosed,
    CaseResumed,
    ComplainantAsked,
    HandlingReported,
    SupplementArrived,
)
from infra.decision import Due
from services.routing.domain.case import Stage
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import AT, CASE, only

CENTRE, UNIT, OTHER, ABOVE = (
    "beicheng-centre",
    "urban-management-beicheng",
    "police-beicheng",
    "urban-management",
)
PHOTO = Attachment(url="https://example.org/site.jpg")


def signed(**changes: object) -> Desk:
    """A case that its unit has signed."""
    desk = Desk.of(**{"category": "garbage-collection", "area": "beicheng", **changes})
    desk.sign(UNIT)
    return desk


def ask(desk: Desk, unit: str = UNIT, *missing: str) -> list[Any]:
    return desk.ask(AskComplainant, unit, missing=missing or ("施工单位名称",))


def received(desk: Desk, nth: int = 1, by: str | None = UNIT) -> SupplementReceived:
    return SupplementReceived(
        case_id=CASE,
        occurred_at=desk.at,
        round=nth,
        complete=True,
        added_text="施工方为某某公司。",
        address="和平路 12 号",
        attributes=(Attribute(code="hours", value="22:00"),),
        attachments=(PHOTO,),
        asked_by=by,
        submission_id="s2",
    )


def units(events: list[Any]) -> list[str]:
    return [each.unit for each in events if isinstance(each, SupplementArrived)]


def test_the_complainant_is_asked_for_everything_until_the_end_of_the_last_local_day() -> None:
    desk = signed()
    asked = only(ComplainantAsked, ask(desk, UNIT, "施工单位名称", "施工时间"))
    assert [(each.code, each.zh) for each in asked.missing] == [
        ("clerk-asks", "请您补充：“施工单位名称”。"),
        ("clerk-asks", "请您补充：“施工时间”。"),
    ]
    assert asked.answer_by == datetime(2026, 11, 30, 16, tzinfo=UTC), "seven days after Monday the 23rd, local midnight"
    assert (asked.unit, asked.round, desk.rules.due(desk.held)) == (UNIT, 1, asked.answer_by)
    assert desk.held.stage is Stage.SIGNED


def test_the_answer_becomes_part_of_the_case_and_is_sent_to_the_unit() -> None:
    desk = signed()
    before = desk.held
    ask(desk)
    events = desk.say(received(desk), "")
    assert only(AskingEnded, events).answered
    arrived = only(SupplementArrived, events)
    assert (arrived.unit, arrived.answered, arrived.added_text) == (UNIT, True, "施工方为某某公司。")
    assert (arrived.address, arrived.attachments) == ("和平路 12 号", (PHOTO,))
    case = desk.held
    assert case.text == f"{before.text}\n施工方为某某公司。"
    assert (case.address, case.attachments) == ("和平路 12 号", (*before.attachments, PHOTO))
    assert [each.code for each in case.attributes] == ["hours"]
    assert (case.question, desk.rules.due(case)) == (None, None)


def test_without_an_answer_the_unit_goes_on_when_the_time_is_over() -> None:
    desk = signed()
    ask(desk)
    desk.later(days=7)
    assert desk.say(Due(), "") == [], "not yet: the last day is not over"
    desk.later(days=1)
    events = desk.say(Due(), "")
    assert not only(AskingEnded, events).answered
    arrived = only(SupplementArrived, events)
    assert (arrived.unit, arrived.answered, arrived.added_text) == (UNIT, False, "")
    assert desk.say(Due(), "") == []
    assert only(CaseClosed, desk.report(UNIT)).unit == UNIT, "it goes on with what there is"


def held() -> Desk:
    return Desk.of(category="garbage-collection", area="beicheng", held=Hold.SCOPE)


def queued() -> Desk:
    desk = Desk.of(category="garbage-collection", area="beicheng")
    desk.give_back(UNIT)
    return desk


def offered() -> Desk:
    return Desk.of(category="garbage-collection", area="beicheng")


def suspended() -> Desk:
    desk = signed()
    desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等")
    return desk


def reported() -> Desk:
    desk = signed(appeal=AppealType.REPORT)
    only(HandlingReported, desk.report(UNIT))
    return desk


def closed() -> Desk:
    desk = signed()
    desk.report(UNIT)
    return desk


def merged() -> Desk:
    desk = signed()
    into = case_id_for("web", "leading")
    desk.say(CaseMerged(case_id=CASE, occurred_at=AT, into=into, into_number="BC-20261123-000002"), "")
    return desk


def pending() -> Desk:
    desk = signed()
    ask(desk)
    return desk


def answered() -> Desk:
    desk = pending()
    desk.say(received(desk), "")
    return desk


WHO_MAY = [
    (held, CENTRE, "case-held"),
    (queued, CENTRE, None),
    (queued, UNIT, "not-responsible"),
    (offered, CENTRE, None),
    (offered, UNIT, "not-signed"),
    (signed, UNIT, None),
    (signed, CENTRE, "not-responsible"),
    (signed, OTHER, "not-responsible"),
    (suspended, UNIT, "case-suspended"),
    (reported, UNIT, "report-pending"),
    (closed, UNIT, "case-closed"),
    (merged, CENTRE, "case-merged"),
    (pending, UNIT, "supplement-pending"),
    (answered, UNIT, "supplement-asked"),
]


@pytest.mark.parametrize(("begin", "unit", "code"), WHO_MAY, ids=[f"{b.__name__}-{u}" for b, u, _ in WHO_MAY])
def test_who_may_ask_and_when(begin: Callable[[], Desk], unit: str, code: str | None) -> None:
    desk = begin()
    ask(desk, unit)
    assert desk.refusal == (None if code is None else (code, None))


def test_the_answer_to_the_dispatcher_goes_to_the_unit_that_has_the_case_by_then_too() -> None:
    desk = queued()
    ask(desk, CENTRE)
    desk.dispatch(CENTRE, OTHER)
    desk.sign(OTHER)
    assert units(desk.say(received(desk, by=CENTRE), "")) == [OTHER, CENTRE]


@pytest.mark.parametrize(("command", "speaker"), [(ReassignCase, CENTRE), (RequestTransfer, UNIT)])
def test_a_case_that_moves_takes_the_question_along(command: type, speaker: str) -> None:
    desk = pending()
    desk.ask(command, speaker, to=OTHER, reason="属公安职责")
    assert desk.held.question is not None
    desk.sign(OTHER)
    ask(desk, OTHER)
    assert desk.refuses("supplement-pending")
    events = desk.say(received(desk), "")
    assert units(events) == [OTHER], "the unit that asked has lost the case"
    assert only(AskingEnded, events).unit == UNIT


def test_the_unit_may_report_without_waiting_and_nothing_is_asked_any_more() -> None:
    desk = pending()
    events = desk.report(UNIT)
    assert [type(each) for each in events] == [AskingEnded, CaseClosed]
    late = desk.say(received(desk), "")
    assert late == [], "it was under way: the case has it when it is reopened"
    assert desk.held.text.endswith("施工方为某某公司。")


def test_a_merger_ends_the_question_and_a_withdrawal_too() -> None:
    desk = pending()
    into = case_id_for("web", "leading")
    events = desk.say(CaseMerged(case_id=CASE, occurred_at=AT, into=into, into_number="BC-20261123-000002"), "")
    assert not only(AskingEnded, events).answered
    other = pending()
    other.say(CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="v"), "")
    assert (other.held.question, other.rules.due(other.held)) == (None, None)


def test_an_answer_that_comes_after_its_time_is_added_and_ends_nothing() -> None:
    desk = pending()
    desk.later(days=9)
    desk.say(Due(), "")
    events = desk.say(received(desk), "")
    assert [type(each) for each in events] == [SupplementArrived]


def test_each_handling_may_ask_once() -> None:
    desk = answered()
    desk.report(UNIT)
    desk.ask(ReopenCase, CENTRE, reason="回访不满意")
    desk.sign(UNIT)
    assert only(ComplainantAsked, ask(desk)).round == 2
    assert [type(each) for each in desk.say(received(desk, 1), "")] == [SupplementArrived], "of the first handling"
    assert desk.held.question is not None
    assert only(AskingEnded, desk.say(received(desk, 2), "")).answered


def test_a_rest_and_a_question_end_each_at_its_own_time() -> None:
    desk = pending()
    desk.ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等")
    question = desk.held.question
    assert question is not None
    assert desk.rules.due(desk.held) == question.answer_by
    desk.at = question.answer_by
    assert not only(AskingEnded, desk.say(Due(), "")).answered
    assert desk.held.stage is Stage.SUSPENDED
    desk.later(days=30)
    assert only(CaseResumed, desk.say(Due(), "")).lapsed
    desk.ask(ResumeCase, UNIT)
    assert desk.refuses("not-suspended")


def test_what_was_missing_at_the_reception_comes_with_its_release() -> None:
    desk = signed()
    assert desk.say(received(desk, by=None), "") == []
    assert desk.held.attachments == ()
