"""Notify over HTTP, as apps of units, operators and an SMS gateway use it: inboxes, dead notices, receipts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.channel import Contact
from contracts.codes import ContactWay, Rung, TimeUnit
from contracts.handling import InviteCoHandler, ReportSubtask
from contracts.items import WatchItem
from contracts.limits import TimeLimit
from contracts.notify import ComplaintAcknowledged, NoticeDelivered, NoticeFailed, NoticeSent
from contracts.receipts import ReceiptRefused
from contracts.scoring import ClockStarted
from contracts.staff_notices import StaffNoticeSent
from infra.local.engines import Engines
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.moods import Says
from tests.support.notifying import notifying_city
from tests.support.sms_gateway import SmsGateway
from tests.support.waiting import eventually, metric
from xn.demo.listener import Answer

UNIT, CENTRE, HELPER = "police-beicheng", "beicheng-centre", "ecology"
BY_SMS = "urban-management-beicheng"
PHONE = "13900000001"
NOTICES = '[staff]\ntells = ["assignment", "subtask", "subtask-ended", "item"]\n'
RECEIVERS = f'[[receiver]]\nunit = "{BY_SMS}"\nways = ["sms"]\nphone = "010-5550-0100"\n'
OF_STAFF = "/v1/dead-notices?whose=staff&page_size=200"
WRONG_NUMBER = Says(Answer(200, json.dumps({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}).encode()))


@pytest.fixture(scope="module")
def gateway() -> Iterator[SmsGateway]:
    """An SMS gateway; nobody has a telephone."""
    with SmsGateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, gateway: SmsGateway) -> AsyncIterator[City]:
    """A city whose units are told of assignments, one of them by SMS."""
    folder = tmp_path_factory.mktemp("town")
    with Engines("embedded", folder / "engines") as engines:
        async with notifying_city(engines, folder, notices=NOTICES, receivers=RECEIVERS, gateway=gateway) as city:
            gateway.receipts_to = f"{city.deployment.fleet.url('notify')}/v1/receipts/sms?key={key(city, 'sms')}"
            yield city


def key(town: City, name: str) -> str:
    return town.deployment.api_keys[name]


def app(town: City, name: str | None) -> httpx.AsyncClient:
    return app_of(town.deployment.fleet.url("notify"), {"X-API-Key": key(town, name)} if name else {})


async def ask(town: City, name: str, path: str) -> Any:
    async with app(town, name) as client:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def assigned(town: City, **changes: Any) -> tuple[str, StaffNoticeSent]:
    """A case that a unit was sent, and how the unit was told."""
    submission = complaint(reference(), **changes)
    await town.say(submission)
    case_id = submission.case_id
    told = await town.heard(StaffNoticeSent, where=attribute(about=case_id, what="assignment"))
    return case_id, told


async def acknowledged_by_sms(town: City) -> str:
    """A case whose complainant was told by SMS; its id."""
    contact = Contact(phone=PHONE, ways=(ContactWay.SMS,))
    submission = complaint(reference(), contact=contact)
    await town.say(submission)
    await town.heard(NoticeSent, submission.case_id, attribute(by="sms"))
    return submission.case_id


async def unread(town: City, name: str, case_id: str) -> list[dict[str, Any]]:
    page = await ask(town, name, "/v1/notices?page_size=200")
    return [each for each in page["notices"] if each.get("about") == case_id and "read_at" not in each]


# ---- of one case


async def test_units_of_a_case_see_when_and_how_its_complainant_was_notified_and_nothing_else(town: City) -> None:
    case_id = await acknowledged_by_sms(town)
    for name in (CENTRE, "city-office"):
        answer = await ask(town, name, f"/v1/cases/{case_id}/notices")
        (notice,) = [each for each in answer["notices"] if each["what"] == "acknowledgement"]
        assert set(notice) == {"id", "what", "owed_at", "status", "way", "attempts"}
        assert (notice["status"], notice["way"]) == ("sent", "sms")
        assert PHONE not in json.dumps(answer)
    about = complaint(reference(), about=UNIT)
    town.leave_silent(about.case_id, "it is only asked for")
    await town.say(about)
    await town.heard(ComplaintAcknowledged, about.case_id)
    for who, asked, status in ((HELPER, case_id, 404), (UNIT, about.case_id, 404), (None, case_id, 401)):
        async with app(town, who) as client:
            answer = await client.get(f"/v1/cases/{asked}/notices")
        assert answer.status_code == status, who


# ---- inbox


async def test_a_notice_is_read_in_the_inbox_and_stays_read(town: City) -> None:
    case_id, told = await assigned(town)
    assert told.by == "inbox"
    (notice,) = await unread(town, UNIT, case_id)
    number = (await town.heard(ComplaintAcknowledged, case_id)).number
    assert (notice["what"], notice["number"], notice["to"], notice["status"]) == ("assignment", number, UNIT, "sent")
    assert number in notice["zh"]["text"]
    assert number in notice["en"]["text"]
    assert notice["facts"]["number"] == number
    assert notice["tried"] == []
    async with app(town, UNIT) as police:
        assert (await police.post(f"/v1/notices/{notice['id']}/read")).status_code == 204
        assert (await police.post(f"/v1/notices/{notice['id']}/read")).status_code == 204
    assert await unread(town, UNIT, case_id) == []
    read = await ask(town, UNIT, "/v1/notices?page=read-1&page_size=200")
    assert [each["read_at"] is not None for each in read["notices"] if each["id"] == notice["id"]] == [True]


async def test_unread_notices_come_first_page_by_page(town: City) -> None:
    cases = [(await assigned(town))[0] for _ in range(3)]
    (oldest,) = await unread(town, UNIT, cases[0])
    async with app(town, UNIT) as police:
        await police.post(f"/v1/notices/{oldest['id']}/read")
    found: list[dict[str, Any]] = []
    page: str | None = "unread-1"
    while page:
        answer = await ask(town, UNIT, f"/v1/notices?page={page}&page_size=1")
        found += answer["notices"]
        page = answer.get("next_page")
    states = ["read_at" in each for each in found]
    assert states == sorted(states)
    order = [each["about"] for each in found if each["about"] in cases]
    assert order == [cases[2], cases[1], cases[0]]
    assert len({each["id"] for each in found}) == len(found)


async def test_nobody_reads_the_notices_of_another_unit(town: City) -> None:
    case_id, told = await assigned(town)
    assert await unread(town, CENTRE, case_id) == []
    async with app(town, CENTRE) as centre:
        assert (await centre.post(f"/v1/notices/{told.notice_id}/read")).status_code == 404
        assert (await centre.post(f"/v1/notices/{uuid4()}/read")).status_code == 404


async def test_the_cards_of_another_systems_item_are_in_the_inbox_of_who_has_to_keep_its_limit(town: City) -> None:
    long_ago = datetime(2026, 3, 2, 2, tzinfo=UTC)
    item = WatchItem(
        system="e-supervision",
        external_id=reference(),
        issued_at=long_ago,
        unit=UNIT,
        matter="business-licence",
        started_at=long_ago,
        limit=TimeLimit(amount=11, unit=TimeUnit.WORKING_DAYS),
    )
    await town.say(item)
    found = await eventually(lambda: cards(town, item.external_id), lambda seen: len(seen) == 3, 60, "three cards")
    assert {each["facts"]["rung"] for each in found} == set(Rung)
    assert all(item.external_id in each["zh"]["text"] for each in found)


async def test_a_co_handler_finds_its_part_in_its_inbox_and_the_lead_what_became_of_it(town: City) -> None:
    case_id, _ = await assigned(town)
    await town.sign(UNIT, case_id)
    now = datetime.now(UTC)
    await town.say(InviteCoHandler(case_id=case_id, issued_at=now, unit=UNIT, to=HELPER, task="请实测夜间噪声。"))
    asked = await town.heard(StaffNoticeSent, where=attribute(about=case_id, what="subtask"))
    assert (asked.to, asked.by) == (HELPER, "inbox")
    (part,) = await unread(town, HELPER, case_id)
    limit = await town.heard(ClockStarted, case_id, attribute(clock="part"))
    assert limit.unit == HELPER
    assert datetime.fromisoformat(part["facts"]["part-due-at"]) == limit.due_at
    assert (part["facts"]["task"], part["facts"]["lead-name"]) == ("请实测夜间噪声。", "市公安局北城分局")
    assert "协办" in part["zh"]["text"]
    assert [each["what"] for each in await unread(town, UNIT, case_id)] == ["assignment"]
    await town.say(ReportSubtask(case_id=case_id, issued_at=now, unit=HELPER, reply="已实测，超标。"))
    told = await town.heard(StaffNoticeSent, where=attribute(about=case_id, what="subtask-ended"))
    assert told.to == UNIT
    (ended,) = [each for each in await unread(town, UNIT, case_id) if each["what"] == "subtask-ended"]
    assert "反馈内容：已实测，超标。" in ended["zh"]["text"]
    assert len(await unread(town, HELPER, case_id)) == 1
    await town.report(UNIT, case_id)
    await the_papers_name_the_co_handler(town, case_id)


async def the_papers_name_the_co_handler(town: City, case_id: str) -> None:
    """Who has the case is given all of them, a co-handler the one that asks it."""

    async def codes(name: str) -> list[str]:
        return [each["code"] for each in (await ask(town, name, f"/v1/cases/{case_id}/documents"))["documents"]]

    everything = ["registration", "transfer", "feedback"]
    await eventually(lambda: codes(UNIT), lambda found: found == everything, 60, "the case is answered")
    assert await codes(HELPER) == ["transfer"]
    number = (await town.heard(ComplaintAcknowledged, case_id)).number
    async with app(town, HELPER) as helper:
        transfer = (await helper.get(f"/v1/documents/{number}-ZB1.html")).text
        assert (await helper.get(f"/v1/documents/{number}-FK1.html")).status_code == 404
    assert "请实测夜间噪声。" in transfer
    async with app(town, UNIT) as lead:
        assert "生态环境局：已实测，超标。" in (await lead.get(f"/v1/documents/{number}-FK1.html")).text


async def cards(town: City, number: str) -> list[dict[str, Any]]:
    page = await ask(town, UNIT, "/v1/notices?page_size=200")
    return [each for each in page["notices"] if each.get("number") == number]


async def events(lines: AsyncIterator[str], about: set[str]) -> list[tuple[str, dict[str, Any]]]:
    """The first server-sent event about each of these cases, with its id; of others nothing is asked."""
    found: list[tuple[str, dict[str, Any]]] = []
    last = ""
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            last = value
        elif name == "data" and json.loads(value)["data"]["about"] in about:
            found.append((last, json.loads(value)))
            if {each["data"]["about"] for _, each in found} == about:
                break
    return found


async def test_notices_are_told_as_they_come_and_none_is_missed_by_who_comes_back(town: City) -> None:
    async with app(town, UNIT) as police:
        async with police.stream("GET", "/v1/notices/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            await assigned(town, category="garbage-collection")
            case_id, _ = await assigned(town)
            told = await asyncio.wait_for(events(stream.aiter_lines(), {case_id}), 60)
        last, first = told[-1]
        assert (first["type"], first["data"]["about"]) == (StaffNoticeSent.TYPE, case_id)
        others = {(await assigned(town))[0] for _ in range(2)}
        async with police.stream("GET", "/v1/notices/events", headers={"Last-Event-ID": last}) as again:
            missed = await asyncio.wait_for(events(again.aiter_lines(), others), 60)
        assert {each["data"]["about"] for _, each in missed} == others
        for wrong, status in (("no", 422), ("-".join("0" * 40), 400)):
            answer = await police.get("/v1/notices/events", headers={"Last-Event-ID": wrong})
            assert answer.status_code == status


# ---- dead notices


async def test_a_notice_that_was_given_up_is_seen_with_its_reason_and_sent_again(
    town: City, gateway: SmsGateway
) -> None:
    gateway.always = WRONG_NUMBER
    try:
        case_id, told = await assigned(town, category="garbage-collection")
    finally:
        gateway.always = None
    assert told.by == "inbox"
    dead = await ask(town, "operator", OF_STAFF)
    (found,) = [each for each in dead["notices"] if each.get("case_id") == case_id]
    assert (found["id"], found["to"], found["redriven"]) == (told.notice_id, BY_SMS, 0)
    assert [(each["way"], each["attempts"], each["why"]) for each in found["tried"]] == [
        ("sms", 1, "sms isv.MOBILE_NUMBER_ILLEGAL")
    ]
    assert case_id in [each.get("case_id") for each in (await ask(town, CENTRE, OF_STAFF))["notices"]]
    async with app(town, "operator") as operator:
        again = await operator.post(f"/v1/notices/{found['id']}/redrive", json={})
        assert again.status_code == 202, again.text
    await town.heard(StaffNoticeSent, where=attribute(about=case_id, by="sms"))
    assert f"again-1.{told.notice_id}" in gateway.taken_sms
    dead = await ask(town, "operator", OF_STAFF)
    assert case_id not in [each.get("case_id") for each in dead["notices"]]
    code, printed = await town.xn("notices", "list", "--unit", BY_SMS)
    assert (code, told.notice_id in printed) == (0, True)


async def test_a_complainant_who_cannot_be_reached_is_seen_without_an_address(town: City, gateway: SmsGateway) -> None:
    gateway.always = WRONG_NUMBER
    try:
        submission = complaint(reference(), contact=Contact(phone=PHONE, ways=(ContactWay.SMS,)))
        await town.say(submission)
        failed = await town.heard(NoticeFailed, submission.case_id)
    finally:
        gateway.always = None
    assert failed.next == "channel"
    for_centre, dead = [await ask(town, name, "/v1/dead-notices?page_size=200") for name in (CENTRE, "operator")]
    assert dead["notices"] == for_centre["notices"]
    to_staff = await ask(town, CENTRE, OF_STAFF)
    waiting = await ask(town, CENTRE, "/v1/waiting")
    assert waiting["counts"]["dead-notice"] == len(for_centre["notices"]) + len(to_staff["notices"])
    assert (await ask(town, UNIT, "/v1/waiting"))["counts"] == {"publication": 0, "dead-notice": 0, "silence": 0}
    assert PHONE not in json.dumps(dead)
    (found,) = [each for each in dead["notices"] if each.get("case_id") == submission.case_id]
    assert (found["what"], found["centre"], found["tried"][0]["way"]) == ("acknowledgement", CENTRE, "sms")
    code, printed = await town.xn("notices", "list", "--dead")
    assert (code, found["id"] in printed, PHONE in printed) == (0, True, False)
    code, printed = await town.xn("notices", "redrive", found["id"], "--by", "city-office.desk-1")
    assert (code, "sms" in printed) == (0, True), printed
    code, printed = await town.xn("notices", "redrive", f"answer.{uuid4()}", "--by", "city-office.desk-1")
    assert (code, "no notice" in printed) == (1, True)


async def test_what_cannot_go_again_is_refused(town: City) -> None:
    _, told = await assigned(town)
    who = {"by": "city-office.desk-1"}
    async with app(town, "operator") as operator:
        for path, said, status in (
            (f"/v1/notices/{told.notice_id}/redrive", who, 409),  # it was told by the inbox, its only way
            (f"/v1/notices/answer.{uuid4()}/redrive", who, 404),
            (f"/v1/notices/{told.notice_id}/redrive", {"by": "Li Wei"}, 422),
            (f"/v1/notices/{told.notice_id}/redrive", {"by": "city-office.director"}, 422),  # another post's
        ):
            assert (await operator.post(path, json=said)).status_code == status
    async with app(town, UNIT) as police:
        assert (await police.post(f"/v1/notices/{told.notice_id}/redrive", json=who)).status_code == 403


# ---- receipts


async def test_a_receipt_says_that_an_sms_has_arrived(town: City, gateway: SmsGateway) -> None:
    case_id = await acknowledged_by_sms(town)
    notice = f"acknowledgement.{case_id}"
    assert await asyncio.to_thread(gateway.report, [notice]) == 200
    delivered = await town.heard(NoticeDelivered, case_id)
    assert (delivered.notice_id, delivered.by) == (notice, "sms")
    assert await asyncio.to_thread(gateway.report, [notice]) == 200
    another = await acknowledged_by_sms(town)
    assert await asyncio.to_thread(gateway.report, [f"acknowledgement.{another}"]) == 200
    await town.heard(NoticeDelivered, another)
    assert len(town.all(NoticeDelivered, case_id)) == 1


async def test_an_sms_that_did_not_arrive_is_told_by_the_next_way(town: City, gateway: SmsGateway) -> None:
    case_id = await acknowledged_by_sms(town)
    assert await asyncio.to_thread(gateway.report, [f"acknowledgement.{case_id}"], "UNDELIV") == 200
    failed = await town.heard(NoticeFailed, case_id)
    assert (failed.by, failed.why, failed.next) == ("sms", "receipt: UNDELIV", "channel")


async def test_a_receipt_of_no_notice_is_refused_and_counted(town: City) -> None:
    unknown = f"acknowledgement.{uuid4()}"
    receipt = {"out_id": unknown, "success": True, "err_code": "DELIVERED", "phone_number": PHONE}
    refused = {**receipt, "out_id": PHONE}
    async with app(town, "sms") as provider:
        assert (await provider.post("/v1/receipts/sms", json=receipt)).json()["code"] == 0
        answer = await provider.post("/v1/receipts/sms", json=[receipt, refused])
        assert (answer.status_code, [each["field"] for each in answer.json()["reasons"]]) == (422, ["1.out_id"])
        assert PHONE not in answer.text
        many = await provider.post("/v1/receipts/sms", json=[receipt] * 501)
        assert many.status_code == 422
        assert (await provider.post("/v1/receipts/mail", json=receipt)).status_code == 403
    found = await town.heard(ReceiptRefused, where=attribute(notice_id=unknown))
    assert [reason.code for reason in found.reasons] == ["notice-unknown"]
    url = town.deployment.fleet.url("notify")
    assert await metric(url, "xn_refusals_total") >= 1
    async with app(town, UNIT) as police:
        assert (await police.post("/v1/receipts/sms", json=receipt)).status_code == 403


# ---- who may ask


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        (None, "/v1/notices", 401),
        ("atlantis", "/v1/notices", 403),
        ("sms", "/v1/notices", 403),
        (UNIT, "/v1/dead-notices", 403),
        (UNIT, "/v1/silences", 403),
        ("sms", "/v1/waiting", 403),
        (CENTRE, "/v1/silences", 200),
        ("operator", "/v1/silences?what=answer", 200),
        (CENTRE, "/v1/silences?what=nothing", 422),
        (CENTRE, "/v1/dead-notices?whose=mine", 422),
        (UNIT, "/v1/notices?page=2", 422),
        (UNIT, "/v1/notices?page_size=201", 422),
    ],
)
async def test_who_may_ask_what(town: City, name: str | None, path: str, status: int) -> None:
    async with app(town, name) as client:
        assert (await client.get(path)).status_code == status


async def test_who_may_only_read_marks_nothing_as_read(town: City) -> None:
    _, told = await assigned(town)
    async with app(town, "police-reader") as reader:
        assert (await reader.post(f"/v1/notices/{told.notice_id}/read")).status_code == 403


async def test_its_openapi_document_names_every_path(town: City) -> None:
    paths = town.page("notify", "/openapi.json").json()["paths"]
    assert set(paths) >= {
        "/v1/notices",
        "/v1/notices/{notice_id}/read",
        "/v1/notices/events",
        "/v1/dead-notices",
        "/v1/notices/{notice_id}/redrive",
        "/v1/receipts/{provider}",
        "/v1/silences",
        "/v1/waiting",
    }
