"""The overview counts what searches of the same unit find, and nothing that the unit may not see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio

from services.intake.index.facts import Reported, of_instant
from services.intake.index.overview import age_bands, hour_edges
from services.intake.index.schema import FLOW_MINUTES
from tests.unit.services.intake.index.lives import NOW, START, event, life, registered
from tests.unit.services.intake.index.served import ServedIndex

OFFICE, CENTRE, POLICE, ECOLOGY = "city-office", "beicheng-centre", "police-beicheng", "ecology"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW_HOURS = (NOW - START) / timedelta(hours=1)


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedIndex]:
    found = ServedIndex(tmp_path, channels=["web"], units=[OFFICE, CENTRE, POLICE, ECOLOGY])
    yield found
    await found.close()


def with_police(n: int, received_hours: float, due_hours: float | None = None, **fields: Any) -> list[Reported]:
    """An open case that the police have signed; its limit ends so many hours from now."""
    found = [
        registered(n, received_hours, **fields),
        event("case.assigned", received_hours + 1, n=n, unit=POLICE, responsible=CENTRE, rule="noise"),
        event("case.signed", received_hours + 2, n=n, unit=POLICE),
    ]
    if due_hours is not None:
        due = NOW + timedelta(hours=due_hours)
        found.append(event("clock.started", received_hours + 1, n=n, clock="close", due_at=due.isoformat()))
    return found


async def answered(served: ServedIndex, key: str, path: str, **query: Any) -> Any:
    answer = await served.get(key, path, query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_number_of_open_cases_is_the_length_of_its_list(served: ServedIndex) -> None:
    ages = (0.5, 30, 80, 200, 500, 900)
    for n, age in enumerate(ages, 1):
        await served.read(*with_police(n, NOW_HOURS - age, due_hours=48 - age))
    await served.read(registered(10, NOW_HOURS - 1, urgent=True), *life(11))
    found = await answered(served, OFFICE, "/v1/overview/open")
    assert (found["open"], found["urgent"]) == (7, 1)
    assert {each["stage"]: each["open"] for each in found["stages"]} == {"queued": 1, "signed": 6}
    total = 0
    for stage in found["stages"]:
        for band, count in zip(found["ages"], stage["by_age"], strict=True):
            span = {name: band[name] for name in ("received_from", "received_to") if name in band}
            listed = await answered(served, OFFICE, "/v1/cases", state="open", stage=stage["stage"], **span)
            assert listed["total"] == count, (stage, band)
            total += count
    assert total == found["open"]
    late = await answered(served, OFFICE, "/v1/cases", overdue="true")
    assert found["overdue"] == late["total"] == sum(each["overdue"] for each in found["stages"]) > 0
    (area,) = found["areas"]
    listed = await answered(served, OFFICE, "/v1/cases", state="open", area=area["of"], below="false")
    assert (area["of"], area["open"], area["overdue"]) == ("beicheng", listed["total"], found["overdue"])


async def test_a_unit_counts_no_case_of_others_and_none_about_itself(served: ServedIndex) -> None:
    await served.read(*with_police(1, NOW_HOURS - 5, 3), *with_police(2, NOW_HOURS - 5, 3, about=POLICE))
    for key, count in ((OFFICE, 2), (CENTRE, 2), (POLICE, 1), (ECOLOGY, 0)):
        opened = await answered(served, key, "/v1/overview/open")
        due = await answered(served, key, "/v1/overview/due")
        flowing = await answered(served, key, "/v1/overview/flow", minutes=FLOW_MINUTES)
        assert opened["open"] == count, key
        assert sum(sum(each["by_hour"]) for each in due["units"]) == count, key
        assert sum(flowing["registered"]) == 0, key
    assert (await served.get("web", "/v1/overview/open")).status_code == 403


async def test_limits_that_end_soon_are_counted_by_unit_and_hour_unless_they_stand_still(served: ServedIndex) -> None:
    await served.read(
        *with_police(1, 1, due_hours=0.5),
        *with_police(2, 1, due_hours=0.9),
        *with_police(3, 1, due_hours=23.5),
        *with_police(4, 1, due_hours=25),
        *with_police(5, 1, due_hours=-1),
        *with_police(6, 1, due_hours=2),
        event("clock.paused", 5, n=6, clock="close"),
        *life(7),
    )
    due = await answered(served, OFFICE, "/v1/overview/due", hours=24)
    (police,) = due["units"]
    assert (police["unit"], police["overdue"], sum(police["by_hour"])) == (POLICE, 1, 3)
    assert len(police["by_hour"]) == len(due["edges"]) - 1 == 24
    assert police["by_hour"][0] == 2
    span = {"due_from": due["edges"][0], "due_to": due["edges"][-1]}
    listed = await answered(served, OFFICE, "/v1/cases", state="open", responsible=POLICE, paused="false", **span)
    assert listed["total"] == 3
    refused = await served.get(OFFICE, "/v1/overview/due", {"hours": 169})
    assert refused.status_code == 422
    assert "hours" in refused.text
    assert (await served.get(OFFICE, "/v1/overview/due", {"hour": 2})).status_code == 422


async def test_open_cases_of_each_unit_are_counted_by_the_colour_of_their_limit(served: ServedIndex) -> None:
    def card(n: int, hours: float, rung: str) -> Reported:
        return event("clock.rung-reached", hours, n=n, clock="close", rung=rung, unit=POLICE)

    await served.read(
        *with_police(1, 1, due_hours=24),
        *(*with_police(2, 1, due_hours=24), card(2, 5, "reminder"), card(2, 6, "yellow")),
        *(*with_police(3, 1, due_hours=-1), card(3, 6, "yellow")),
        *(*with_police(4, 1, due_hours=24), card(4, 5, "yellow"), card(4, 6, "red")),
        *(*with_police(5, 1, due_hours=-1), event("clock.paused", 5, n=5, clock="close")),
        *(*with_police(6, 1, due_hours=24), card(6, 5, "yellow"), event("clock.paused", 6, n=6, clock="close")),
        *(*with_police(7, 1, due_hours=-1), event("case.closed", 9, n=7, unit=POLICE, result="resolved", reply="好")),
        *(*with_police(8, 1, due_hours=24), card(8, 5, "red")),
        event("case.closed", 9, n=8, unit=POLICE, result="resolved", reply="好"),
        event("case.reopened", 10, n=8, unit=POLICE, count=1),
        event("clock.started", 10, n=8, clock="close-2", due_at=(NOW + timedelta(hours=24)).isoformat()),
        *with_police(9, 1, due_hours=24, about=POLICE),
        registered(10, 1),
    )
    counted = {
        key: {each["unit"]: each for each in (await answered(served, key, "/v1/workloads"))["units"]}
        for key in (OFFICE, CENTRE, POLICE, ECOLOGY)
    }
    police = {"unit": POLICE, "open": 8, "overdue": 2, "soon": 1, "paused": 2}
    assert counted[OFFICE][POLICE] == police
    assert counted[OFFICE][CENTRE] == {"unit": CENTRE, "open": 1, "overdue": 0, "soon": 0, "paused": 0}
    assert counted[POLICE][POLICE] == {**police, "open": 7}, "a unit does not count what is about itself"
    assert CENTRE not in counted[POLICE]
    assert {each["open"] for each in counted[ECOLOGY].values()} == {0}
    late = await answered(served, OFFICE, "/v1/cases", state="open", responsible=POLICE)
    assert late["total"] == police["open"]
    assert (await served.get("web", "/v1/workloads")).status_code == 403


async def test_the_flow_counts_each_minute_and_forgets_those_long_past(served: ServedIndex) -> None:
    minute = 1 / 60
    await served.index.on_projection(lambda each: each.tidy(of_instant(NOW)))
    await served.read(registered(1, NOW_HOURS - 3 * minute), *life(2))
    await served.read(registered(1, NOW_HOURS - 3 * minute))
    await served.read(event("case.assigned", NOW_HOURS - 2 * minute, n=2, unit=POLICE, responsible=CENTRE))
    await served.read(event("case.closed", NOW_HOURS, n=2, unit=POLICE, result="resolved", reply="好"))
    found = await answered(served, OFFICE, "/v1/overview/flow", minutes=5)
    assert datetime.fromisoformat(found["first"]) == NOW - timedelta(minutes=4)
    assert found["registered"] == [0, 1, 0, 0, 0]
    assert found["assigned"] == [0, 0, 1, 0, 0]
    assert found["answered"] == [0, 0, 0, 0, 1]
    assert (await answered(served, ECOLOGY, "/v1/overview/flow"))["registered"] == [0] * 60
    later = NOW + timedelta(minutes=FLOW_MINUTES - 1)
    await served.index.on_projection(lambda each: each.tidy(of_instant(later)))
    rows = await served.index.read(lambda connection: connection.execute("SELECT what FROM flow").fetchall())
    assert rows == [("answered",)]


def test_bands_of_age_touch_and_hours_follow_the_clock_of_the_place() -> None:
    bands = age_bands(datetime(2026, 11, 20, 17, 0, tzinfo=UTC), SHANGHAI)
    assert str(bands[0].received_to) == "2026-11-21"
    assert bands[-1].received_from is None
    for younger, older in pairwise(bands):
        assert younger.received_from == older.received_to + timedelta(days=1)
    edges = hour_edges(datetime(2026, 11, 20, 4, 40, tzinfo=UTC), ZoneInfo("Asia/Kolkata"), 3)
    assert [each.strftime("%H:%M") for each in edges] == ["04:40", "05:30", "06:30", "07:30"]
