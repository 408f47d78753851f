"""Lists of a channel's cases: every filter is part of the query, so that none hides what another would find."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.message import case_id_for
from infra.document import Document
from infra.local.engines import Engines
from infra.store import Store
from services.intake.status import listed_of
from tests.support.intake_store import intake_store

BEGIN = datetime(2026, 11, 20, 1, tzinfo=UTC)
SPAN = (BEGIN, BEGIN + timedelta(days=1))


@pytest.fixture
async def store(embedded: Engines) -> AsyncIterator[Store]:
    """A fresh database of intake."""
    async with intake_store(embedded) as store:
        yield store


def case(n: int, channel: str = "web", **state: Any) -> Document:
    """A case that was received `n` seconds after the beginning."""
    document = Document(case_id_for(channel, f"case-{n}"))
    document.state = {
        "number": f"BC-20261120-{n:06d}",
        "channel": channel,
        "category": "heating",
        "registered_at": "2026-11-29T01:30:00Z",
        "received_at": (BEGIN + timedelta(seconds=n)).isoformat().replace("+00:00", "Z"),
        **state,
    }
    return document


async def numbers(store: Store, *, span: tuple[datetime, datetime] = SPAN, limit: int = 1000, **more: Any) -> list[int]:
    """The cases of the channel `web` that are listed, by their position."""
    found = await listed_of(store, "web", span, limit=limit, **more)
    return [int(each.number[-6:]) for each in found]


async def test_old_closed_cases_are_found_behind_more_open_ones_than_a_list_holds(store: Store) -> None:
    closed = [case(1, ended="withdrawn"), case(2, closed_at="2026-11-21T00:00:00Z"), case(3, ended="declined")]
    await store.save([*closed, *(case(n) for n in range(4, 24)), case(30, channel="radio")], "w1", set())
    assert await numbers(store, limit=5, only_open=False) == [3, 2, 1]
    assert await numbers(store, limit=2, only_open=False) == [3, 2]
    assert await numbers(store, limit=5, only_open=True) == [23, 22, 21, 20, 19]
    assert await numbers(store, limit=5) == [23, 22, 21, 20, 19]


async def test_filters_are_combined(store: Store) -> None:
    await store.save(
        [case(1, category="road"), case(2, ended="declined"), case(3), case(4, category="road", ended="x")], "w1", set()
    )
    assert await numbers(store, categories=["road"]) == [4, 1]
    assert await numbers(store, categories=["road", "heating"], only_open=False) == [4, 2]
    assert await numbers(store, categories=["road"], only_open=True) == [1]
    at = BEGIN + timedelta(seconds=2)
    assert await numbers(store, span=(at, at)) == [2]
    assert await numbers(store, span=(at, at + timedelta(microseconds=999_999)), only_open=False) == [2]
    assert await numbers(store, span=(at, at), only_open=True) == []
