"""What the complainant, the channel and the reviewer are sent about requests: a unit's, and the complainant's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts.attachments import Attachment
from contracts.channel import AppealAnswer, ReopenComplaint, SupplementComplaint
from contracts.codes import Language, RefusalCode
from contracts.intake import SupplementReceived
from contracts.notify import ComplaintProgress, NoticeSent, RequestAnswered, SupplementAsked
from contracts.refusals import reason
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    CaseReopened,
    ComplainantAsked,
    ComplainantRequestRefused,
)
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Wait
from services.notify.domain.case_rules import PATIENCE, CaseRules
from services.notify.domain.notice import LEASE
from tests.unit.services.notify.place import POLICY, words
from tests.unit.services.notify.test_notices import Room, by_mail, contact, room, taken
from tests.unit.services.speaking import AT, CASE, closed, context, only, registered

UNIT, ABOVE = "police-beicheng", "police"


def about(kind: type[Any], **fields: Any) -> Any:
    return kind(case_id=CASE, occurred_at=AT, **fields)


def asked(nth: int = 1) -> Any:
    missing = (reason(RefusalCode.CLERK_ASKS, question="施工单位名称"),)
    return about(ComplainantAsked, unit=UNIT, missing=missing, answer_by=AT + timedelta(days=7), round=nth)


def appealed(nth: int = 1) -> Any:
    return about(AnswerAppealOpened, unit=UNIT, reviewer=ABOVE, reason="没有人来。", submission_id=f"appeal-{nth}")


def test_the_complainant_is_asked_by_their_way_and_the_channel_with_the_unit() -> None:
    it = Room()
    it.hear(by_mail(external_id="x1", submission_id="s1"), contact())
    reply = only(SupplementAsked, it.hear(asked()))
    assert (reply.round, reply.asked_by, reply.external_id, reply.submission_id) == (1, UNIT, "x1", "s1")
    mail = it.mails[-1]
    assert (mail.what, mail.notice_id) == ("supplement", f"question.{CASE}")
    text = words(mail).text
    assert "请您补充：“施工单位名称”。" in text
    assert "2026年11月30日" in text
    assert "市公安局北城分局将按现有材料继续办理" in text, "it does not lapse"
    assert "本件终结" not in text
    sent = only(NoticeSent, it.hear(taken(f"question.{CASE}")))
    assert (sent.notice, sent.by) == ("supplement", "email")


def test_the_second_request_is_another_notice_and_the_same_one_again_is_none() -> None:
    it = room(registered())
    assert only(NoticeSent, it.hear(asked())).notice_id == f"question.{CASE}"
    assert only(NoticeSent, it.hear(asked(2))).notice_id == f"question-2.{CASE}"


def test_the_answer_to_a_unit_is_acknowledged_and_that_to_the_reception_goes_on_silently() -> None:
    it = room(registered(external_id="x1"))
    photo = Attachment(url="https://example.org/site.jpg")
    given = {"round": 1, "complete": True, "attachments": (photo,), "submission_id": "s2"}
    assert it.hear(about(SupplementReceived, **given)) == []
    (reply,) = it.hear(about(SupplementReceived, **given, asked_by=UNIT))
    assert isinstance(reply, RequestAnswered)
    assert (reply.request, reply.accepted, reply.submission_id) == (SupplementComplaint.TYPE, True, "s2")
    assert it.case is not None
    assert it.case.registered is not None
    assert it.case.registered.attachments == (photo, photo)


def test_a_reopening_on_request_answers_the_request() -> None:
    it = room(registered(), closed())
    fields = {"unit": UNIT, "count": 1, "reason": "又开始施工", "requested_by": "complainant", "submission_id": "s3"}
    events = it.hear(about(CaseReopened, **fields))
    reply = only(RequestAnswered, events)
    assert (reply.request, reply.accepted, reply.submission_id) == (ReopenComplaint.TYPE, True, "s3")
    assert only(ComplaintProgress, events).what == "reopened"


def test_a_refused_request_is_answered_with_its_reasons() -> None:
    it = room(registered(external_id="x1"), closed())
    why = (reason(RefusalCode.REOPENINGS_USED_UP, times=1),)
    fields = {"channel": "web", "submission_id": "s3", "request": ReopenComplaint.TYPE, "reasons": why}
    (reply,) = it.hear(about(ComplainantRequestRefused, **fields))
    assert isinstance(reply, RequestAnswered)
    assert (reply.accepted, reply.reasons, reply.external_id) == (False, why, "x1")


def test_an_appeal_is_accepted_and_the_reviewer_gets_a_notice() -> None:
    it = room(registered(), closed())
    events = it.hear(appealed())
    reply = only(RequestAnswered, events)
    assert (reply.request, reply.accepted, reply.submission_id) == (AppealAnswer.TYPE, True, "appeal-1")
    assert only(ComplaintProgress, events).what == "appealed"
    notice = only(StaffNoticeOwed, events)
    assert (notice.to, notice.what) == (ABOVE, "answer-appeal")
    facts = {each.name: each.value for each in notice.facts}
    assert facts["reason"] == "没有人来。"
    assert facts["unit-name"] == POLICY.names.unit(UNIT, Language.CHINESE)
    assert only(StaffNoticeOwed, it.hear(appealed(2))).notice_id != notice.notice_id


def test_an_answer_that_stands_is_explained_and_one_that_does_not_is_announced_by_the_reopening() -> None:
    it = Room()
    it.hear(by_mail(), contact(), closed(), appealed())
    upheld = about(AnswerAppealDecided, unit=UNIT, reviewer=ABOVE, upheld=True, reason="经复查属实。")
    events = it.hear(upheld)
    assert only(ComplaintProgress, events).what == "appeal-upheld"
    assert "经复查属实。" in words(it.mails[-1]).text
    other = room(registered(), closed(), appealed())
    assert other.hear(upheld.model_copy(update={"upheld": False})) == []
    fields = {"unit": UNIT, "count": 1, "reason": "应重办", "requested_by": "appeal", "submission_id": "appeal-1"}
    again = other.hear(about(CaseReopened, **fields))
    assert not [each for each in again if isinstance(each, RequestAnswered)], "it was answered when it was accepted"
    assert only(ComplaintProgress, again).what == "reopened"


def test_requests_wait_for_the_registration() -> None:
    for subject in (asked(), appealed()):
        assert CaseRules(POLICY, LEASE).decide(None, subject, context()) == Wait(PATIENCE)
