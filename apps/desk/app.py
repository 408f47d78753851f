"""The desk on one page: its navigation and its pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from apps.desk import (
    actions,
    assessments,
    callbacks,
    cases,
    dead_notices,
    figures,
    files,
    home,
    hotline,
    hotline_acts,
    inbox,
    merging,
    notices,
    oversight,
    papers,
    publicity,
    queue,
    queue_case,
    reception,
    scores,
    search,
    search_bulk,
    series,
    silences,
    supervision,
)
from apps.desk.saved_views import SavedViews
from apps.desk.settings import DeskSettings
from apps.web.services import Service, ServiceProblem, Services
from apps.web.site import Link, Site, now
from apps.web.staff import staff_site

ROLES = (hotline, callbacks, reception, queue, search, figures, supervision, oversight, scores, publicity)
"""Modules of roles and of the search that have an entry in the navigation."""
NAVIGATION = (
    Link("/", "待办", "To do", "g h"),
    Link("/inbox", "收件箱", "Inbox", "g i"),
    *(each.LINK for each in ROLES),
    Link("/notices", "通知", "Notices", "g n", also=("papers",)),
)
PAGES = (
    *(*home.PAGES, *inbox.PAGES, *notices.PAGES, *files.PAGES, *cases.PAGES, *actions.PAGES),
    *(*hotline.PAGES, *hotline_acts.PAGES, *callbacks.PAGES, *reception.PAGES, *merging.PAGES),
    *(*queue.PAGES, *queue_case.PAGES, *search_bulk.PAGES, *figures.PAGES),
    *(*silences.PAGES, *dead_notices.PAGES, *papers.PAGES, *series.PAGES, *assessments.PAGES, *publicity.PAGES),
    *(*oversight.PAGES, *scores.PAGES, *supervision.PAGES),
)


def build(settings: DeskSettings, *, services: Services | None = None, clock: Callable[[], datetime] = now) -> Site:
    """The desk, ready to be served. Raises `DirectoryError`, `OSError`, `ValueError`."""

    def events(path: str, service: Service, changes: str) -> Route:
        """Hints that something of the unit has changed: one of its own topics, read through the service."""

        async def hints(request: Request) -> Response:
            try:
                view = await site.view(request)
            except ServiceProblem as problem:
                return PlainTextResponse(problem.en, problem.status)
            if view.session is None:
                return PlainTextResponse("signed out", 401)
            who = view.who
            return site.live.response(
                request,
                (changes, view.unit),
                lambda headers: site.services.stream(service, changes, who, headers=headers),
            )

        return Route(path, hints)

    site = staff_site(
        "desk",
        ("效能工作台", "Staff desk"),
        Path(__file__).parent,
        settings,
        (*PAGES, *search.Search(SavedViews(settings.desk_file)).pages()),
        navigation=NAVIGATION,
        services=services,
        routes=(
            events("/events", "routing", "/v1/changes"),
            events("/events/conduct", "scoring", "/v1/conduct/changes"),
            events("/events/publicity", "notify", "/v1/publicity/changes"),
            events("/events/notices", "notify", "/v1/notices/events"),
            reception.events(lambda: site),
        ),
        clock=clock,
    )
    return site
