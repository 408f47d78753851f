"""The JSON API of the series: which there are, what an issue tells, and its pages."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from contracts.codes import Language
from infra.http.endpoint import Answer, Caller, Endpoint, Handle, Interface, Parameter, query_of, respond
from infra.http.problems import HttpProblem, ProblemDocument
from services.notify.asking import Asking, fault
from services.notify.series_views import AllSeries, SeriesViews, ShownIssue

READ = "read"
"""Right of a key."""
_ISSUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


class SeriesApi:
    """The handlers."""

    def __init__(self, views: SeriesViews, asking: Asking) -> None:
        self._views = views
        self._asking = asking

    async def series(self, request: Request, caller: Caller) -> Response:
        """What the unit gets."""
        return respond(await self._views.series(self._asking.unit(caller)))

    async def issue(self, request: Request, caller: Caller) -> Response:
        """One issue, as figures."""
        found = await self._views.issue(_asked(request), self._asking.unit(caller))
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def html(self, request: Request, caller: Caller) -> Response:
        """One issue, for the screen."""
        return await self._file(request, caller, "text/html")

    async def pdf(self, request: Request, caller: Caller) -> Response:
        """One issue, for paper."""
        return await self._file(request, caller, "application/pdf")

    async def _file(self, request: Request, caller: Caller, media_type: str) -> Response:
        given = query_of(request).get("language")
        if given is not None and given not in set(Language):
            raise fault("language", "enum")
        language = Language(given) if given else None
        found = await self._views.file(_asked(request), self._asking.unit(caller), media_type, language)
        if found is None:
            raise HttpProblem("not-found")
        headers = {"Content-Disposition": f'inline; filename="{found.name}"', "Content-Security-Policy": _PAGE_POLICY}
        return Response(found.content, media_type=found.media_type, headers=headers)


def series(api: SeriesApi) -> Interface:
    """The interface."""
    keyed = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, no right, or no unit of the tree", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("database away: Retry-After", ProblemDocument),
    }
    missing = {404: Answer("none that the unit gets, or not printed yet", ProblemDocument)}
    wrong = {422: Answer("refused", ProblemDocument)}
    issue = Parameter("issue_id", "path", "UUIDv5 of series and last day")
    language = Parameter("language", "query", "zh or en; the first of the series where left out")

    def pages(suffix: str, media_type: str, handle: Handle, says: str) -> Endpoint:
        return Endpoint(
            "GET",
            f"/v1/issues/{{issue_id}}.{suffix}",
            handle,
            says,
            {200: Answer("pages", media_types=(media_type,), schema={"type": "string"}), **missing, **keyed, **wrong},
            right=READ,
            parameters=(issue, language),
        )

    return Interface(
        "series",
        "Reports that come out again and again (日报、周报、简报). A unit reads its own, and those of units below it.",
        (
            Endpoint(
                "GET",
                "/v1/series",
                api.series,
                "The series of the place, with their latest issues",
                {200: Answer("those that the unit gets", AllSeries), **keyed},
                right=READ,
            ),
            pages("html", "text/html", api.html, "One issue, for the screen"),
            pages("pdf", "application/pdf", api.pdf, "One issue, for paper"),
            Endpoint(
                "GET",
                "/v1/issues/{issue_id}",
                api.issue,
                "One issue, as figures",
                {200: Answer("all of it", ShownIssue), **missing, **keyed},
                right=READ,
                parameters=(issue,),
            ),
        ),
        client="unit",
    )


def _asked(request: Request) -> str:
    """The id in the path. Raises `HttpProblem` where it is none."""
    id = str(request.path_params["issue_id"])
    if not _ISSUE.fullmatch(id):
        raise HttpProblem("not-found")
    return id
