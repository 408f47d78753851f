"""Open limits are reckoned anew when a calendar was published or corrected: in the order of keys, and resumed.

Each limit that moves says so with its reason (`ClockReckoned`). How far it has come is kept in the database: a service
that is stopped goes on where it was, and several instances do no harm to each other. Instances hear of a calendar one
after the other, and one that has not heard of it yet may begin a limit behind the back of this work: it looks again
after a while, until a look finds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.clock import Clock, system_clock
from infra.decision import Record, not_wired
from infra.store import Store
from services.scoring.domain.case_rules import CalendarChanged

log = logging.getLogger(__name__)

FACT = "reckoning"
LOOK_SECONDS = 5.0
GRACE_SECONDS = 600.0
"""For so long an instance may still begin limits by the calendar before."""
CHUNK = 500
"""Documents of one step; after each it may be interrupted."""
WINDOW = 50_000
"""Keys that are asked for at once: some engines read all that they hold for it, however few are wanted."""


class Progress(BaseModel):
    """How far the open limits have been reckoned by a calendar."""

    model_config = ConfigDict(frozen=True)

    calendar: str
    after: str = ""
    """The last key that was looked at."""
    reckoned: int = 0
    """Documents of which some limit was reckoned anew, whether its end moved or not."""
    found: int = 0
    """Of them, in this look at all of them."""
    begun_at: datetime | None = None
    """When this look at all of them was begun."""
    again: bool = False
    """This is not the first look by that calendar."""
    finished: bool = False
    finished_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """All is reckoned by that calendar, and a look after a while has found nothing that was not."""
        return self.finished and self.again and not self.found

    @property
    def share(self) -> float:
        """0 to 1: keys are spread evenly, so the last one tells how far it is."""
        return 1.0 if self.finished else int(self.after[:8] or "0", 16) / 2**32


@dataclass(frozen=True, slots=True)
class _Window:
    """Keys in their order, as one look found them behind the first."""

    begun_at: datetime | None
    after: str
    keys: list[str]

    def holds(self, progress: Progress) -> bool:
        """Whether the next ones of that look are among them."""
        return self.begun_at == progress.begun_at and bool(self.keys) and self.after <= progress.after < self.keys[-1]


class Reckoning:
    """Goes through all open documents once for each version of the calendar."""

    def __init__(
        self,
        store: Store,
        calendar: Callable[[], str],
        look_seconds: float = LOOK_SECONDS,
        chunk: int = CHUNK,
        window: int = WINDOW,
        clock: Clock = system_clock,
    ) -> None:
        """`calendar` names the version in force; it is asked again before each step, of `chunk` documents."""
        self._store = store
        self._calendar = calendar
        self._look_seconds = look_seconds
        self._chunk = chunk
        self._clock = clock
        self._most = window
        self._window = _Window(None, "", [])
        self.record: Record = not_wired

    async def work(self) -> None:
        """One step, or a pause when there is nothing to do."""
        progress = await self.step()
        if progress.finished:
            await asyncio.sleep(self._look_seconds)

    async def step(self) -> Progress:
        """The next documents have been reckoned by the calendar in force, and that is remembered."""
        before, calendar = await self._progress(), self._calendar()
        if before is None:  # a new database: whatever it will hold is reckoned by this calendar
            return await self._remember(Progress(calendar=calendar, finished=True, finished_at=self._clock()))
        if before.calendar != calendar:
            before = Progress(calendar=calendar, begun_at=self._clock())
            log.info("limits are reckoned anew", extra={"fields": {"calendar": calendar}})
        elif self._looks_again(before):
            before = Progress(calendar=calendar, reckoned=before.reckoned, begun_at=self._clock(), again=True)
        if before.finished:
            return before
        keys, finished = await self._next(before)
        states = await self._store.fields_of(keys, ["clocks", "clock"])
        stale = [key for key, state in states.items() if _is_stale(state, calendar)]
        if stale:
            await self.record([(key, CalendarChanged()) for key in stale])
        return await self._remember(
            before.model_copy(
                update={
                    "after": keys[-1] if keys else before.after,
                    "reckoned": before.reckoned + len(stale),
                    "found": before.found + len(stale),
                    "finished": finished,
                    "finished_at": self._clock() if finished else None,
                }
            )
        )

    async def _next(self, progress: Progress) -> tuple[list[str], bool]:
        """The keys of the next step, and whether it is the last one."""
        if not self._window.holds(progress):
            keys = await self._store.open_keys_after(progress.after, self._most)
            self._window = _Window(progress.begun_at, progress.after, keys)
        start = bisect_right(self._window.keys, progress.after)
        found = self._window.keys[start : start + self._chunk]
        return found, len(self._window.keys) < self._most and start + len(found) == len(self._window.keys)

    def _looks_again(self, progress: Progress) -> bool:
        if not progress.finished or progress.settled:
            return False
        grace = timedelta(seconds=GRACE_SECONDS)
        return progress.finished_at is None or self._clock() >= progress.finished_at + grace

    async def _progress(self) -> Progress | None:
        value = await self._store.fact(FACT)
        return None if value is None else Progress.model_validate(value)

    async def _remember(self, progress: Progress) -> Progress:
        await self._store.remember(FACT, progress.model_dump())
        fields = {"calendar": progress.calendar, "share": round(progress.share, 3), "reckoned": progress.reckoned}
        log.info("limits reckoned", extra={"fields": fields})
        return progress


def _is_stale(state: dict[str, Any], calendar: str) -> bool:
    clocks = [*(state.get("clocks") or {}).values(), *([state["clock"]] if state.get("clock") else [])]
    return any(clock["stopped_at"] is None and clock["calendar"] != calendar for clock in clocks)
