"""From which areas many cases come: kept in memory, read from the database when the service begins and once a day.

It knows no more than the newest cases of each area, as many as a policy may ask for. What it has not seen yet is not
counted: an area is named later then, never too early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from contracts.intake import CaseRegistered
from infra.decision import Context, Decide, Decision, Subject, Wait
from infra.store import Store
from services.notify.domain.board import Board
from services.notify.domain.kept import Kept

MOST = 100
"""Cases of an area that are remembered: the most that `least_cases` may be."""
PAUSE_SECONDS = 24 * 3600.0
_FIELDS = ("registered.area", "registered.registered_at")


class KnownCrowds:
    """What the screen is told of numbers, by the areas in force."""

    def __init__(self, store: Store, board: Callable[[], Board]) -> None:
        self._store = store
        self._board = board
        self._newest: dict[str, dict[str, date]] = {}

    def many(self, area: str, at: datetime) -> bool:
        """Whether at least so many cases have come from the area, or from within it, within so many days."""
        board = self._board()
        table = board.policy.table.board
        since = board.policy.day(at) - timedelta(days=table.least_days)
        return sum(day > since for day in self._newest.get(area, {}).values()) >= table.least_cases

    def saw(self, key: str, area: str, registered_at: datetime) -> None:
        """A case of the area: it counts for every area around it, once."""
        board = self._board()
        day = board.policy.day(registered_at)
        for each in board.around(area):
            newest = self._newest.setdefault(each, {})
            newest[key] = day
            if len(newest) > MOST:
                del newest[min(newest, key=newest.__getitem__)]

    def watching(self, decide: Decide[Kept]) -> Decide[Kept]:
        """The same decisions, told what is known of numbers; what is registered counts from then on."""

        def deciding(state: Kept | None, subject: Subject, context: Context) -> Decision[Kept] | Wait:
            if isinstance(subject, CaseRegistered):
                self.saw(context.key, subject.area, subject.occurred_at)
            return decide(state, subject, replace(context, supplies=self))

        return deciding

    async def look(self) -> None:
        """Everything in the database counts. Raises `StoreError`."""
        async for key, state in self._store.open_states({"kind": "case"}, _FIELDS, closed_too=True):
            registered: Mapping[str, Any] | None = state.get("registered")
            if registered:
                self.saw(key, registered["area"], datetime.fromisoformat(registered["registered_at"]))

    async def work(self) -> None:
        """One look, and a long pause. Raises `StoreError`."""
        await self.look()
        await asyncio.sleep(PAUSE_SECONDS)
