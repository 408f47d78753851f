"""What is asked of the services: once for everybody, with the address of the browser, and without the app's key."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from apps.citizen import requests as module
from apps.citizen.proof import Own
from apps.citizen.requests import Cached, Requests
from apps.citizen.settings import CitizenSettings
from apps.web.services import ServiceProblem, Services

OWN = Own(number="BC-1", code="4821000000000000")
STATUS = {
    "number": "BC-1",
    "stage": "closed",
    "registered_at": "2026-11-23T01:00:00Z",
    "updated_at": "2026-11-23T01:00:00Z",
    "can": ["rate"],
}


class Intake:
    """A wire that records requests and answers them."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.asked: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @property
    def requests(self) -> Requests:
        settings = CitizenSettings(web_secret=SecretStr("s"), citizen_key=SecretStr("k"))
        return Requests(Services(settings, httpx.MockTransport(self)), "the-key")


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "zh": "中", "detail": "en"})


async def test_a_status_is_asked_for_once_in_some_seconds_with_the_address_and_without_the_key():
    intake = Intake(httpx.Response(200, json=STATUS))
    requests = intake.requests
    first = await requests.status(OWN, "203.0.113.9")
    assert await requests.status(OWN, "203.0.113.9") == first
    await requests.status(OWN, "203.0.113.9", fresh=True)
    assert len(intake.asked) == 2
    asked = intake.asked[0]
    assert asked.headers["x-forwarded-for"] == "203.0.113.9"
    assert "authorization" not in asked.headers
    assert json.loads(asked.content) == {"number": "BC-1", "receipt_code": OWN.code}
    assert "4821" not in str(asked.url)


async def test_another_proof_never_gets_the_status_of_this_one():
    intake = Intake(httpx.Response(200, json=STATUS), problem(404, "not-found"))
    requests = intake.requests
    await requests.status(OWN, "203.0.113.9")
    with pytest.raises(ServiceProblem):
        await requests.status(Own(number="BC-1", code="4821000000000001"), "203.0.113.9")


async def test_after_an_action_the_status_is_asked_for_again():
    intake = Intake(httpx.Response(200, json=STATUS), httpx.Response(200, json={"accepted": True}))
    requests = intake.requests
    await requests.status(OWN, "a")
    assert await requests.act("rate", OWN, {"solved": True}, "once", "a")
    assert intake.asked[1].headers["idempotency-key"] == "once"
    assert intake.asked[1].headers["prefer"] == "wait=8"
    with pytest.raises(ValueError):  # noqa: PT011 - the last answer is no status: it was asked for
        await requests.status(OWN, "a")


@pytest.mark.parametrize("code", ["key-unknown", "key-expired", "right-missing"])
async def test_a_fault_of_the_key_of_the_app_is_an_outage_for_the_complainant(code):
    with pytest.raises(ServiceProblem) as caught:
        await Intake(problem(403, code)).requests.submit({}, "once")
    assert caught.value.away
    assert "稍后" in caught.value.zh


async def test_a_new_case_is_waited_for_and_no_longer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    registered = Intake(problem(404, "not-found"), problem(503, "unavailable"), httpx.Response(200, json=STATUS))
    found = await registered.requests.numbered("c", 5)
    assert found is not None
    assert found.number == "BC-1"
    assert await Intake(problem(404, "not-found")).requests.numbered("c", 0) is None


async def test_what_everybody_reads_is_asked_for_once_and_outlives_a_failure():
    asked: list[int] = []

    async def ask() -> Any:
        asked.append(1)
        if len(asked) != 2:
            raise ServiceProblem(503, "unreachable", "", "")
        return "public"

    cached = Cached(ask, 0)
    for _ in range(2):  # the failure is remembered for some seconds
        with pytest.raises(ServiceProblem):
            await cached.get()
    assert len(asked) == 1
    cached._until = 0.0
    assert await cached.get() == "public"
    assert await cached.get() == "public"  # asked again, failed, and the last answer is shown
    assert len(asked) == 3
