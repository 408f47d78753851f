"""People who have signed in at a desk act with its signed tokens: for their own unit or channel, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from contracts.channel import SubmitComplaint
from contracts.clerking import JudgeScope
from contracts.conduct import AppealFinding
from contracts.handling import SignCase
from contracts.intake import CaseRegistered
from contracts.message import Message
from contracts.routing import AssignmentOffered, CaseSigned
from tests.support.app import app_of
from tests.support.bus import Watch
from tests.support.city import City, reference
from tests.support.tokens import PERSON, Signer
from tests.support.waiting import eventually

AGENT, CLERK, OFFICER = "city-12345.agent-1", "beicheng-centre.desk-2", "police-beicheng.desk-1"
UNKNOWN_CASE = "8b24107b-9e1e-53b4-8a88-784ad2097b3a"


def desk(city: City, service: str, speaker: str, post: str, **claims: Any) -> httpx.AsyncClient:
    """The app of a person who holds a post."""
    token = city.deployment.api_keys.signer.token(speaker, post=post, **claims)
    headers = {"Authorization": f"Bearer {token}", "X-Access-Reason": "handling"}
    return app_of(city.deployment.fleet.url(service), headers)


def agent(city: City, channel: str, post: str) -> httpx.AsyncClient:
    return desk(city, "intake", channel, post, kind="channel", rights=["submit", "read"])


async def send(client: httpx.AsyncClient, path: str, kind: type[Message], case_id: str | None, **data: Any) -> str:
    """The id of an accepted command."""
    body = {"type": kind.TYPE, "data": data, **({"case_id": case_id} if case_id else {})}
    answer = await client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["command_id"])


def logged(city: City, service: str, **wanted: str) -> list[dict[str, Any]]:
    """The `request` lines of a service with these fields."""
    lines: Iterable[str] = (city.deployment.directory / f"{service}-0.log").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [each for each in found if each.get("message") == "request" and wanted.items() <= each.items()]


async def test_tokens_carry_a_case_from_the_call_to_the_signature(city: City) -> None:
    topics = ["complaints.hotline-12345", "clerking.beicheng-centre", "handling.police-beicheng"]
    topics.append("oversight.police-beicheng")
    async with (
        Watch(city.deployment.engines.bootstrap, topics) as commands,
        agent(city, "hotline-12345", AGENT) as hotline,
        desk(city, "intake", "beicheng-centre", CLERK) as clerk,
        desk(city, "routing", "police-beicheng", OFFICER) as officer,
        desk(city, "scoring", "police-beicheng", OFFICER) as conduct,
    ):
        text = "与装修公司有合同纠纷，夜间施工"
        words = {"external_id": reference(), "appeal": "complaint", "category": "noise-residential", "area": "beicheng"}
        answer = await hotline.post("/v1/complaints", json={**words, "text": text})
        assert answer.status_code == 202, answer.text
        case_id = answer.json()["case_id"]
        assert (await city.heard(CaseRegistered, case_id)).channel == "hotline-12345"

        async def held() -> int:
            return (await clerk.get(f"/v1/reception/{case_id}")).status_code

        await eventually(held, lambda status: status == 200, 60, "the case is at the reception")
        judged = await send(clerk, "/v1/clerking", JudgeScope, case_id)
        assert (await city.heard(AssignmentOffered, case_id)).unit == "police-beicheng"
        signed = await send(officer, "/v1/commands", SignCase, case_id)
        assert (await city.heard(CaseSigned, case_id)).by == OFFICER
        assert (await conduct.get("/v1/clocks")).status_code == 200
        appealed = await send(
            conduct, "/v1/oversight", AppealFinding, None, body="city-office", reference=reference(), grounds="不实"
        )

        def actors(ids: tuple[str, ...] = (judged, signed, appealed)) -> dict[str, str]:
            return {each.envelope.id: each.message.actor for each in commands.seen if each.envelope.id in ids}

        await commands.until(lambda _: len(actors()) == 3)
        assert actors() == {judged: CLERK, signed: OFFICER, appealed: OFFICER}
        assert [each for each in commands.distinct(SubmitComplaint.TYPE).values() if each.key == case_id]
        assert PERSON not in str([each.body for each in commands.seen]), "who it was stays in the log"

    who = {"key": f"desk/{CLERK}", "speaker": "beicheng-centre", "post": CLERK, "person": PERSON}
    wanted = {**who, "case_id": case_id, "reason": "handling", "route": "/v1/reception/{case_id}"}

    async def lines() -> list[dict[str, Any]]:
        return logged(city, "intake", **wanted)

    await eventually(lines, bool, 30, f"a line with {wanted}")


JUDGE = {"type": JudgeScope.TYPE, "case_id": UNKNOWN_CASE, "data": {}}
SIGN = {"type": SignCase.TYPE, "case_id": UNKNOWN_CASE, "data": {}}
COMPLAINT = {"appeal": "complaint", "category": "noise-residential", "area": "beicheng", "text": "噪声"}


@pytest.mark.parametrize(
    ("service", "kind", "speaker", "post", "path", "body", "code"),
    [
        ("routing", "unit", "police-beicheng", CLERK, "/v1/inbox", None, "post-unknown"),
        ("routing", "unit", "police-beicheng", CLERK, "/v1/commands", SIGN, "post-unknown"),
        ("intake", "unit", "beicheng-centre", OFFICER, "/v1/reception", None, "post-unknown"),
        ("intake", "unit", "beicheng-centre", OFFICER, "/v1/clerking", JUDGE, "post-unknown"),
        ("intake", "unit", "beicheng-centre", OFFICER, "/v1/cases?state=open", None, "post-unknown"),
        ("scoring", "unit", "police-beicheng", CLERK, "/v1/clocks", None, "post-unknown"),
        ("notify", "unit", "police-beicheng", CLERK, "/v1/notices", None, "post-unknown"),
        ("routing", "unit", "atlantis", "atlantis.desk-1", "/v1/inbox", None, "right-missing"),
        ("intake", "channel", "hotline-12345", CLERK, "/v1/complaints", COMPLAINT, "post-unknown"),
        ("intake", "channel", "web", AGENT, "/v1/complaints", COMPLAINT, "post-unknown"),
        ("intake", "channel", "web", AGENT, f"/v1/complaints/{UNKNOWN_CASE}", None, "post-unknown"),
        ("intake", "channel", "web", AGENT, "/v1/cases?state=open", None, "post-unknown"),
        ("intake", "channel", "hotline-12345", AGENT, "/v1/reception", None, "right-missing"),
        ("routing", "channel", "hotline-12345", AGENT, "/v1/inbox", None, "token-invalid"),
        ("routing", "provider", "sms", None, "/v1/inbox", None, "token-invalid"),
    ],
)
async def test_a_token_acts_for_its_own_unit_or_channel_alone(
    city: City, service: str, kind: str, speaker: str, post: str, path: str, body: Any, code: str
) -> None:
    rights = ["submit", "read", "act"]
    async with desk(city, service, speaker, post, kind=kind, rights=rights) as client:
        answer = await client.get(path) if body is None else await client.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (401 if code.startswith("token") else 403, code)


async def test_a_token_of_a_stranger_opens_nothing(city: City) -> None:
    forged = Signer("desk").token("police-beicheng", post=OFFICER)
    for service, path in (("routing", "/v1/inbox"), ("scoring", "/v1/clocks"), ("intake", "/v1/reception")):
        async with app_of(city.deployment.fleet.url(service), {"Authorization": f"Bearer {forged}"}) as client:
            answer = await client.get(path)
        assert (answer.status_code, answer.json()["reasons"][0]["detail"]) == (401, "signature")


async def test_the_place_in_force_is_public(city: City) -> None:
    async with app_of(city.deployment.fleet.url("intake")) as client:
        answer = await client.get("/v1/place")
        assert answer.json()["id"] == "demo"
        again = await client.get("/v1/place", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
