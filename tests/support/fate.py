"""Processes that die, meet an outage or are slow at a chosen call to an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


class Crash(BaseException):
    """The process is gone: nothing in it may catch this."""


@dataclass
class Fate:
    """Counts I/O calls and strikes at the chosen ones."""

    strikes: dict[int, str]
    """What happens at the n-th call: ``before``, ``after`` (crash), ``outage-before``, ``outage-after``."""
    calls: int = 0

    async def meet(self, call: Callable[[], Any], outage: Exception) -> Any:
        """The call, unless fate strikes."""
        self.calls += 1
        strike = self.strikes.get(self.calls)
        if strike == "before":
            raise Crash
        if strike == "outage-before":
            raise outage
        result = await call()
        if strike == "after":
            raise Crash
        if strike == "outage-after":
            raise outage
        return result


class Fated:
    """A real store or publisher, every call of which meets fate."""

    def __init__(self, real: Any, fate: Fate, outage: Exception) -> None:
        self._real = real
        self._fate = fate
        self._outage = outage

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._real, name)
        if not callable(call):  # a part of it
            return Fated(call, self._fate, self._outage)
        return lambda *args, **kwargs: self._fate.meet(lambda: call(*args, **kwargs), self._outage)


@dataclass
class Slow(Fate):
    """Stops for a while before one call."""

    before: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def meet(self, call: Callable[[], Any], outage: Exception) -> Any:
        """The call, when it is let."""
        if self.calls + 1 == self.before:
            self.reached.set()
            await self.go_on.wait()
        return await super().meet(call, outage)


def fates_of(strikes: list[dict[int, str]]) -> Iterator[Fate]:
    """The given fates, then peace."""
    yield from (Fate(dict(each)) for each in strikes)
    while True:
        yield Fate({})
