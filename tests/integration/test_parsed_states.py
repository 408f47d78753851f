"""Lists of parsed states against a real database: saved states are seen, unchanged ones are parsed once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from infra.local.engines import Engines
from infra.parsed_states import FEW, ParsedStates
from infra.store import StateQuery, Store
from services.intake.status import RECEIVED_AT
from tests.support.intake_store import intake_store

LATEST = (RECEIVED_AT, None, None)


@pytest.fixture
async def store(embedded: Engines) -> AsyncIterator[Store]:
    """A fresh database of intake."""
    async with intake_store(embedded) as store:
        yield store


class Parser:
    """Parses a state to its number and counts."""

    def __init__(self) -> None:
        self.parsed: list[str] = []

    def __call__(self, state: Mapping[str, Any]) -> str:
        """The number."""
        self.parsed.append(state["number"])
        return str(state["number"])


async def save(store: Store, numbers: Sequence[int], suffix: str = "") -> None:
    """Save these cases once more."""
    documents = await store.load([f"case-{n}" for n in numbers])
    for n, document in zip(numbers, documents.values(), strict=True):
        document.state = {"channel": "web", "number": f"{n}{suffix}", RECEIVED_AT: f"2026-11-20T00:{n:04d}Z"}
        document.touched = True
    assert await store.save(list(documents.values()), f"w{suffix}{len(numbers)}", set()) == set()


async def listed(cases: ParsedStates[str], **asked: Any) -> list[str]:
    """The numbers of the list."""
    return [
        each.value for each in await cases.listed(StateQuery({"channel": "web"}, LATEST, **{"limit": 500, **asked}))
    ]


@pytest.mark.parametrize("changed", [1, FEW, FEW + 1, 2 * FEW])
async def test_only_what_was_saved_since_is_parsed_again(store: Store, changed: int) -> None:
    parser, count = Parser(), 2 * FEW
    cases = ParsedStates(store, parser)
    await save(store, range(count))
    assert await listed(cases) == [str(n) for n in reversed(range(count))]
    assert len(parser.parsed) == count
    await save(store, range(changed), "b")
    assert await listed(cases) == [f"{n}b" if n < changed else str(n) for n in reversed(range(count))]
    assert sorted(parser.parsed[count:]) == sorted(f"{n}b" for n in range(changed))
    assert await listed(cases, skip=3, limit=2) == [f"{n}b" if n < changed else str(n) for n in (count - 4, count - 5)]
    assert len(parser.parsed) == count + changed


async def test_no_more_than_the_latest_used_stay_in_memory(store: Store) -> None:
    parser = Parser()
    cases = ParsedStates(store, parser, most=3)
    await save(store, range(6))
    assert await listed(cases, limit=3) == ["5", "4", "3"]
    assert await listed(cases, limit=3, least_first=True) == ["0", "1", "2"]
    assert await listed(cases, limit=3, least_first=True) == ["0", "1", "2"]
    assert sorted(parser.parsed) == ["0", "1", "2", "3", "4", "5"]
    assert await listed(cases, limit=3) == ["5", "4", "3"]
    assert len(parser.parsed) == 9


async def test_a_list_longer_than_the_memory_is_whole(store: Store) -> None:
    cases = ParsedStates(store, Parser(), most=3)
    await save(store, range(10))
    assert await listed(cases) == [str(n) for n in reversed(range(10))]
