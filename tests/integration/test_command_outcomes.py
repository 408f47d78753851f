"""Commands over HTTP with `Prefer: wait`: every service answers with its decision, and later for the sender alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.assessments import RecordAssessment, WithdrawAssessment
from contracts.clerking import EraseIdentity, JudgeScope, RequestSupplement
from contracts.conduct import AppealFinding
from contracts.handling import AddNote, ReassignCase, SignCase
from contracts.intake import CaseReleased
from contracts.items import FinishItem, WatchItem
from contracts.publicity import WithdrawPublication
from contracts.routing import AssignmentOffered, AssignmentWithdrawn, CaseSigned, NoteAdded
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.waiting import eventually

UNIT, CENTRE, OFFICE, HOTLINE, SYSTEM = (
    *("police-beicheng", "beicheng-centre", "city-office"),
    *("city-12345", "e-supervision"),
)
CLERK = f"{CENTRE}.desk-2"
WAIT = {"Prefer": "wait=8"}


def client_of(city: City, service: str, key: str) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url(service), {"X-API-Key": city.deployment.api_keys[key]})


async def offered(city: City) -> str:
    """A case that the unit was sent."""
    submission = complaint(reference())
    await city.say(submission)
    assert (await city.heard(AssignmentOffered, submission.case_id)).unit == UNIT
    return submission.case_id


def command(type: str, case_id: str | None = None, **data: Any) -> dict[str, Any]:
    return {"type": type, "data": data, **({"case_id": case_id} if case_id else {})}


async def decided(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
) -> httpx.Response:
    """The answer to a command once it is decided; asked for again while a loaded machine takes its time."""
    answer = await client.post(path, json=body, headers={**WAIT, **(headers or {})})
    for _ in range(7):
        if answer.status_code != 202:
            return answer
        answer = await client.get(answer.headers["location"], headers=WAIT)
    return answer


async def test_a_unit_is_answered_with_what_routing_decided(city: City) -> None:
    case_id = await offered(city)
    async with client_of(city, "routing", UNIT) as police, client_of(city, "routing", "ecology") as other:
        signed = await decided(police, "/v1/commands", command(SignCase.TYPE, case_id))
        id = signed.json()["command_id"]
        assert (signed.status_code, signed.json()) == (200, {"command_id": id, "accepted": True})
        shown = (await police.get(f"/v1/cases/{case_id}")).json()
        why_not = {each["type"]: each.get("why_not", {}).get("code") for each in shown["can"]}
        assert (shown["stage"], why_not[SignCase.TYPE], why_not[AddNote.TYPE]) == ("signed", "already-signed", None)

        again = await decided(police, "/v1/commands", command(SignCase.TYPE, case_id))
        (why,) = again.json()["reasons"]
        assert (again.status_code, again.json()["code"], why["code"]) == (422, "refused", "already-signed")
        assert {"zh", "en"} <= why.keys()
        refused_id = again.json()["command_id"]

        at_once = await police.post("/v1/commands", json=command(AddNote.TYPE, case_id, text="现场已核实。"))
        assert (at_once.status_code, list(at_once.json())) == (202, ["command_id"])

        path = f"/v1/cases/{case_id}/commands"
        later = [await police.get(f"{path}/{each}") for each in (id, refused_id, str(uuid4()))]
        assert [each.status_code for each in later] == [200, 422, 202]
        assert later[1].json()["reasons"] == [why]
        assert [(await other.get(f"{path}/{each}")).status_code for each in (id, refused_id)] == [404, 404]


async def test_the_second_of_two_people_is_answered_with_what_the_first_did(city: City) -> None:
    case_id = await offered(city)
    path = f"/v1/cases/{case_id}"
    async with client_of(city, "routing", UNIT) as desk, client_of(city, "routing", f"{UNIT}.desk-1") as person:
        seen = await person.get(path)
        assert seen.headers["etag"] == f'"{seen.json()["version"]}"'
        match = {"If-Match": seen.headers["etag"]}
        assert (await decided(desk, "/v1/commands", command(SignCase.TYPE, case_id))).status_code == 200

        note = command(AddNote.TYPE, case_id, text="现场已核实。")
        conflict = await person.post("/v1/commands", json=note, headers={**WAIT, **match})
        found = conflict.json()
        assert (conflict.status_code, found["code"], found["reasons"][0]["code"]) == (
            409,
            "conflict",
            "changed-meanwhile",
        )
        (signed,) = found["since"]
        assert (signed["type"], signed["unit"], signed.get("post")) == (CaseSigned.TYPE, UNIT, None)
        again = await person.get(path)
        assert again.json()["notes"] == [], "nothing was published"

        match = {"If-Match": again.headers["etag"]}
        for _ in range(2):  # the own note is no conflict, though the version is older
            noted = await decided(person, "/v1/commands", note, match)
            assert noted.status_code == 200, noted.text
        refused = await decided(person, "/v1/commands", command(SignCase.TYPE, case_id), match)
        assert (refused.status_code, refused.json()["reasons"][0]["code"]) == (422, "already-signed")
        assert [each["type"] for each in refused.json()["since"]] == [NoteAdded.TYPE] * 2
        assert {each["post"] for each in refused.json()["since"]} == {f"{UNIT}.desk-1"}
    async with client_of(city, "routing", "ecology") as other:
        hidden = await decided(other, "/v1/commands", command(SignCase.TYPE, case_id), {"If-Match": '"0"'})
        assert (hidden.status_code, hidden.json()["since"]) == (422, []), "not the unit's case"


async def test_a_unit_that_has_lost_the_case_is_answered_that_it_has(city: City) -> None:
    case_id = await offered(city)
    moved = command(ReassignCase.TYPE, case_id, to="ecology", reason="属生态环境职责")
    sign = command(SignCase.TYPE, case_id)
    async with client_of(city, "routing", UNIT) as police:
        match = {"If-Match": (await police.get(f"/v1/cases/{case_id}")).headers["etag"]}
        for key, body in ((CLERK, moved), ("ecology", sign)):
            async with client_of(city, "routing", key) as client:
                answer = await decided(client, "/v1/commands", body)
                assert answer.status_code == 200, answer.text
        assert (await police.get(f"/v1/cases/{case_id}")).status_code == 404
        lost = await police.post("/v1/commands", json=sign, headers={**WAIT, **match})
        assert lost.status_code == 409, lost.text
        assert [(each["type"], each["unit"]) for each in lost.json()["since"]] == [(AssignmentWithdrawn.TYPE, CENTRE)]


async def test_a_clerk_is_shown_what_may_be_done_and_what_a_colleague_did(city: City) -> None:
    submission = complaint(reference(), text="与装修公司有合同纠纷")
    await city.say(submission)
    case_id, path = submission.case_id, f"/v1/reception/{submission.case_id}"
    async with client_of(city, "intake", CLERK) as clerk, client_of(city, "intake", f"{CENTRE}.desk-1") as colleague:

        async def ask() -> httpx.Response:
            return await clerk.get(path)

        shown = await eventually(ask, lambda answer: answer.status_code == 200, 60, "the case is at the reception")
        possible = {each["type"] for each in shown.json()["can"] if "why_not" not in each}
        assert possible == {JudgeScope.TYPE, RequestSupplement.TYPE, EraseIdentity.TYPE}
        judged = await decided(colleague, "/v1/clerking", command(JudgeScope.TYPE, case_id))
        assert judged.status_code == 200, judged.text
        late = command(JudgeScope.TYPE, case_id, ending="declined", reply="请依法起诉。")
        answer = await clerk.post("/v1/clerking", json=late, headers={**WAIT, "If-Match": shown.headers["etag"]})
        assert answer.status_code == 409
        (released,) = answer.json()["since"]
        assert (released["type"], released["post"]) == (CaseReleased.TYPE, f"{CENTRE}.desk-1")


async def test_the_same_command_under_one_idempotency_key_has_one_outcome(city: City) -> None:
    case_id = await offered(city)
    once = {**WAIT, "Idempotency-Key": uuid4().hex}
    async with client_of(city, "routing", UNIT) as police:
        answers = [
            await police.post("/v1/commands", json=command(SignCase.TYPE, case_id), headers=once) for _ in range(2)
        ]
        ids = {each.json()["command_id"] for each in answers}
        assert len(ids) == 1
        last = await police.get(f"/v1/cases/{case_id}/commands/{ids.pop()}", headers=WAIT)
        assert (last.status_code, last.json()["accepted"]) == (200, True)


@pytest.mark.parametrize(
    ("service", "key", "path", "type", "data", "code"),
    [
        ("routing", UNIT, "/v1/commands", SignCase.TYPE, None, "case-unknown"),
        ("intake", CLERK, "/v1/clerking", JudgeScope.TYPE, None, "case-unknown"),
        (
            *("scoring", "ecology", "/v1/oversight", AppealFinding.TYPE),
            *({"body": OFFICE, "grounds": "事实不清"}, "finding-unknown"),
        ),
        ("scoring", HOTLINE, "/v1/assessments", WithdrawAssessment.TYPE, {"reason": "有误"}, "assessment-unknown"),
        ("scoring", SYSTEM, "/v1/items", FinishItem.TYPE, {}, "item-unknown"),
        (
            *("notify", "ecology.desk-1", "/v1/publicity", WithdrawPublication.TYPE),
            *({"by": "ecology", "reason": "误发"}, "publication-unknown"),
        ),
    ],
)
async def test_a_command_about_what_does_not_exist_is_refused(
    city: City, service: str, key: str, path: str, type: str, data: dict[str, Any] | None, code: str
) -> None:
    if data is None:
        body = command(type, str(uuid4()))
    else:
        name = "external_id" if service == "scoring" and key == SYSTEM else "reference"
        body = command(type, **data, **{name: uuid4().hex})
    async with client_of(city, service, key) as client:
        answer = await decided(client, path, body)
    assert (answer.status_code, [each["code"] for each in answer.json()["reasons"]]) == (422, [code])


async def test_the_other_services_accept_and_remember_for_the_sender(city: City) -> None:
    watch: dict[str, Any] = {
        "external_id": uuid4().hex,
        "unit": "education",
        "matter": "school-licence",
        "started_at": "2026-11-23T09:30:00+08:00",
        "limit": {"amount": 400, "unit": "calendar-days"},
    }
    entry: dict[str, Any] = {
        "reference": uuid4().hex,
        "kind": "bonus",
        "item": "merit",
        "about": "housing",
        "period": "2026-11",
        "points": 1.5,
        "basis": "处置险情及时",
    }
    async with client_of(city, "scoring", SYSTEM) as system, client_of(city, "scoring", HOTLINE) as hotline:
        for client, path, body in (
            (system, "/v1/items", command(WatchItem.TYPE, **watch)),
            (hotline, "/v1/assessments", command(RecordAssessment.TYPE, **entry)),
        ):
            first = await decided(client, path, body)
            assert (first.status_code, first.json()["accepted"]) == (200, True)
            repeated = await decided(client, path, body)
            assert repeated.status_code == 200, "the same content again changes nothing"
            assert repeated.json()["command_id"] != first.json()["command_id"]
