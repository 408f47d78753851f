"""Attachments from upload to the unit's staff app, over HTTP and Kafka, on the real engines."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.intake import CaseRegistered, SubmissionRefused
from contracts.message import case_id_for
from contracts.routing import AssignmentOffered
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.media import KINDS, MARK, bomb, located, mp3
from tests.support.waiting import wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")

UNIT = "police-beicheng"
V2 = "/open311/v2"


def client_of(city: City, service: str, key: str | None) -> httpx.AsyncClient:
    headers = {"X-API-Key": city.deployment.api_keys[key]} if key else {}
    return app_of(city.deployment.fleet.url(service), headers)


@pytest.fixture
async def web(city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(city, "intake", "web") as client:
        yield client


@pytest.fixture
async def partner(city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(city, "intake", None) as client:
        yield client


async def uploaded(
    client: httpx.AsyncClient, content: bytes, type: str = "", name: str = "王小明.jpg"
) -> dict[str, Any]:
    answer = await client.post("/v1/attachments", files={"file": (name, content, type or "application/octet-stream")})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def body(**changes: Any) -> dict[str, Any]:
    given = {
        "external_id": reference(),
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "text": f"楼下烧烤店凌晨仍在营业 {uuid4().hex[:8]}。",
    }
    return {**given, **changes}


def codes_of(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert all(each["zh"] and each["en"] for each in answer.json()["reasons"])
    return [(each["field"], each["code"]) for each in answer.json()["reasons"]]


async def test_a_unit_reads_the_photo_that_a_citizen_took_without_the_place_where(
    city: City, web: httpx.AsyncClient
) -> None:
    photo = located("JPEG", orientation=6)
    stored, sound = await uploaded(web, photo, "image/jpeg"), await uploaded(web, KINDS["audio/mpeg"], "audio/mp3")
    assert stored["media_type"] == "image/jpeg"
    address = {"url": "https://p.example/b4e31c084870217879e9dd3fc59cda0273944c39.jpeg"}
    given = body(attachments=[{"file_id": stored["file_id"]}, address, {"file_id": sound["file_id"]}])
    answer = await web.post("/v1/complaints", json=given)
    assert answer.status_code == 202, answer.text
    case_id = answer.json()["case_id"]

    wanted = [stored, address, sound]
    kinds: tuple[type[CaseRegistered | AssignmentOffered], ...] = (CaseRegistered, AssignmentOffered)
    for kind in kinds:
        event = await city.heard(kind, case_id)
        assert [each.model_dump(exclude_none=True) for each in event.attachments] == wanted
        assert "王小明" not in event.model_dump_json()
    async with client_of(city, "routing", UNIT) as police, client_of(city, "routing", "ecology") as others:
        shown = (await police.get(f"/v1/cases/{case_id}")).json()
        assert [{name: value for name, value in each.items() if value} for each in shown["attachments"]] == wanted
        path = f"/v1/cases/{case_id}/attachments/{stored['file_id']}"
        read = await police.get(path)
        assert read.status_code == 200
        assert hashlib.sha256(read.content).hexdigest() == stored["sha256"]
        assert len(read.content) == stored["size_bytes"] == int(read.headers["content-length"])
        assert read.headers["content-type"] == "image/jpeg"
        assert read.headers["content-disposition"].startswith("attachment;")
        assert read.headers["x-content-type-options"] == "nosniff"
        assert MARK in photo
        assert MARK not in read.content
        with Image.open(io.BytesIO(read.content)) as image:
            assert not image.getexif().get_ifd(0x8825)
            assert image.getexif()[0x0112] == 6
        heard = await police.get(f"/v1/cases/{case_id}/attachments/{sound['file_id']}")
        assert heard.content == mp3(tag=False), "its tags are left out"
        assert (await others.get(path)).status_code == 404
        assert (await police.get(f"/v1/cases/{case_id}/attachments/{'0' * 32}")).status_code == 404
    assert (await web.get(f"/v1/attachments/{stored['file_id']}")).content == read.content
    async with client_of(city, "intake", "radio") as radio:
        assert (await radio.get(f"/v1/attachments/{stored['file_id']}")).status_code == 404


async def test_what_is_no_photo_paper_or_recording_is_refused_by_name(city: City, web: httpx.AsyncClient) -> None:
    async def refused(content: bytes, type: str = "application/octet-stream") -> list[tuple[str, str]]:
        return codes_of(await web.post("/v1/attachments", files={"file": ("x", content, type)}))

    assert await refused(b"") == [("file", "attachment-empty")]
    assert await refused(b"<html>", "image/jpeg") == [("file", "attachment-type-not-taken")]
    assert await refused(KINDS["image/png"], "image/jpeg") == [("file", "attachment-type-mismatch")]
    assert await refused(KINDS["image/png"][:60]) == [("file", "attachment-damaged")]
    assert await refused(bomb()) == [("file", "attachment-pixels")]
    assert await refused(KINDS["audio/mpeg"] + b"\0" * 20_000_000) == [("file", "attachment-too-large")]
    large = await web.post("/v1/attachments", files={"file": ("x", b"\0" * 22_000_000)})
    assert (large.status_code, large.json()["reasons"][0]["code"]) == (413, "attachment-too-large")
    two = await web.post("/v1/attachments", files=[("file", ("a", b"1")), ("file", ("b", b"2"))])
    assert [code for _, code in codes_of(two)] == ["attachments-too-many"]
    assert codes_of(await web.post("/v1/attachments", files={"other": ("a", b"1")})) == [("file", "malformed")]
    assert (await web.post("/v1/attachments", json={})).status_code == 415
    broken = await web.post("/v1/attachments", content=b"--x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 400
    async with client_of(city, "intake", None) as nobody, client_of(city, "intake", "reader") as reader:
        assert (await nobody.post("/v1/attachments", files={"file": ("a", b"1")})).status_code == 401
        assert (await reader.post("/v1/attachments", files={"file": ("a", b"1")})).status_code == 403


async def test_a_file_is_cited_by_its_own_channel_for_one_case_and_as_it_is(city: City, web: httpx.AsyncClient) -> None:
    stored = await uploaded(web, KINDS["application/pdf"], "application/pdf")
    mine = {"file_id": stored["file_id"]}
    wrong = {**mine, "sha256": "0" * 64}
    assert codes_of(await web.post("/v1/complaints", json=body(attachments=[wrong]))) == [
        ("attachments.0.sha256", "attachment-differs")
    ]
    unknown = [{"url": "https://p.example/1"}, {"file_id": "0" * 32}]
    assert codes_of(await web.post("/v1/complaints", json=body(attachments=unknown))) == [
        ("attachments.1.file_id", "attachment-unknown")
    ]
    async with client_of(city, "intake", "radio") as radio:
        assert codes_of(await radio.post("/v1/complaints", json=body(attachments=[mine]))) == [
            ("attachments.0.file_id", "attachment-unknown")
        ]
    for bad in ({"url": "javascript:alert(1)"}, {}, {**mine, "url": "https://p.example/1"}, {"url": "http://a:b@c/"}):
        ((field, code),) = codes_of(await web.post("/v1/complaints", json=body(attachments=[bad])))
        assert field.startswith("attachments.0")
        assert code == "malformed"
    first = body(attachments=[mine])
    assert (await web.post("/v1/complaints", json=first)).status_code == 202
    await city.heard(CaseRegistered, case_id_for("web", first["external_id"]))
    assert codes_of(await web.post("/v1/complaints", json=body(attachments=[mine]))) == [
        ("attachments.0.file_id", "attachment-taken")
    ]
    assert (await web.post("/v1/complaints", json=first)).status_code == 200
    assert (await web.post("/v1/complaints", json={**first, "attachments": []})).status_code == 409


async def test_the_same_holds_on_the_bus(city: City, web: httpx.AsyncClient) -> None:
    stored = await uploaded(web, KINDS["image/gif"], "image/gif")
    cited = (Attachment(url="http://p.example/1.jpg"), Attachment(file_id=stored["file_id"]))
    submission = complaint(reference(), attachments=cited)
    await city.say(submission)
    event = await city.heard(CaseRegistered, submission.case_id)
    assert [each.model_dump(exclude_none=True) for each in event.attachments] == [{"url": cited[0].url}, stored]
    for file_id, code in (
        (stored["file_id"], RefusalCode.ATTACHMENT_TAKEN),
        ("f" * 32, RefusalCode.ATTACHMENT_UNKNOWN),
    ):
        other = complaint(reference(), attachments=(Attachment(file_id=file_id),))
        await city.say(other)
        refusal = await city.heard(SubmissionRefused, other.case_id)
        assert [(each.field, each.code) for each in refusal.reasons] == [("attachments.0.file_id", code)]


async def test_a_forgotten_complainants_files_are_gone(city: City, web: httpx.AsyncClient) -> None:
    stored = await uploaded(web, KINDS["image/webp"], "image/webp")
    given = body(attachments=[{"file_id": stored["file_id"]}, {"url": "https://p.example/1"}])
    assert (await web.post("/v1/complaints", json=given)).status_code == 202
    case_id = case_id_for("web", given["external_id"])
    number = (await city.heard(AssignmentOffered, case_id)).number
    code, printed = await city.xn("erase", number, "--actor", "beicheng-centre.desk-2")
    assert code == 0, printed

    async with client_of(city, "routing", UNIT) as police:

        async def gone() -> bool:
            shown = (await police.get(f"/v1/cases/{case_id}")).json()
            return [each.get("url") for each in shown["attachments"]] == ["https://p.example/1"]

        await wait_until(gone, 30, "the unit sees the address alone")
        assert (await police.get(f"/v1/cases/{case_id}/attachments/{stored['file_id']}")).status_code == 404
    assert (await web.get(f"/v1/attachments/{stored['file_id']}")).status_code == 404


# ---- Open311


async def shown(client: httpx.AsyncClient, token: str, key: str, format: str = "json") -> httpx.Response:
    numbers: list[str] = []

    async def there() -> bool:
        answer = await client.get(f"{V2}/tokens/{token}.json")
        numbers.extend(each["service_request_id"] for each in answer.json() if answer.status_code == 200)
        return bool(numbers)

    await wait_until(there, 60, "a number")
    answer = await client.get(f"{V2}/requests/{numbers[0]}.{format}", params={"api_key": key})
    assert answer.status_code == 200
    return answer


async def test_every_media_url_of_a_request_is_returned(city: City, partner: httpx.AsyncClient) -> None:
    key = city.deployment.api_keys["partner"]
    urls = ["https://p.example/1.jpg", "https://p.example/110105194912310021.jpg", "http://p.example/3"]
    fields = [("api_key", key), ("service_code", "road-damage"), ("lat", "39.9"), ("long", "116.4")]
    fields += [("description", f"two photos {uuid4().hex[:8]}"), ("media_url", urls[0]), ("media_url", urls[1])]
    sent = httpx.QueryParams([*fields, ("media_url[]", urls[2])])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await partner.post(f"{V2}/requests.json", content=str(sent), headers=headers)
    assert answer.status_code == 200, answer.text
    (told,) = (await shown(partner, answer.json()[0]["token"], key)).json()
    assert (told["media_url"], told["media_urls"]) == (urls[0], urls)
    assert "p.example" not in told["description"]
    assert (
        "<media_urls><media_url>https://p.example/1.jpg</media_url>"
        in (await shown(partner, answer.json()[0]["token"], key, "xml")).text
    )


async def test_a_form_with_files_brings_key_and_photos(city: City, partner: httpx.AsyncClient) -> None:
    key = city.deployment.api_keys["partner"]
    fields = {"api_key": key, "service_code": "road-damage", "lat": "39.9", "long": "116.4"}
    fields |= {"description": f"photo {uuid4().hex[:8]}", "media_url": "https://p.example/1.jpg"}
    files = [
        ("media", ("王.jpg", located("JPEG"), "image/jpeg")),
        ("media", ("s.ogg", KINDS["audio/ogg"], "audio/ogg")),
    ]
    answer = await partner.post(f"{V2}/requests.json", data=fields, files=files)
    assert answer.status_code == 200, answer.text
    again = await partner.post(f"{V2}/requests.json", data=fields, files=files)
    assert again.status_code == 200, again.text
    token = answer.json()[0]["token"]
    (told,) = (await shown(partner, token, key)).json()
    assert told["media_urls"][0] == told["media_url"] == "https://p.example/1.jpg"
    photo, sound = told["media_urls"][1:]
    assert (await partner.get(photo)).status_code == 403
    read = await partner.get(photo, params={"api_key": key})
    assert read.status_code == 200
    assert read.headers["content-type"] == "image/jpeg"
    assert MARK not in read.content
    assert (await partner.get(sound, headers={"X-API-Key": key})).content == KINDS["audio/ogg"]
    other = city.deployment.api_keys["web"]
    assert (await partner.get(photo, params={"api_key": other})).status_code == 404


@pytest.mark.parametrize(
    ("changes", "files", "words"),
    [
        ({"api_key": "xn.nobody.x"}, [("media", ("a", b"x"))], "403"),
        ({"api_key": ""}, [("media", ("a", b"x"))], "403"),
        ({"media_url": "ftp://p.example/1"}, [("media", ("a", KINDS["image/png"]))], "media_url"),
        ({}, [("media", ("a", b"no image"))], "media"),
        ({}, [("photo", ("a", KINDS["image/png"]))], "photo"),
        ({"media": "text"}, [("media", ("a", KINDS["image/png"]))], "media"),
        ({}, [("media", (str(n), KINDS["image/png"])) for n in range(21)], "20"),
    ],
)
async def test_a_form_with_faults_is_refused(
    city: City, partner: httpx.AsyncClient, changes: dict[str, str], files: list[Any], words: str
) -> None:
    fields = {"api_key": city.deployment.api_keys["partner"], "service_code": "road-damage", "address_string": "桥"}
    answer = await partner.post(f"{V2}/requests.json", data={**fields, **changes}, files=files)
    assert answer.status_code in {400, 403}, answer.text
    assert words in answer.text
