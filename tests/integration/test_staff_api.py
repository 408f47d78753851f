"""The staff API as an app uses it: inbox, queue, changes as they happen, commands, and what is not the unit's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.channel import Instruction
from contracts.routing import AssignmentOffered, CaseAssigned, CaseClosed, CaseSigned, DispatchRequested
from tests.support.app import app_of, events
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference

UNIT, CENTRE = "police-beicheng", "beicheng-centre"
CLERK, DIRECTOR = f"{CENTRE}.desk-1", f"{CENTRE}.director"
SIGN = "cn.xiaoneng.case.sign.v1"


def client_of(city: City, key: str | None) -> httpx.AsyncClient:
    headers = {"X-API-Key": city.deployment.api_keys[key]} if key else {}
    return app_of(city.deployment.fleet.url("routing"), headers)


@pytest.fixture
async def police(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """An app of the police of Beicheng."""
    async with client_of(city, UNIT) as client:
        yield client


@pytest.fixture
async def dispatcher(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """The dispatcher's app of the centre."""
    async with client_of(city, CENTRE) as client:
        yield client


async def offered(city: City, **changes: Any) -> str:
    submission = complaint(reference(), **changes)
    await city.say(submission)
    assert (await city.heard(AssignmentOffered, submission.case_id)).unit == UNIT
    return submission.case_id


