"""Commands over HTTP with the keys of clerks, assessing bodies and systems; every result is read over HTTP again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts.assessments import ApproveAssessment, AssessmentRefused, RecordAssessment, WithdrawAssessment
from contracts.channel import Instruction
from contracts.clerking import JudgeScope, RequestSupplement
from contracts.conduct import AppealFinding, ConductRefused
from contracts.handling import ApproveDispatch, DispatchCase
from contracts.intake import ClerkingRefused
from contracts.items import FinishItem, ItemRefused, PauseItem, WatchItem
from contracts.publicity import PublicationRefused, WithdrawPublication
from contracts.routing import AssignmentOffered
from tests.support.app import app_of, events
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.media import KINDS
from tests.support.waiting import eventually

CENTRE, OFFICE, HOTLINE, SYSTEM = "beicheng-centre", "city-office", "city-12345", "e-supervision"
CLERK, DIRECTOR, FOREIGN = f"{CENTRE}.desk-2", f"{CENTRE}.director", "nancheng-centre.desk-1"
DISPUTE = "与装修公司有合同纠纷"
UNKNOWN_CASE = "8b24107b-9e1e-53b4-8a88-784ad2097b3a"


def client_of(city: City, service: str, key: str) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url(service), {"X-API-Key": city.deployment.api_keys[key]})


@pytest.fixture
async def clerk(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """The app of a clerk in Beicheng."""
    async with client_of(city, "intake", CLERK) as client:
        yield client


@pytest.fixture
async def foreign(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """The app of a clerk of another centre."""
    async with client_of(city, "intake", FOREIGN) as client:
        yield client


async def post(client: httpx.AsyncClient, path: str, type: str, *, case_id: str | None = None, **data: Any) -> str:
    """The id of an accepted command."""
    answer = await client.post(path, json={"type": type, "data": data, **({"case_id": case_id} if case_id else {})})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["command_id"])


async def got(client: httpx.AsyncClient, path: str, **wanted: Any) -> dict[str, Any]:
    """The document at the path, once these fields have these values."""

    async def ask() -> dict[str, Any]:
        answer = await client.get(path)
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
        return found

    def fits(found: dict[str, Any]) -> bool:
        return bool(found) and all(found.get(name) == value for name, value in wanted.items())

    return await eventually(ask, fits, 60, f"{path} with {wanted}")


async def held(client: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    """The whole held queue."""
    found: list[dict[str, Any]] = []
    page: int | None = 1
    while page:
        answer = await client.get("/v1/reception", params={**asked, "page": str(page), "page_size": "3"})
        assert answer.status_code == 200, answer.text
        found += answer.json()["cases"]
        page = answer.json().get("next_page")
    return found


async def refusal(
    client: httpx.AsyncClient, changes: str, path: str, type: str, *, case_id: str | None = None, **data: Any
) -> tuple[str, str]:
    """Type and first code of the event that answers this command on the client's stream."""
    async with client.stream("GET", changes) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        id, lines = await post(client, path, type, case_id=case_id, **data), stream.aiter_lines()

        async def look() -> dict[str, Any]:
            while True:
                (event,) = await events(lines, 1)
                if event["data"]["data"].get("command_id") == id:
                    return event

        event = await asyncio.wait_for(look(), 60)
    return event["event"], event["data"]["data"]["reasons"][0]["code"]


