"""What is due and why, as an app of a unit or of one above it asks scoring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.codes import PauseReason
from contracts.handling import SuspendCase
from contracts.scoring import ClockPaused, ClockStarted
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.waiting import wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

UNIT, CENTRE = "police-beicheng", "beicheng-centre"


def client_of(city: City, key: str | None) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url("scoring"), {"X-API-Key": city.deployment.api_keys[key]} if key else {})


async def signed(city: City, **changes: Any) -> str:
    """A case that the unit has signed, as far as scoring knows."""
    submission = complaint(reference(), **changes)
    await city.say(submission)
    await city.heard(ClockStarted, submission.case_id)
    await city.sign(UNIT, submission.case_id)
    return submission.case_id


async def explained(city: City, case_id: str, key: str = UNIT) -> dict[str, Any]:
    async with client_of(city, key) as client:
        found: dict[str, Any] = (await client.get(f"/v1/cases/{case_id}/clocks")).json()
        return found


async def test_every_limit_of_a_case_is_explained_to_who_has_to_do_with_it(city: City) -> None:
    case_id = await signed(city)
    await city.say(
        SuspendCase(
            case_id=case_id, issued_at=datetime.now(UTC), unit=UNIT, reason=PauseReason.THIRD_PARTY, note="等检测"
        )
    )
    started = await city.heard(ClockStarted, case_id)
    await city.heard(ClockPaused, case_id)
    found = await explained(city, case_id)
    clocks = {clock["clock"]: clock for clock in found["clocks"]}
    assert {"close", "dispatch", "sign"} <= set(clocks)
    assert (clocks["sign"]["unit"], clocks["sign"]["on_time"], "stopped_at" in clocks["sign"]) == (UNIT, True, True)
    assert datetime.fromisoformat(clocks["close"]["due_at"]) == started.due_at
    lines = clocks["close"]["lines"]
    assert [line["counted"] for line in lines if "counted" in line] == list(range(1, 16))
    assert any("停算：等待第三方" in line["zh"] and "waiting for a third party" in line["en"] for line in lines)
    assert await explained(city, case_id, CENTRE) == found


async def test_a_unit_finds_what_is_due_soonest_first(city: City) -> None:
    late = await signed(city, received_at=datetime(2026, 3, 2, 2, tzinfo=UTC))
    city.leave_silent(late, "received long ago: its limit was over before it came")
    soon = await signed(city)

    async def ours() -> list[dict[str, Any]]:
        async with client_of(city, UNIT) as client:
            cases = (await client.get("/v1/clocks", params={"limit": "500"})).json()["cases"]
            return [case for case in cases if case["case_id"] in {late, soon}]

    async def both() -> bool:
        return len(await ours()) == 2

    await wait_until(both, 60, "both cases are the unit's")
    found = await ours()
    assert [case["case_id"] for case in found] == [late, soon]
    assert [case["on_time"] for case in found] == [False, True]
    assert datetime.fromisoformat(found[0]["running"]["close"]) == datetime.fromisoformat(found[0]["due_at"])
    async with client_of(city, UNIT) as client:
        now = datetime.now(UTC)
        asked = {"since": now.isoformat(), "before": (now + timedelta(days=60)).isoformat(), "limit": "1"}
        narrow = (await client.get("/v1/clocks", params=asked)).json()
        assert len(narrow["cases"]) == 1
        assert narrow["cases"][0]["on_time"]


@pytest.mark.parametrize(
    ("key", "path", "status"),
    [
        (None, "/v1/clocks", 401),
        ("atlantis", "/v1/clocks", 403),
        (UNIT, "/v1/clocks?unit=beicheng-centre", 403),
        (UNIT, "/v1/clocks?limit=0", 422),
        (UNIT, "/v1/clocks?since=yesterday", 422),
        (UNIT, "/v1/cases/x/clocks", 404),
        (UNIT, "/v1/cases/00000000-0000-5000-8000-000000000000/clocks", 404),
    ],
)
async def test_what_is_not_to_be_seen_is_refused(city: City, key: str | None, path: str, status: int) -> None:
    async with client_of(city, key) as client:
        assert (await client.get(path)).status_code == status


async def test_clocks_of_named_cases_come_with_what_is_left(city: City) -> None:
    ours, offered = await signed(city), complaint(reference())
    await city.say(offered)
    await city.heard(ClockStarted, offered.case_id)

    async def asked(key: str, *ids: str) -> dict[str, dict[str, Any]]:
        async with client_of(city, key) as client:
            answer = await client.get("/v1/clocks", params={"case": ",".join(ids)})
            assert answer.status_code == 200, answer.text
            return {each["case_id"]: each for each in answer.json()["cases"]}

    async def both() -> bool:
        return set(await asked(UNIT, ours, offered.case_id)) == {ours, offered.case_id}

    await wait_until(both, 60, "the unit sees the clock of the case that it has not signed, too")
    whole = {each["clock"]: each for each in (await asked(UNIT, ours))[ours]["countdowns"]}["close"]
    assert (whole["light"], whole["over"], whole["working_days"] > 10) == ("green", False, True)
    assert await asked("nancheng-centre.desk-1", ours) == {}
    async with client_of(city, UNIT) as client:
        assert (await client.get("/v1/clocks", params={"case": "x"})).status_code == 422
