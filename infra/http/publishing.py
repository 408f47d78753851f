"""How a request puts a message on a topic: soon, or not at all as far as it is told; sending again is harmless."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.envelope import Record
from infra.http.problems import HttpProblem, not_ready
from infra.publisher import Publisher, PublishError

SOON = {"Retry-After": "5"}
MOST_UNDER_WAY = 500
"""Messages that wait for the broker at once; beyond, nothing more is taken."""


@dataclass
class HttpPublisher:
    """Publishes for requests."""

    publisher: Publisher
    not_ready: Callable[[], str | None]
    seconds: float = 4.0
    """How long a request waits for the broker."""
    _under_way: set[asyncio.Task[int]] = field(default_factory=set)

    async def publish(self, *records: Record) -> None:
        """The broker has them. Raises `HttpProblem` when that is not known in time: they may arrive all the same."""
        if why := self.not_ready():
            raise not_ready(why)
        if len(self._under_way) >= MOST_UNDER_WAY:
            raise HttpProblem("unavailable", headers=SOON)
        task = asyncio.create_task(self.publisher.send(records))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self.seconds):
                await asyncio.shield(task)
        except (PublishError, TimeoutError, OSError):
            raise HttpProblem("unavailable", headers=SOON) from None

    def _done(self, task: asyncio.Task[int]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()