async def test_a_clerk_finds_a_held_case_and_judges_it_in_scope(
    city: City, clerk: httpx.AsyncClient, foreign: httpx.AsyncClient
) -> None:
    async with client_of(city, "intake", "web") as web:
        stored = (await web.post("/v1/attachments", files={"file": ("a", KINDS["image/png"])})).json()
        said = {"external_id": reference(), "appeal": "complaint", "category": "noise-residential", "area": "beicheng"}
        words = {"title": "装修", "text": f"{DISPUTE}，电话13800138000"}
        cited = {"attachments": [{"file_id": stored["file_id"]}]}
        case_id = (await web.post("/v1/complaints", json={**said, **words, **cited})).json()["case_id"]
    shown = await got(clerk, f"/v1/reception/{case_id}", hold="scope")
    (line,) = [each for each in await held(clerk, hold="scope") if each["case_id"] == case_id]
    assert shown | line == shown
    assert (line["why"]["code"], line["channel"], line["area"]) == ("scope.between-private-parties", "web", "beicheng")
    assert DISPUTE in line["text"]
    assert "13800138000" not in line["text"]
    assert line["held_since"] == line["registered_at"]
    assert 0 <= line["age_seconds"] < 600
    file = f"/v1/reception/{case_id}/attachments/{line['attachments'][0]['file_id']}"
    assert (await clerk.get(file)).headers["content-type"] == "image/png"
    assert [(await foreign.get(path)).status_code for path in (f"/v1/reception/{case_id}", file)] == [404, 404]
    assert case_id not in [each["case_id"] for each in await held(foreign)]

    changes, judge = "/v1/reception/changes", JudgeScope.TYPE
    answer = await refusal(foreign, changes, "/v1/clerking", judge, case_id=case_id)
    assert answer == (ClerkingRefused.TYPE, "not-your-centre")

    await post(clerk, "/v1/clerking", JudgeScope.TYPE, case_id=case_id)
    await got(clerk, f"/v1/reception/{case_id}", stage="in-hand", hold=None)
    await city.heard(AssignmentOffered, case_id)
    assert case_id not in [each["case_id"] for each in await held(clerk)]


async def test_a_clerk_asks_for_a_supplement_or_declines_with_a_reply(city: City, clerk: httpx.AsyncClient) -> None:
    declined, asked = (complaint(reference(), text=DISPUTE) for _ in range(2))
    for each in (declined, asked):
        await city.say(each)
        await got(clerk, f"/v1/reception/{each.case_id}", hold="scope")
    queue = [each["case_id"] for each in await held(clerk) if each["case_id"] in {declined.case_id, asked.case_id}]
    assert queue == [declined.case_id, asked.case_id], "the oldest first"

    said: dict[str, Any] = {"ending": "declined", "reply": "请先与对方协商，或依法起诉。"}
    await post(clerk, "/v1/clerking", JudgeScope.TYPE, case_id=declined.case_id, **said)
    ended = await got(clerk, f"/v1/reception/{declined.case_id}", stage="ended")
    assert (ended["ending"], ended["reply"], ended.get("hold")) == ("declined", said["reply"], None)

    missing: dict[str, Any] = {"missing": ["请提供合同复印件。"]}
    await post(clerk, "/v1/clerking", RequestSupplement.TYPE, case_id=asked.case_id, **missing)
    waiting = await got(clerk, f"/v1/reception/{asked.case_id}", stage="awaits-complainant")
    assert (waiting["hold"], waiting["round"]) == ("supplement", 1)
    assert "请提供合同复印件。" in waiting["missing"][0]["zh"]
    assert waiting["held_since"] > waiting["registered_at"]
    assert waiting["answer_by"] > waiting["held_since"]
    assert asked.case_id in [each["case_id"] for each in await held(clerk, hold="supplement")]
    assert asked.case_id not in [each["case_id"] for each in await held(clerk, hold="scope")]
    changes, judge = "/v1/reception/changes", JudgeScope.TYPE
    answer = await refusal(clerk, changes, "/v1/clerking", judge, case_id=asked.case_id)
    assert answer == (ClerkingRefused.TYPE, "not-held")


async def test_an_approver_reads_the_proposal_in_the_queue_and_approves_it(city: City) -> None:
    submission = complaint(reference(), instruction=Instruction(by="mayor", text="请速办。"))
    case_id = submission.case_id
    await city.say(submission)

    async def line(client: httpx.AsyncClient) -> list[dict[str, Any]]:
        answer = await client.get("/v1/queue", params={"page_size": "200"})
        return [each for each in answer.json()["cases"] if each["case_id"] == case_id]

    async with client_of(city, "routing", CLERK) as clerk, client_of(city, "routing", DIRECTOR) as approver:
        (shown,) = await eventually(lambda: line(approver), bool, 60, "the proposal is in the queue")
        assert (shown["stage"], shown["proposal"]["to"]) == ("proposed", "police-beicheng")
        assert shown["proposal"]["form"] == f"{shown['number']}-C1"
        assert "by" not in shown["proposal"], "a rule proposed it"
        await post(clerk, "/v1/commands", DispatchCase.TYPE, case_id=case_id, to="ecology")

        def moved_there(lines: list[dict[str, Any]]) -> bool:
            return bool(lines) and lines[0]["proposal"]["to"] == "ecology"

        (shown,) = await eventually(lambda: line(approver), moved_there, 60, "the clerk's proposal replaces the rule's")
        assert (shown["proposal"]["by"], shown["proposal"]["form"]) == (CLERK, f"{shown['number']}-C2")
        await post(approver, "/v1/commands", ApproveDispatch.TYPE, case_id=case_id, approved=True)
        assert (await city.heard(AssignmentOffered, case_id)).unit == "ecology"
        assert await line(approver) == []


