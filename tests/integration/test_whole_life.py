"""A case that takes the long way: approved, shared, extended, at rest, answered, opened again and answered again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.channel import Contact, Instruction
from contracts.codes import PauseReason, ReplyBy
from contracts.handling import (
    ApproveDispatch,
    DecideExtension,
    ExplainDelay,
    InviteCoHandler,
    ReopenCase,
    ReportSubtask,
    RequestExtension,
    RequestTransfer,
    ResumeCase,
    SuspendCase,
    UnitCommand,
)
from contracts.notify import ComplaintAnswered, ComplaintProgress, NoticeSent
from contracts.routing import (
    AssignmentOffered,
    CaseClosed,
    DispatchRequested,
    ExtensionAnswered,
    ExtensionApprovalRequested,
    SubtaskAnswered,
    SubtaskRequested,
)
from contracts.scoring import ClockExtended, ClockPaused, ClockResumed, ClockStarted, ClockStopped
from tests.support.bus import complaint
from tests.support.city import City, reference

CENTRE, UNIT, HELPER = "beicheng-centre", "urban-management-beicheng", "ecology"


async def test_a_long_life_is_told_step_by_step_to_everybody_whose_business_it_is(city: City) -> None:
    address = f"{uuid4().hex}@city.example"
    submission = complaint(
        reference(),
        category="garbage-collection",
        contact=Contact(email=address, reply_by=ReplyBy.EMAIL),
        instruction=Instruction(by="mayor", text="请速办"),
    )
    case_id = submission.case_id

    async def ask(kind: type[UnitCommand], unit: str, **fields: Any) -> str:
        return await city.say(kind(case_id=case_id, issued_at=datetime.now(UTC), unit=unit, **fields))

    async def told(what: str) -> None:
        await city.heard(ComplaintProgress, case_id, lambda said: said.what == what)
        await city.heard(NoticeSent, case_id, lambda said: (said.notice, said.by) == (what, ReplyBy.EMAIL))

    await city.say(submission)
    wanted = await city.heard(DispatchRequested, case_id)
    assert (wanted.unit, wanted.proposed, wanted.why) == (CENTRE, UNIT, "approval")
    assert city.all(AssignmentOffered, case_id) == []
    await ask(ApproveDispatch, CENTRE, actor=f"{CENTRE}.director", approved=True)
    offer = await city.heard(AssignmentOffered, case_id)
    assert (offer.unit, offer.leader, len(offer.staff)) == (UNIT, f"{UNIT}.captain", 2)
    await city.sign(UNIT, case_id)

    await ask(InviteCoHandler, UNIT, to=HELPER, task="请检测扬尘")
    assert (await city.heard(SubtaskRequested, case_id)).unit == HELPER
    await ask(ReportSubtask, HELPER, reply="已检测，超标。")
    assert (await city.heard(SubtaskAnswered, case_id)).unit == UNIT

    await ask(RequestExtension, UNIT, working_days=5, reason="需清运")
    assert (await city.heard(ExtensionApprovalRequested, case_id)).unit == CENTRE
    await ask(DecideExtension, CENTRE, granted=True)
    assert (await city.heard(ExtensionAnswered, case_id)).granted
    assert (await city.heard(ClockExtended, case_id)).budget_working_days == 20
    await told("extended")

    await ask(SuspendCase, UNIT, reason=PauseReason.THIRD_PARTY, note="等待清运公司进场")
    await city.heard(ClockPaused, case_id)
    await told("suspended")
    await ask(ResumeCase, UNIT)
    await city.heard(ClockResumed, case_id)
    await ask(ExplainDelay, UNIT, reason="雨天无法清运", promised_at=datetime.now(UTC) + timedelta(days=3))
    await told("delayed")

    await city.report(UNIT, case_id, "已清运。")
    await city.heard(ComplaintAnswered, case_id)
    await city.heard(NoticeSent, case_id, lambda said: said.notice_id == f"answer.{case_id}")

    await ask(ReopenCase, CENTRE, reason="回访反映又有堆积", actor=f"{CENTRE}.desk-1")
    await told("reopened")
    await city.heard(ClockStarted, case_id, lambda said: said.clock == "close-2")
    await city.heard(AssignmentOffered, case_id, lambda said: said.rule == "reopened")
    await city.sign(UNIT, case_id)
    await ask(RequestTransfer, UNIT, to="urban-management", reason="需市局统筹")
    await city.heard(AssignmentOffered, case_id, lambda said: said.rule == "transfer")
    await city.sign("urban-management", case_id)
    await city.report("urban-management", case_id, "已设固定收集点。")
    await city.heard(CaseClosed, case_id, lambda said: said.unit == "urban-management")
    await city.heard(ComplaintAnswered, case_id, lambda said: said.reply == "已设固定收集点。")
    await city.heard(NoticeSent, case_id, lambda said: said.notice_id == f"answer-2.{case_id}")
    await city.heard(ClockStopped, case_id, lambda said: said.clock == "close-2")
    mails = [mail for mail in city.mail.kept if mail["To"] == address]
    assert len(mails) == 7, "acknowledged, four steps on the way, and two answers"
