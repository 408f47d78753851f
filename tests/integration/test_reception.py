"""The reception, seen from outside: what is no department's, what is missing, what is taken back: all is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from contracts.channel import Attribute, Contact, SupplementComplaint, WithdrawComplaint
from contracts.clerking import JudgeScope
from contracts.codes import Authority, Ending, Hold, ReplyBy
from contracts.intake import CaseRegistered, ClerkingRefused, ReceptionRequested
from contracts.notify import ComplaintAcknowledged, ComplaintEnded, NoticeSent, SupplementAsked
from contracts.routing import AssignmentOffered, AssignmentWithdrawn
from contracts.scoring import ClockPaused, ClockResumed, ClockStopped
from tests.support.bus import complaint
from tests.support.city import City, reference

CENTRE = "beicheng-centre"
CLERK = "beicheng-centre.desk-2"


def now() -> datetime:
    return datetime.now(UTC)


async def test_what_is_anothers_business_is_numbered_clocked_and_answered_at_once(city: City) -> None:
    submission = complaint(reference(), text="楼下正在持刀伤人")
    case_id = submission.case_id
    await city.say(submission)
    number = (await city.heard(ComplaintAcknowledged, case_id)).number
    ended = await city.seen(ComplaintEnded, case_id)
    assert ended.topic == "replies.web"
    assert (ended.message.number, ended.message.ending) == (number, Ending.DIVERTED)
    assert ended.message.authority is Authority.POLICE
    assert "110" in ended.message.reasons[0].zh
    assert (await city.heard(ClockStopped, case_id)).on_time
    assert city.all(AssignmentOffered, case_id) == []


async def test_what_is_missing_is_asked_for_once_while_the_clock_stands_still(city: City) -> None:
    address = f"{uuid4().hex}@city.example"
    submission = complaint(
        reference(), category="street-lighting", contact=Contact(email=address, reply_by=ReplyBy.EMAIL)
    )
    case_id = submission.case_id
    await city.say(submission)
    assert (await city.heard(CaseRegistered, case_id)).held is Hold.SUPPLEMENT
    asked = await city.seen(SupplementAsked, case_id)
    assert (asked.topic, asked.message.round) == ("replies.web", 1)
    assert asked.message.missing[0].field == "attributes.fault"
    assert (await city.heard(NoticeSent, case_id, lambda sent: sent.notice == "supplement")).by == ReplyBy.EMAIL
    await city.heard(ClockPaused, case_id)
    assert city.all(AssignmentOffered, case_id) == []
    mails = [str(mail["X-Xiaoneng-Notice"]) for mail in city.mail.kept if mail["To"] == address]
    assert mails.count("supplement") == 1

    answer = SupplementComplaint(
        channel=submission.channel,
        external_id=submission.external_id,
        given_at=now(),
        text="三号杆不亮。",
        attributes=(Attribute(code="fault", value="dark"),),
    )
    first = {"text": "夜间，电话13900139000。", "address": "双桥街", "attributes": ()}
    await city.say(answer.model_copy(update=first))
    await city.heard(SupplementAsked, case_id, lambda asked: asked.round == 2)
    await city.say(answer)
    await city.heard(ClockResumed, case_id)
    offered = await city.heard(AssignmentOffered, case_id)
    assert offered.text.endswith("\n夜间，电话＊＊＊。\n三号杆不亮。")
    assert offered.address == "双桥街"
    assert [each.value for each in offered.attributes] == ["dark"]


async def test_a_clerk_judges_what_a_rule_leaves_open(city: City) -> None:
    submission = complaint(reference(), text="与装修公司有合同纠纷")
    case_id = submission.case_id
    await city.say(submission)
    wanted = await city.seen(ReceptionRequested, case_id)
    assert wanted.topic == f"reception.{CENTRE}"

    def judgement(centre: str, reply: str) -> JudgeScope:
        return JudgeScope(
            case_id=case_id, issued_at=now(), unit=centre, actor=CLERK, ending=Ending.DECLINED, reply=reply
        )

    foreign = await city.say(judgement("nancheng-centre", "不归我们管。"))
    refused = await city.seen(ClerkingRefused, case_id)
    assert (refused.topic, refused.message.command_id) == ("reception.nancheng-centre", foreign)
    assert [str(reason.code) for reason in refused.message.reasons] == ["not-your-centre"]

    await city.say(judgement(CENTRE, "请先与对方协商，或依法起诉。"))
    ended = await city.heard(ComplaintEnded, case_id)
    assert (ended.ending, ended.reply) == (Ending.DECLINED, "请先与对方协商，或依法起诉。")


async def test_a_complaint_that_is_taken_back_is_taken_from_its_unit(city: City) -> None:
    submission = complaint(reference())
    case_id = submission.case_id
    await city.say(submission)
    unit = (await city.heard(AssignmentOffered, case_id)).unit
    await city.say(
        WithdrawComplaint(channel=submission.channel, external_id=submission.external_id, withdrawn_at=now())
    )
    assert (await city.heard(AssignmentWithdrawn, case_id)).unit == unit
    assert (await city.heard(ComplaintEnded, case_id)).ending is Ending.WITHDRAWN
    await city.heard(NoticeSent, case_id, lambda sent: sent.notice == "answer")
