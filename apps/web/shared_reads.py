"""Equal reads of many browsers at the same time are one read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")
Read = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, eq=False)
class _Caller:
    read: Read
    future: asyncio.Future[Any]


class SharedReads:
    """Reads by key, at most one at a time for each.

    A caller gets the result of a read that begins after its call, never of one under way: a person who has just
    changed something sees the change.
    """

    def __init__(self) -> None:
        self._callers: dict[Hashable, list[_Caller]] = {}
        self._running: dict[Hashable, asyncio.Task[None]] = {}

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The result. The key must name all that it depends on. Raises what `read` raises."""
        caller = _Caller(read, asyncio.get_running_loop().create_future())
        self._callers.setdefault(key, []).append(caller)
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._serve(key))
        return cast("T", await caller.future)

    async def close(self) -> None:
        """Cancel all reads and their callers."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _serve(self, key: Hashable) -> None:
        """Read while there are callers. They continue one in each turn of the loop: each may render a page."""
        callers: list[_Caller] = []
        try:
            while callers := self._callers.pop(key, []):
                try:
                    result, error = await callers[0].read(), None
                except Exception as raised:  # noqa: BLE001 - raised again in each caller
                    result, error = None, raised
                for caller in callers:
                    if not caller.future.done():
                        _settle(caller.future, result, error)
                        await asyncio.sleep(0)
        finally:
            del self._running[key]
            for caller in (*callers, *self._callers.pop(key, [])):
                caller.future.cancel()


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
