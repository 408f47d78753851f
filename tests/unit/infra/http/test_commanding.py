"""Commands over HTTP: the post of the key is who acts, whatever the body contains."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.conduct import DecideMeasure
from contracts.envelope import Record
from contracts.handling import SignCase
from contracts.inspections import RecordVisit
from contracts.message import Message, case_id_for
from contracts.posts import PostDirectory
from contracts.publicity import WithdrawPublication
from contracts.refusals import malformed
from infra.http.commanding import Commanding, Spoken
from infra.http.endpoint import Answer, Caller, Endpoint, Interface
from infra.http.key_file import KeyFile
from infra.http.keys import ApiKey, new_key, stored
from infra.http.publishing import HttpPublisher
from infra.http.serving import HttpSide
from infra.telemetry import Metrics, Tracing

UNIT, POST, OTHER, FREE = "police", "police.desk-1", "police.desk-2", "ecology"
UNITS = {UNIT, FREE}
DIRECTORY = PostDirectory.from_tables(
    {
        "posts": {
            "post": [
                {"id": POST, "unit": UNIT, "stand_in": "health.desk-1"},
                {"id": OTHER, "unit": UNIT},
                {"id": "health.desk-1", "unit": "health"},
            ]
        }
    }
)
CASE = case_id_for("web", "1")
COMMANDS: dict[str, type[Message]] = {
    kind.TYPE: kind for kind in (SignCase, WithdrawPublication, DecideMeasure, RecordVisit)
}
PUBLICATION = {"by": UNIT, "reference": "1", "reason": "已整改"}
MEASURE = {"kind": "unit", "subject": "health", "proposal_id": CASE, "measures": [], "reason": "首次"}
VISIT = {"reference": "1", "visit": "1", "about": "health", "visited_on": "2026-11-23", "seen": "无人值守"}


class Said(Spoken):
    """A command."""


class Accepted(BaseModel):
    """Its id."""

    command_id: str


class Broker:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.sent: list[Record] = []

    async def send(self, records: Sequence[Record]) -> int:
        self.sent += records
        return len(records)


class App:
    """A service with one route for commands."""

    def __init__(self) -> None:
        self.broker = Broker()
        self.commanding = Commanding(
            COMMANDS,
            HttpPublisher(self.broker, lambda: None),  # type: ignore[arg-type]
            lambda: datetime(2026, 11, 23, tzinfo=UTC),
            malformed,
            unnamed=(RecordVisit,),
            posts_in=("actor", "consent"),
        )
        self.keys: dict[str, str] = {}
        made: list[ApiKey] = []
        for name, unit, post in (
            ("desk", UNIT, None),
            ("post", UNIT, POST),
            ("stand-in", UNIT, "health.desk-1"),
            ("free", FREE, "ecology.desk-9"),
            ("unknown", UNIT, "police.desk-9"),
            ("of-another", UNIT, "ecology.desk-9"),
            ("taken", FREE, POST),
            ("atlantis", "atlantis", "atlantis.desk-1"),
        ):
            self.keys[name], kept = new_key(unit, ["act"], kind="unit", post=post)
            made.append(kept)
        self.ids = dict(zip(self.keys, (key.id for key in made), strict=True))
        endpoint = Endpoint("POST", "/", self.handle, "Commands", {202: Answer("sent", Accepted)}, "act", body=Said)
        side = HttpSide(
            "Test",
            "1",
            (Interface("main", "For tests.", (endpoint,)),),
            keys=KeyFile(None, "\n".join(map(stored, made))),
            tracing=Tracing("test", None, "test"),
            metrics=Metrics.create(),
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(side), base_url="http://test")

    async def handle(self, request: Request, caller: Caller) -> Response:
        unit = caller.unit(UNITS.__contains__, DIRECTORY.may_act)
        return JSONResponse({"command_id": await self.commanding.publish(request, caller, unit, Said)}, 202)

    async def say(self, key: str, kind: type[Message], /, **data: Any) -> httpx.Response:
        headers = {"X-API-Key": self.keys[key], "Idempotency-Key": "once"}
        return await self.client.post("/", json={"type": kind.TYPE, "data": data}, headers=headers)

    @property
    def last(self) -> dict[str, Any]:
        """The body of the command that was published last."""
        found: dict[str, Any] = json.loads(self.broker.sent[-1].value or b"")
        return found


@pytest.fixture
async def app() -> AsyncIterator[App]:
    found = App()
    async with found.client:
        yield found


@pytest.mark.parametrize(
    ("key", "kind", "data", "actor"),
    [
        ("post", SignCase, {"case_id": CASE}, POST),
        ("post", SignCase, {"case_id": CASE, "actor": POST}, POST),
        ("post", SignCase, {"case_id": CASE, "actor": None}, POST),
        ("stand-in", SignCase, {"case_id": CASE}, "health.desk-1"),
        ("free", SignCase, {"case_id": CASE}, "ecology.desk-9"),
        ("desk", SignCase, {"case_id": CASE}, None),
        ("post", WithdrawPublication, PUBLICATION, POST),
        ("post", DecideMeasure, MEASURE, POST),
        ("post", RecordVisit, VISIT, None),
        ("post", RecordVisit, {**VISIT, "actor": POST}, POST),
    ],
)
async def test_the_key_determines_which_post_acts(
    app: App, key: str, kind: type[Message], data: dict[str, Any], actor: str | None
) -> None:
    answer = await app.say(key, kind, **data)
    assert answer.status_code == 202, answer.text
    assert app.last.get("actor") == actor
    assert app.last["unit"] == (FREE if key == "free" else UNIT)


@pytest.mark.parametrize(
    ("key", "kind", "data", "field"),
    [
        ("post", SignCase, {"case_id": CASE, "actor": OTHER}, "data.actor"),
        ("desk", SignCase, {"case_id": CASE, "actor": POST}, "data.actor"),
        ("post", SignCase, {"case_id": CASE, "actor": ["x"]}, "data.actor"),
        ("post", WithdrawPublication, {**PUBLICATION, "actor": OTHER}, "data.actor"),
        ("post", RecordVisit, {**VISIT, "actor": OTHER}, "data.actor"),
        ("post", DecideMeasure, {**MEASURE, "consent": OTHER}, "data.consent"),
    ],
)
async def test_a_body_that_names_another_post_is_refused(
    app: App, key: str, kind: type[Message], data: dict[str, Any], field: str
) -> None:
    answer = await app.say(key, kind, **data)
    (reason,) = answer.json()["reasons"]
    assert (answer.status_code, reason["code"], reason["field"], reason["detail"]) == (
        422,
        "malformed",
        field,
        "from_the_key",
    )
    assert "岗位" in reason["zh"]
    assert app.broker.sent == []


async def test_a_command_that_needs_a_post_is_refused_to_a_key_without_one(app: App) -> None:
    answer = await app.say("desk", WithdrawPublication, **PUBLICATION)
    (reason,) = answer.json()["reasons"]
    assert (answer.status_code, reason["code"], reason["field"]) == (422, "actor-missing", "data.actor")
    assert app.ids["desk"] in reason["zh"]
    assert app.ids["desk"] in reason["en"]
    assert app.broker.sent == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("unknown", "post-unknown"),
        ("of-another", "post-unknown"),
        ("taken", "post-unknown"),
        ("atlantis", "right-missing"),
    ],
)
async def test_a_key_of_a_post_that_its_unit_lacks_is_refused(app: App, key: str, code: str) -> None:
    answer = await app.say(key, SignCase, case_id=CASE)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert app.broker.sent == []


async def test_two_posts_under_one_idempotency_key_give_two_commands(app: App) -> None:
    keys = ("post", "post", "stand-in", "desk")
    ids = [(await app.say(key, SignCase, case_id=CASE)).json()["command_id"] for key in keys]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
