"""Evidence of a unit's report, on the real engines: upload, refusal, ownership, reading, erasure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.codes import HandlingResult
from contracts.handling import ReportHandling
from contracts.routing import AssignmentOffered, CaseClosed, CaseSigned, HandlingReported
from infra.objects.gridfs import GridFsStore
from infra.store import Store
from tests.support.app import app_of
from tests.support.city import City, reference
from tests.support.media import KINDS, MARK, located
from tests.support.waiting import eventually, wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")

UNIT = "police-beicheng"


def client_of(city: City, service: str, key: str | None) -> httpx.AsyncClient:
    headers = {"X-API-Key": city.deployment.api_keys[key]} if key else {}
    return app_of(city.deployment.fleet.url(service), headers)


async def at_work(city: City, appeal: str = "complaint") -> dict[str, Any]:
    """A case that its unit has signed: case id, number and receipt code."""
    body = {
        "external_id": reference(),
        "appeal": appeal,
        "category": "noise-residential",
        "area": "beicheng",
        "text": f"楼下烧烤店凌晨仍在营业 {uuid4().hex[:8]}。",
        "receipt_wanted": True,
    }
    async with client_of(city, "intake", "web") as web:
        answer = await web.post("/v1/complaints", json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    offered = await city.heard(AssignmentOffered, found["case_id"])
    assert offered.unit == UNIT
    await city.sign(UNIT, found["case_id"])
    await city.heard(CaseSigned, found["case_id"])
    return {**found, "number": offered.number}


async def upload(client: httpx.AsyncClient, case_id: str, content: bytes, type: str = "image/jpeg") -> httpx.Response:
    return await client.post(f"/v1/cases/{case_id}/evidence", files={"file": ("王小明.jpg", content, type)})


def report(case_id: str, *ids: str, **more: Any) -> ReportHandling:
    given = {"result": HandlingResult.RESOLVED, "reply": "已责令整改。", "actor": f"{UNIT}.desk-1", **more}
    return ReportHandling(case_id=case_id, issued_at=datetime.now(UTC), unit=UNIT, evidence=ids, **given)


def codes(answer: httpx.Response) -> list[tuple[str | None, str]]:
    assert answer.status_code == 422, answer.text
    assert all(each["zh"] and each["en"] for each in answer.json()["reasons"])
    return [(each.get("field"), each["code"]) for each in answer.json()["reasons"]]


async def test_a_photograph_of_a_report_reaches_its_complainant_and_nobody_else(city: City) -> None:
    case = await at_work(city)
    case_id, photo = case["case_id"], located("JPEG", orientation=6)
    async with client_of(city, "routing", UNIT) as police, client_of(city, "routing", "ecology") as others:
        answer = await upload(police, case_id, photo)
        assert answer.status_code == 201, answer.text
        stored = answer.json()
        path = f"/v1/cases/{case_id}/attachments/{stored['file_id']}"
        assert (await police.get(path)).status_code == 404, "not part of the case before a report cites it"
        await city.say(report(case_id, stored["file_id"], evidence_shown=True))
        closed = await city.heard(CaseClosed, case_id)
        assert [each.model_dump(exclude_none=True) for each in closed.evidence] == [stored]
        assert "王小明" not in closed.model_dump_json()
        shown = (await police.get(f"/v1/cases/{case_id}")).json()
        assert [(each["unit"], each["file"]["file_id"]) for each in shown["evidence"]] == [(UNIT, stored["file_id"])]
        read = await police.get(path)
        assert hashlib.sha256(read.content).hexdigest() == stored["sha256"]
        assert (MARK in photo, MARK in read.content) == (True, False)
        assert (await others.get(path)).status_code == 404

    proof = {"number": case["number"], "receipt_code": case["receipt_code"]}
    asked = {**proof, "file_id": stored["file_id"]}
    async with client_of(city, "intake", None) as citizen:

        async def status() -> Any:
            return (await citizen.post("/v1/status", json=proof)).json().get("evidence")

        await eventually(status, lambda found: found == [stored], 30, "the status has the evidence")
        answer = await citizen.post("/v1/own/evidence", json=asked)
        assert (answer.status_code, answer.content) == (200, read.content)
        assert (await citizen.post("/v1/own/evidence", json={**asked, "file_id": "0" * 32})).status_code == 404
        channels = f"/v1/complaints/{case_id}/evidence/{stored['file_id']}"
        async with client_of(city, "intake", "web") as web, client_of(city, "intake", "radio") as radio:
            assert (await web.get(channels)).content == read.content
            assert (await radio.get(channels)).status_code == 404
        wrong = {**asked, "receipt_code": "0" * 16}
        assert (await citizen.post("/v1/own/evidence", json=wrong)).status_code == 404

    code, printed = await city.xn("erase", case["number"], "--actor", "beicheng-centre.desk-2")
    assert code == 0, printed
    deployment = city.deployment
    store = Store(deployment.engines.mongo_uri, f"{deployment.database}_routing")
    objects = GridFsStore(deployment.engines.mongo_uri, f"{deployment.database}_files")

    async def gone() -> bool:
        return not await store.uploads.held_by(case_id) and await objects.open(stored["file_id"]) is None

    try:
        await wait_until(gone, 30, "the evidence is deleted")
    finally:
        await store.close()
        await objects.close()
    async with client_of(city, "routing", UNIT) as police, client_of(city, "intake", None) as citizen:
        assert (await police.get(path)).status_code == 404
        assert (await police.get(f"/v1/cases/{case_id}")).json()["evidence"] == []
        assert (await citizen.post("/v1/own/evidence", json=asked)).status_code == 404


async def test_evidence_that_is_not_for_the_complainant_stays_with_the_units(city: City) -> None:
    case = await at_work(city, appeal="report")
    case_id = case["case_id"]
    async with client_of(city, "routing", UNIT) as police, client_of(city, "routing", "beicheng-centre") as centre:
        stored = (await upload(police, case_id, KINDS["application/pdf"], "application/pdf")).json()
        await city.say(report(case_id, stored["file_id"]))
        reported = await city.heard(HandlingReported, case_id)
        assert ([each.file_id for each in reported.evidence], reported.evidence_shown) == ([stored["file_id"]], False)
        read = await centre.get(f"/v1/cases/{case_id}/attachments/{stored['file_id']}")
        assert (read.status_code, read.headers["content-type"]) == (200, "application/pdf")


async def test_other_units_and_other_files_are_refused_with_the_reason(city: City) -> None:
    one, two = await at_work(city), await at_work(city)
    mine, other = one["case_id"], two["case_id"]
    image = KINDS["image/png"]
    async with client_of(city, "routing", None) as nobody, client_of(city, "routing", "ecology") as foreign:
        assert (await upload(nobody, mine, image, "image/png")).status_code == 401
        assert (await upload(foreign, mine, image, "image/png")).status_code == 404
    async with client_of(city, "routing", "beicheng-centre") as centre, client_of(city, "routing", UNIT) as police:
        assert codes(await upload(centre, mine, image, "image/png")) == [(None, "not-responsible")]
        assert codes(await upload(police, mine, b"<html>")) == [("file", "attachment-type-not-taken")]
        assert codes(await upload(police, mine, image)) == [("file", "attachment-type-mismatch")]
        none = await police.post(f"/v1/cases/{mine}/evidence", files={"other": ("a", b"1")})
        assert codes(none) == [("file", "malformed")]
        assert (await police.post(f"/v1/cases/{mine}/evidence", json={})).status_code == 415
        stored = (await upload(police, other, image, "image/png")).json()["file_id"]
    async with client_of(city, "intake", "web") as web:
        citizens = (await web.post("/v1/attachments", files={"file": ("a", image, "image/png")})).json()["file_id"]
    for id, code in (("0" * 32, "attachment-unknown"), (citizens, "attachment-unknown"), (stored, "attachment-taken")):
        _, refused = await city.refusal_of_command(await city.say(report(mine, id)))
        assert [(each.code, each.field) for each in refused.reasons] == [(code, "evidence.0")]
    await city.say(report(other, stored))
    assert [each.file_id for each in (await city.heard(CaseClosed, other)).evidence] == [stored]
