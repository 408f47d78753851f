"""Server-sent events for pages: one upstream stream per unit, shared by all browsers of that unit.

A browser gets only the hint that something has changed; its script asks for the page's regions again, with the rights
of its own session. So no event carries anything that a page may not show.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field

import httpx
from starlette.requests import Request
from starlette.responses import StreamingResponse

from apps.web.measures import Measures
from apps.web.services import ServiceProblem

log = logging.getLogger(__name__)
BEAT_SECONDS = 15.0
"""A comment line is sent after so long without an event, so that a lost connection is noticed."""
GATHER_SECONDS = 0.5
"""Events within this time are one hint."""
SPACING_SECONDS = 0.01
"""Between the hints of two browsers: each asks for a page, and the loop has other work between the pages."""
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)
Upstream = Callable[[Mapping[str, str]], AbstractAsyncContextManager[httpx.Response]]
"""Opens a stream of server-sent events with these headers."""


@dataclass
class _Topic:
    browsers: set[asyncio.Event] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: tuple[asyncio.Task[None], ...] = ()
    fresh: bool = True
    """Whether the upstream stream is open, or has not been lost yet."""


class Live:
    """Streams of hints, by a key such as the unit."""

    def __init__(self, measures: Measures, signed_in: Callable[[Request], bool] = lambda _: False) -> None:
        """`signed_in`: whether the session of a request is in force at the present instant."""
        self._topics: dict[Hashable, _Topic] = {}
        self._pace = asyncio.Lock()
        self._measures = measures
        self._signed_in = signed_in

    def response(self, request: Request, key: Hashable, upstream: Upstream) -> StreamingResponse:
        """The stream for one browser. The first browser of a key opens the upstream stream, the last closes it.

        It ends with the session of the request; the browser then asks again, with the cookie that it has by then.
        """
        return StreamingResponse(
            self._hints(request, key, upstream),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no", "Content-Encoding": "identity"},
        )

    async def _hints(self, request: Request, key: Hashable, upstream: Upstream) -> AsyncIterator[bytes]:
        topic = self._topics.setdefault(key, _Topic())
        changed, signed_in = asyncio.Event(), self._signed_in(request)
        topic.browsers.add(changed)
        self._measures.browsers.inc()
        if not topic.tasks:
            topic.tasks = tuple(map(asyncio.create_task, (self._follow(topic, upstream), self._hint(topic))))
        try:
            yield b"retry: 2000\n\n" + _state(topic)
            while not await request.is_disconnected() and signed_in == self._signed_in(request):
                try:
                    await asyncio.wait_for(changed.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield _state(topic)
                    continue
                changed.clear()
                yield _state(topic) + b"event: changed\ndata: {}\n\n"
        finally:
            self._measures.browsers.dec()
            topic.browsers.discard(changed)
            if not topic.browsers:
                for task in topic.tasks:
                    task.cancel()
                self._topics.pop(key, None)

    async def close(self) -> None:
        """End all upstream streams."""
        tasks = [task for topic in self._topics.values() for task in topic.tasks]
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, topic: _Topic, upstream: Upstream) -> None:
        """Read the upstream stream, again after each loss, from the last event on."""
        last, losses = "", 0
        while True:
            try:
                async with upstream({"Last-Event-ID": last} if last else {}) as response:
                    topic.fresh, losses = True, 0
                    topic.changed.set()  # what came while the stream was away
                    async for line in response.aiter_lines():
                        if line.startswith("id:"):
                            last = line[3:].strip()
                        elif line.startswith("data:"):
                            topic.changed.set()
            except (ServiceProblem, httpx.HTTPError) as error:
                log.info("a stream of events was lost: %s", type(error).__name__)
            topic.fresh = False
            topic.changed.set()
            await asyncio.sleep(RETRY_SECONDS[min(losses, len(RETRY_SECONDS) - 1)])
            losses += 1

    async def _hint(self, topic: _Topic) -> None:
        """After a change, hint one browser after another; changes meanwhile are the next round."""
        while True:
            await topic.changed.wait()
            await asyncio.sleep(GATHER_SECONDS)
            topic.changed.clear()
            for browser in tuple(topic.browsers):
                async with self._pace:
                    browser.set()
                    await asyncio.sleep(SPACING_SECONDS)


def _state(topic: _Topic) -> bytes:
    return b"event: state\ndata: %s\n\n" % (b"live" if topic.fresh else b"away")
