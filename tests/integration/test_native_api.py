"""The native JSON API against the running service, over TCP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.channel import SubmitComplaint, SupplementComplaint, WithdrawComplaint
from contracts.codes import Channel, RefusalCode
from contracts.intake import CaseRegistered, ContactSealed, SubmissionRefused
from contracts.message import case_id_for
from contracts.refusals import malformed, reason
from contracts.routing import AssignmentOffered
from tests.support.app import app_of
from tests.support.bus import Watch
from tests.support.city import City, reference
from tests.support.otlp import CONSUMER, SERVER, Exported
from tests.support.waiting import eventually, wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""


@pytest.fixture
async def web(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key of the channel `web`."""
    async with client_of(city, "web") as client:
        yield client


def client_of(city: City, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {city.deployment.api_keys[key]}"} if key else {}
    return app_of(city.deployment.fleet.url("intake"), headers)


WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
"""ASCII as a Chinese input method types it."""


def grouped(code: str) -> list[str]:
    """A code in groups of four, as people write it down."""
    return [code[n : n + 4] for n in range(0, len(code), 4)]


def body(**changes: Any) -> dict[str, Any]:
    given = {
        "external_id": reference(),
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "title": "夜间噪声",
        "text": "楼下烧烤店凌晨仍在营业，噪声很大。",
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


async def registered(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    """The status of the case, once it is registered."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        answer = await client.get(f"/v1/complaints/{case_id}")
        if answer.status_code == 200:
            found.update(answer.json())
        return bool(found)

    await wait_until(there, 60, "registered")
    return found


# ---- submitting


async def test_a_complaint_is_with_the_broker_when_it_is_answered_and_registered_soon(
    city: City, web: httpx.AsyncClient
) -> None:
    given = body(contact={"name": "王小明", "phone": "13800138000"})
    answer = await web.post("/v1/complaints", json=given)
    assert answer.status_code == 202
    case_id = case_id_for("web", given["external_id"])
    assert answer.json() == {"case_id": case_id, "external_id": given["external_id"]}
    status = await registered(web, case_id)
    assert (await web.get(f"/v1/complaints/{case_id.upper()}")).json()["number"] == status["number"]
    event = await city.heard(CaseRegistered, case_id)
    assert (event.channel, event.number, event.text) == (Channel.WEB, status["number"], given["text"])
    assert status["stage"] == "in-hand"
    assert "王小明" not in str(status)
    await city.heard(ContactSealed, case_id)


async def test_the_same_submission_again_is_answered_from_what_is_registered(
    city: City, web: httpx.AsyncClient
) -> None:
    given = body()
    first = (await web.post("/v1/complaints", json=given)).json()
    status = await registered(web, first["case_id"])
    again = await web.post("/v1/complaints", json=given)
    assert again.status_code == 200
    assert again.json() == {**first, "number": status["number"]}
    other = await web.post("/v1/complaints", json={**given, "text": "换了内容。"})
    assert other.status_code == 409
    expected = reason(RefusalCode.ALREADY_REGISTERED, "external_id", number=status["number"])
    assert other.json()["reasons"] == [expected.model_dump(exclude_none=True)]
    await city.heard(CaseRegistered, first["case_id"])
    assert len(city.all(CaseRegistered, first["case_id"])) == 1


async def test_an_idempotency_key_stands_for_the_reference(city: City, web: httpx.AsyncClient) -> None:
    given, headers = body(external_id=None), {"Idempotency-Key": uuid4().hex}
    answers = await asyncio.gather(*(web.post("/v1/complaints", json=given, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    (case_id,) = {answer.json()["case_id"] for answer in answers}
    (code,) = {answer.json()["receipt_code"] for answer in answers}
    assert len(code) == 16
    await registered(web, case_id)
    await city.heard(CaseRegistered, case_id)
    assert len(city.all(CaseRegistered, case_id)) == 1
    keyless = [(await web.post("/v1/complaints", json=given)).json()["case_id"] for _ in range(2)]
    assert len({case_id, *keyless}) == 3


async def test_many_complaints_at_once_are_all_registered_once(city: City, web: httpx.AsyncClient) -> None:
    given = [body(contact={"name": "李", "phone": "13900139000"}) for _ in range(100)]
    answers = await asyncio.gather(*(web.post("/v1/complaints", json=each) for each in given))
    assert {answer.status_code for answer in answers} == {202}
    cases = {answer.json()["case_id"] for answer in answers}
    assert len(cases) == 100

    def all_there(_: object) -> bool:
        return cases <= {seen.key for seen in city.all(CaseRegistered)}

    await city.watch.until(all_there, timeout=60)
    numbers = [seen.message.number for seen in city.all(CaseRegistered) if seen.key in cases]
    assert len(numbers) == len(set(numbers)) == 100


async def test_http_refuses_for_the_same_reasons_as_the_bus(city: City, web: httpx.AsyncClient) -> None:
    given = body(area="atlantis", category="dragons", text=" ", contact={"reply_by": "email", "email": "no address"})
    answer = await web.post("/v1/complaints", json=given)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    said = await city.say(
        SubmitComplaint.model_validate_json(
            json.dumps({**given, "channel": "web", "received_at": "2026-11-01T00:00:00Z"})
        )
    )
    refusal = await city.heard(SubmissionRefused, where=lambda each: each.submission_id == said)
    assert answer.json()["reasons"] == [each.model_dump(exclude_none=True) for each in refusal.reasons]
    assert len(refusal.reasons) == 4


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"appeal": "shout"}, [("appeal", "enum")]),
        ({"urgent": "yes", "latitude": "far"}, [("urgent", "bool_type"), ("latitude", "float_type")]),
        ({"external_id": ""}, [("external_id", "string_too_short")]),
        ({"received_at": "yesterday"}, [("received_at", "datetime_parsing")]),
        ({"contact": {"name": 5}}, [("contact.name", "string_type")]),
    ],
)
async def test_wrong_types_are_told_by_field(
    web: httpx.AsyncClient, changes: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    answer = await web.post("/v1/complaints", json=body(**changes))
    assert answer.status_code == 422
    told = {(each["field"], each["detail"]): each["zh"] for each in answer.json()["reasons"]}
    assert told == {fault: malformed(*fault).zh for fault in faults}


async def test_what_a_channel_does_not_know_is_ignored_and_the_channel_is_the_keys(
    city: City, web: httpx.AsyncClient
) -> None:
    given = body(channel="radio", receipt="forged", colour="green")
    answer = await web.post("/v1/complaints", json=given)
    assert answer.json()["case_id"] == case_id_for("web", given["external_id"])
    assert (await city.heard(CaseRegistered, answer.json()["case_id"])).channel == Channel.WEB


# ---- what comes after


async def test_a_supplement_and_a_withdrawal_go_to_the_channels_topic(city: City, web: httpx.AsyncClient) -> None:
    given = body()
    case_id = (await web.post("/v1/complaints", json=given)).json()["case_id"]
    external_id = given["external_id"]
    async with Watch(city.deployment.engines.bootstrap, ["complaints.web"]) as watch:
        added = {"external_id": external_id, "text": "补充：在三号楼。", "address": "双桥街 3 号"}
        for _ in range(2):
            assert (await web.post(f"/v1/complaints/{case_id}/supplement", json=added)).status_code == 202
        gone = {"external_id": external_id, "reason": "已解决"}
        assert (await web.post(f"/v1/complaints/{case_id}/withdraw", json=gone)).status_code == 202

        def of(type: str) -> list[Any]:
            return [each for each in watch.seen if each.key == case_id and each.envelope.type == type]

        await watch.until(lambda _: bool(of(WithdrawComplaint.TYPE)))
        supplements = of(SupplementComplaint.TYPE)
        assert len(supplements) == 2
        assert len({each.envelope.id for each in supplements}) == 1  # to whoever reads them it is one
        assert supplements[0].message.text == "补充：在三号楼。"
        assert supplements[0].envelope.source == "/channels/web/http"
        assert of(WithdrawComplaint.TYPE)[0].message.reason == "已解决"


async def test_another_channels_case_is_not_there(city: City, web: httpx.AsyncClient) -> None:
    given = body()
    case_id = (await web.post("/v1/complaints", json=given)).json()["case_id"]
    await registered(web, case_id)
    async with client_of(city, "radio") as radio:
        assert (await radio.get(f"/v1/complaints/{case_id}")).status_code == 404
        about = {"external_id": given["external_id"]}
        assert (await radio.post(f"/v1/complaints/{case_id}/withdraw", json=about)).status_code == 404


# ---- receipts


async def test_who_has_nothing_but_a_receipt_reads_the_answer(city: City, web: httpx.AsyncClient) -> None:
    submitted = (await web.post("/v1/complaints", json=body())).json()
    offered = await city.heard(AssignmentOffered, submitted["case_id"])
    await city.sign(offered.unit, offered.case_id)
    await city.report(offered.unit, offered.case_id, "已责令整改，请放心。")
    await eventually(
        lambda: registered(web, submitted["case_id"]), lambda status: status["stage"] == "closed", 20, "the answer"
    )
    async with client_of(city, None) as public:
        asked = {"number": offered.number, "receipt_code": submitted["receipt_code"]}
        said = (await public.post("/v1/status", json=asked)).json()
    assert (said["result"], said["reply"]) == ("resolved", "已责令整改，请放心。")


async def test_who_has_the_receipt_is_told_the_status_and_nobody_else_anything(
    city: City, web: httpx.AsyncClient
) -> None:
    first = (await web.post("/v1/complaints", json=body())).json()
    number = (await registered(web, first["case_id"]))["number"]
    code = first["receipt_code"]
    async with client_of(city, None) as public:
        good = await public.post("/v1/status", json={"number": number, "receipt_code": code})
        assert good.status_code == 200
        assert (good.json()["number"], good.json()["stage"]) == (number, "in-hand")
        assert "case_id" not in good.json()
        typed = {"number": f" {number.lower().replace('-', ' – ')} ", "receipt_code": " ".join(grouped(code))}
        wide = {"number": number.translate(WIDE), "receipt_code": "－".join(grouped(code)).translate(WIDE)}
        for each in (typed, wide):
            answer = await public.post("/v1/status", json=each)
            assert (answer.status_code, answer.json()["number"]) == (200, number)
        wrong = f"{(int(code) + 1) % 10**16:016d}"
        answers = [
            await public.post("/v1/status", json={"number": asked, "receipt_code": given})
            for asked, given in ((number, wrong), ("BC-20200101-000001", code), ("' || '1'=='1", code))
        ]
        assert {answer.status_code for answer in answers} == {404}
        for answer in answers:
            del (told := answer.json())["request_id"]
            assert told == {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "code": "not-found",
                "detail": "There is nothing here.",
                "zh": "没有这个资源。",
                "reasons": [],
            }
        codes = {(await public.post("/v1/status", json={"number": {"$ne": ""}, "receipt_code": code})).status_code}
        while 429 not in codes and len(codes) < 20:
            answer = await public.post("/v1/status", json={"number": number, "receipt_code": wrong})
            codes.add(answer.status_code)
        assert codes == {404, 422, 429}
        assert int(answer.headers["retry-after"]) >= 1


# ---- keys and limits


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 401, "key-missing"),
        ("xn.00000000.nothing", 403, "key-unknown"),
        ("x" * 5000, 403, "key-unknown"),
        ("reader", 403, "right-missing"),
    ],
)
async def test_without_a_key_that_may_nothing_is_taken(city: City, key: str | None, status: int, code: str) -> None:
    sent = city.deployment.api_keys[key] if key == "reader" else key
    async with client_of(city, None) as client:
        headers = {"X-API-Key": sent} if sent else {}
        answer = await client.post("/v1/complaints", json=body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_key_has_its_rate(city: City) -> None:
    async with client_of(city, "slow") as slow:
        answers = [await slow.get(f"/v1/complaints/{uuid4()}") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    assert int(answers[-1].headers["retry-after"]) in range(1, 21)


# ---- hostile input


async def test_ten_megabytes_are_too_many(web: httpx.AsyncClient) -> None:
    answer = await web.post("/v1/complaints", json=body(text="很" * 3_500_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b" " * 10_000

    streamed = await web.post("/v1/complaints", content=endless(), headers={"Content-Type": "application/json"})
    assert streamed.status_code == 413


@pytest.mark.parametrize(
    ("content", "type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "application/json", 400),
        (b'{"text": NaN}', "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'"' + b'\\"' * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"<x/>", "application/xml", 415),
    ],
)
async def test_what_is_no_json_is_refused(web: httpx.AsyncClient, content: bytes, type: str, status: int) -> None:
    answer = await web.post("/v1/complaints", content=content, headers={"Content-Type": type})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "id", ["..%2f..%2fetc%2fpasswd", "%00", "a" * 5000, "$where", "1;drop", "../../livez", "%0d%0aX: 1"]
)
async def test_an_id_that_is_none_is_not_found(web: httpx.AsyncClient, id: str) -> None:
    answer = await web.get(f"/v1/complaints/{id}")
    assert answer.status_code in {200, 404}
    assert answer.status_code == 404 or answer.text == "ok"  # the client itself resolves ../
    assert "X" not in answer.headers


async def test_nothing_of_a_header_comes_back_as_a_header(city: City) -> None:
    """Written by hand: a client library would not send it."""
    port = city.deployment.fleet.ports["intake"][0]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /openapi.json HTTP/1.1\r\nHost: a\r\nX-Request-Id: good-id-1\tSet-Cookie: x\r\n"
        b"X-Request-Id: second\r\nConnection: close\r\n\r\n"
    )
    head = (await reader.read()).split(b"\r\n\r\n", 1)[0].lower()
    writer.close()
    assert head.startswith(b"http/1.1 200")
    assert b"cookie" not in head
    assert head.count(b"x-request-id:") == 1


async def test_answers_tell_browsers_to_be_careful_and_allow_no_other_site(web: httpx.AsyncClient) -> None:
    answer = await web.options(
        "/v1/complaints", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


# ---- telemetry and documentation


async def test_a_trace_goes_on_through_the_request(city: City, web: httpx.AsyncClient) -> None:
    trace, parent = uuid4().hex, "00f067aa0ba902b7"
    headers = {"traceparent": f"00-{trace}-{parent}-01", "X-Request-Id": "request-0001"}
    answer = await web.post("/v1/complaints?name=somebody", json=body(), headers=headers)
    assert answer.headers["x-request-id"] == "request-0001"
    case_id = answer.json()["case_id"]

    def of(kind: int) -> list[Exported]:
        return [span for span in city.receiver.spans if span.trace_id == trace and span.kind == kind]

    await city.receiver.until(lambda _: bool(of(SERVER)) and any(s.service == "intake" for s in of(CONSUMER)))
    (asked,) = of(SERVER)
    assert (asked.name, asked.parent_id, asked.service) == ("POST /v1/complaints", parent, "intake")
    assert asked.attributes["http.response.status_code"] == 202
    submitted = next(span for span in of(CONSUMER) if span.service == "intake")
    assert (submitted.parent_id, submitted.attributes["xn.case.id"]) == (asked.span_id, case_id)
    assert "somebody" not in str(asked.attributes)
    assert "somebody" not in city.deployment.fleet["intake"][0].process.log_path.read_text()


async def test_nothing_that_tells_who_asked_is_logged_or_traced(city: City, web: httpx.AsyncClient) -> None:
    marker = f"zhao{uuid4().hex[:10]}"
    contact = {"name": marker, "email": f"{marker}@example.com", "phone": "13912345678"}
    answer = await web.post(f"/v1/complaints?q={marker}", json=body(contact=contact), headers={"User-Agent": marker})
    assert answer.status_code == 202
    refused = await web.post("/v1/complaints", json=body(contact={**contact, "phone": marker}, area="atlantis"))
    assert refused.status_code == 422
    assert marker not in refused.text
    assert (await web.post("/v1/complaints", json=body(contact={"name": [marker]}))).status_code == 422
    form = {"api_key": "wrong", "last_name": marker, "email": f"{marker}@example.com"}
    assert (await web.post("/open311/v2/requests.json", data=form)).status_code == 403
    assert (await web.get(f"/{marker}")).status_code == 404
    await city.heard(CaseRegistered, answer.json()["case_id"])
    await asyncio.sleep(1)  # spans are exported twice a second
    assert marker not in city.deployment.fleet["intake"][0].process.log_path.read_text()
    assert marker not in city.page("intake", "/metrics").text
    assert not [span for span in city.receiver.bodies if marker.encode() in span]


async def test_requests_are_counted_by_route_not_by_path(city: City, web: httpx.AsyncClient) -> None:
    await web.get(f"/v1/complaints/{uuid4()}")
    await web.get("/some/invention")
    page = city.page("intake", "/metrics").text
    assert 'xn_http_requests_total{method="GET",route="/v1/complaints/{case_id}",status="404"}' in page
    assert 'route="other",status="404"' in page
    assert "invention" not in page


async def test_the_document_and_its_page_are_served(web: httpx.AsyncClient) -> None:
    document = (await web.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    page = await web.get("/openapi")
    assert page.headers["content-type"].startswith("text/html")
    assert all(path in page.text for path in document["paths"])