async def everything(client: httpx.AsyncClient, path: str, **asked: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    page: int | None = 1
    while page:
        answer = await client.get(path, params={**asked, "page": str(page), "page_size": "100"})
        assert answer.status_code == 200, answer.text
        found += answer.json()["cases"]
        page = answer.json().get("next_page")
    return found


def command(type: str, case_id: str, **data: Any) -> dict[str, Any]:
    return {"type": type, "case_id": case_id, "data": data}


async def test_a_case_is_found_signed_and_reported(city: City, police: httpx.AsyncClient) -> None:
    case_id = await offered(city)
    (line,) = [case for case in await everything(police, "/v1/inbox", stage="offered") if case["case_id"] == case_id]
    assert (line["stage"], line["asked"], line["responsible"]) == ("offered", UNIT, UNIT)
    shown = (await police.get(f"/v1/cases/{case_id}")).json()
    assert shown["text"]
    assert shown["number"] == line["number"]

    assert (await police.post("/v1/commands", json=command(SIGN, case_id))).status_code == 202
    await city.heard(CaseSigned, case_id)
    done = command("cn.xiaoneng.case.report-handling.v1", case_id, result="resolved", reply="已责令整改。")
    assert (await police.post("/v1/commands", json=done)).status_code == 202
    assert (await city.heard(CaseClosed, case_id)).reply == "已责令整改。"
    assert case_id not in [case["case_id"] for case in await everything(police, "/v1/inbox")]
    assert case_id in [case["case_id"] for case in await everything(police, "/v1/inbox", stage="closed")]


async def test_the_dispatchers_queue_holds_what_no_rule_covers(city: City, dispatcher: httpx.AsyncClient) -> None:
    submission = complaint(reference(), category="stray-dogs")
    await city.say(submission)
    case_id = submission.case_id
    await city.heard(DispatchRequested, case_id)
    (line,) = [case for case in await everything(dispatcher, "/v1/queue") if case["case_id"] == case_id]
    assert (line["stage"], line["rule"]) == ("queued", "no-rule")
    assert [each["unit"] for each in line["suggested"]] == ["urban-management-beicheng", "ecology", "health"]
    assert line["suggested"][0]["share"] > line["suggested"][1]["share"]
    send = command("cn.xiaoneng.case.dispatch.v1", case_id, to=UNIT)
    assert (await dispatcher.post("/v1/commands", json=send)).status_code == 202
    assert (await city.heard(AssignmentOffered, case_id)).unit == UNIT
    assert case_id not in [case["case_id"] for case in await everything(dispatcher, "/v1/queue")]


async def test_one_post_proposes_a_dispatch_and_another_approves_it(city: City) -> None:
    """The centre's people over HTTP: who acts is the post of the key."""
    submission = complaint(reference(), category="stray-dogs", instruction=Instruction(by="mayor", text="速办"))
    await city.say(submission)
    case_id = submission.case_id
    await city.heard(DispatchRequested, case_id)
    send = command("cn.xiaoneng.case.dispatch.v1", case_id, to=UNIT)
    approve = command("cn.xiaoneng.dispatch.approve.v1", case_id, approved=True)
    async with client_of(city, CLERK) as clerk, client_of(city, DIRECTOR) as director, client_of(city, CENTRE) as desk:

        async def refusal(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
            answer = await client.post("/v1/commands", json=body)
            assert answer.status_code == 202, answer.text
            seen, refused = await city.refusal_of_command(answer.json()["command_id"])
            assert seen.topic == f"assignments.{CENTRE}"
            return str(refused.reasons[0].code)

        assert await refusal(desk, send) == "actor-missing"
        assert (await clerk.post("/v1/commands", json=send)).status_code == 202
        proposed = await city.heard(DispatchRequested, case_id, attribute(proposed=UNIT))
        assert proposed.proposed_by == CLERK
        assert await refusal(clerk, approve) == "same-actor"
        assert await refusal(desk, approve) == "actor-missing"
        named = command("cn.xiaoneng.dispatch.approve.v1", case_id, approved=True, actor=DIRECTOR)
        answer = await clerk.post("/v1/commands", json=named)
        (reason,) = answer.json()["reasons"]
        assert (answer.status_code, reason["field"], reason["detail"]) == (422, "data.actor", "from_the_key")
        assert (await director.post("/v1/commands", json=named)).status_code == 202
    sent = await city.heard(CaseAssigned, case_id)
    assert (sent.unit, sent.by) == (UNIT, DIRECTOR)


@pytest.mark.parametrize("key", ["unknown-post", "post-of-another"])
async def test_a_key_of_a_post_that_the_unit_lacks_may_neither_act_nor_read(city: City, key: str) -> None:
    async with client_of(city, key) as client:
        for answer in (
            await client.post("/v1/commands", json=command(SIGN, "8b24107b-9e1e-53b4-8a88-784ad2097b3a")),
            await client.get("/v1/inbox"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "post-unknown")


async def test_changes_are_told_as_they_happen_and_none_is_missed_by_who_comes_back(
    city: City, police: httpx.AsyncClient
) -> None:
    async with police.stream("GET", "/v1/changes") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        case_id = await offered(city)
        (first,) = await asyncio.wait_for(events(stream.aiter_lines(), 1), 60)
    assert (first["event"], first["data"]["data"]["case_id"]) == (AssignmentOffered.TYPE, case_id)
    others = [await offered(city) for _ in range(2)]
    async with police.stream("GET", "/v1/changes", headers={"Last-Event-ID": first["id"]}) as again:
        missed = await asyncio.wait_for(events(again.aiter_lines(), 2), 60)
    assert [event["data"]["data"]["case_id"] for event in missed] == others


async def test_the_same_command_under_the_same_key_counts_once(city: City, police: httpx.AsyncClient) -> None:
    case_id = await offered(city)
    once = {"Idempotency-Key": uuid4().hex}
    answers = [await police.post("/v1/commands", json=command(SIGN, case_id), headers=once) for _ in range(3)]
    assert len({answer.json()["command_id"] for answer in answers}) == 1
    await city.heard(CaseSigned, case_id)
    another = (await police.post("/v1/commands", json=command(SIGN, case_id))).json()["command_id"]
    seen, refused = await city.refusal_of_command(another)
    assert seen.topic == f"assignments.{UNIT}"
    assert [reason.code for reason in refused.reasons] == ["already-signed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (command("cn.xiaoneng.case.rate.v1", "8b24107b-9e1e-53b4-8a88-784ad2097b3a"), "type"),
        (command(SIGN, "no-uuid"), "case_id"),
        (
            command("cn.xiaoneng.case.request-return.v1", "8b24107b-9e1e-53b4-8a88-784ad2097b3a", reason=""),
            "data.reason",
        ),
        ({"case_id": "8b24107b-9e1e-53b4-8a88-784ad2097b3a"}, "type"),
    ],
)
async def test_a_command_that_does_not_fit_says_which_field(
    police: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await police.post("/v1/commands", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert [reason["field"] for reason in answer.json()["reasons"]] == [field]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/inbox?stage=lost", "stage"),
        ("/v1/inbox?page=0", "page"),
        ("/v1/queue?page_size=201", "page_size"),
    ],
)
async def test_a_question_that_does_not_fit_says_which_field(police: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await police.get(path)
    assert (answer.status_code, answer.json()["reasons"][0]["field"]) == (422, field)


async def test_a_unit_speaks_for_itself_whatever_it_says(city: City, police: httpx.AsyncClient) -> None:
    submission = complaint(reference(), category="water-bill")
    await city.say(submission)
    offer = await city.heard(AssignmentOffered, submission.case_id)
    claim = command(SIGN, submission.case_id, unit=offer.unit)
    id = (await police.post("/v1/commands", json=claim)).json()["command_id"]
    seen, refused = await city.refusal_of_command(id)
    assert (seen.topic, refused.reasons[0].code) == (f"assignments.{UNIT}", "not-responsible")
    assert (await police.get(f"/v1/cases/{submission.case_id}")).status_code == 404


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("web", 403), ("atlantis", 403), ("police-reader", 403)])
async def test_without_the_right_key_nothing_is_said(city: City, key: str | None, status: int) -> None:
    async with client_of(city, key) as client:
        answer = await client.post("/v1/commands", json=command(SIGN, "8b24107b-9e1e-53b4-8a88-784ad2097b3a"))
    assert answer.status_code == status


async def test_who_may_only_read_reads_page_by_page(city: City) -> None:
    newest = [await offered(city), await offered(city)][::-1]
    async with client_of(city, "police-reader") as client:
        pages = [(await client.get("/v1/inbox", params={"page_size": 1, "page": n})).json() for n in (1, 2)]
    assert [page["cases"][0]["case_id"] for page in pages] == newest
    assert pages[0]["next_page"] == 2


async def test_its_openapi_document_names_every_path(police: httpx.AsyncClient) -> None:
    paths = (await police.get("/openapi.json")).json()["paths"]
    assert set(paths) >= {
        "/v1/inbox",
        "/v1/queue",
        "/v1/supervised",
        "/v1/cases/{case_id}",
        "/v1/changes",
        "/v1/commands",
    }
