"""After the dispatch: what a unit asks for is shown and answered, and requests are forwarded without identity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.attachments import Attachment
from contracts.channel import MAX_TEXT, AppealAnswer, Attribute, Contact, ReopenComplaint, SupplementComplaint
from contracts.clerking import EraseIdentity
from contracts.codes import Channel, RefusalCode
from contracts.intake import AnswerAppealed, ContactSealed, ReopeningRequested, SubmissionRefused, SupplementReceived
from contracts.refusals import reason
from contracts.routing import AskingEnded, CaseReopened, ComplainantAsked
from infra.decision import Due
from services.intake.status import Stage, standing_of
from tests.unit.services.intake.test_reception import CENTRE, CLERK, Reception, names, reception, withdraw
from tests.unit.services.speaking import AT, CASE, closed, only, told

UNIT = "urban-management-beicheng"
WANG = Contact(name="王小明", phone="13800138000", email="wang@city.example")
MISSING = (reason(RefusalCode.CLERK_ASKS, question="施工单位名称"),)


def asked(round_: int = 1) -> ComplainantAsked:
    return ComplainantAsked(
        case_id=CASE, occurred_at=AT, unit=UNIT, missing=MISSING, answer_by=AT + timedelta(days=7), round=round_
    )


def ended() -> AskingEnded:
    return AskingEnded(case_id=CASE, occurred_at=AT, unit=UNIT, answered=False)


def in_hand(**changes: Any) -> Reception:
    """A case that a unit has asked about."""
    it = reception(**changes)
    it.hear(asked(), "")
    return it


def given(**changes: Any) -> SupplementComplaint:
    fields = {"channel": Channel.WEB, "external_id": "x1", "given_at": AT, "text": "施工方为某某公司。"}
    return SupplementComplaint(**{**fields, **changes})


def stage(it: Reception) -> tuple[Stage, tuple[str, ...], object]:
    standing = standing_of(CASE, it.known().model_dump(mode="json"))
    assert standing is not None
    return standing.stage, tuple(each.zh for each in standing.awaited), standing.answer_by


def refusal(it: Reception, said: Any, speaker: str = "web") -> list[tuple[str, str | None]]:
    before = it.known()
    found = told(only(SubmissionRefused, it.hear(said, speaker)).reasons)
    assert it.known() == before
    return found


def test_the_status_shows_what_a_unit_asks_for_until_it_is_answered_or_over() -> None:
    it = reception()
    assert stage(it) == (Stage.IN_HAND, (), None)
    it.hear(asked(), "")
    assert stage(it) == (Stage.AWAITS_COMPLAINANT, ("请您补充：“施工单位名称”。",), AT + timedelta(days=7))
    assert it.due() is None, "routing ends it, and the case goes on: it does not lapse"
    it.hear(ended(), "")
    assert stage(it) == (Stage.IN_HAND, (), None)


def test_the_answer_is_forwarded_to_the_unit_without_identity() -> None:
    it = in_hand(contact=WANG)
    photo = Attachment(url="https://example.org/site.jpg")
    (answer,) = it.hear(
        given(text="我是王小明，电话13800138000，工头手机13912345678。", address="王小明家", attachments=(photo,))
    )
    assert isinstance(answer, SupplementReceived)
    assert answer.added_text == "我是＊＊＊，电话＊＊＊，工头手机＊＊＊。"
    assert (answer.address, answer.attachments, answer.complete) == ("＊＊＊家", (photo,), True)
    assert (answer.asked_by, answer.round, answer.submission_id) == (UNIT, 1, "m3")
    assert stage(it)[0] is Stage.IN_HAND
    assert refusal(it, given()) == [("not-asked", None)], "once: the unit has its answer"
    it.hear(ended(), "")
    it.hear(asked(2), "")
    assert only(SupplementReceived, it.hear(given())).round == 2


def test_a_new_contact_is_sealed_and_masked_from_then_on() -> None:
    it = in_hand()
    sealed, answer = it.hear(given(contact=WANG, text="我是王小明。"))
    assert isinstance(sealed, ContactSealed)
    assert answer.added_text == "我是＊＊＊。"
    it.hear(closed(), "")
    assert only(ReopeningRequested, it.hear(request(reason="王小明再次反映"))).reason == "＊＊＊再次反映"


@pytest.mark.parametrize(
    ("changes", "speaker", "expected"),
    [
        ({"text": ""}, "web", [("text-missing", "text")]),
        ({"text": "x" * (MAX_TEXT + 1)}, "web", [("text-too-long", "text")]),
        ({}, "radio", [("malformed", "channel")]),
        ({"given_at": AT + timedelta(hours=1)}, "web", [("received-in-future", "given_at")]),
        ({"contact": Contact(email="x")}, "web", [("contact-malformed", "contact.email: email_not_an_address")]),
        ({"attributes": (Attribute(code="x", value="y"),)}, "web", [("malformed", "attributes.x: unknown")]),
    ],
)
def test_a_supplement_that_does_not_fit_is_refused_and_the_unit_still_waits(
    changes: dict[str, Any], speaker: str, expected: list[tuple[str, str | None]]
) -> None:
    it = in_hand()
    assert refusal(it, given(**changes), speaker) == expected
    assert stage(it)[0] is Stage.AWAITS_COMPLAINANT


def test_a_supplement_after_the_last_day_is_refused() -> None:
    it = in_hand()
    it.at += timedelta(days=7)
    assert refusal(it, given()) == [("not-asked", None)]


def test_a_case_that_has_ended_waits_for_nothing() -> None:
    it = in_hand()
    it.hear(withdraw())
    assert it.known().question is None
    it.hear(asked(2), "")
    assert it.known().question is None, "routing had asked before it knew of the withdrawal"
    other = in_hand()
    other.hear(closed(), "")
    assert other.known().question is None


# ---- requests after the answer


def request(kind: type[ReopenComplaint | AppealAnswer] = ReopenComplaint, **changes: Any) -> Any:
    fields = {"channel": Channel.WEB, "external_id": "x1", "requested_at": AT, "reason": "当晚又开始施工。"}
    return kind(**{**fields, **changes})


@pytest.mark.parametrize(("kind", "fact"), [(ReopenComplaint, ReopeningRequested), (AppealAnswer, AnswerAppealed)])
def test_a_request_is_forwarded_without_identity_and_changes_nothing_here(kind: Any, fact: Any) -> None:
    it = reception(contact=WANG)
    it.hear(closed(), "")
    before = it.known()
    (forwarded,) = it.hear(request(kind, reason="我是王小明，请回电 138 0013 8000。", answer=1))
    assert type(forwarded) is fact
    assert forwarded.reason == "我是＊＊＊，请回电 ＊＊＊。"
    assert (forwarded.channel, forwarded.external_id, forwarded.answer) == ("web", "x1", 1)
    assert forwarded.submission_id == "m3"
    assert it.known() == before
    it.hear(CaseReopened(case_id=CASE, occurred_at=AT, unit=UNIT, count=1, reason="重办"), "")
    assert stage(it)[0] is Stage.IN_HAND


@pytest.mark.parametrize(
    ("changes", "speaker", "expected"),
    [
        ({}, "radio", [("malformed", "channel")]),
        ({"reason": "x" * (MAX_TEXT + 1)}, "web", [("text-too-long", "reason")]),
        ({"requested_at": AT + timedelta(hours=1)}, "web", [("received-in-future", "requested_at")]),
    ],
)
@pytest.mark.parametrize("kind", [ReopenComplaint, AppealAnswer])
def test_a_request_that_does_not_fit_is_refused(
    kind: Any, changes: dict[str, Any], speaker: str, expected: list[tuple[str, str | None]]
) -> None:
    it = reception()
    it.hear(closed(), "")
    assert refusal(it, request(kind, **changes), speaker) == expected


def test_a_request_about_no_case_is_refused() -> None:
    it = Reception()
    assert told(only(SubmissionRefused, it.hear(request())).reasons) == [("case-unknown", "external_id")]
    assert it.case is None


def test_after_an_erasure_only_what_looks_like_identity_is_known() -> None:
    it = reception(contact=WANG)
    it.hear(closed(), "")
    it.hear(EraseIdentity(case_id=CASE, issued_at=AT, unit=CENTRE, actor=CLERK), CENTRE, f"clerking.{CENTRE}")
    assert it.known().traces == ()
    (forwarded,) = it.hear(request(reason="王小明，13800138000"))
    assert forwarded.reason == "王小明，＊＊＊"


def test_a_late_timer_of_the_reception_does_not_end_what_a_unit_asks_for() -> None:
    it = in_hand()
    assert names(it.hear(Due(), "")) == []
    assert it.known().question is not None
