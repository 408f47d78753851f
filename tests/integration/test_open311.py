"""Open311 GeoReport v2 against the running service, over TCP, in both formats."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import httpx
import jsonschema
import pytest

from contracts.codes import AppealType, Channel
from contracts.intake import CaseRegistered
from contracts.routing import AssignmentOffered
from tests.support import open311_schemas as schemas
from tests.support.app import app_of
from tests.support.city import City
from tests.support.waiting import eventually, wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

V2 = "/open311/v2"
NUMBER = re.compile(r"[A-Z]{2}-\d{8}-\d{6}")


@pytest.fixture
async def app(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """A city app, which sends its key with each request."""
    async with app_of(city.deployment.fleet.url("intake")) as client:
        yield client


def form(city: City, *, channel: str = "partner", **changes: Any) -> dict[str, Any]:
    given = {
        "api_key": city.deployment.api_keys[channel],
        "service_code": "road-damage",
        "address_string": "双桥街 3 号",
        "description": f"路面有坑 {uuid4().hex[:8]}",
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def valid(answer: httpx.Response, schema: schemas.Schema, status: int = 200) -> Any:
    """The JSON of an answer that has this status and fits the schema."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    document = answer.json()
    jsonschema.validate(document, schema)
    return document


def xml_of(answer: httpx.Response, root: str, status: int = 200) -> ET.Element:
    """The root of an XML answer."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert re.match(rb"<\?xml version='1\.0' encoding='utf-8'\?>", answer.content, re.IGNORECASE)
    element = ET.fromstring(answer.content)
    assert element.tag == root
    return element


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """The standard's list of errors, each with the status; all words are in it."""
    said = valid(answer, schemas.ERRORS, status)
    assert {each["code"] for each in said} == {status}
    for word in words:
        assert any(word in each["description"] for each in said), (word, said)


async def request_id(app: httpx.AsyncClient, token: str) -> str:
    """What the token becomes."""
    found: list[str] = []

    async def there() -> bool:
        answer = await app.get(f"{V2}/tokens/{token}.json")
        if answer.status_code == 200:
            (entry,) = valid(answer, schemas.TOKEN)
            assert entry["token"] == token
            found.append(entry["service_request_id"])
        return bool(found)

    await wait_until(there, 60, "a service request id")
    return found[0]


async def reported(app: httpx.AsyncClient, given: dict[str, Any]) -> tuple[str, str]:
    """Case and number of a request that is registered."""
    (created,) = valid(await app.post(f"{V2}/requests.json", data=given), schemas.CREATED)
    return created["token"], await request_id(app, created["token"])


# ---- what there is