async def test_a_body_enters_a_bonus_and_another_approves_it_from_its_list(city: City) -> None:
    period, name = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m}", uuid4().hex
    entry: dict[str, Any] = {
        "reference": name,
        "kind": "bonus",
        "item": "merit",
        "about": "housing",
        "period": period,
        "points": 1.5,
    }

    async def line(client: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
        async def ask() -> list[dict[str, Any]]:
            asked = {"period": period, "page_size": "200", **wanted}
            answer = await client.get("/v1/assessments", params=asked)
            assert answer.status_code == 200, answer.text
            return [each for each in answer.json()["assessments"] if each["reference"] == name]

        return (await eventually(ask, bool, 60, f"assessment {name} is listed"))[0]

    async with client_of(city, "scoring", HOTLINE) as hotline, client_of(city, "scoring", OFFICE) as office:
        await post(hotline, "/v1/assessments", RecordAssessment.TYPE, **entry, basis="处置险情及时")
        entered = await line(hotline)
        assert (entered["points"], entered["counts"], entered["waits_for"]) == ("1.5", False, OFFICE)
        assert (await line(office, waiting="true"))["assessor"] == HOTLINE

        own = {"reference": name, "assessor": HOTLINE}
        answer = await refusal(hotline, "/v1/assessments/changes", "/v1/assessments", ApproveAssessment.TYPE, **own)
        assert answer == (AssessmentRefused.TYPE, "not-approver")
        approval = {"reference": name, "assessor": HOTLINE}
        await post(office, "/v1/assessments", ApproveAssessment.TYPE, **approval)

        async def counts() -> dict[str, Any]:
            return await line(office)

        approved = await eventually(counts, lambda found: bool(found["counts"]), 60, "the bonus counts")
        assert approved["approved_by"] == OFFICE
        again = await office.get("/v1/assessments", params={"waiting": "true", "period": period, "page_size": "200"})
        assert name not in [each["reference"] for each in again.json()["assessments"]]


async def test_a_system_has_an_item_watched_and_finishes_it(city: City) -> None:
    name = f"licence/{uuid4().hex}"
    watch = {"external_id": name, "unit": "education", "matter": "school-licence"}
    limit: dict[str, Any] = {
        "limit": {"amount": 15, "unit": "calendar-days"},
        "started_at": datetime.now(UTC).isoformat(),
    }
    async with client_of(city, "scoring", SYSTEM) as system:
        await post(system, "/v1/items", WatchItem.TYPE, **watch, **limit)
        shown = await got(system, f"/v1/items/{name}", paused=False)
        assert (shown["unit"], shown["limit"], shown["on_time"]) == ("education", "15 calendar days", True)
        assert shown["lines"]
        early = {"external_id": name, "issued_at": "2026-01-01T00:00:00Z"}
        answer = await refusal(system, "/v1/watch/changes", "/v1/items", FinishItem.TYPE, **early)
        assert answer == (ItemRefused.TYPE, "issued-too-early")
        await post(system, "/v1/items", PauseItem.TYPE, external_id=name, reason="supplement")
        await got(system, f"/v1/items/{name}", paused=True)
        await post(system, "/v1/items", FinishItem.TYPE, external_id=name)
        finished = await got(system, f"/v1/items/{name}", cancelled=False, paused=False, on_time=True)
        assert finished["finished_at"] >= finished["started_at"]
        assert [each["reason"] for each in finished["pauses"]] == ["supplement"]
        answer = await refusal(system, "/v1/watch/changes", "/v1/items", FinishItem.TYPE, external_id=uuid4().hex)
        assert answer == (ItemRefused.TYPE, "item-unknown")
        assert (await system.get("/v1/items/none")).status_code == 404


async def test_refusals_about_conduct_and_publications_come_as_changes(city: City) -> None:
    lost = {"body": OFFICE, "reference": uuid4().hex, "grounds": "事实不清"}
    async with client_of(city, "scoring", "ecology") as ecology:
        answer = await refusal(ecology, "/v1/conduct/changes", "/v1/oversight", AppealFinding.TYPE, **lost)
    assert answer == (ConductRefused.TYPE, "finding-unknown")
    none = {"by": "ecology", "reference": uuid4().hex, "reason": "误发"}
    async with client_of(city, "notify", "ecology.desk-1") as ecology:
        answer = await refusal(ecology, "/v1/publicity/changes", "/v1/publicity", WithdrawPublication.TYPE, **none)
    assert answer == (PublicationRefused.TYPE, "publication-unknown")


JUDGE = {"type": JudgeScope.TYPE, "case_id": UNKNOWN_CASE, "data": {}}
FINISH = {"type": FinishItem.TYPE, "data": {"external_id": "x"}}
ENTER = {"type": WithdrawAssessment.TYPE, "data": {"reference": "x", "reason": "有误"}}


@pytest.mark.parametrize(
    ("service", "key", "path", "body", "status", "field"),
    [
        ("intake", CLERK, "/v1/clerking", {**JUDGE, "type": "cn.xiaoneng.case.sign.v1"}, 422, "type"),
        ("intake", CLERK, "/v1/clerking", {**JUDGE, "case_id": "x"}, 422, "case_id"),
        ("intake", CLERK, "/v1/clerking", {**JUDGE, "data": {"ending": "lost"}}, 422, "data.ending"),
        ("intake", CLERK, "/v1/clerking", {**JUDGE, "data": {"actor": DIRECTOR}}, 422, "data.actor"),
        ("intake", CENTRE, "/v1/clerking", JUDGE, 422, "data.actor"),
        ("intake", "unknown-post", "/v1/reception", None, 403, None),
        ("scoring", "post-of-another", "/v1/assessments", None, 403, None),
        ("intake", CENTRE, "/v1/reception?page=0", None, 422, "page"),
        ("intake", CENTRE, "/v1/reception?hold=lost", None, 422, "hold"),
        ("intake", CENTRE, "/v1/reception/no-uuid", None, 404, None),
        ("intake", "web", "/v1/clerking", JUDGE, 403, None),
        ("intake", "web", "/v1/reception", None, 403, None),
        ("intake", "atlantis", "/v1/clerking", JUDGE, 403, None),
        ("intake", "police-reader", "/v1/clerking", JUDGE, 403, None),
        ("intake", CENTRE, f"/v1/complaints/{UNKNOWN_CASE}", None, 403, None),
        ("intake", SYSTEM, "/v1/reception", None, 403, None),
        ("scoring", SYSTEM, "/v1/items", {**FINISH, "type": JudgeScope.TYPE}, 422, "type"),
        ("scoring", SYSTEM, "/v1/items", {**FINISH, "data": {}}, 422, "data.external_id"),
        ("scoring", OFFICE, "/v1/items", FINISH, 403, None),
        ("scoring", OFFICE, "/v1/items/x", None, 403, None),
        ("scoring", "atlantis-system", "/v1/items", FINISH, 403, None),
        ("scoring", SYSTEM, "/v1/assessments", ENTER, 403, None),
        ("scoring", SYSTEM, "/v1/clocks", None, 403, None),
        ("scoring", "ecology", "/v1/assessments", ENTER, 403, None),
        ("scoring", OFFICE, "/v1/assessments?period=2026-13", None, 422, "period"),
        ("scoring", OFFICE, "/v1/assessments?waiting=maybe", None, 422, "waiting"),
        ("scoring", OFFICE, "/v1/assessments?page_size=201", None, 422, "page_size"),
    ],
)
async def test_a_request_that_does_not_fit_is_answered_with_what_is_wrong(
    city: City, service: str, key: str, path: str, body: dict[str, Any] | None, status: int, field: str | None
) -> None:
    async with client_of(city, service, key) as client:
        answer = await client.get(path) if body is None else await client.post(path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert [reason["field"] for reason in answer.json().get("reasons", ())] == ([field] if field else [])
