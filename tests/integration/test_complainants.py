"""Complainants over HTTP, with a link out of a real mail or with number and code; and records of call-backs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.codes import Ending
from contracts.handling import ReopenCase
from contracts.intake import CaseEnded, SupplementReceived
from contracts.links import CaseLink, LinkPurpose, link_token
from contracts.message import case_id_for
from contracts.notify import ComplaintAnswered, RatingAnswered, SupplementAsked
from contracts.routing import AssignmentOffered, CaseReopened
from contracts.scoring import CallbackRecorded, CaseRated
from infra.sealing import secret_for
from tests.support.app import app_of
from tests.support.city import City, attribute, reference
from tests.support.media import image
from tests.support.waiting import wait_for, wait_until
from tests.support.ways import part_of

CENTRE = "beicheng-centre"
CITIZEN = "https://12345.example"
GOOD = {"satisfaction": "satisfied", "solved": True}
BAD = {"satisfaction": "dissatisfied", "solved": False}


@dataclass
class Mine:
    """A case of the channel `web`, as its complainant knows it."""

    city: City
    case_id: str
    email: str
    code: str
    number: str = ""

    @property
    def proof(self) -> dict[str, str]:
        return {"number": self.number, "receipt_code": self.code}

    def token(self, purpose: LinkPurpose, answer: int = 0, *, valid: timedelta = timedelta(days=1)) -> str:
        """As notify signs it."""
        link = CaseLink(self.case_id, purpose, answer, datetime.now(UTC) + valid)
        return link_token(secret_for("ratings", self.city.deployment.dead_letter_key), link)

    async def mailed(self, what: str, path: str) -> str:
        """The link below this path in the mail of that occasion."""

        def found() -> list[str]:
            mails = [m for m in self.city.mail.kept if m["To"] == self.email and m["X-Xiaoneng-Notice"] == what]
            texts = [part_of(mail, "plain") for mail in mails]
            return re.findall(rf"{CITIZEN}/{path}/[\w-]{{54}}(?![\w-])", "".join(texts))

        await wait_for(lambda: bool(found()), 30, f"the mail {what} with a link")
        return found()[-1]

    async def answered(self, nth: int = 1) -> None:
        """A unit has answered for the nth time."""
        await self.city.heard(
            AssignmentOffered, self.case_id, lambda _: len(self.city.all(AssignmentOffered, self.case_id)) >= nth
        )
        unit = self.city.all(AssignmentOffered, self.case_id)[nth - 1].message.unit
        await self.city.sign(unit, self.case_id)
        await self.city.report(unit, self.case_id)
        await self.city.heard(
            ComplaintAnswered, self.case_id, lambda _: len(self.city.all(ComplaintAnswered, self.case_id)) >= nth
        )

    async def ask(self, name: str, body: dict[str, Any]) -> httpx.Response:
        """One request of the complainant, from an address of its own."""
        address = f"10.{int(uuid4().hex[:2], 16)}.{int(uuid4().hex[:2], 16)}.9"
        async with app_of(self.city.deployment.fleet.url("intake"), {"X-Forwarded-For": address}) as client:
            return await client.post(f"/v1/{name}", json=body, headers={"Prefer": "respond-async"})

    async def reply_to(self, answer: httpx.Response) -> tuple[bool, list[str]]:
        """The channel's reply to a rating that was published: whether it counts, and why not."""
        assert answer.status_code == 202, answer.text
        reply = await self.city.heard(RatingAnswered, where=attribute(rating_id=answer.json()["command_id"]))
        return reply.counted, [str(each.code) for each in reply.reasons]


@pytest.fixture(scope="module")
async def web(city: City) -> AsyncIterator[httpx.AsyncClient]:
    key = city.deployment.api_keys["web"]
    async with app_of(city.deployment.fleet.url("intake"), {"Authorization": f"Bearer {key}"}) as client:
        yield client


async def submitted(city: City, web: httpx.AsyncClient, **changes: Any) -> Mine:
    email = f"{uuid4().hex[:8]}@city.example"
    body = {
        "external_id": reference(),
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "text": "楼下烧烤店凌晨仍在营业，噪声很大。",
        "contact": {"name": "李四", "email": email, "reply_by": "email"},
        "receipt_wanted": True,
        **changes,
    }
    answer = (await web.post("/v1/complaints", json=body)).json()
    return Mine(city, answer["case_id"], email, answer["receipt_code"])


