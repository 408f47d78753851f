"""Registrations that were saved before `received_at` was part of the state get it from their histories."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.message import case_id_for
from infra.document import Document
from infra.local.engines import Engines
from infra.store import Store
from services.intake.completing import DONE, Completer
from services.intake.status import RECEIVED_AT
from tests.support.intake_store import intake_store
from tests.unit.services.speaking import registered

NOW = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
RECEIVED = datetime.fromisoformat("2026-11-20T09:00:00+08:00")


@pytest.fixture
async def store(own_embedded: Engines) -> AsyncIterator[Store]:
    """A fresh database of intake."""
    async with intake_store(own_embedded) as store:
        yield store


def earlier(n: int, **state: Any) -> Document:
    """A case as the earlier version saved it: registered today, received nine days ago."""
    case_id = case_id_for("web", f"old-{n}")
    document = Document(case_id)
    document.state = {
        "number": f"BC-20261129-{n:06d}",
        "channel": "web",
        "registered_at": "2026-11-29T01:30:00Z",
        **state,
    }
    event = registered(case_id=case_id, received_at=RECEIVED + timedelta(minutes=n))
    document.announce("intake", [event], at=NOW, traceparent=None, cause="m")
    return document


async def completed(store: Store) -> None:
    """Run the completer until it has processed the database."""
    await asyncio.wait_for(Completer(store).work(), 60)
    assert [key async for key in store.keys_without(RECEIVED_AT, "number")] == []


async def test_cases_of_the_earlier_version_are_found_by_the_date_on_which_they_were_received(store: Store) -> None:
    documents = [earlier(n) for n in range(70)]
    assert await store.save(documents, "w1", set()) == set()
    await completed(store)
    day = (RECEIVED_AT, "2026-11-20T00:00:00", "2026-11-21T00:00:00")
    found = await store.states({"channel": "web"}, between=day, limit=100)
    assert [key for key, _ in found] == [each.key for each in reversed(documents)]
    assert found[-1][1][RECEIVED_AT] == "2026-11-20T01:00:00Z"
    today = (RECEIVED_AT, "2026-11-29T00:00:00", None)
    assert await store.states({"channel": "web"}, between=today) == []


async def test_what_is_decided_meanwhile_is_decided_again(store: Store) -> None:
    await store.save([earlier(1)], "w1", set())
    key = earlier(1).key
    loaded = (await store.load([key]))[key]
    await completed(store)
    loaded.touched = True
    assert await store.save([loaded], "w2", set()) == {key}
    state = await store.state_of(key)
    assert state is not None
    assert state[RECEIVED_AT] == "2026-11-20T01:01:00Z"


async def test_once_a_start_found_nothing_the_collection_is_not_read_again(store: Store) -> None:
    await store.save([earlier(1)], "w1", set())
    await completed(store)
    assert await store.fact(DONE) is None, "an instance of the earlier version may still be at work"
    await asyncio.wait_for(Completer(store).work(), 30)
    assert await store.fact(DONE) is True
    await store.save([earlier(2)], "w2", set())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Completer(store).work(), 1)


async def test_a_case_without_its_event_has_the_time_of_its_registration(store: Store) -> None:
    bare = earlier(1)
    bare.entries.clear()
    await store.save([bare], "w1", set())
    await completed(store)
    state = await store.state_of(bare.key)
    assert state is not None
    assert state[RECEIVED_AT] == "2026-11-29T01:30:00Z"
