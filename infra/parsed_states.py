"""Lists of parsed states: what has not been saved again since the last list is neither read nor parsed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from infra.store import Listed, StateQuery, Store
from infra.yielding import in_slices

T = TypeVar("T")
MOST_PARSED = 2_000
"""States in memory: about 10 KB each."""
FEW = 64
"""States that are read by their keys; for more, the whole list is read again, which costs a database less."""


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A state of the list."""

    key: str
    version: int
    length: int
    """Number of its events."""
    value: T


class ParsedStates(Generic[T]):
    """Parsed states by key and version, the latest used ones."""

    def __init__(self, store: Store, parse: Callable[[Mapping[str, Any]], T], most: int = MOST_PARSED) -> None:
        """`parse` must not depend on anything but the state."""
        self._store = store
        self._parse = parse
        self._most = most
        self._parsed: OrderedDict[str, Parsed[T]] = OrderedDict()

    async def listed(self, query: StateQuery) -> list[Parsed[T]]:
        """The states that the query finds, parsed. Raises `StoreError`."""
        complete = not self._parsed
        found = await self._store.listed(query, with_state=complete)
        stale = [each for each in found if not self._has(each)]
        if not complete and len(stale) > FEW:
            found = await self._store.listed(query)
            stale = [each for each in found if not self._has(each)]
        elif not complete and stale:
            stale = await self._store.listed_of([each.key for each in stale])
        fresh = await self._parse_all(stale)
        listed = [each for row in found if (each := fresh.get(row.key) or self._parsed.get(row.key)) is not None]
        self._store_in_memory(listed)
        return listed

    def _has(self, found: Listed) -> bool:
        return found.key in self._parsed and self._parsed[found.key].version == found.version

    async def _parse_all(self, found: Sequence[Listed]) -> dict[str, Parsed[T]]:
        return {
            row.key: Parsed(row.key, row.version, row.length, self._parse(row.state))
            async for row in in_slices(found)
            if row.state is not None
        }

    def _store_in_memory(self, used: Iterable[Parsed[T]]) -> None:
        for each in used:
            self._parsed[each.key] = each
            self._parsed.move_to_end(each.key)
        while len(self._parsed) > self._most:
            self._parsed.popitem(last=False)
