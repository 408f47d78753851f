"""Instructions, notes, reported returns, rulings after a consultation and adopted suggestions, through all services."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from contracts.channel import Contact
from contracts.codes import AppealType, HandlingResult, Language, ReplyBy
from contracts.envelope import encode
from contracts.handling import (
    AddNote,
    Consultation,
    DispatchCase,
    InstructCase,
    ReportHandling,
    RequestReturn,
    UnitCommand,
)
from contracts.notify import ComplaintAnswered, NoticeSent
from contracts.routing import (
    AssignmentOffered,
    CaseAssigned,
    CaseClosed,
    CaseInstructed,
    CaseQueued,
    ConsultationHeld,
    ConsultationRecorded,
    DispatchRequested,
    InstructionGiven,
    NoteAdded,
    ReturnReported,
)
from contracts.scoring import ClockStarted
from contracts.staff_notices import StaffNoticeSent
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.waiting import eventually

ASKED, CENTRE, OTHER, OFFICE = "police-beicheng", "beicheng-centre", "urban-management-beicheng", "city-office"
MAYOR, CLERK = "city-office.director", "police-beicheng.desk-1"
PHONE, MARKER = "13900001234", "备注暗号"


def client_of(city: City, service: str, key: str) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url(service), {"X-API-Key": city.deployment.api_keys[key]})


async def say(city: City, kind: type[UnitCommand], case_id: str, unit: str, **fields: Any) -> str:
    return await city.say(kind(case_id=case_id, issued_at=datetime.now(UTC), unit=unit, **fields))


async def refused(city: City, kind: type[UnitCommand], case_id: str, unit: str, **fields: Any) -> list[str]:
    """The codes of the refusal that the unit receives."""
    _, refusal = await city.refusal_of_command(await say(city, kind, case_id, unit, **fields))
    return [str(reason.code) for reason in refusal.reasons]


async def offered(city: City, **changes: Any) -> str:
    submission = complaint(reference(), **changes)
    await city.say(submission)
    await city.heard(AssignmentOffered, submission.case_id)
    return submission.case_id


async def closed(web: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    """The status that a channel is shown once intake has the answer."""

    async def status() -> dict[str, Any]:
        found: dict[str, Any] = (await web.get(f"/v1/complaints/{case_id}")).json()
        return found

    return await eventually(status, lambda found: found["stage"] == "closed", 60, "closed")


async def notified(city: City, case_id: str, what: str) -> set[str]:
    return {each.message.to for each in city.all(StaffNoticeSent) if attribute(about=case_id, what=what)(each.message)}


async def test_an_instruction_has_its_clock_and_reaches_the_unit_and_the_centre(city: City) -> None:
    case_id = await offered(city)
    for actor, code in ((None, "actor-missing"), ("city-office.desk-1", "not-instructor"), ("nobody", "actor-unknown")):
        assert await refused(city, InstructCase, case_id, OFFICE, text="请速办", actor=actor) == [code]
    assert await refused(city, InstructCase, case_id, ASKED, text="请速办", actor="police-beicheng.chief") == [
        "not-instructor"
    ]
    await say(city, InstructCase, case_id, OFFICE, text=f"三日内办结，电话{PHONE}", actor=MAYOR, working_days=3)
    instructed = await city.heard(CaseInstructed, case_id)
    assert (instructed.instruction.text, instructed.responsible) == ("三日内办结，电话＊＊＊", ASKED)
    given = {(await city.seen(InstructionGiven, case_id, attribute(unit=unit))).topic for unit in (ASKED, CENTRE)}
    assert given == {f"assignments.{ASKED}", f"assignments.{CENTRE}"}
    clock = await city.heard(ClockStarted, case_id, attribute(clock="instruction"))
    assert (str(clock.limit), clock.unit, clock.basis) == ("3 working days", ASKED, "instruction")
    for unit in (ASKED, CENTRE):
        await city.heard(StaffNoticeSent, where=attribute(about=case_id, what="instruction", to=unit))
    assert await notified(city, case_id, "instruction") == {ASKED, CENTRE}


async def test_a_note_with_a_telephone_number_is_masked_and_no_complainant_reads_it(city: City) -> None:
    case_id = await offered(city, about="ecology")
    text = f"{MARKER}：已联系 {PHONE}"
    said = AddNote(case_id=case_id, issued_at=datetime.now(UTC), unit=ASKED, actor=CLERK, text="XXXX")
    record = encode(said, id=reference(), source="/tests")
    assert record.value is not None
    raw = record.value.replace(b"XXXX", text.encode())  # as an app writes it that does not know the contract's models
    await city.put(record.topic, raw, record.headers, key=record.key)
    added = await city.heard(NoteAdded, case_id)
    assert (added.unit, added.text) == (ASKED, f"{MARKER}：已联系 ＊＊＊")
    assert await refused(city, AddNote, case_id, "ecology", text="…") == ["recused"]
    assert await refused(city, AddNote, case_id, "health", text="…") == ["not-responsible"]

    async with client_of(city, "routing", OFFICE) as superior:
        shown = (await superior.get(f"/v1/cases/{case_id}")).json()
    (note,) = shown["notes"]
    assert (note["unit"], note["text"], note["by"]) == (ASKED, added.text, CLERK)
    assert note["at"]
    async with client_of(city, "routing", "ecology") as complained_about:
        assert (await complained_about.get(f"/v1/cases/{case_id}")).status_code == 404

    await city.sign(ASKED, case_id)
    await city.report(ASKED, case_id)
    await city.heard(ComplaintAnswered, case_id)
    async with client_of(city, "intake", "web") as web:
        assert MARKER not in str(await closed(web, case_id))
    about = [each for each in city.watch.seen if each.key == case_id]
    assert {each.topic for each in about if MARKER.encode() in each.body} == {"routing.events"}
    assert not [each.topic for each in city.watch.seen if PHONE.encode() in each.body]


async def test_a_return_reaches_the_superior_and_a_ruling_needs_a_consultation_of_all_that_returned(city: City) -> None:
    case_id = await offered(city)
    await say(city, RequestReturn, case_id, ASKED, reason="属城管职责")
    reported = await city.seen(ReturnReported, case_id)
    assert (reported.topic, reported.message.reason, reported.message.count) == ("assignments.police", "属城管职责", 1)
    assert (await city.heard(CaseQueued, case_id)).reported_to == "police"
    await city.heard(StaffNoticeSent, where=attribute(about=case_id, what="return-reported", to="police"))

    await say(city, DispatchCase, case_id, CENTRE, to=OTHER)
    await city.heard(AssignmentOffered, case_id, attribute(unit=OTHER))
    await say(city, RequestReturn, case_id, OTHER, reason="属公安职责")
    request = await city.heard(DispatchRequested, case_id, attribute(ruling_due=True))
    assert request.refusers == (ASKED, OTHER)

    def held(*participants: str) -> Consultation:
        return Consultation(participants=participants, minutes=f"会商一致，联系人电话{PHONE}。")

    assert await refused(city, DispatchCase, case_id, CENTRE, to=ASKED) == ["consultation-missing"]
    assert await refused(city, DispatchCase, case_id, CENTRE, to=ASKED, consultation=held(OTHER)) == [
        "consultation-incomplete"
    ]
    await say(city, DispatchCase, case_id, CENTRE, to=ASKED, consultation=held(ASKED, OTHER))
    ruling = await city.heard(CaseAssigned, case_id, attribute(rule="ruling"))
    assert (ruling.unit, ruling.binding) == (ASKED, True)
    minutes = await city.heard(ConsultationHeld, case_id)
    assert (minutes.participants, minutes.to) == ((ASKED, OTHER), ASKED)
    assert minutes.minutes == "会商一致，联系人电话＊＊＊。"
    topics = {(await city.seen(ConsultationRecorded, case_id, attribute(unit=unit))).topic for unit in (ASKED, OTHER)}
    assert topics == {f"assignments.{ASKED}", f"assignments.{OTHER}"}
    await city.heard(StaffNoticeSent, where=attribute(about=case_id, what="ruling", to=ASKED))
    assert await refused(city, RequestReturn, case_id, ASKED, reason="…") == ["ruling-binds"]
    async with client_of(city, "routing", CENTRE) as centre:
        shown = (await centre.get(f"/v1/cases/{case_id}")).json()
    assert shown["consultation"]["participants"] == [ASKED, OTHER]


async def test_a_suggestion_is_answered_with_whether_it_is_adopted(city: City) -> None:
    address = f"{reference().lower()}@city.example"
    contact = Contact(name="Ann Other", email=address, reply_by=ReplyBy.EMAIL, language=Language.ENGLISH)
    adopted = await offered(city, appeal=AppealType.SUGGESTION)
    declined = await offered(city, appeal=AppealType.SUGGESTION, contact=contact)
    plain = await offered(city)
    for case_id in (adopted, declined, plain):
        await city.sign(ASKED, case_id)
    report: dict[str, Any] = {"result": HandlingResult.EXPLAINED, "reply": "理由如下。"}
    assert await refused(city, ReportHandling, adopted, ASKED, **report) == ["adoption-missing"]
    assert await refused(city, ReportHandling, plain, ASKED, adopted=True, **report) == ["adoption-not-expected"]
    for case_id, answer in ((adopted, True), (declined, False), (plain, None)):
        await say(city, ReportHandling, case_id, ASKED, adopted=answer, **report)
    async with client_of(city, "intake", "web") as web:
        for case_id, answer in ((adopted, True), (declined, False), (plain, None)):
            facts: list[Any] = [await city.heard(kind, case_id) for kind in (CaseClosed, ComplaintAnswered)]
            assert [fact.adopted for fact in facts] == [answer, answer]
            shown = await closed(web, case_id)
            assert shown.get("adopted") is answer
            asked = {"api_key": city.deployment.api_keys["web"]}
            (request,) = (await web.get(f"/open311/v2/requests/{shown['number']}.json", params=asked)).json()
            adoption = "" if answer is None else "建议已采纳。; " if answer else "建议未采纳。; "
            assert request["status_notes"] == f"{adoption}理由如下。"
    await city.heard(NoticeSent, declined, attribute(notice="answer", by="email"))
    (mail,) = [each for each in city.mail.kept if each["To"] == address and each["X-Xiaoneng-Notice"] == "answer"]
    parts = [bytes(part.get_payload(decode=True)).decode() for part in mail.walk() if not part.is_multipart()]
    assert "Your suggestion: not adopted" in parts[0]
