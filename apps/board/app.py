"""The board on one page: what it serves, what it asks, what it stores."""

from __future__ import annotations

import hmac
import logging
import sqlite3
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.board import otlp
from apps.board.chart_library import PATH as LIBRARY_PATH
from apps.board.chart_library import ChartLibrary
from apps.board.cockpit import Cockpit
from apps.board.scopes import Scopes
from apps.board.screen import Screen
from apps.board.settings import BoardSettings
from apps.board.sources import sources
from apps.board.span_store import Busy, SpanStore
from apps.board.story import Story
from apps.web.services import Services
from apps.web.site import Link, Page, Site
from apps.web.staff import staff_site

log = logging.getLogger(__name__)
PACKAGE = Path(__file__).parent
NAVIGATION = (
    Link("/", "总览", "Overview", "g o"),
    Link("/cases", "案件", "Cases", "g c"),
    Link("/scores", "考核", "Scores", "g s"),
    Link("/screen", "公开大屏", "Public screen", "g p"),
)


def build(settings: BoardSettings) -> Site:
    """The board, ready to be served. Raises `DirectoryError`, `OSError`, `ValueError`."""
    library, services = ChartLibrary(), Services(settings)
    cockpit, screen = Cockpit(library), Screen(services)
    spans = SpanStore(
        settings.board_traces_file,
        hours=settings.board_traces_hours,
        most_bytes=settings.board_traces_most_mb << 20,
    )
    taking = TakenSpans(spans, settings.board_traces_key.get_secret_value())
    site = staff_site(
        "board",
        ("督查驾驶舱", "Supervision cockpit"),
        PACKAGE,
        settings,
        (
            Page("/", cockpit.home),
            Page("/cases", cockpit.cases),
            Page("/cases/{case_id}", Story(spans).show),
            Page("/scores", cockpit.scores),
            Page("/scores/{period}", cockpit.scores),
            Page("/scores/{period}/{unit}", cockpit.unit),
            Page("/scores/{period}/{unit}/{number}", cockpit.addends),
            Page("/screen", screen.show, open=True),
        ),
        navigation=NAVIGATION,
        services=services,
        routes=(
            Route("/events", cockpit.events),
            Route("/screen/events", screen.events),
            Route(LIBRARY_PATH, library.serve),
            Route("/v1/traces", taking.take, methods=["POST"]),
        ),
        tasks=(screen.follow,),
        closers=(spans.close, screen.close, cockpit.close),
    )
    cockpit.site = screen.site = site
    cockpit.scopes = Scopes(sources(services, site.place, site.clock), site.measures)
    return site


class TakenSpans:
    """Takes the spans that services export (OTLP over HTTP)."""

    def __init__(self, spans: SpanStore, key: str) -> None:
        self._spans = spans
        self._key = key

    async def take(self, request: Request) -> Response:
        """An export of a service that has the key."""
        given = request.headers.get("x-api-key", "")
        if not self._key or not hmac.compare_digest(given.encode(), self._key.encode()):
            return Response(status_code=403 if self._key else 404)
        if request.headers.get("content-type", "").partition(";")[0].strip() != otlp.MEDIA_TYPE:
            return Response(status_code=415)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > otlp.MOST_BYTES:
                return Response(status_code=413)
        try:
            found = otlp.spans_of(body, request.headers.get("content-encoding", ""))
            if found:
                await self._spans.add(found)
        except otlp.Malformed:
            return Response(status_code=400)
        except Busy:
            return Response(status_code=429, headers={"Retry-After": "5"})
        except sqlite3.Error:
            log.warning("the file of spans cannot be written", exc_info=True)
            return Response(status_code=503, headers={"Retry-After": "30"})
        return Response(otlp.ANSWER, media_type=otlp.MEDIA_TYPE)
