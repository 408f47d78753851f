"""After the dispatch: a unit asks the complainant, who later has the case reopened and appeals its answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.attachments import Attachment
from contracts.channel import AppealAnswer, Contact, ReopenComplaint, SubmitComplaint, SupplementComplaint
from contracts.codes import PauseReason, RefusalCode, ReplyBy
from contracts.handling import AskComplainant, DecideAnswerAppeal, UnitCommand
from contracts.notify import ComplaintProgress, NoticeSent, RequestAnswered, SupplementAsked
from contracts.routing import (
    AnswerAppealRequested,
    AskingEnded,
    AssignmentOffered,
    CaseClosed,
    CaseReopened,
    SupplementArrived,
)
from contracts.scoring import ClockPaused, ClockResumed
from infra.local.engines import Engines
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.deployment import DEMO
from tests.support.media import KINDS
from tests.support.notifying import notifying_city
from tests.support.search import Needles, in_databases, on_the_bus

CENTRE, UNIT, ABOVE = "beicheng-centre", "urban-management-beicheng", "urban-management"
FAST = 40_000.0
"""A day passes in about two seconds."""
LIMITS = (DEMO / "limits.toml").read_text("utf-8")
QUESTION = ("[question]\ndays = 7", "[question]\ndays = 1")


def now() -> datetime:
    return datetime.now(UTC)


async def command(city: City, kind: type[UnitCommand], case_id: str, unit: str, **fields: Any) -> str:
    return await city.say(kind(case_id=case_id, issued_at=now(), unit=unit, **fields))


async def refusal(city: City, command_id: str) -> list[str]:
    _, refused = await city.refusal_of_command(command_id)
    return [str(each.code) for each in refused.reasons]


async def at_work(city: City, **fields: Any) -> SubmitComplaint:
    """A new case that its unit has signed."""
    submission = complaint(reference(), category="garbage-collection", **fields)
    await city.say(submission)
    assert (await city.heard(AssignmentOffered, submission.case_id)).unit == UNIT
    await city.sign(UNIT, submission.case_id)
    return submission


def given(submission: SubmitComplaint, **fields: Any) -> SupplementComplaint:
    return SupplementComplaint(channel=submission.channel, external_id=submission.external_id, given_at=now(), **fields)


async def stage(city: City, case_id: str) -> tuple[str, int]:
    """Stage of the case in its status, and how much is awaited."""
    headers = {"X-API-Key": city.deployment.api_keys["web"]}
    async with app_of(city.deployment.fleet.url("intake"), headers) as client:
        shown = (await client.get(f"/v1/complaints/{case_id}")).json()
    assert ("answer_by" in shown) == bool(shown["awaited"])
    return shown["stage"], len(shown["awaited"])


async def photo(city: City) -> Any:
    headers = {"X-API-Key": city.deployment.api_keys["web"]}
    async with app_of(city.deployment.fleet.url("intake"), headers) as client:
        answer = await client.post("/v1/attachments", files={"file": ("x.png", KINDS["image/png"], "image/png")})
    assert answer.status_code == 201, answer.text
    return answer.json()["file_id"]


async def test_a_unit_asks_once_and_gets_the_answer_without_identity(city: City) -> None:
    run = uuid4().hex[:8]
    name, phone, address = f"欧阳{run}", f"139{int(run, 16) % 10**8:08d}", f"{run}@city.example"
    contact = Contact(name=name, phone=phone, email=address, reply_by=ReplyBy.EMAIL)
    submission = await at_work(city, contact=contact)
    case_id, file_id = submission.case_id, await photo(city)

    await command(city, AskComplainant, case_id, UNIT, missing=("施工单位名称", "施工时间"))
    asked = await city.heard(SupplementAsked, case_id)
    assert (asked.asked_by, len(asked.missing), asked.round) == (UNIT, 2, 1)
    assert (await city.heard(ClockPaused, case_id)).reason is PauseReason.SUPPLEMENT
    await city.heard(NoticeSent, case_id, attribute(notice="supplement", by=ReplyBy.EMAIL))
    assert await stage(city, case_id) == ("awaits-complainant", 2)
    again = await command(city, AskComplainant, case_id, UNIT, missing=("地点",))
    assert await refusal(city, again) == [RefusalCode.SUPPLEMENT_PENDING]

    spaced = " ".join((phone[:3], phone[3:7], phone[7:]))
    text = f"我是{name}，施工方为某某公司，电话{phone}（{spaced}）。"
    supplement = await city.say(given(submission, text=text, attachments=(Attachment(file_id=file_id),)))
    arrived = await city.seen(SupplementArrived, case_id)
    assert arrived.topic == f"assignments.{UNIT}"
    assert arrived.message.answered
    assert arrived.message.added_text == "我是＊＊＊，施工方为某某公司，电话＊＊＊（＊＊＊）。"
    assert [each.file_id for each in arrived.message.attachments] == [file_id]
    assert (await city.heard(AskingEnded, case_id)).answered
    await city.heard(ClockResumed, case_id)
    reply = await city.heard(RequestAnswered, case_id)
    assert (reply.submission_id, reply.accepted) == (supplement, True)
    assert await stage(city, case_id) == ("in-hand", 0)

    late = await city.say(given(submission, text="还有补充"))
    _, refused = await city.refusal_of(late)
    assert [str(each.code) for each in refused.reasons] == [RefusalCode.NOT_ASKED]
    again = await command(city, AskComplainant, case_id, UNIT, missing=("地点",))
    assert await refusal(city, again) == [RefusalCode.SUPPLEMENT_ASKED]
    await city.report(UNIT, case_id)
    await city.heard(CaseClosed, case_id)
    await nowhere(city, name, phone, spaced)


async def nowhere(city: City, *identity: str) -> None:
    """What tells who the complainant is stands in no record but the submission, and in no database."""
    needles, engines = Needles(identity), city.deployment.engines
    leaks = [
        written.place
        async for written in on_the_bus(engines.bootstrap)
        if not written.place.startswith("complaints.") and needles.found_in(written.hay)
    ]
    databases = in_databases(engines.mongo_uri, city.deployment.database)
    assert leaks + [written.place for written in databases if needles.found_in(written.hay)] == []


async def request(
    city: City, kind: type[ReopenComplaint | AppealAnswer], submission: SubmitComplaint
) -> RequestAnswered:
    """What the channel is answered."""
    asked = kind(
        channel=submission.channel,
        external_id=submission.external_id,
        requested_at=now(),
        reason="当晚又开始施工，请回电 13912345678。",
    )
    id = await city.say(asked)
    return await city.heard(RequestAnswered, submission.case_id, attribute(submission_id=id))


async def test_a_complainant_has_a_case_reopened_once_and_its_answer_reviewed(city: City) -> None:
    submission = await at_work(city)
    case_id = submission.case_id
    assert (await request(city, AppealAnswer, submission)).reasons[0].code == RefusalCode.NOT_CLOSED
    await city.report(UNIT, case_id)
    await city.heard(CaseClosed, case_id)

    assert (await request(city, ReopenComplaint, submission)).accepted
    again = await city.heard(CaseReopened, case_id)
    assert (again.requested_by, again.unit, again.reason) == ("complainant", UNIT, "当晚又开始施工，请回电 ＊＊＊。")
    await city.heard(ComplaintProgress, case_id, attribute(what="reopened"))
    await city.heard(AssignmentOffered, case_id, attribute(rule="reopened"))
    await city.sign(UNIT, case_id)
    await city.report(UNIT, case_id, "已再次清运。")
    await city.heard(CaseClosed, case_id, attribute(reply="已再次清运。"))
    refused = await request(city, ReopenComplaint, submission)
    assert (refused.accepted, refused.reasons[0].code) == (False, RefusalCode.REOPENINGS_USED_UP)

    assert (await request(city, AppealAnswer, submission)).accepted
    wanted = await city.seen(AnswerAppealRequested, case_id)
    assert wanted.topic == f"assignments.{ABOVE}"
    assert (wanted.message.reply, wanted.message.reason) == ("已再次清运。", "当晚又开始施工，请回电 ＊＊＊。")
    await city.heard(ComplaintProgress, case_id, attribute(what="appealed"))
    stranger = await command(
        city, DecideAnswerAppeal, case_id, CENTRE, upheld=True, reason="属实", actor=f"{CENTRE}.director"
    )
    assert await refusal(city, stranger) == [RefusalCode.NOT_APPEAL_BODY]
    await command(city, DecideAnswerAppeal, case_id, ABOVE, upheld=True, reason="经复查属实。", actor=f"{ABOVE}.a")
    upheld = await city.heard(ComplaintProgress, case_id, attribute(what="appeal-upheld"))
    assert "经复查属实。" in upheld.zh
    assert (await request(city, AppealAnswer, submission)).reasons[0].code == RefusalCode.ANSWER_APPEALED


async def test_an_answer_that_does_not_stand_is_given_again(city: City) -> None:
    submission = await at_work(city)
    case_id = submission.case_id
    await city.report(UNIT, case_id)
    await city.heard(CaseClosed, case_id)
    assert (await request(city, AppealAnswer, submission)).accepted
    await city.heard(AnswerAppealRequested, case_id)
    await command(city, DecideAnswerAppeal, case_id, ABOVE, upheld=False, reason="应重新办理。", actor=f"{ABOVE}.a")
    again = await city.heard(CaseReopened, case_id)
    assert (again.requested_by, again.reason) == ("appeal", "应重新办理。")
    await city.heard(AssignmentOffered, case_id, attribute(rule="reopened"))
    await city.sign(UNIT, case_id)
    await city.report(UNIT, case_id, "已重新办理。")
    await city.heard(CaseClosed, case_id, attribute(reply="已重新办理。"))


@pytest.fixture
async def town(own_embedded: Engines, tmp_path: Path) -> AsyncIterator[City]:
    """A city in which days pass in seconds, and a complainant has one to answer."""
    assert QUESTION[0] in LIMITS
    more = {"limits": LIMITS.replace(*QUESTION)}
    clock = {"XN_CLOCK_ORIGIN": now().isoformat(), "XN_CLOCK_SPEED": str(FAST)}
    async with notifying_city(own_embedded, tmp_path / "town", notices="", settings=clock, more=more) as city:
        yield city


@pytest.mark.timeout(180)
async def test_without_an_answer_the_unit_goes_on_when_the_time_is_over(town: City) -> None:
    submission = await at_work(town)
    case_id = submission.case_id
    town.leave_silent(case_id, "its days pass in seconds")
    await command(town, AskComplainant, case_id, UNIT, missing=("施工单位名称",))
    asked = await town.heard(SupplementAsked, case_id)
    ended = await town.heard(AskingEnded, case_id)
    assert (ended.answered, ended.occurred_at >= asked.answer_by) == (False, True)
    assert not (await town.heard(SupplementArrived, case_id)).answered
    await town.heard(ClockResumed, case_id)
    late = await town.say(given(submission, text="补充"))
    _, refused = await town.refusal_of(late)
    assert [str(each.code) for each in refused.reasons] == [RefusalCode.NOT_ASKED]
