"""Routes for complainants and for what channels pass on after an answer: what they publish, and whom they refuse."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest

from contracts.channel import (
    AppealAnswer,
    RateCase,
    RecordCallback,
    ReopenComplaint,
    SupplementComplaint,
    WithdrawComplaint,
    rating_code,
    receipt_hash,
)
from contracts.codes import RefusalCode, Satisfaction
from contracts.envelope import Record
from contracts.intake import CaseRegistered
from contracts.links import CaseLink, LinkPurpose, link_token
from contracts.message import Message, case_id_for
from contracts.refusals import reason
from infra.document import Entry
from infra.http.key_file import KeyFile
from infra.http.keys import new_key, stored
from infra.http.publishing import HttpPublisher
from infra.http.serving import HttpSide
from infra.store import Store
from infra.telemetry import Metrics, Tracing
from services.intake.api import READ, SUBMIT, native
from services.intake.commands import Commands
from services.intake.gateway import Gateway
from services.intake.index.documents import Course
from services.intake.index.views import IndexViews
from services.intake.outcomes import Outcome
from services.intake.own_api import OwnApi, own
from services.intake.proofs import Proofs
from services.intake.request_api import RequestApi, request_endpoints
from services.intake.uploads import UploadDesk
from tests.unit.services.speaking import registered

AT = datetime(2026, 12, 14, 4, tzinfo=UTC)
KEY, CODE = b"a key of the tests", "4821000011112222"
CASE, OTHER = case_id_for("web", "T-1"), case_id_for("radio", "R-1")
NUMBERS = {CASE: "BC-20261123-000001", OTHER: "BC-20261123-000002"}
HASH = receipt_hash(CASE, CODE)
SEEN = {"number": NUMBERS[CASE], "receipt_code": CODE}
RATING = {"satisfaction": "satisfied", "solved": True}


class Cases:
    """Two registered cases, of two channels."""

    def __init__(self) -> None:
        made = {CASE: ("web", "T-1"), OTHER: ("radio", "R-1")}
        self._states = {
            case: {"number": NUMBERS[case], "registered_at": AT.isoformat(), "channel": channel, "receipt": HASH}
            for case, (channel, _) in made.items()
        }
        self._events = {
            case: registered(case_id=case, channel=channel, external_id=external)
            for case, (channel, external) in made.items()
        }
        self.uploads = self

    async def state_of(self, key: str) -> dict[str, Any] | None:
        return self._states.get(key)

    async def states(self, wanted: Mapping[str, Any], **_: Any) -> list[tuple[str, dict[str, Any]]]:
        return [(key, state) for key, state in self._states.items() if state["number"] == wanted["number"]]

    async def histories(self, keys: Sequence[str]) -> dict[str, list[Entry]]:
        return {key: [_entry(self._events[key])] for key in keys}

    async def find(self, _: Sequence[str]) -> dict[str, Any]:
        return {}


def _entry(event: CaseRegistered) -> Entry:
    return Entry(0, "e", event.TYPE, "cases.events", event.case_id, AT, event.model_dump_json(), None, "c", "h")


@dataclass
class Known:
    """Outcomes that are known; it notes how long each request would have waited."""

    by_type: dict[str, Outcome] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    case_id: str = CASE
    """Which all outcomes are about."""

    def forget(self) -> None:
        for each in (self.by_type, self.ids, self.waited):
            each.clear()
        self.case_id = CASE

    async def outcome(self, command_id: str, case_id: str, seconds: float) -> Outcome | None:
        self.waited.append(seconds)
        return self.by_type.get(self.ids.get(command_id, "")) if case_id == self.case_id else None


class Empty:
    """A case index without cases."""

    async def course(self, _case_id: str, *, awaits_reception: bool) -> Course:
        return Course()


class Served:
    """The routes, and what they have published."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.known = Known()
        store = cast(Store, Cases())
        gateway = Gateway(
            HttpPublisher(cast(Any, self), lambda: None),
            store,
            lambda: AT,
            cast(Any, None),
            UploadDesk(store, cast(Any, None), lambda: AT, 1_000, timedelta(hours=1)),
            b"receipts",
            cast(IndexViews, Empty()),
        )
        proofs, commands = Proofs(gateway, KEY), Commands(gateway, self.known)
        self.key, kept = new_key("web", ["submit", "read"], kind="channel")
        more = request_endpoints(RequestApi(proofs, commands), SUBMIT, READ)
        self.side = HttpSide(
            "Test",
            "1",
            (
                native(gateway, proofs, commands.outcomes, 5, more),
                own(OwnApi(proofs, commands, gateway.uploads), 5, gateway.uploads),
            ),
            keys=KeyFile(None, stored(kept)),
            tracing=Tracing("test", None, "test"),
            metrics=Metrics.create(),
        )
        self._asked = 0

    async def send(self, records: Sequence[Record]) -> int:
        self.records += records
        for record in records:
            headers = dict(record.headers)
            self.known.ids[str(headers["ce_id"], "utf-8")] = str(headers["ce_type"], "utf-8")
        return len(records)

    async def post(
        self, path: str, body: Any, *, key: bool = False, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """From another address each time: what one may ask in a minute is no matter here."""
        self._asked += 1
        transport = httpx.ASGITransport(self.side, client=(f"10.0.{self._asked // 250}.{self._asked % 250}", 1))
        sent = {**({"Authorization": f"Bearer {self.key}"} if key else {}), **(headers or {})}
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(path, json=body, headers=sent)

    async def get(self, path: str) -> httpx.Response:
        """With the channel's key."""
        transport = httpx.ASGITransport(self.side, client=("10.1.2.3", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers={"Authorization": f"Bearer {self.key}"})

    def published(self, model: type[Message]) -> Any:
        """The one message that was published, which is of this type."""
        (record,) = self.records
        headers = dict(record.headers)
        assert str(headers["ce_type"], "utf-8") == model.TYPE
        assert (record.topic, record.key) == (model.TOPIC.format(channel="web"), CASE.encode())
        return model.model_validate_json(record.value or b"")


@pytest.fixture(scope="module")
def side() -> Served:
    return Served()


@pytest.fixture
def served(side: Served) -> Served:
    side.records.clear()
    side.known.forget()
    return side


def token(purpose: LinkPurpose = LinkPurpose.CASE, answer: int = 0, case: str = CASE, **more: Any) -> str:
    return link_token(more.get("key", KEY), CaseLink(case, purpose, answer, more.get("until", AT + timedelta(1))))


def codes(answer: httpx.Response) -> list[str]:
    return [each["code"] for each in answer.json().get("reasons", [])]


# ---- what is published

PATHS: dict[str, tuple[type[Message], dict[str, Any]]] = {
    "supplement": (SupplementComplaint, {"text": "在三号楼。"}),
    "withdraw": (WithdrawComplaint, {"reason": "已解决"}),
    "rate": (RateCase, RATING),
    "reopen": (ReopenComplaint, {"reason": "又开始施工了。"}),
    "appeal": (AppealAnswer, {"reason": "答复与事实不符。"}),
}
WITH_REASON = {"reason": "x", **RATING}


@pytest.mark.parametrize("proof", ["code", "link", "whole link"])
@pytest.mark.parametrize("name", PATHS)
async def test_a_proven_request_is_published_for_the_channel_of_the_case(served: Served, name: str, proof: str) -> None:
    model, body = PATHS[name]
    shown = {"code": SEEN, "link": {"link": token()}, "whole link": {"link": f"https://a.example/c/{token()}/"}}[proof]
    answer = await served.post(f"/v1/own/{name}", {**body, **shown})
    assert (answer.status_code, set(answer.json())) == (202, {"command_id"})
    message = served.published(model)
    assert message.channel == "web"
    assert {each: getattr(message, each) for each in body} == body
    if model is not RateCase:
        assert message.external_id == "T-1"
    headers = dict(served.records[0].headers)
    assert str(headers["ce_id"], "utf-8") == answer.json()["command_id"]
    assert headers["ce_source"] == b"/channels/web/complainant"


@pytest.mark.parametrize("name", ["rate", "reopen", "appeal"])
@pytest.mark.parametrize(
    ("purpose", "linked", "given", "meant"),
    [
        (None, 0, None, None),
        (None, 0, 2, 2),
        (LinkPurpose.CASE, 0, None, None),
        (LinkPurpose.CASE, 1, None, 1),
        (LinkPurpose.CASE, 1, 2, 2),
        (LinkPurpose.RATE, 1, None, 1),
        (LinkPurpose.RATE, 1, 2, 1),
    ],
)
async def test_which_answer_is_meant(
    served: Served, name: str, purpose: LinkPurpose | None, linked: int, given: int | None, meant: int | None
) -> None:
    if purpose is LinkPurpose.RATE and name != "rate":
        return
    shown = SEEN if purpose is None else {"link": token(purpose, linked)}
    await served.post(f"/v1/own/{name}", {**WITH_REASON, **shown, **({"answer": given} if given else {})})
    assert served.published(PATHS[name][0]).answer == meant


async def test_a_proven_rating_carries_the_code_that_scoring_asks_for(served: Served) -> None:
    await served.post("/v1/own/rate", {**RATING, **SEEN})
    message = served.published(RateCase)
    assert (message.code, message.satisfaction) == (rating_code(KEY, CASE), Satisfaction.SATISFIED)


# ---- whom it refuses


BAD: dict[str, tuple[dict[str, Any], int, list[str]]] = {
    "no proof": ({}, 422, ["proof-missing"]),
    "a number alone": ({"number": NUMBERS[CASE]}, 422, ["proof-missing"]),
    "a code alone": ({"receipt_code": CODE}, 422, ["proof-missing"]),
    "a wrong code": ({**SEEN, "receipt_code": "4821000011112223"}, 404, []),
    "an unknown number": ({**SEEN, "number": "BC-20261123-000009"}, 404, []),
    "the code of another case": ({**SEEN, "number": NUMBERS[OTHER]}, 404, []),
    "half a code": ({**SEEN, "receipt_code": "4821"}, 422, ["malformed"]),
    "no link": ({"link": "x"}, 422, ["link-invalid"]),
    "a changed link": ({"link": "B" + token()[1:]}, 422, ["link-invalid"]),
    "a link of another city": ({"link": token(key=b"another")}, 422, ["link-invalid"]),
    "an expired link": ({"link": token(until=AT)}, 422, ["link-expired"]),
    "a link with another number": ({"link": token(), "number": NUMBERS[OTHER]}, 422, ["link-of-another-case"]),
    "a link of a case that is gone": ({"link": token(case=case_id_for("web", "gone"))}, 404, []),
    "an endless link": ({"link": "A" * 300}, 422, ["malformed"]),
    "a link that is no text": ({"link": 1}, 422, ["malformed"]),
}


@pytest.mark.parametrize("path", [*(f"own/{name}" for name in PATHS), "own/outcome", "status"])
@pytest.mark.parametrize("name", BAD)
async def test_without_a_proof_nothing_is_published(served: Served, name: str, path: str) -> None:
    shown, status, wanted = BAD[name]
    body = {**WITH_REASON, "command_id": CASE, **shown}
    answer = await served.post(f"/v1/{path}", body)
    assert (answer.status_code, codes(answer)) == (status, wanted)
    assert served.records == []
    for each in answer.json().get("reasons", []):
        assert each["zh"]
        assert each["en"]
        assert each.get("field") in {None, "link", "receipt_code"}


async def test_a_wrong_code_has_the_answer_of_an_unknown_number(served: Served) -> None:
    answers = [await served.post("/v1/own/rate", {**RATING, **BAD[name][0]}) for name in BAD if BAD[name][1] == 404]
    assert len({str({**each.json(), "request_id": ""}) for each in answers}) == 1


@pytest.mark.parametrize("name", ["supplement", "withdraw", "reopen", "appeal"])
async def test_a_rating_link_rates_and_shows_the_status_only(served: Served, name: str) -> None:
    link = {"link": token(LinkPurpose.RATE, 1)}
    answer = await served.post(f"/v1/own/{name}", {**PATHS[name][1], **link})
    assert (answer.status_code, codes(answer)) == (422, ["link-rates-only"])
    assert served.records == []
    assert (await served.post("/v1/status", link)).json()["number"] == NUMBERS[CASE]


async def test_the_status_is_shown_by_link_without_the_id_of_the_case(served: Served) -> None:
    for shown in (SEEN, {"link": token()}):
        answer = await served.post("/v1/status", shown)
        assert (answer.status_code, answer.json()["number"], "case_id" in answer.json()) == (200, NUMBERS[CASE], False)


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("rate", {"satisfaction": "superb", "solved": True}, "satisfaction"),
        ("rate", {"satisfaction": "satisfied"}, "solved"),
        ("rate", {**RATING, "answer": 0}, "answer"),
        ("reopen", {}, "reason"),
        ("appeal", {"reason": " "}, "reason"),
        ("outcome", {"command_id": "x"}, "command_id"),
    ],
)
async def test_a_body_that_does_not_fit_names_its_field(
    served: Served, name: str, body: dict[str, Any], field: str
) -> None:
    answer = await served.post(f"/v1/own/{name}", {**SEEN, **body})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["reasons"]] == [field]


