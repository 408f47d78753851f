"""What holds for every request, whatever its handler does."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.handling import SignCase
from infra.http.bodies import FORM, MOST_DEPTH, MOST_PASSED_OVER, fields_of, form_of, json_of
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter
from infra.http.key_file import KeyFile
from infra.http.keys import new_key, stored, stored_issuer
from infra.http.openapi import document, page
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.serving import HttpSide, Limits
from infra.telemetry import Metrics, Tracing
from tests.support.tokens import PERSON, Signer

SECRET = "13800138000"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Thing(BaseModel):
    """Something."""

    name: str


async def echo(request: Request, caller: Caller) -> Response:
    value = json_of(request)
    return JSONResponse({"value": value, "speaker": caller.key and caller.speaker, "trace": caller.traceparent})


async def form(request: Request, _: Caller) -> Response:
    return JSONResponse(form_of(request))


async def reads(_request: Request, caller: Caller) -> Response:
    return JSONResponse({"speaker": caller.speaker})


async def breaks(_request: Request, _caller: Caller) -> Response:
    raise ValueError(SECRET)


async def sleeps(_request: Request, _caller: Caller) -> Response:
    await asyncio.sleep(60)
    raise AssertionError


def plain(request: Request, problem: HttpProblem, _id: str) -> Response:
    return Response(f"{problem.code} {request.url.path}", problem.status)


DONE = {200: Answer("done", Thing), 404: Answer("none", ProblemDocument)}
MAIN = Interface(
    "main",
    "For tests.",
    (
        Endpoint(
            "POST", "/echo/{id}", echo, "Says it again", DONE, body=Thing, parameters=(Parameter("id", "path", "x"),)
        ),
        Endpoint("POST", "/own", echo, "With a key", DONE, right="say", body=Thing),
        Endpoint("POST", "/form", form, "A form", DONE, body_schema={"type": "object"}, body_types=(FORM,)),
        Endpoint(
            "POST", "/own-form", form, "A form", DONE, right="say", body_schema={"type": "object"}, body_types=(FORM,)
        ),
        Endpoint("GET", "/cases/{case_id}", reads, "Reads a case", DONE, right="say"),
        Endpoint("GET", "/breaks", breaks, "Breaks", DONE),
        Endpoint("GET", "/sleeps", sleeps, "Sleeps", DONE),
        Endpoint("GET", "/seldom", breaks, "Seldom", DONE, per_minute=2, costly=True),
    ),
)
UNITS = Interface(
    "units",
    "For units.",
    (Endpoint("POST", "/units", echo, "With a unit's key", DONE, right="say", body=Thing, commands=(SignCase,)),),
    client="unit",
)
OLD = Interface(
    "old", "Another shape.", (Endpoint("GET", "/old/breaks", breaks, "Breaks", DONE),), "/old/", render=plain
)


class Served:
    """A side with one key, and a client of it."""

    def __init__(self) -> None:
        self.key, kept = new_key("web", ["say"], per_minute=100)
        self.powerless, other = new_key("web", [], per_minute=100)
        self.unit, unit = new_key("ecology", ["say"], kind="unit")
        self.signer = Signer()
        self.metrics = Metrics.create()
        self.side = HttpSide(
            "Test",
            "1",
            (MAIN, UNITS, OLD),
            keys=KeyFile(None, stored(kept) + stored(other) + stored(unit) + stored_issuer(self.signer.issuer())),
            tracing=Tracing("test", None, "test"),
            metrics=self.metrics,
            limits=Limits(1000, 0.3),
        )
        transport = httpx.ASGITransport(self.side)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    found = Served()
    async with found.client:
        yield found


async def test_an_open_endpoint_answers_with_careful_headers(served: Served) -> None:
    answer = await served.client.post("/echo/1", json={"a": [1, "二"]})
    assert answer.json()["value"] == {"a": [1, "二"]}
    assert answer.headers["x-frame-options"] == "DENY"
    assert len(answer.headers["x-request-id"]) == 24


async def test_a_key_must_be_given_known_and_allowed(served: Served) -> None:
    async def status(**headers: str) -> tuple[int, str | None]:
        answer = await served.client.post("/own", json={}, headers=headers)
        return answer.status_code, answer.json().get("code")

    assert await status() == (401, "key-missing")
    assert await status(Authorization="Basic abc") == (401, "key-missing")
    assert await status(Authorization="Bearer wrong") == (403, "key-unknown")
    assert await status(Authorization=f"Bearer {served.powerless}") == (403, "right-missing")
    assert await status(Authorization=f"bearer {served.key}") == (200, None)
    assert await status(**{"X-API-Key": served.key}) == (200, None)


async def test_an_interface_for_one_kind_of_client_refuses_the_keys_of_others(served: Served) -> None:
    answers = [await served.client.post("/units", json={}, headers={"X-API-Key": k}) for k in (served.unit, served.key)]
    assert [(each.status_code, each.json().get("code")) for each in answers] == [(200, None), (403, "right-missing")]


def test_the_document_names_the_kind_of_client_and_the_commands_of_a_route() -> None:
    said = document("Test", "1", (MAIN, UNITS))
    operation = said["paths"]["/units"]["post"]
    assert operation["x-client"] == "unit"
    assert operation["x-commands"] == [{"type": SignCase.TYPE, "topic": "handling.{unit}"}]
    assert "needs a key of a unit" in page(said)
    assert not {"x-client", "x-commands"} & said["paths"]["/own"]["post"].keys()


async def test_a_key_whose_time_is_over_is_refused_by_a_code_of_its_own(served: Served) -> None:
    key, kept = new_key("web", ["say"], expires=datetime.now(UTC) - timedelta(seconds=1))
    served.side._keys = KeyFile(None, stored(kept))
    answer = await served.client.post("/own", json={}, headers={"X-API-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (401, "key-expired")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_is_accepted_where_a_key_is(served: Served) -> None:
    async def answer(path: str, token: str) -> tuple[int, str | None]:
        found = await served.client.post(path, json={}, headers={"Authorization": f"Bearer {token}"})
        return found.status_code, found.json().get("code") or found.json()["speaker"]

    unit = served.signer.token("ecology", rights=["say"])
    channel = served.signer.token("web", kind="channel", post="city-12345.agent-1", rights=["say"])
    assert await answer("/units", unit) == (200, "ecology")
    assert await answer("/units", channel) == (403, "right-missing")
    assert await answer("/own", channel) == (200, "web")
    assert await answer("/own", served.signer.token("web", kind="channel", rights=["read"])) == (403, "right-missing")
    assert await answer("/own", Signer("desk").token("web", kind="channel")) == (401, "token-invalid")


async def test_a_refused_token_names_its_fault(served: Served) -> None:
    old = served.signer.token("ecology", now=time.time() - 3600)
    for token, code, detail in (
        (old, "token-expired", "expired"),
        (unit_of("board"), "token-invalid", "issuer_unknown"),
    ):
        answer = await served.client.post("/own", json={}, headers={"Authorization": f"Bearer {token}"})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (401, code)
        assert problem["reasons"][0]["detail"] == detail
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def unit_of(issuer: str) -> str:
    return Signer(issuer).token("ecology")


def logged(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    found: dict[str, Any] = [r for r in caplog.records if r.message == "request"][-1].__dict__["fields"]
    return found


CASE = "0b9c2b0e-5d0c-5a53-9f0e-3a9f6f6c1d11"


async def test_the_log_names_who_read_which_case_and_why(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    token = served.signer.token("ecology", post="ecology.desk-1", rights=["say"])
    headers = {"Authorization": f"Bearer {token}", "X-Access-Reason": "call-back"}
    assert (await served.client.get(f"/cases/{CASE.upper()}", headers=headers)).status_code == 200
    fields = logged(caplog)
    who = {"key": "desk/ecology.desk-1", "speaker": "ecology", "post": "ecology.desk-1", "person": PERSON}
    assert {**who, "case_id": CASE, "reason": "call-back"}.items() <= fields.items()
    assert fields["route"] == "/cases/{case_id}"
    await served.client.post("/own", json={}, headers={"X-API-Key": served.key})
    assert logged(caplog)["speaker"] == "web"
    assert not {"case_id", "post", "person", "reason"} & logged(caplog).keys()


@pytest.mark.parametrize(
    "reason", ["李伟的邻居", "call back", "Handling", "a-b-c-d-e-f-g", "x1", SECRET, "-handling", "x" * 61, ""]
)
async def test_words_never_reach_the_log_as_a_reason_or_a_case(
    served: Served, caplog: pytest.LogCaptureFixture, reason: str
) -> None:
    caplog.set_level(logging.INFO)
    headers = [(b"x-access-reason", reason.encode()), (b"x-api-key", served.key.encode())]
    await served.client.get(f"/cases/{reason or 'x'}", headers=headers)
    assert not {"reason", "case_id"} & logged(caplog).keys()


async def test_the_rate_of_an_issuer_is_counted_for_each_post(served: Served) -> None:
    served.side._keys = KeyFile(None, stored_issuer(served.signer.issuer(per_minute=1)))
    posts = ["ecology.desk-1", "ecology.desk-2", "ecology.desk-1"]
    tokens = [served.signer.token("ecology", post=post, rights=["say"]) for post in posts]
    answers = [
        await served.client.post("/own", json={}, headers={"Authorization": f"Bearer {token}"}) for token in tokens
    ]
    assert [each.status_code for each in answers] == [200, 200, 429]


async def test_the_trace_of_whoever_asks_goes_on_and_a_broken_one_begins_anew(served: Served) -> None:
    for given, same in ((f"00-{TRACE}-00f067aa0ba902b7-01", True), ("00-rubbish", False)):
        answer = await served.client.post("/echo/1", json={}, headers={"traceparent": given})
        _, trace, span, _ = answer.json()["trace"].split("-")
        assert (trace == TRACE) is same
        assert span != "00f067aa0ba902b7"


async def test_a_request_id_is_taken_over_where_it_is_one(served: Served) -> None:
    for given, kept in (("abc-12345", True), ("short", False), ("x" * 65, False), ("a b c d e f", False)):
        answer = await served.client.post("/echo/1", json={}, headers={"X-Request-Id": given})
        assert (answer.headers["x-request-id"] == given) is kept


async def test_what_breaks_tells_nothing_but_that_it_broke(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = await served.client.get(f"/breaks?phone={SECRET}")
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    ours = [record.__dict__ for record in caplog.records if record.name.startswith("infra.")]
    said = answer.text + json.dumps(ours, default=str)
    assert SECRET not in said
    assert "ValueError at" in said
    assert any(getattr(record, "fields", {}).get("route") == "/breaks" for record in caplog.records)


async def test_what_takes_too_long_is_given_up(served: Served) -> None:
    answer = await served.client.get("/sleeps")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_body_that_does_not_come_is_not_waited_for(served: Served) -> None:
    answers: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/echo/1",
        "raw_path": b"/echo/1",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "client": ("a", 1),
        "server": ("b", 2),
        "scheme": "http",
    }
    await served.side(scope, receive, send)
    assert answers[0]["status"] == 408


@pytest.mark.parametrize("size", [1_001, MOST_PASSED_OVER + 1])
async def test_a_body_over_the_limit_is_refused(served: Served, size: int) -> None:
    answer = await served.client.post("/echo/1", content=b" " * size, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert ("connection" in answer.headers) is (size > MOST_PASSED_OVER)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"[" * MOST_DEPTH + b"]" * MOST_DEPTH, 200),
        (b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), 400),
        (b'"' + b"[" * 100 + b'\\"' + b"{" * 100 + b'"', 200),
        (b'"' + b"[" * 100, 400),
        (b'["' + b'\\"' * 400, 400),
        (b"1e999999", 400),
        (b"9" * 900, 200),
    ],
)
async def test_json_is_taken_as_deep_as_it_needs_to_be(served: Served, content: bytes, status: int) -> None:
    answer = await served.client.post("/echo/1", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status


async def test_a_form_is_read_in_order_without_empty_fields(served: Served) -> None:
    type = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = await served.client.post("/form", content="b=1&a=%E6%B0%B4+x&b=2&c=&路=灯".encode(), headers=type)
    assert answer.json() == [["b", "1"], ["a", "水 x"], ["b", "2"], ["路", "灯"]]
    for broken in (b"a=%ff", b"\xff=1", b"a=1&" * 240):
        assert (await served.client.post("/form", content=broken, headers=type)).status_code == 400
    assert (await served.client.post("/form", json={})).status_code == 415


@pytest.mark.parametrize(("path", "taken"), [("/own", "application/json"), ("/own-form", FORM)])
@pytest.mark.parametrize(
    "type",
    [None, "", "multipart/form-data; boundary=x", "text/plain", "application/jsonp", "application/xml", FORM + "x"],
)
@pytest.mark.parametrize("size", [0, 10, 500_000])
async def test_a_wrong_content_type_is_refused_with_what_is_taken_before_the_key_is_asked_for(
    served: Served, path: str, taken: str, type: str | None, size: int
) -> None:
    headers = {} if type is None else {"Content-Type": type}
    for key in ({}, {"X-API-Key": served.key}, {"X-API-Key": "wrong"}):
        answer = await served.client.post(path, content=b"x" * size, headers={**headers, **key})
        said = answer.json()
        assert (answer.status_code, said["code"], answer.headers["accept"]) == (415, "media-type", taken)
        assert said["detail"].endswith(f"; send {taken}.")
        assert said["zh"].endswith(f"，请改用 {taken}。")


@pytest.mark.parametrize("type", ["application/json", "APPLICATION/JSON", "application/json ; charset=UTF-8"])
async def test_a_content_type_has_any_letter_case_and_parameters(served: Served, type: str) -> None:
    answer = await served.client.post("/echo/1", content=b"{}", headers={"Content-Type": type})
    assert answer.status_code == 200
    assert (await served.client.post("/own", content=b"{}", headers={"Content-Type": type})).status_code == 401


def test_a_query_that_is_not_utf8_is_malformed() -> None:
    with pytest.raises(HttpProblem, match="malformed"):
        fields_of(b"a=%fe")


async def test_what_is_costly_is_counted_apart(served: Served) -> None:
    codes = [(await served.client.get("/seldom")).status_code for _ in range(4)]
    assert codes == [500, 500, 429, 429]
    assert (await served.client.post("/echo/1", json={})).status_code == 200


async def test_errors_are_told_in_the_shape_of_their_interface(served: Served) -> None:
    assert (await served.client.get("/old/breaks")).text == "broken /old/breaks"
    assert (await served.client.get("/old/none")).text == "not-found /old/none"
    other = await served.client.get("/none")
    assert (other.status_code, other.json()["title"]) == (404, "Not Found")
    wrong = await served.client.delete("/echo/1")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


async def test_requests_are_counted_by_route_and_status(served: Served) -> None:
    await served.client.post("/echo/7", json={})
    await served.client.request("BREW", "/coffee")
    text = served.metrics.render().decode()
    assert 'xn_http_requests_total{method="POST",route="/echo/{id}",status="200"} 1.0' in text
    assert 'xn_http_requests_total{method="_OTHER",route="other",status="404"} 1.0' in text
    assert "coffee" not in text


# ---- the document


def test_the_document_has_every_endpoint_with_its_schemas() -> None:
    said = document("Test", "1", (MAIN, OLD))
    endpoints = {(each.method.lower(), each.path) for interface in (MAIN, OLD) for each in interface.endpoints}
    assert {(method, path) for path, methods in said["paths"].items() for method in methods} == endpoints
    assert said["paths"]["/own"]["post"]["security"] == [{"main-key-1": []}, {"main-key-2": []}]
    assert said["paths"]["/echo/{id}"]["post"]["parameters"][0]["required"]
    text = json.dumps(said)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in said["components"]["schemas"]


def test_the_page_shows_what_the_document_has_and_nothing_runs_in_it() -> None:
    said = document("<script>", "1", (MAIN, OLD))
    shown = page(said)
    assert all(path.replace("{", "{") in shown for path in said["paths"])
    assert "<script" not in shown
