"""The public screen (大屏): lines and figures that notify has made public, with one upstream stream per process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from apps.board.answers import answer
from apps.web.language import Language
from apps.web.services import ServiceProblem, Services
from apps.web.site import Site
from apps.web.view import View

log = logging.getLogger(__name__)
LINES = 60
STREAM_SECONDS, BEAT_SECONDS, GATHER_SECONDS = 10.0, 15.0, 1.0
"""Silence of the upstream stream that means it is lost; time between beats to browsers; events of one hint."""
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)
RENEW_SECONDS = 60.0
"""Numbers of the day and publications are asked for at least so often."""
MOST_BROWSERS = 2_000


class Screen:
    """What the screen shows, and the browsers that show it."""

    def __init__(self, services: Services) -> None:
        """`site` is set before the first request."""
        self._services = services
        self.site: Site
        self._board: dict[str, Any] | None = None
        self._published: list[dict[str, Any]] = []
        self._live = False
        self._pages: dict[Language, bytes] = {}
        self._browsers: set[asyncio.Event] = set()
        self._stale = asyncio.Event()
        self._stopping = False

    # ---- pages

    async def show(self, view: View) -> Response:
        """The page; made once for all browsers of one language."""
        if self._board is None:
            with suppress(ServiceProblem):
                await self._renew()
        own = "lang" in view.request.query_params or bool(view.flash() or view.kept)
        if not own and view.language in self._pages:
            return HTMLResponse(self._pages[view.language])
        page = view.render("screen.html", board=answer(self._board), published=answer(self._published))
        if not own:
            self._pages[view.language] = bytes(page.body)
        return page

    async def events(self, request: Request) -> Response:
        """Hints that the page has changed, as server-sent events."""
        if len(self._browsers) >= MOST_BROWSERS:
            return Response(status_code=503, headers={"Retry-After": "10"})
        return StreamingResponse(
            self._hints(request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    async def _hints(self, request: Request) -> AsyncIterator[bytes]:
        hint = asyncio.Event()
        self._browsers.add(hint)
        self.site.measures.browsers.inc()
        try:
            yield b"retry: 2000\n\n" + self._state()
            while not self._stopping and not await request.is_disconnected():
                try:
                    await asyncio.wait_for(hint.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield self._state()
                    continue
                hint.clear()
                yield self._state() + b"event: changed\ndata: {}\n\n"
        finally:
            self.site.measures.browsers.dec()
            self._browsers.discard(hint)

    def _state(self) -> bytes:
        return b"event: state\ndata: %s\n\n" % (b"live" if self._live else b"away")

    # ---- upstream

    async def follow(self) -> None:
        """Read the public events of notify for as long as the app runs, and renew the page after each."""
        renewing = asyncio.create_task(self._renew_when_stale())
        last, losses = "", 0
        try:
            while True:
                try:
                    async with self._services.stream(
                        "notify",
                        "/v1/board/events",
                        headers={"Last-Event-ID": last} if last else {},
                        seconds=STREAM_SECONDS,
                    ) as response:
                        losses, self._live = 0, True
                        self._stale.set()  # what was posted while the stream was away
                        async for line in response.aiter_lines():
                            if line.startswith("id:"):
                                last = line[3:].strip()
                            elif line.startswith("data:"):
                                self._stale.set()
                except (ServiceProblem, httpx.HTTPError) as error:
                    log.info("the stream of the public screen was lost: %s", type(error).__name__)
                self._live = False
                self._changed()
                await asyncio.sleep(RETRY_SECONDS[min(losses, len(RETRY_SECONDS) - 1)])
                losses += 1
        finally:
            renewing.cancel()

    async def close(self) -> None:
        """Streams to browsers end."""
        self._stopping = True
        self._changed()

    async def _renew_when_stale(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stale.wait(), RENEW_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
            self._stale.clear()
            try:
                await self._renew()
            except ServiceProblem as problem:
                log.info("the public screen cannot be renewed: %s", problem.code)
                self._live = False
                self._changed()

    async def _renew(self) -> None:
        """Ask for lines, numbers and publications. Raises `ServiceProblem`."""
        board = await self._services.get("notify", "/v1/board", params={"limit": str(LINES)})
        published = await self._services.get("notify", "/v1/publications", params={"limit": "12"})
        found = published.get("publications", [])
        before = self._shown()
        self._board, self._published = board, found
        if self._shown() != before:
            self._changed()

    def _shown(self) -> str:
        """What the page shows, without the instant of asking."""
        board = {name: value for name, value in (self._board or {}).items() if name != "at"}
        return json.dumps([board, self._published], sort_keys=True)

    def _changed(self) -> None:
        self._pages.clear()
        for browser in self._browsers:
            browser.set()