async def numbered(mine: Mine, web: httpx.AsyncClient) -> Mine:
    async def known() -> bool:
        answer = await web.get(f"/v1/complaints/{mine.case_id}")
        mine.number = answer.json().get("number", "")
        return bool(mine.number)

    await wait_until(known, 60, "registered")
    return mine


@dataclass
class Cases:
    """One case for each test, handled side by side."""

    rated: Mine
    coded: Mine
    again: Mine
    called: Mine


@pytest.fixture(scope="module")
async def cases(city: City, web: httpx.AsyncClient) -> Cases:
    async def made() -> Mine:
        mine = await numbered(await submitted(city, web), web)
        await mine.answered()
        return mine

    async with asyncio.timeout(120):
        return Cases(*await asyncio.gather(*(made() for _ in range(4))))


async def test_the_link_of_the_mail_rates_the_answer_once(city: City, cases: Cases) -> None:
    mine = cases.rated
    link = await mine.mailed("answer", "r")
    asked = await asyncio.gather(*(mine.ask("own/rate", {**GOOD, "link": link}) for _ in range(3)))
    replies = await asyncio.gather(*(mine.reply_to(each) for each in asked))
    assert sorted(replies) == [(False, ["already-rated"]), (False, ["already-rated"]), (True, [])]
    rated = await city.heard(CaseRated, mine.case_id)
    assert (rated.rating_id, rated.answer) == (asked[replies.index((True, []))].json()["command_id"], 1)
    assert await mine.reply_to(await mine.ask("own/rate", {**BAD, "link": link})) == (False, ["already-rated"])
    assert len(city.all(CaseRated, mine.case_id)) == 1
    shown = (await mine.ask("status", {"link": await mine.mailed("answer", "c")})).json()
    assert (shown["number"], shown["stage"]) == (mine.number, "closed")


async def test_number_and_code_rate_and_a_link_of_another_case_or_an_old_one_does_not(cases: Cases) -> None:
    mine, other = cases.coded, cases.rated
    for body, reasons in (
        ({"link": other.token(LinkPurpose.RATE, 1), "number": mine.number}, ["link-of-another-case"]),
        ({"link": mine.token(LinkPurpose.RATE, 1, valid=timedelta(seconds=-1))}, ["link-expired"]),
        ({"link": mine.token(LinkPurpose.RATE, 1)[:-1] + "!"}, ["link-invalid"]),
        ({}, ["proof-missing"]),
    ):
        answer = await mine.ask("own/rate", {**GOOD, **body})
        assert (answer.status_code, [each["code"] for each in answer.json()["reasons"]]) == (422, reasons)
    wrong = {**mine.proof, "receipt_code": other.code}
    assert (await mine.ask("own/rate", {**GOOD, **wrong})).status_code == 404
    assert await mine.reply_to(await mine.ask("own/rate", {**GOOD, **mine.proof})) == (True, [])


async def test_the_link_of_an_old_answer_rates_nothing_and_that_of_the_new_one_does(city: City, cases: Cases) -> None:
    mine = cases.again
    old = await mine.mailed("answer", "r")
    await city.say(
        ReopenCase(
            case_id=mine.case_id,
            issued_at=datetime.now(UTC),
            unit=CENTRE,
            actor=f"{CENTRE}.desk-1",
            reason="回访反映噪声仍在",
        )
    )
    await city.heard(CaseReopened, mine.case_id)
    await mine.answered(2)
    await wait_for(lambda: len(city.all(ComplaintAnswered, mine.case_id)) == 2, 30, "the second answer")
    assert await mine.reply_to(await mine.ask("own/rate", {**GOOD, "link": old})) == (False, ["answer-superseded"])
    await wait_for(lambda: sum(m["To"] == mine.email for m in city.mail.kept) >= 4, 30, "the second answer by mail")
    new = await mine.mailed("answer", "r")
    assert new != old
    assert await mine.reply_to(await mine.ask("own/rate", {**GOOD, "link": new})) == (True, [])
    assert (await city.heard(CaseRated, mine.case_id)).answer == 2