async def test_discovery_names_the_endpoint_in_both_formats(app: httpx.AsyncClient) -> None:
    found = valid(await app.get("/open311/discovery.json"), schemas.DISCOVERY)
    (endpoint,) = found["endpoints"]
    assert endpoint["url"] == f"{app.base_url}/open311/v2".replace("//open311", "/open311")
    same = xml_of(await app.get("/open311/discovery.xml"), "discovery")
    assert same.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [each.text for each in same.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


async def test_every_category_is_a_service_and_says_whether_it_asks_something(app: httpx.AsyncClient) -> None:
    listed = valid(await app.get(f"{V2}/services.json"), schemas.SERVICES)
    asking = {each["service_code"] for each in listed if each["metadata"]}
    assert asking == {"noise-construction", "garbage-collection", "street-lighting"}
    assert "道路破损" in {each["service_name"] for each in listed}
    english = (await app.get(f"{V2}/services.json", headers={"Accept-Language": "en-GB"})).json()
    assert "Road damage" in {each["service_name"] for each in english}
    codes = [
        each.text for each in xml_of(await app.get(f"{V2}/services.xml"), "services").findall("service/service_code")
    ]
    assert codes == [each["service_code"] for each in listed]


async def test_a_definition_lists_its_questions_in_order(app: httpx.AsyncClient) -> None:
    asked = valid(await app.get(f"{V2}/services/street-lighting.json"), schemas.DEFINITION)
    assert [(each["code"], each["required"], each["order"]) for each in asked["attributes"]] == [
        ("fault", True, 1),
        ("lamp-number", False, 2),
        ("lamps", False, 3),
    ]
    same = xml_of(await app.get(f"{V2}/services/street-lighting.xml"), "service_definition")
    assert same.findtext("service_code") == "street-lighting"
    assert [each.text for each in same.findall("attributes/attribute/values/value/key")] == [
        value["key"] for value in asked["attributes"][0]["values"]
    ]
    assert valid(await app.get(f"{V2}/services/road-damage.json"), schemas.DEFINITION)["attributes"] == []


@pytest.mark.parametrize("path", ["services", "services/street-lighting", "requests", "tokens/x"])
async def test_another_jurisdiction_is_not_found_and_ours_may_be_named(
    app: httpx.AsyncClient, city: City, path: str
) -> None:
    key = {"api_key": city.deployment.api_keys["partner"]}
    refused(await app.get(f"{V2}/{path}.json", params={**key, "jurisdiction_id": "elsewhere.example"}), 404)
    ours = await app.get(f"{V2}/{path}.json", params={**key, "jurisdiction_id": "shili.example"})
    assert ours.status_code == (404 if path == "tokens/x" else 200)


@pytest.mark.parametrize(
    "path", ["services/dragons.json", "services/%2e%2e%2fetc.json", "services.yaml", "tokens/none.json"]
)
async def test_what_there_is_none_of_is_not_found(app: httpx.AsyncClient, path: str) -> None:
    refused(await app.get(f"{V2}/{path}"), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing.xml", 404), ("GET", "services/a/b.xml", 404), ("PUT", "requests.xml", 405)],
)
async def test_an_address_that_there_is_none_of_is_answered_in_the_format_it_asks_for(
    app: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    found = xml_of(await app.request(method, f"{V2}/{path}"), "errors", status)
    assert found.findtext("error/code") == str(status)


async def test_the_letter_case_of_a_token_and_white_space_around_a_key_make_no_difference(
    app: httpx.AsyncClient, city: City
) -> None:
    given = form(city, api_key=f" {city.deployment.api_keys['partner']}\n")
    token, number = await reported(app, given)
    (entry,) = valid(await app.get(f"{V2}/tokens/{token.upper()}.json"), schemas.TOKEN)
    assert entry["service_request_id"] == number
    native = await app.get(f"/v1/complaints/{token.upper()}", headers={"X-API-Key": given["api_key"].strip()})
    assert (native.status_code, native.json()["case_id"]) == (200, token)


# ---- reporting


async def test_a_report_becomes_a_case_with_everything_that_was_said(app: httpx.AsyncClient, city: City) -> None:
    text = '路灯不亮 <b>&amp; "危险" 联系 13800138000'
    given = form(
        city,
        service_code="street-lighting",
        description=text,
        lat="39.90469",
        long="116.40717",
        address_id="beicheng",
        first_name="小明",
        last_name="王",
        phone="13800138000",
        email="wang@example.com",
        device_id="device-1234",
        account_id="account-1234",
        media_url="https://example.com/lamp.jpg",
        **{"attribute[fault]": "dark", "attribute[lamps]": "3"},
    )
    case_id, number = await reported(app, given)
    assert NUMBER.fullmatch(number)
    event = await city.heard(CaseRegistered, case_id)
    assert (event.channel, event.appeal, event.category, event.area) == (
        Channel.PARTNER,
        AppealType.REQUEST,
        "street-lighting",
        "beicheng",
    )
    assert event.text.startswith('路灯不亮 <b>&amp; "危险" 联系 ＊＊＊')
    assert [each.url for each in event.attachments] == ["https://example.com/lamp.jpg"]
    whole = event.model_dump_json()
    assert not [each for each in ("小明", "13800138000", "wang@", "device-1234", "account-1234") if each in whole]

    key = {"api_key": given["api_key"]}
    (shown,) = valid(await app.get(f"{V2}/requests/{number}.json", params=key), schemas.REQUESTS)
    assert (shown["service_request_id"], shown["status"], shown["description"]) == (number, "open", event.text)
    assert (shown["address_id"], shown["service_name"]) == ("beicheng", "路灯照明")
    assert shown["media_url"] == "https://example.com/lamp.jpg"
    same = xml_of(await app.get(f"{V2}/requests/{number}.xml", params=key), "service_requests")
    assert same.findtext("request/description") == event.text
    assert same.findtext("request/requested_datetime") == shown["requested_datetime"]
    assert same.find("request/zipcode") is not None


async def test_xml_is_answered_to_xml(app: httpx.AsyncClient, city: City) -> None:
    created = xml_of(await app.post(f"{V2}/requests.xml", data=form(city)), "service_requests")
    token = created.findtext("request/token")
    assert token
    number = await request_id(app, token)
    asked = xml_of(await app.get(f"{V2}/tokens/{token}.xml"), "service_requests")
    assert asked.findtext("request/service_request_id") == number
    errors = xml_of(await app.post(f"{V2}/requests.xml", data=form(city, service_code="dragons")), "errors", 404)
    assert errors.findtext("error/code") == "404"


async def test_the_same_form_twice_is_one_request(app: httpx.AsyncClient, city: City) -> None:
    given = form(city)
    answers = await asyncio.gather(*(app.post(f"{V2}/requests.json", data=given) for _ in range(10)))
    entries = [valid(answer, schemas.CREATED)[0] for answer in answers]
    (token,) = {entry["token"] for entry in entries if "token" in entry}
    number = await request_id(app, token)
    await city.heard(CaseRegistered, token)
    assert len(city.all(CaseRegistered, token)) == 1
    (again,) = valid(await app.post(f"{V2}/requests.json", data=given), schemas.CREATED)
    assert again["service_request_id"] == number


async def test_an_escaped_and_a_bare_bracket_are_the_same(app: httpx.AsyncClient, city: City) -> None:
    key, mark = city.deployment.api_keys["partner"], uuid4().hex[:8]
    body = (
        f"api_key={key}&service_code=garbage-collection&address_string=x&description={mark}"
        "&attribute[kind][]=bulky&attribute%5Bkind%5D%5B%5D=kitchen"
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    valid(await app.post(f"{V2}/requests.json", content=body, headers=headers), schemas.CREATED)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"service_code": None}, ["service_code (missing)"]),
        ({"address_string": None}, ["address_string (missing)"]),
        ({"address_string": None, "lat": "39.9"}, ["long (missing)"]),
        ({"lat": "north", "long": "200"}, ["lat (number)", "long (number)"]),
        ({"lat": "nan", "long": "inf"}, ["lat (number)", "long (number)"]),
        ({"description": ["one", "two"]}, ["description: This field may be given once"]),
        ({"lat": ["39.9", "40"], "long": "116.4"}, ["lat: This field may be given once"]),
        ({"desciption": "x"}, ["desciption: There is no such field; the nearest one is description."]),
        ({"service_code": None, "servicecode": "road-damage"}, ["service_code (missing)", "servicecode: There is no"]),
        ({"address_id": "atlantis"}, ["address_id:", "区域代码"]),
        ({"email": "nobody"}, ["email (email_not_an_address):", "电子邮箱地址"]),
        ({"address_string": "x" * 301}, ["address_string (string_too_long)"]),
        ({"description": "很" * 10_001}, ["description:", "10000"]),
        ({"media_url": "javascript:alert(1)"}, ["media_url (url)"]),
        ({"media_url": "http://a\r\nSet-Cookie: b"}, ["media_url (url)"]),
        ({"service_code": "street-lighting"}, ["attribute[fault] (missing)"]),
        (
            {"service_code": "street-lighting", "attribute[fault]": "eaten", "attribute[lamps]": "many"},
            ["attribute[fault] (not_a_value)", "attribute[lamps] (not_a_number)"],
        ),
        ({"attribute[colour]": "green"}, ["attribute[colour] (unknown)"]),
        ({"attribute[Bad Code]": "x", "attribute[": "y"}, ["attribute[Bad Code] (string_pattern_mismatch)"]),
    ],
)
async def test_what_is_wrong_is_told_all_at_once_by_the_standards_names(
    app: httpx.AsyncClient, city: City, changes: dict[str, Any], words: list[str]
) -> None:
    refused(await app.post(f"{V2}/requests.json", data=form(city, **changes)), 400, *words)


