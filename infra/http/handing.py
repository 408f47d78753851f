"""How a request hands something to the loop that nobody else has to hear of: decided before it is answered, or 503."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.decision import Internal, Record
from infra.http.problems import HttpProblem, not_ready
from infra.http.publishing import MOST_UNDER_WAY, SOON
from infra.processor import Stopped


@dataclass
class HttpHanding:
    """Hands over for requests."""

    record: Record
    not_ready: Callable[[], str | None]
    seconds: float = 4.0
    """How long a request waits for the loop."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def hand(self, key: str, subject: Internal) -> None:
        """The loop has decided. Raises `HttpProblem` when that is not known in time: it may decide all the same."""
        if why := self.not_ready():
            raise not_ready(why)
        if len(self._under_way) >= MOST_UNDER_WAY:
            raise HttpProblem("unavailable", headers=SOON)
        task = asyncio.create_task(self.record([(key, subject)]))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self.seconds):
                await asyncio.shield(task)
        except (Stopped, TimeoutError):
            raise HttpProblem("unavailable", headers=SOON) from None

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()
