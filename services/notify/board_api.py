"""The public side of notify: the screen and what was published. Anybody may ask; nothing here is anybody's secret."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.clock import Clock
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter
from infra.http.paging import number_of
from infra.http.problems import ProblemDocument
from infra.http.streaming import MEDIA_TYPE, Streams
from services.notify.asking import WRONG, fault
from services.notify.publication_views import PublicationViews, ShownPublications
from services.notify.screen import MOST_LINES, Screen, ShownBoard

TOPIC = "board.events"
BOARD_SECONDS, PUBLISHED_SECONDS = 5, 30
"""How long anybody may keep an answer."""
MOST_PUBLISHED = 100


class BoardApi:
    """The handlers."""

    def __init__(self, screen: Screen, views: PublicationViews, streams: Streams, clock: Clock) -> None:
        self._screen = screen
        self._views = views
        self._streams = streams
        self._clock = clock

    async def board(self, request: Request, _caller: Caller) -> Response:
        """The newest lines, and the numbers of today."""
        limit = number_of(request, "limit", 50, MOST_LINES, fault)
        shown = self._screen.shown(self._clock(), limit)
        return _cacheable(shown.model_dump(mode="json", exclude_none=True), BOARD_SECONDS)

    async def events(self, request: Request, _caller: Caller) -> Response:
        """The topic as server-sent events."""
        given = request.headers.get("last-event-id", "")
        if given and not re.fullmatch(r"[0-9]{1,18}", given):
            raise fault("Last-Event-ID", "pattern")
        return await self._streams.of(TOPIC, int(given) if given else None)

    async def published(self, request: Request, _caller: Caller) -> Response:
        """What is public at this moment."""
        shown = await self._views.public(number_of(request, "limit", 20, MOST_PUBLISHED, fault))
        return _cacheable(shown.model_dump(mode="json", exclude_none=True), PUBLISHED_SECONDS)


def board(api: BoardApi) -> Interface:
    """The interface."""
    open_to_all = {
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("not available now: Retry-After", ProblemDocument),
    }

    def limit(most: int, usual: int) -> Parameter:
        return Parameter("limit", "query", f"{usual} where left out, {most} at most", {"type": "integer"})

    return Interface(
        "board",
        "What everybody may see: where cases stand, without a word of them, and what was published about units.",
        (
            Endpoint(
                "GET",
                "/v1/board",
                api.board,
                "The newest lines of the screen, and the numbers of today",
                {200: Answer("the screen", ShownBoard), **WRONG, **open_to_all},
                parameters=(limit(MOST_LINES, 50),),
            ),
            Endpoint(
                "GET",
                "/v1/board/events",
                api.events,
                "Server-sent events: lines and publications as they come",
                {200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}), **WRONG, **open_to_all},
                per_minute=20,
                parameters=(
                    Parameter("Last-Event-ID", "header", "go on after this event; only what is new where left out"),
                ),
            ),
            Endpoint(
                "GET",
                "/v1/publications",
                api.published,
                "What is public about units, the newest first",
                {200: Answer("publications", ShownPublications), **WRONG, **open_to_all},
                per_minute=60,
                parameters=(limit(MOST_PUBLISHED, 20),),
            ),
        ),
    )


def _cacheable(content: object, seconds: int) -> Response:
    return JSONResponse(content, headers={"Cache-Control": f"public, max-age={seconds}"})
