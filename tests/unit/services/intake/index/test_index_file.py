"""The file of the index: rebuilt when it has to be, away when it cannot be used, and outcomes that are waited for."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contracts.codes import RefusalCode
from contracts.refusals import reason
from infra.document import Entry
from services.intake.index.case_index import CaseIndex
from services.intake.index.filling import stored_facts
from services.intake.index.following import _recognise
from services.intake.index.projection import OUTCOMES_AGE
from services.intake.index.schema import IndexAway, IndexReplaced
from services.intake.outcomes import Outcome
from tests.unit.services.intake.index.lives import START, case, event, life, registered


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[CaseIndex]:
    """An index with one case."""
    index = CaseIndex(str(tmp_path / "deep" / "index.sqlite"), "tests")
    await index.apply(life(1), {("cases.events", 0): 9})
    yield index
    await index.close()


def cases(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM cases").fetchone()[0])


async def test_positions_and_rows_are_one_transaction(full: CaseIndex) -> None:
    broken = registered(2)
    object.__setattr__(broken, "fields", b"{}")
    with pytest.raises(KeyError):
        await full.apply([event("case.signed", 1, n=1, unit="ecology"), broken], {("cases.events", 0): 99})
    assert await full.on_projection(lambda each: each.positions()) == {("cases.events", 0): 9}
    units = await full.read(lambda each: each.execute("SELECT 1 FROM concerned WHERE unit = 'ecology'").fetchall())
    assert units == []


async def test_a_file_of_another_version_or_database_is_made_anew(full: CaseIndex) -> None:
    await full.close()
    for column, value in (("version", "0"), ("database", "other")):
        with closing(sqlite3.connect(full.file)) as connection, connection:
            connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, column))
        index = CaseIndex(full.file, "tests")
        assert await index.on_projection(lambda each: each.positions()) == {}
        assert await index.read(cases) == 0
        await index.apply(life(1), {})
        await index.close()
    index = CaseIndex(full.file, "tests")
    assert await index.on_projection(lambda each: cases(each._connection)) == 1
    await index.close()


async def test_a_deleted_file_is_built_anew_and_a_batch_of_the_old_one_is_not_written(full: CaseIndex) -> None:
    before = full.generation
    assert await full.read(cases) == 1
    for each in Path(full.file).parent.iterdir():
        each.unlink()
    with pytest.raises(IndexReplaced):
        await full.apply(life(2), {("cases.events", 0): 20}, generation=before)
    assert await full.on_projection(lambda each: each.positions()) == {}
    assert await full.read(cases) == 0


async def test_a_corrupted_file_is_reported_once_and_searches_are_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "index.sqlite"
    file.write_bytes(b"no database " * 1_000)
    index = CaseIndex(str(file), "tests")
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            with pytest.raises(IndexAway):
                await index.apply(life(1), {})
            with pytest.raises(IndexAway):
                await index.read(cases)
            assert await index.outcome("s-1", case(1), 0.01) is None
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    await index.close()


async def test_a_folder_that_cannot_be_written_is_away_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = CaseIndex(str(tmp_path / "file" / "index.sqlite"), "tests")
    with pytest.raises(IndexAway):
        await index.apply(life(1), {})
    await index.close()


async def test_a_slow_query_is_interrupted(full: CaseIndex) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(IndexAway):
        await full.read(lambda each: each.execute(endless).fetchall(), 0.1)
    assert await full.read(cases) == 1


# ---- outcomes


async def test_an_outcome_that_is_known_is_answered_at_once(full: CaseIndex) -> None:
    assert await full.outcome("r-1", case(1), 0) == Outcome(accepted=True)
    assert await full.outcome("unknown", case(1), 0.01) is None
    assert full._waiting == {}


async def test_a_request_waits_for_its_outcome_without_asking_again(full: CaseIndex) -> None:
    why = reason(RefusalCode.CASE_CLOSED)
    waiting = [asyncio.create_task(full.outcome("w-9", case(9), 30)) for _ in range(2)]
    await asyncio.sleep(0.05)
    refused = event("submission.refused", 1, n=9, submission_id="w-9", reasons=[why.model_dump()])
    await full.apply([refused], {})
    async with asyncio.timeout(5):
        assert await asyncio.gather(*waiting) == [Outcome(accepted=False, reasons=(why,))] * 2


@pytest.mark.parametrize(
    ("name", "fields", "accepted"),
    [
        ("supplement.received", {"submission_id": "x", "round": 1}, True),
        ("case.ended", {"submission_id": "x", "ending": "withdrawn"}, True),
        ("case.reopened", {"submission_id": "x", "unit": "ecology", "count": 1}, True),
        ("review.opened", {"submission_id": "x", "unit": "ecology", "reviewer": "city-office"}, True),
        ("case.rated", {"rating_id": "x", "answer": 1}, True),
        ("callback.recorded", {"record_id": "x", "answer": 1}, True),
        ("submission.refused", {"submission_id": "x", "reasons": []}, False),
        ("complainant.request-refused", {"submission_id": "x", "reasons": []}, False),
        ("rating.refused", {"rating_id": "x", "reasons": []}, False),
    ],
)
async def test_each_kind_of_request_has_its_outcome(
    full: CaseIndex, name: str, fields: dict[str, Any], accepted: bool
) -> None:
    assert await full.outcome("x", case(1), 0) is None
    await full.apply([event(name, 1, n=1, **fields)], {})
    assert await full.outcome("x", case(1), 1) == Outcome(accepted=accepted)


async def test_outcomes_are_deleted_after_some_days(full: CaseIndex) -> None:
    at = int(START.timestamp() * 1_000_000)
    await full.on_projection(lambda each: each.tidy(at + OUTCOMES_AGE))
    assert await full.outcome("r-1", case(1), 0) is not None
    await full.on_projection(lambda each: each.tidy(at + 2 * OUTCOMES_AGE))
    assert await full.outcome("r-1", case(1), 0) is None


# ---- other topics, and older ones


async def test_positions_of_another_cluster_are_forgotten_and_what_is_read_again_changes_nothing(
    full: CaseIndex,
) -> None:
    await full.on_projection(lambda each: _recognise(each, "one"))
    await full.apply([], {("cases.events", 0): 9})
    await full.on_projection(lambda each: _recognise(each, "one"))
    assert await full.on_projection(lambda each: each.positions()) == {("cases.events", 0): 9}
    await full.on_projection(lambda each: _recognise(each, "two"))
    assert await full.on_projection(lambda each: each.positions()) == {}
    before = await full.read(lambda each: each.execute("SELECT * FROM cases").fetchall())
    await full.apply(life(1), {})
    assert await full.read(lambda each: each.execute("SELECT * FROM cases").fetchall()) == before


class Histories:
    """The database of intake with one case that a unit answered long ago."""

    def __init__(self, *entries: Entry, **state: Any) -> None:
        self._document = {"_id": case(1), "state": state, "history": [each.to_mongo() for each in entries]}

    async def documents(self) -> AsyncIterator[dict[str, Any]]:
        yield self._document


async def test_what_the_topics_have_dropped_comes_from_the_database_of_intake(full: CaseIndex) -> None:
    index = CaseIndex(f"{full.file}-2", "tests")
    first = registered(1)
    assert first.fields is not None
    body = first.fields.decode()[:-1] + f', "occurred_at": "{START.isoformat()}"}}'
    entry = Entry(0, "1", "cn.xiaoneng.case.registered.v1", "cases.events", case(1), START, body, None, "c", "h")
    state = {
        "number": "BC-20261102-000001",
        "closed_at": "2026-11-03T00:00:00Z",
        "result": "resolved",
        "reply": "已修好路灯",
    }
    histories: Any = Histories(entry, **state)
    async for events in stored_facts(histories):
        await index.apply(events, {})
    row = await index.read(lambda each: each.execute("SELECT stage, result, answers FROM cases").fetchone())
    assert row == ("closed", "resolved", 1)
    await index.close()
