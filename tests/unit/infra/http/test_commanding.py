"""Commands over HTTP: the post of the key is who acts, whatever the body contains."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from contracts.conduct import DecideMeasure
from contracts.envelope import Record
from contracts.handling import SignCase
from contracts.inspections import RecordVisit
from contracts.message import Message, case_id_for
from contracts.posts import PostDirectory
from contracts.publicity import WithdrawPublication
from contracts.refusals import malformed
from infra.http.commanding import Commanding, Spoken, command_endpoints
from infra.http.endpoint import Caller, Interface
from infra.http.key_file import KeyFile
from infra.http.keys import ApiKey, new_key, stored
from infra.http.publishing import HttpPublisher
from infra.http.seen import Change
from infra.http.serving import HttpSide
from infra.outcomes import CommandOfAnotherError, Outcome
from infra.store import StoreError
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


class Decisions:
    """Outcomes by command id, and the questions for them."""

    def __init__(self) -> None:
        self.known: dict[str, Outcome | Exception] = {}
        self.every: Outcome | Exception | None = None
        self.asked: list[tuple[str, str, str, float]] = []

    def key_of(self, command: Message, _sender: str) -> str:
        return command.key

    async def wait(self, key: str, topic: str, command_id: str, seconds: float) -> Outcome | None:
        self.asked.append((key, topic, command_id, seconds))
        found = self.known.get(command_id, self.every)
        if isinstance(found, Exception):
            raise found
        return found


class Changes:
    """What happened since any version, and the questions for it."""

    def __init__(self) -> None:
        self.found: list[Change] = []
        self.asked: list[tuple[str, str, int]] = []

    async def since(self, key: str, unit: str, version: int) -> list[Change]:
        self.asked.append((key, unit, version))
        return self.found


STATUS = "/cases/{case_id}/commands/{command_id}"


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
        self.broker, self.decisions, self.changes = Broker(), Decisions(), Changes()
        self.commanding = Commanding(
            COMMANDS,
            HttpPublisher(self.broker, lambda: None),  # type: ignore[arg-type]
            self.decisions,  # type: ignore[arg-type]
            STATUS,
            lambda: datetime(2026, 11, 23, tzinfo=UTC),
            malformed,
            unnamed=(RecordVisit,),
            posts_in=("actor", "consent"),
            seen=self.changes,  # type: ignore[arg-type]
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
        endpoints = command_endpoints(
            "/",
            self.handle,
            STATUS,
            self.outcome,
            summary="Commands",
            body=Said,
            commands=(),
            answers={},
            right="act",
            versions=True,
        )
        side = HttpSide(
            "Test",
            "1",
            (Interface("main", "For tests.", endpoints),),
            keys=KeyFile(None, "\n".join(map(stored, made))),
            tracing=Tracing("test", None, "test"),
            metrics=Metrics.create(),
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(side), base_url="http://test")

    async def handle(self, request: Request, caller: Caller) -> Response:
        unit = caller.unit(UNITS.__contains__, DIRECTORY.may_act)
        return await self.commanding.publish(request, caller, unit, Said)

    async def outcome(self, request: Request, caller: Caller) -> Response:
        return await self.commanding.outcome(request, caller.unit(UNITS.__contains__, DIRECTORY.may_act))

    async def ask(self, key: str, path: str, prefer: str = "") -> httpx.Response:
        return await self.client.get(path, headers={"X-API-Key": self.keys[key], "Prefer": prefer})

    async def say(
        self, key: str, kind: type[Message], /, prefer: str = "", match: str = "*", **data: Any
    ) -> httpx.Response:
        headers = {"X-API-Key": self.keys[key], "Idempotency-Key": "once", "Prefer": prefer, "If-Match": match}
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


REFUSED = {"code": "not-signed", "field": "actor", "zh": "尚未签收。", "en": "It is not signed."}


async def test_without_a_preference_the_answer_is_202_and_where_to_ask(app: App) -> None:
    app.decisions.every = Outcome(accepted=True)
    answer = await app.say("post", SignCase, case_id=CASE)
    id = answer.json()["command_id"]
    assert (answer.status_code, answer.json()) == (202, {"command_id": id})
    assert answer.headers["location"] == f"/cases/{CASE}/commands/{id}"
    assert app.decisions.asked == []


@pytest.mark.parametrize(
    ("prefer", "seconds"), [("wait=3", 3.0), ("wait=100", 8.0), ("respond-async, wait=2", 2.0), ("wait=0", None)]
)
async def test_who_prefers_to_wait_is_answered_with_the_decision(app: App, prefer: str, seconds: float | None) -> None:
    app.decisions.every = Outcome(accepted=True)
    answer = await app.say("post", SignCase, prefer, case_id=CASE)
    id = answer.json()["command_id"]
    if seconds is None:
        assert (answer.status_code, app.decisions.asked) == (202, [])
    else:
        assert (answer.status_code, answer.json()) == (200, {"command_id": id, "accepted": True})
        assert app.decisions.asked == [(CASE, f"handling.{UNIT}", id, seconds)]


async def test_a_refusal_has_its_reasons_and_the_command(app: App) -> None:
    app.decisions.every = Outcome(accepted=False, reasons=(REFUSED,))
    answer = await app.say("post", SignCase, "wait=1", case_id=CASE)
    found = answer.json()
    assert (answer.status_code, found["code"], found["reasons"]) == (422, "refused", [REFUSED])
    asked = await app.ask("post", f"/cases/{CASE}/commands/{found['command_id']}")
    assert (asked.status_code, asked.json()["reasons"]) == (422, [REFUSED])
    assert app.decisions.asked[-1] == (CASE, f"handling.{UNIT}", found["command_id"], 0.0)


@pytest.mark.parametrize("found", [None, StoreError("away"), CommandOfAnotherError()])
async def test_a_published_command_is_202_while_its_outcome_cannot_be_known(app: App, found: Exception | None) -> None:
    app.decisions.every = found
    answer = await app.say("post", SignCase, "wait=1", case_id=CASE)
    assert (answer.status_code, list(answer.json())) == (202, ["command_id"])
    assert len(app.broker.sent) == 1


async def test_a_later_question_is_answered_for_the_units_own_commands(app: App) -> None:
    own, foreign, away, unknown = (case_id_for("web", name) for name in ("own", "foreign", "away", "unknown"))
    app.decisions.known = {
        own: Outcome(accepted=True),
        foreign: CommandOfAnotherError(),
        away: StoreError("away"),
    }
    paths = [f"/cases/{CASE}/commands/{id}" for id in (own, foreign, away, unknown, "no-uuid")]
    answers = [await app.ask("post", path, "wait=2") for path in [*paths, f"/cases/x/commands/{own}"]]
    assert [each.status_code for each in answers] == [200, 404, 503, 202, 404, 404]
    assert answers[0].json() == {"command_id": own, "accepted": True}
    assert answers[3].headers["location"] == paths[3]
    assert app.decisions.asked[0] == (CASE, f"handling.{UNIT}", own, 2.0)


def change(post: str | None) -> Change:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Change(type="cn.xiaoneng.case.signed.v1", at=at, unit=UNIT, post=post, facts={"unit": UNIT})


async def test_a_command_upon_what_another_post_has_changed_is_a_conflict(app: App) -> None:
    app.changes.found = [change(POST), change(OTHER)]
    answer = await app.say("post", SignCase, "wait=1", '"7"', case_id=CASE)
    found = answer.json()
    assert (answer.status_code, found["code"]) == (409, "conflict")
    assert [(each["type"], each["unit"], each["post"]) for each in found["since"]] == [
        ("cn.xiaoneng.case.signed.v1", UNIT, POST),
        ("cn.xiaoneng.case.signed.v1", UNIT, OTHER),
    ]
    assert found["reasons"][0]["code"] == "changed-meanwhile"
    assert app.broker.sent == []
    assert app.changes.asked == [(CASE, UNIT, 7)]


@pytest.mark.parametrize("others", [[], [POST]])
async def test_a_refusal_after_a_version_has_what_happened_since(app: App, others: list[str]) -> None:
    app.changes.found = [change(post) for post in others]
    app.decisions.known = {}
    app.decisions.every = Outcome(accepted=False, reasons=(REFUSED,))
    answer = await app.say("post", SignCase, "wait=1", '"7"', case_id=CASE)
    assert (answer.status_code, answer.json()["reasons"]) == (422, [REFUSED])
    assert [each["post"] for each in answer.json()["since"]] == others
    without = await app.say("post", SignCase, "wait=1", case_id=CASE)
    assert "since" not in without.json()


async def test_a_command_that_was_decided_before_the_change_is_no_conflict(app: App) -> None:
    app.changes.found = [change(OTHER)]
    app.decisions.every = Outcome(accepted=True)
    answer = await app.say("post", SignCase, "wait=1", '"7"', case_id=CASE)
    assert (answer.status_code, answer.json()["accepted"]) == (200, True)


async def test_a_version_that_cannot_be_read_is_a_fault_and_nothing_is_published(app: App) -> None:
    answer = await app.say("post", SignCase, match="7", case_id=CASE)
    assert (answer.status_code, answer.json()["reasons"][0]["field"]) == (422, "If-Match")
    app.decisions.every = StoreError("away")
    app.changes.found = [change(OTHER)]
    assert (await app.say("post", SignCase, match='"7"', case_id=CASE)).status_code == 503
    assert app.broker.sent == []