@pytest.mark.parametrize("key", [None, "", "wrong", "xn.a.b"])
async def test_without_a_known_key_nothing_is_taken_or_shown(
    app: httpx.AsyncClient, city: City, key: str | None
) -> None:
    refused(await app.post(f"{V2}/requests.json", data=form(city, api_key=key)), 403)
    refused(await app.get(f"{V2}/requests.json", params={"api_key": key} if key else {}), 403)
    xml_of(await app.post(f"{V2}/requests.xml", data=form(city, api_key=key)), "errors", 403)


@pytest.mark.parametrize(
    ("content", "type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"", "", 415),
        (b"description=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"a=b&" * 5_000, "application/x-www-form-urlencoded", 400),
        (b"a" * 10_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_a_form_that_is_none_is_refused(app: httpx.AsyncClient, content: bytes, type: str, status: int) -> None:
    refused(await app.post(f"{V2}/requests.json", content=content, headers={"Content-Type": type}), status)


async def test_a_coordinate_has_any_decimal_form(app: httpx.AsyncClient, city: City) -> None:
    case_id, number = await reported(app, form(city, lat="51.4779", long="-7.2e-05", address_string=None))
    event = await city.heard(CaseRegistered, case_id)
    assert (event.latitude, event.longitude) == (51.4779, -0.000072)
    key = {"api_key": city.deployment.api_keys["partner"]}
    (shown,) = valid(await app.get(f"{V2}/requests/{number}.json", params=key), schemas.REQUESTS)
    assert (shown["lat"], shown["long"]) == (51.4779, -0.000072)
    same = xml_of(await app.get(f"{V2}/requests/{number}.xml", params=key), "service_requests")
    assert same.findtext("request/long") == "-0.000072"


async def test_another_content_type_is_refused_before_the_key_that_may_be_in_it(app: httpx.AsyncClient) -> None:
    answer = await app.post(f"{V2}/requests.json", content=b"<a/>", headers={"Content-Type": "text/xml"})
    refused(answer, 415, "application/x-www-form-urlencoded", "multipart/form-data")
    assert answer.headers["accept"] == "application/x-www-form-urlencoded, multipart/form-data"
    xml = xml_of(await app.post(f"{V2}/requests.xml", json={}), "errors", 415)
    assert "application/x-www-form-urlencoded" in str(xml.findtext("error/description"))


async def test_json_with_a_good_key_is_still_no_form(app: httpx.AsyncClient, city: City) -> None:
    key = city.deployment.api_keys["partner"]
    refused(await app.post(f"{V2}/requests.json", params={"api_key": key}, json={"service_code": "x"}), 415)


# ---- asking


async def test_requests_are_filtered_and_come_in_pages(app: httpx.AsyncClient, city: City) -> None:
    made = [await reported(app, form(city, service_code="wage-arrears")) for _ in range(3)]
    numbers = [number for _, number in made]
    key = {"api_key": city.deployment.api_keys["partner"], "service_code": "wage-arrears"}

    async def found(**more: Any) -> list[str]:
        answer = await app.get(f"{V2}/requests.json", params={**key, **more})
        return [each["service_request_id"] for each in valid(answer, schemas.REQUESTS)]

    assert (await found())[:3] == numbers[::-1]
    assert await found(status="closed") == []
    assert (await found(status="OPEN"))[:3] == numbers[::-1]
    assert (await found(status="open,closed"))[:3] == numbers[::-1]
    assert await found(page_size=1, page=2) == [numbers[1]]
    assert await found(end_date="2020-01-01T00:00:00Z") == []
    assert set(numbers) <= set(await found(start_date=_days_ago(1)))
    assert set(await found(service_request_id=",".join(numbers[:2]))) == set(numbers[:2])
    assert await found(service_code="noise-residential", service_request_id="") != numbers
    listed = xml_of(await app.get(f"{V2}/requests.xml", params=key), "service_requests")
    assert [each.text for each in listed.findall("request/service_request_id")][:3] == numbers[::-1]


async def test_dates_mean_when_a_request_was_received_not_when_it_was_registered(
    app: httpx.AsyncClient, city: City
) -> None:
    key = {"api_key": city.deployment.api_keys["partner"]}
    zone = timezone(timedelta(hours=8))
    received = (datetime.now(zone) - timedelta(days=9)).replace(hour=9, minute=0, second=0, microsecond=0)
    complaint = {
        "external_id": f"old-{uuid4().hex[:8]}",
        "appeal": "complaint",
        "category": "manhole-cover",
        "area": "beicheng",
        "text": "井盖丢失，二十日反映，二十九日录入。",
        "received_at": received.isoformat(),
        "contact": {"name": "T"},
    }
    headers = {"X-API-Key": key["api_key"]}
    posted = await app.post("/v1/complaints", json=complaint, headers=headers)
    number = await request_id(app, posted.json()["case_id"])

    async def listed(start: str, end: str) -> dict[str, str]:
        answer = await app.get(f"{V2}/requests.json", params={**key, "start_date": start, "end_date": end})
        return {each["service_request_id"]: each["requested_datetime"] for each in valid(answer, schemas.REQUESTS)}

    day, today = f"{received:%Y-%m-%d}", f"{datetime.now(zone):%Y-%m-%d}"
    found = await listed(day, day)
    assert found[number] == received.isoformat()
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert number not in await listed(today, today)
    hours = timedelta(hours=1)
    assert number in await listed((received - hours).isoformat(), (received + hours).isoformat())
    assert number in await listed(received.isoformat(), received.astimezone(UTC).isoformat().replace("+00:00", "z"))
    assert number not in await listed((received + hours).isoformat(), (received + 2 * hours).isoformat())


async def test_a_number_is_found_however_it_is_typed(app: httpx.AsyncClient, city: City) -> None:
    _, number = await reported(app, form(city))
    key = {"api_key": city.deployment.api_keys["partner"]}
    wide = number.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)})
    for typed in (number.lower(), wide, number.replace("-", "–"), f" {number} ", number.replace("-", "")):
        (shown,) = valid(await app.get(f"{V2}/requests/{typed}.json", params=key), schemas.REQUESTS)
        assert shown["service_request_id"] == number
        answer = await app.get(f"{V2}/requests.json", params={**key, "service_request_id": f"{typed}， BC-1"})
        assert [each["service_request_id"] for each in valid(answer, schemas.REQUESTS)] == [number]


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"status": "lost"}, "status (not_a_value)"),
        ({"start_date": "yesterday"}, "start_date (datetime)"),
        ({"start_date": "9999-12-31T23:59:59Z"}, "start_date (datetime)"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-09-01T00:00:00Z"}, "start_date (span_over_90_days)"),
        ({"start_date": "2026-09-02T00:00:00Z", "end_date": "2026-09-01T00:00:00Z"}, "start_date (after_end_date)"),
        ({"start_date": "2026-02-30"}, "start_date (datetime)"),
        ({"start_dat": "2026-01-01"}, "start_dat: There is no such field; the nearest one is start_date."),
        ({"status": ["open", "closed"]}, "status: This field may be given once"),
        ({"start_date": "2026-11-20x09:00"}, "start_date (datetime): The date or time cannot be read"),
        ({"service_request_id": "BC-1," * 201}, "service_request_id (ids_over_200): There are more than 200"),
        ({"page": "0"}, "page (number)"),
        ({"page": "-1"}, "page (number)"),
        ({"page_size": "9" * 40}, "page_size (number)"),
    ],
)
async def test_a_filter_that_is_none_is_refused(
    app: httpx.AsyncClient, city: City, query: dict[str, str], word: str
) -> None:
    key = {"api_key": city.deployment.api_keys["partner"]}
    refused(await app.get(f"{V2}/requests.json", params={**key, **query}), 400, word)


