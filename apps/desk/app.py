"""The desk on one page: its navigation and its pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from apps.desk import actions, cases, files, home, inbox, notices
from apps.desk.settings import DeskSettings
from apps.web.services import ServiceProblem, Services
from apps.web.site import Link, Site, now
from apps.web.staff import staff_site

NAVIGATION = (
    Link("/", "待办", "To do", "g h"),
    Link("/inbox", "收件箱", "Inbox", "g i"),
    Link("/notices", "通知", "Notices", "g n"),
)
PAGES = (
    *home.PAGES,
    *inbox.PAGES,
    *notices.PAGES,
    *files.PAGES,
    *cases.PAGES,
    *actions.PAGES,
)


def build(settings: DeskSettings, *, services: Services | None = None, clock: Callable[[], datetime] = now) -> Site:
    """The desk, ready to be served. Raises `DirectoryError`, `OSError`, `ValueError`."""

    async def events(request: Request) -> Response:
        """Hints that something of the unit has changed: its own topic `assignments.<unit>`, read through routing."""
        try:
            view = await site.view(request)
        except ServiceProblem as problem:
            return PlainTextResponse(problem.en, problem.status)
        if view.session is None:
            return PlainTextResponse("signed out", 401)
        who = view.who
        return site.live.response(
            request, view.unit, lambda headers: site.services.stream("routing", "/v1/changes", who, headers=headers)
        )

    site = staff_site(
        "desk",
        ("效能工作台", "Staff desk"),
        Path(__file__).parent,
        settings,
        PAGES,
        navigation=NAVIGATION,
        services=services,
        routes=(Route("/events", events),),
        clock=clock,
    )
    return site
