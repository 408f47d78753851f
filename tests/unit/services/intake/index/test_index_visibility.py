"""What the routes of the index hide: notes and examining units from channels, a case from the unit it is about."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.intake.index.access import Access
from services.intake.index.case_index import Lane
from services.intake.index.documents import FoundCases
from services.intake.index.question import CaseQuestion
from services.intake.outcomes import Outcome
from tests.unit.services.intake.index.lives import case, event, life, registered
from tests.unit.services.intake.index.served import ServedIndex

POLICE, CENTRE, OFFICE, ECOLOGY = "police-beicheng", "beicheng-centre", "city-office", "ecology"
SPAN = {"from": "2026-11-01", "to": "2026-11-30"}
NOTE = "内部机密"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedIndex]:
    """Case 1 is the police's; case 2 complains about the police, and ecology examines it; case 3 is confidential."""
    made = ServedIndex(tmp_path, channels=["web", "radio"], units=[POLICE, CENTRE, OFFICE, ECOLOGY])
    await made.read(
        *life(1),
        event("note.added", 6, unit=POLICE, text=NOTE),
        registered(2, 24, about=POLICE, title="民警态度", text="窗口民警态度恶劣"),
        event("case.assigned", 25, n=2, unit=ECOLOGY, responsible=ECOLOGY, rule="r"),
        event("case.queued", 26, n=2, centre=CENTRE, responsible=CENTRE, why="w", returned_by=POLICE),
        event("case.assigned", 27, n=2, unit=ECOLOGY, responsible=ECOLOGY, rule="r"),
        registered(3, 48, confidential=True),
        event("case.assigned", 49, n=3, unit=ECOLOGY, responsible=ECOLOGY, rule="r"),
    )
    yield made
    await made.close()


async def test_a_channel_reads_no_timeline_of_units(served: ServedIndex) -> None:
    for n in (1, 2, 9):
        answer = await served.get("web", f"/v1/cases/{case(n)}/timeline")
        assert (answer.status_code, answer.json()["code"]) == (403, "right-missing")
        assert NOTE not in answer.text
    assert NOTE in (await served.get(POLICE, f"/v1/cases/{case(1)}/timeline")).text


async def test_a_channel_does_not_learn_who_examines_a_hidden_case(served: ServedIndex) -> None:
    answer = (await served.get("web", "/v1/cases", {"state": "open"})).json()
    assert [(each["case_id"], each["responsible"]) for each in answer["cases"]] == [(case(3), ""), (case(2), "")]
    assert ECOLOGY not in str(answer)
    for query in ({"unit": ECOLOGY}, {"unit": "city-office"}):
        found = (await served.get("web", "/v1/cases", query)).json()
        assert [each["case_id"] for each in found["cases"]] == ([case(1)] if query["unit"] == OFFICE else [])
    assert (await served.get(OFFICE, "/v1/cases", {"unit": ECOLOGY})).json()["total"] == 2
    for language, name in (("zh", "生态环境局"), ("en", "Ecology")):
        file = (await served.get("web", "/v1/cases.csv", {"state": "open", "language": language})).text
        assert name not in file
        assert file.count("BC-2026") == 2
    rows = (await served.get("web", "/v1/figures", {**SPAN, "of": "unit"})).json()["rows"]
    assert [(row["of"], row["buckets"][0]["received"]) for row in rows] == [("", 2), (POLICE, 1)]


@pytest.mark.parametrize("of", ["all", "unit", "area", "category", "channel", "appeal"])
async def test_no_figure_of_a_unit_counts_a_complaint_about_it(served: ServedIndex, of: str) -> None:
    async def received(key: str) -> int:
        rows = (await served.get(key, "/v1/figures", {**SPAN, "of": of})).json()["rows"]
        return sum(row["buckets"][0]["received"] for row in rows)

    assert [await received(key) for key in (POLICE, OFFICE)] == [1, 3]


@pytest.mark.parametrize(
    "asked",
    [
        {"number": "BC-20261102-000002"},
        {"words": "态度恶劣"},
        {"unit": ECOLOGY},
        {"category": "noise-residential"},
        {"complainant_of": case(2)},
        {"received_from": "2026-11-01", "state": "open"},
    ],
)
async def test_the_unit_complained_about_finds_it_by_no_criterion(served: ServedIndex, asked: dict[str, Any]) -> None:
    for path in ("/v1/cases", "/v1/cases.csv"):
        assert case(2) not in (text := (await served.get(POLICE, path, asked)).text)
        assert "民警态度" not in text
    unknown, own = [await served.get(POLICE, f"/v1/cases/{case(n)}/timeline") for n in (9, 2)]
    assert {**unknown.json(), "request_id": ""} == {**own.json(), "request_id": ""}


async def test_the_outcome_of_a_command_about_another_case_is_not_found(served: ServedIndex) -> None:
    await served.read(event("case.rated", 9, n=2, answer=1, rating_id="r-x"))
    assert await served.index.outcome("r-x", case(2), 0) == Outcome(accepted=True)
    assert await served.index.outcome("r-x", case(1), 0) is None
    await served.read(event("rating.refused", 9, n=1, rating_id="r-x", reasons=[]))
    assert await served.index.outcome("r-x", case(1), 0) == Outcome(accepted=False)
    assert await served.index.outcome("r-x", case(2), 0) == Outcome(accepted=True)


async def test_slow_searches_of_one_key_do_not_delay_those_of_others(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, release = asyncio.Event(), asyncio.Event()
    search = served.views.search

    async def slow(question: CaseQuestion, access: Access) -> FoundCases:
        if access.channel == "web":
            begun.set()
            await release.wait()
        return await search(question, access)

    monkeypatch.setattr(served.views, "search", slow)
    asked = {"state": "open"}
    slow_ones = [asyncio.create_task(served.get("web", "/v1/cases", asked)) for _ in range(5)]
    await begun.wait()
    begun.clear()
    async with asyncio.timeout(5):
        assert (await served.get(OFFICE, "/v1/cases", asked)).json()["total"] == 2
    assert not begun.is_set()
    release.set()
    assert {each.status_code for each in await asyncio.gather(*slow_ones)} == {200}


async def test_slow_searches_and_exports_do_not_delay_outcomes(served: ServedIndex) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(began.set)
        with closing(connection.execute(endless)) as rows:
            rows.fetchall()

    slow_ones = [
        asyncio.create_task(served.index.read(slow, 0.5, lane)) for lane in (Lane.SEARCH, Lane.EXPORT) for _ in range(4)
    ]
    await began.wait()
    async with asyncio.timeout(0.45):
        assert await served.index.outcome("r-1", case(1), 0) == Outcome(accepted=True)
    assert not any(each.done() for each in slow_ones)
    for each in slow_ones:
        each.cancel()
    await asyncio.gather(*slow_ones, return_exceptions=True)