async def test_an_answered_request_is_closed_and_its_answer_is_told(app: httpx.AsyncClient, city: City) -> None:
    token, number = await reported(app, form(city))
    offered = await city.heard(AssignmentOffered, token)
    await city.sign(offered.unit, token)
    await city.report(offered.unit, token, "井盖已更换。")
    key = {"api_key": city.deployment.api_keys["partner"]}

    async def told() -> Any:
        return valid(await app.get(f"{V2}/requests/{number}.json", params=key), schemas.REQUESTS)[0]

    said = await eventually(told, lambda request: request["status"] == "closed", 60, "the answer")
    for status, there in (("closed", True), ("open", False), ("closed, open", True)):
        answer = await app.get(f"{V2}/requests.json", params={**key, "status": status, "page_size": 200})
        listed = {each["service_request_id"]: each["status"] for each in valid(answer, schemas.REQUESTS)}
        assert (number in listed) is there
        assert set(listed.values()) <= set(status.split(", "))
    assert said["status_notes"] == "井盖已更换。"
    assert said["updated_datetime"] >= said["requested_datetime"]


async def test_another_channels_requests_are_not_there(app: httpx.AsyncClient, city: City) -> None:
    _, number = await reported(app, form(city))
    other = {"api_key": city.deployment.api_keys["radio"]}
    refused(await app.get(f"{V2}/requests/{number}.json", params=other), 404)
    assert (
        valid(await app.get(f"{V2}/requests.json", params={**other, "service_request_id": number}), schemas.REQUESTS)
        == []
    )
    listed = valid(await app.get(f"{V2}/requests.json", params=other), schemas.REQUESTS)
    assert number not in {each["service_request_id"] for each in listed}
