"""Silence is found once its limit is over, told to whoever has to see to it, and ends when what was missing comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.notify import SilenceEnded, SilenceFound
from contracts.routing import AssignmentOffered
from contracts.scoring import ClockStarted
from contracts.staff_notices import StaffNoticeSent
from infra.local.engines import Engines
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.notifying import notifying_city
from tests.support.waiting import eventually, metric

UNIT, CENTRE = "police-beicheng", "beicheng-centre"
NOTICES = """
[staff]
tells = ["silence"]
[silence]
deadline_minutes = 10
tell = ["city-office"]
"""
SPEED = 60.0
"""Ten minutes pass in ten seconds."""


@pytest.fixture
async def town(own_embedded: Engines, tmp_path: Path) -> AsyncIterator[City]:
    """A city in which a minute takes a second."""
    clock = {"XN_CLOCK_ORIGIN": datetime.now(UTC).isoformat(), "XN_CLOCK_SPEED": str(SPEED)}
    async with notifying_city(own_embedded, tmp_path / "town", notices=NOTICES, settings=clock) as city:
        yield city


async def silences(town: City, name: str) -> list[dict[str, Any]]:
    key = {"X-API-Key": town.deployment.api_keys[name]}
    async with app_of(town.deployment.fleet.url("notify"), key) as client:
        answer = await client.get("/v1/silences", params={"what": "deadline"})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["silences"]
        return found


async def audit(town: City) -> tuple[int | None, str]:
    """As an operator makes it, by the clock of the city."""
    words = ("--at", town.deployment.now().isoformat(), "--place", str(town.deployment.place))
    return await town.xn("audit", "silence", *words)


async def gauge(town: City) -> float:
    return await metric(town.deployment.fleet.url("notify"), "xn_silences")


@pytest.mark.timeout(180)
async def test_a_case_without_a_deadline_is_an_alarm_until_scoring_is_back(town: City) -> None:
    heard_of = complaint(reference())
    await town.say(heard_of)
    await town.heard(ClockStarted, heard_of.case_id)
    (scoring,) = town.deployment.fleet["scoring"]
    scoring.kill()

    forgotten = complaint(reference())
    await town.say(forgotten)
    case_id = forgotten.case_id
    await town.heard(AssignmentOffered, case_id)
    found = await town.heard(SilenceFound, case_id)
    assert (found.what, found.unit) == ("deadline", UNIT)
    for receiver in (UNIT, "city-office"):
        told = await town.heard(StaffNoticeSent, where=attribute(about=case_id, what="silence", to=receiver))
        assert told.by == "inbox"
    (shown,) = await silences(town, CENTRE)
    assert (shown["case_id"], shown["number"], shown["unit"]) == (case_id, found.number, UNIT)
    assert await silences(town, "city-office") == [shown]
    code, printed = await audit(town)
    assert (code, case_id in printed, heard_of.case_id in printed) == (1, True, False), printed
    await eventually(lambda: gauge(town), lambda count: count == 1, 60, "one silence")

    scoring.launch()
    ended = await town.heard(SilenceEnded, case_id)
    assert ended.what == "deadline"
    assert await silences(town, CENTRE) == []
    code, printed = await audit(town)
    assert (code, "0 silences" in printed) == (0, True), printed
    await eventually(lambda: gauge(town), lambda count: count == 0, 60, "no silence")
    url = town.deployment.fleet.url("notify")
    assert await metric(url, "xn_silences_found_total") == await metric(url, "xn_silences_ended_total") == 1
    assert town.all(SilenceFound, heard_of.case_id) == []
