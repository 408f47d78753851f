"""Deletes what decisions want forgotten, beside the loop, until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from infra.decision import Effect, Forget, Forgotten, Record, not_wired


class Eraser:
    """Works through `Forget` effects, one key after another."""

    def __init__(self, erase: Callable[[str], Awaitable[None]]) -> None:
        """`erase` deletes everything of a key and may be repeated. `record` must be set before `work` is called."""
        self._erase = erase
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self.record: Record = not_wired

    async def perform(self, effects: Sequence[Effect]) -> None:
        """Queue the `Forget` effects."""
        for effect in effects:
            if isinstance(effect, Forget):
                self._wanted.put_nowait(effect.key)

    async def work(self) -> None:
        """Erase one key and record it. A key that fails comes again with its due date. Raises what `erase` raises."""
        key = await self._wanted.get()
        await self._erase(key)
        await self.record([(key, Forgotten())])
