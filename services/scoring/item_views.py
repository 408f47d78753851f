"""What is counted of items, read from scoring's state: one pass over those of a period, never a counter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping

from contracts.items import ItemFinished, ItemRungReached, ItemWatched, StepRecorded
from infra.store import Store
from services.scoring.domain.item import OPEN, found_under
from services.scoring.domain.scores.items import KEPT, ItemAddend, ItemTallies, ItemTally, WatchedItem, item_addends
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy

BREATH = 200
"""Items after which others are let have a turn."""
ITEM_DIMENSIONS: Mapping[str, Callable[[WatchedItem], str]] = {
    "unit": lambda each: each.unit,
    "system": lambda each: each.system,
    "matter": lambda each: each.matter,
    "all": lambda _: "all",
}
"""By what items may be counted."""
TELLING = frozenset({ItemWatched.TYPE, ItemRungReached.TYPE, StepRecorded.TYPE, ItemFinished.TYPE})
"""Events that say why an item counts as it does."""


class ItemViews:
    """Numbers of items as they follow from what is kept now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def numbers(
        self, period: Period, policy: ScorePolicy, by: str, units: Collection[str] | None = None
    ) -> dict[str, ItemTally]:
        """Numbers by a dimension; of these units' items only. Raises `KeyError`, `StoreError`."""
        key, span, found = ITEM_DIMENSIONS[by], policy.span(period), dict[str, ItemTally]()
        async for each in self._items(period):
            if units is None or each.unit in units:
                found.setdefault(key(each), ItemTally()).add(each, span)
        return dict(sorted(found.items()))

    async def tallies(self, period: Period, policy: ScorePolicy) -> ItemTallies:
        """The numbers of all units. Raises `StoreError`."""
        return ItemTallies(policy.span(period), [each async for each in self._items(period)])

    async def addends(
        self, number: str, unit: str, period: Period, policy: ScorePolicy, systems: Iterable[str] = ()
    ) -> list[ItemAddend]:
        """Every item behind a number of a unit. Raises `KeyError`, `StoreError`."""
        items = [each async for each in self._items(period, unit)]
        found = item_addends(number, policy.span(period), items, systems)
        return sorted(found, key=lambda each: (each.item.system, each.item.external_id))

    async def events(self, found: Iterable[ItemAddend]) -> dict[str, list[str]]:
        """CloudEvents ids of what was told of these items, by their keys. Raises `StoreError`."""
        histories = await self._store.histories([each.item.key for each in found])
        return {key: [entry.id for entry in entries if entry.type in TELLING] for key, entries in histories.items()}

    async def _items(self, period: Period, unit: str | None = None) -> AsyncIterator[WatchedItem]:
        """Those that are open, or that were in some month of it."""
        places = [found_under(place, unit) for place in (OPEN, *period.months)]
        n = 0
        async for key, state in self._store.every({"filed": {"$in": places}}, KEPT):
            n += 1
            if n % BREATH == 0:
                await asyncio.sleep(0)
            yield WatchedItem.of_kept(key, state)