async def test_a_call_back_is_recorded_over_http_and_may_bring_the_rating(
    city: City, cases: Cases, web: httpx.AsyncClient
) -> None:
    mine, path = cases.called, f"/v1/complaints/{cases.called.case_id}/callback"
    ids = []
    for body in ({"outcome": "no-answer", "note": "改打 13812345678"}, {"outcome": "reached", **GOOD}):
        answer = await web.post(path, json=body, headers={"Prefer": "respond-async"})
        ids.append(answer.json()["command_id"])
        await city.heard(CallbackRecorded, mine.case_id, attribute(record_id=ids[-1]))
    first, second = (seen.message for seen in city.all(CallbackRecorded, mine.case_id))
    assert [(each.record_id, each.attempt) for each in (first, second)] == [(ids[0], 1), (ids[1], 2)]
    assert "13812345678" not in first.note
    assert (await city.heard(CaseRated, mine.case_id)).rating_id == ids[1]
    half = await web.post(path, json={"outcome": "reached", "solved": True}, headers={"Prefer": "respond-async"})
    assert await mine.reply_to(half) == (False, ["rating-incomplete"])
    path = f"/v1/complaints/{mine.case_id}/rating"
    rating = await web.post(path, json={**GOOD, "answer": 1}, headers={"Prefer": "respond-async"})
    assert await mine.reply_to(rating) == (False, ["already-rated"])
    waited = await web.post(path, json={**GOOD, "answer": 1}, headers={"Prefer": "wait=8"})
    assert (waited.status_code, [each["code"] for each in waited.json()["reasons"]]) == (422, ["already-rated"])
    unknown = case_id_for("web", reference())
    assert (await web.post(f"/v1/complaints/{unknown}/rating", json=GOOD)).status_code == 404


async def test_a_complainant_adds_a_photo_by_link_and_takes_another_case_back(
    city: City, web: httpx.AsyncClient, cases: Cases
) -> None:
    held, gone = await asyncio.gather(
        submitted(city, web, category="street-lighting", text="路灯不亮。"),
        submitted(city, web, category="street-lighting", text="路灯也不亮。"),
    )
    await asyncio.gather(*(city.heard(SupplementAsked, each.case_id) for each in (held, gone)))
    link = await held.mailed("supplement", "c")
    async with app_of(city.deployment.fleet.url("intake"), {"X-Forwarded-For": "10.7.7.7"}) as client:
        files = {"file": ("a.jpg", image("JPEG"), "image/jpeg")}
        stored = await client.post("/v1/own/attachments", data={"link": link}, files=files)
        assert stored.status_code == 201, stored.text
        refused = await client.post("/v1/own/attachments", files=files)
        assert refused.json()["reasons"][0]["code"] == "proof-missing"
    added = {"attributes": [{"code": "fault", "value": "dark"}], "attachments": [stored.json()], "link": link}
    assert (await held.ask("own/supplement", added)).status_code == 202
    received = await city.heard(SupplementReceived, held.case_id)
    assert [each.file_id for each in received.attachments] == [stored.json()["file_id"]]
    withdrawal = {"reason": "已解决", "link": await gone.mailed("supplement", "c")}
    assert (await gone.ask("own/withdraw", withdrawal)).status_code == 202
    assert (await city.heard(CaseEnded, gone.case_id)).ending is Ending.WITHDRAWN
    await held.answered()


def logs_of(city: City) -> bytes:
    return b"".join(path.read_bytes() for path in city.deployment.directory.glob("*.log"))


async def test_no_link_and_no_code_is_in_logs_or_spans(city: City, cases: Cases) -> None:
    secrets = [(await cases.rated.mailed("answer", "r")).rpartition("/")[2]]
    secrets += [each.code for each in (cases.rated, cases.coded, cases.called)]
    written = logs_of(city)
    assert b"/v1/own/rate" in written
    for secret in secrets:
        assert secret.encode() not in written
        assert not [body for body in city.receiver.bodies if secret.encode() in body]
