"""Documents whose timers fall at one instant, decided ahead of it: what is to be said stands ready in each of them.

The crowd is one row. Whoever wants to decide otherwise about one of its documents withdraws it first, whoever says what
the crowd has ready claims the row first: both are conditional updates of that row, so one of them comes first. After
the claim nothing is withdrawn any more, and before it nothing is said. In other words a two-phase commit: documents are
prepared, and the row is the commit record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

UNCLAIMED: dict[str, Any] = {"said_by": {"$exists": False}}


@dataclass(frozen=True, slots=True)
class Crowd:
    """One row. It stands until none of its documents holds anything ready for it."""

    id: str
    at: datetime
    """The instant."""
    keys: tuple[str, ...]
    begun: datetime
    """When it was written, or claimed: whoever takes over for the dead waits a while."""
    settled: bool = False
    """Its documents are saved, durably: what they have ready may be said."""
    said: bool = False
    """Somebody has claimed it: what stands ready counts as decided."""
    told: bool = False
    """The broker has it all."""
    withdrawn: frozenset[str] = frozenset()
    """Keys of which nothing is said."""

    @classmethod
    def from_mongo(cls, raw: dict[str, Any]) -> Self:
        """As it stands in the database."""
        return cls(
            raw["_id"],
            raw["at"],
            tuple(raw["keys"]),
            raw["begun"],
            raw.get("settled", False),
            "said_by" in raw,
            raw.get("told", False),
            frozenset(raw.get("withdrawn", ())),
        )


class Crowds:
    """The crowds of one service. `Store.crowds` has them. All calls raise `StoreError`."""

    def __init__(self, collection: Any, journaled: Any) -> None:
        """One collection twice: written with and without waiting for the journal."""
        self._collection = collection
        self._journaled = journaled

    async def open(self, crowd: Crowd) -> None:
        """Its documents may be saved from here on."""
        row = {"_id": crowd.id, "at": crowd.at, "keys": list(crowd.keys), "begun": crowd.begun}
        await self._collection.insert_one(row)

    async def settle(self, id: str) -> bool:
        """All of it is durable, and will be said; False when somebody took its owner for dead and finished it."""
        return bool((await self._journaled.update_one({"_id": id}, {"$set": {"settled": True}})).matched_count)

    async def withdraw(self, id: str, keys: Sequence[str]) -> Crowd | None:
        """Nothing is said of these keys, unless the crowd is claimed already; returns what holds from now on.

        None when it is over: then none of its documents has anything ready, and whoever thinks so has an old one.
        """
        await self._collection.update_one({"_id": id} | UNCLAIMED, {"$addToSet": {"withdrawn": {"$each": list(keys)}}})
        return await self.find(id)

    async def claim(self, id: str, by: str, now: datetime) -> bool:
        """What stands ready counts as decided, durably, and `by` is the one to say it; safe to repeat."""
        await self._journaled.update_one(
            {"_id": id, "settled": True} | UNCLAIMED, {"$set": {"said_by": by, "begun": now}}
        )
        return await self._collection.find_one({"_id": id, "said_by": by}, {"_id": 1}) is not None

    async def told(self, id: str) -> None:
        """The broker has it all."""
        await self._collection.update_one({"_id": id}, {"$set": {"told": True}})

    async def close(self, id: str) -> None:
        """None of its documents holds anything ready for it."""
        await self._journaled.delete_one({"_id": id})

    async def find(self, id: str) -> Crowd | None:
        """A crowd, unless it is over."""
        raw = await self._collection.find_one({"_id": id})
        return Crowd.from_mongo(raw) if raw else None

    async def due(self, at: datetime) -> list[str]:
        """Ids of those whose instant has come and that nobody has claimed."""
        query = {"at": {"$lte": at}, "settled": True} | UNCLAIMED
        return [row["_id"] for row in await self._collection.find(query, {"_id": 1}).to_list(None)]

    async def left(self, before: datetime) -> list[Crowd]:
        """Those that were begun or claimed before then, but for those that wait for their instant."""
        found = [
            Crowd.from_mongo(row) for row in await self._collection.find({"begun": {"$lte": before}}).to_list(None)
        ]
        return [crowd for crowd in found if crowd.said or not crowd.settled]
