"""Open limits are reckoned anew when a calendar was published or corrected: in the order of keys, and resumed.

Each limit that moves says so with its reason (`ClockReckoned`). How far it has come is kept in the database: a service
that is stopped goes on where it was, and several instances do no harm to each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.decision import Record, not_wired
from infra.store import Store
from services.scoring.domain.case_rules import CalendarChanged

log = logging.getLogger(__name__)

FACT = "reckoning"
LOOK_SECONDS = 5.0
CHUNK = 500
"""Documents of one step; after each it may be interrupted."""


class Progress(BaseModel):
    """How far the open limits have been reckoned by a calendar."""

    model_config = ConfigDict(frozen=True)

    calendar: str
    after: str = ""
    """The last key that was looked at."""
    reckoned: int = 0
    """Documents of which some limit was reckoned anew, whether its end moved or not."""
    finished: bool = False

    @property
    def share(self) -> float:
        """0 to 1: keys are spread evenly, so the last one tells how far it is."""
        return 1.0 if self.finished else int(self.after[:8] or "0", 16) / 2**32


class Reckoning:
    """Goes through all open documents once for each version of the calendar."""

    def __init__(
        self, store: Store, calendar: Callable[[], str], look_seconds: float = LOOK_SECONDS, chunk: int = CHUNK
    ) -> None:
        """`calendar` names the version in force; it is asked again before each step, of so many documents."""
        self._store = store
        self._calendar = calendar
        self._look_seconds = look_seconds
        self._chunk = chunk
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
            return await self._remember(Progress(calendar=calendar, finished=True))
        if before.calendar != calendar:
            before = Progress(calendar=calendar)
            log.info("limits are reckoned anew", extra={"fields": {"calendar": calendar}})
        if before.finished:
            return before
        rows = await self._store.open_after(before.after, ["clocks", "clock"], self._chunk)
        stale = [key for key, state in rows if _is_stale(state, calendar)]
        if stale:
            await self.record([(key, CalendarChanged()) for key in stale])
        return await self._remember(
            before.model_copy(
                update={
                    "after": rows[-1][0] if rows else before.after,
                    "reckoned": before.reckoned + len(stale),
                    "finished": len(rows) < self._chunk,
                }
            )
        )

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