async def test_no_link_and_no_code_is_in_a_log_line(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for link in (token(), "B" + token()[1:]):
            await served.post("/v1/own/rate", {**RATING, "link": link})
        await served.post("/v1/own/rate", {**RATING, **SEEN})
    said = "".join(f"{each.getMessage()}{each.__dict__}" for each in caplog.records)
    assert "/v1/own/rate" in said
    assert token()[1:] not in said
    assert CODE not in said


# ---- outcomes


async def test_a_client_that_does_not_wait_asks_later(served: Served) -> None:
    headers = {"Prefer": "respond-async"}
    served.known.by_type[RateCase.TYPE] = Outcome(accepted=True)
    answer = await served.post("/v1/own/rate", {**RATING, **SEEN}, headers=headers)
    assert (answer.status_code, served.known.waited) == (202, [])
    asked = {**SEEN, "command_id": answer.json()["command_id"]}
    later = await served.post("/v1/own/outcome", asked, headers=headers)
    assert (later.status_code, later.json()["accepted"], served.known.waited) == (200, True, [0.0])


@pytest.mark.parametrize(("headers", "seconds"), [({}, 3.0), ({"Prefer": "wait=20"}, 8.0)])
@pytest.mark.parametrize("later", [False, True])
async def test_the_outcome_is_waited_for_and_may_be_asked_for_later(
    served: Served, headers: dict[str, str], seconds: float, later: bool
) -> None:
    first = await served.post("/v1/own/rate", {**RATING, **SEEN}, headers=headers)
    assert (first.status_code, served.known.waited) == (202, [seconds])
    command_id = first.json()["command_id"]
    for outcome in (Outcome(accepted=True), Outcome(accepted=False, reasons=(reason(RefusalCode.ALREADY_RATED),))):
        served.known.by_type[RateCase.TYPE] = outcome
        answer = (
            await served.post("/v1/own/outcome", {**SEEN, "command_id": command_id}, headers=headers)
            if later
            else await served.post("/v1/own/rate", {**RATING, **SEEN}, headers=headers)
        )
        if outcome.accepted:
            assert (answer.status_code, answer.json()["accepted"]) == (200, True)
        else:
            assert (answer.status_code, codes(answer)) == (422, ["already-rated"])
    assert set(served.known.waited) == {seconds}


async def test_the_outcome_of_a_command_about_another_case_is_not_answered(served: Served) -> None:
    sent = (await served.post("/v1/own/rate", {**RATING, **SEEN})).json()
    served.known.by_type[RateCase.TYPE] = Outcome(accepted=True)
    served.known.case_id = OTHER
    answer = await served.post("/v1/own/outcome", {**SEEN, **sent})
    assert (answer.status_code, answer.json()) == (202, sent)
    by_channel = await served.get(f"/v1/complaints/{CASE}/commands/{sent['command_id']}")
    assert (by_channel.status_code, by_channel.json()) == (202, sent)


async def test_the_same_words_under_one_key_are_one_command(served: Served) -> None:
    async def id(body: dict[str, Any], key: str | None = None) -> str:
        headers = {"Idempotency-Key": key} if key else None
        found: str = (await served.post("/v1/own/rate", {**SEEN, **body}, headers=headers)).json()["command_id"]
        return found

    assert await id(RATING, "a") == await id(RATING, "a")
    others = {await id(RATING, "b"), await id(RATING), await id(RATING), await id({**RATING, "solved": False}, "a")}
    assert len({await id(RATING, "a"), *others}) == 5
    answer = await served.post("/v1/own/rate", {**RATING, **SEEN}, headers={"Idempotency-Key": "x y"})
    assert (answer.status_code, answer.json()["reasons"][0]["field"]) == (422, "Idempotency-Key")


# ---- channels

CHANNEL: dict[str, tuple[type[Message], dict[str, Any]]] = {
    "rating": (RateCase, {**RATING, "answer": 1}),
    "callback": (RecordCallback, {"outcome": "reached", **RATING, "note": "回访"}),
    "reopening": (ReopenComplaint, {"reason": "又开始施工了。"}),
    "appeal": (AppealAnswer, {"reason": "答复与事实不符。"}),
}


@pytest.mark.parametrize("name", CHANNEL)
async def test_a_channel_passes_on_what_its_complainants_say(served: Served, name: str) -> None:
    model, body = CHANNEL[name]
    answer = await served.post(f"/v1/complaints/{CASE.upper()}/{name}", body, key=True)
    assert answer.status_code == 202
    message = served.published(model)
    assert (message.channel, message.case_id) == ("web", CASE)
    assert {each: getattr(message, each) for each in body} == body
    assert dict(served.records[0].headers)["ce_source"] == b"/channels/web/http"


@pytest.mark.parametrize("name", CHANNEL)
async def test_another_channels_case_is_not_found_and_no_key_is_no_channel(served: Served, name: str) -> None:
    body = CHANNEL[name][1]
    assert (await served.post(f"/v1/complaints/{OTHER}/{name}", body, key=True)).status_code == 404
    assert (await served.post(f"/v1/complaints/x/{name}", body, key=True)).status_code == 404
    assert (await served.post(f"/v1/complaints/{CASE}/{name}", body)).status_code == 401
    assert served.records == []


@pytest.mark.parametrize(
    ("name", "model", "body"),
    [
        ("supplement", SupplementComplaint, {"text": "在三号楼。"}),
        ("withdraw", WithdrawComplaint, {"reason": "已解决"}),
    ],
)
async def test_a_channel_may_wait_for_the_outcome_of_a_supplement_or_withdrawal(
    served: Served, name: str, model: type[Message], body: dict[str, Any]
) -> None:
    path, wait = f"/v1/complaints/{CASE}/{name}", {"Prefer": "wait=5"}
    at_once = await served.post(path, body, key=True)
    assert (at_once.status_code, served.known.waited) == (202, [])
    assert served.published(model).case_id == CASE
    assert at_once.json()["command_id"]
    assert "accepted" not in at_once.json()

    served.known.by_type[model.TYPE] = Outcome(accepted=True)
    accepted = await served.post(path, body, key=True, headers=wait)
    assert (accepted.status_code, accepted.json()["accepted"]) == (200, True)
    assert accepted.json()["command_id"] == at_once.json()["command_id"]
    assert served.known.waited == [5.0]

    served.known.by_type[model.TYPE] = Outcome(accepted=False, reasons=(reason(RefusalCode.NOT_ASKED),))
    refused = await served.post(path, body, key=True, headers=wait)
    assert (refused.status_code, codes(refused)) == (422, ["not-asked"])


async def test_a_channel_may_ask_for_the_outcome_later(served: Served) -> None:
    sent = await served.post(f"/v1/complaints/{CASE}/rating", RATING, key=True)
    path = f"/v1/complaints/{CASE}/commands/{sent.json()['command_id']}"
    assert (await served.get(path)).status_code == 202
    served.known.by_type[RateCase.TYPE] = Outcome(accepted=True)
    answer = await served.get(path.upper().replace("/V1/COMPLAINTS", "/v1/complaints").replace("COMMANDS", "commands"))
    assert (answer.status_code, answer.json()["accepted"]) == (200, True)
    assert (await served.get(f"/v1/complaints/{CASE}/commands/x")).status_code == 404
    assert (await served.get(path.replace(CASE, OTHER))).status_code == 404
    assert served.known.waited == [3.0] * 3


@pytest.mark.parametrize("purpose", LinkPurpose)
async def test_a_channels_own_page_may_pass_on_a_link(served: Served, purpose: LinkPurpose) -> None:
    body = {**RATING, "link": token(purpose, 2)}
    assert (await served.post(f"/v1/complaints/{CASE}/rating", body, key=True)).status_code == 202
    message = served.published(RateCase)
    assert (message.answer, message.code) == (2, rating_code(KEY, CASE))


@pytest.mark.parametrize(
    ("link", "code"),
    [
        (token(case=OTHER), "link-of-another-case"),
        (token(until=AT), "link-expired"),
        (token(key=b"x"), "link-invalid"),
    ],
)
async def test_a_channel_cannot_pass_on_the_link_of_another_case(served: Served, link: str, code: str) -> None:
    answer = await served.post(f"/v1/complaints/{CASE}/rating", {**RATING, "link": link}, key=True)
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert served.records == []


async def test_what_an_agent_notes_is_masked(served: Served) -> None:
    body = {"outcome": "no-answer", "note": "改打 13812345678 也无人接听"}
    await served.post(f"/v1/complaints/{CASE}/callback", body, key=True)
    assert "13812345678" not in served.published(RecordCallback).note


async def test_receipt_codes_cannot_be_guessed_quickly() -> None:
    served = Served()
    transport = httpx.ASGITransport(served.side, client=("10.1.1.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        found = [(await client.post(f"/v1/own/{name}", json={})).status_code for name in (*PATHS, *PATHS, "outcome")]
        assert found == [422] * 10 + [429]
        assert (await client.post("/v1/status", json=SEEN)).status_code == 429
