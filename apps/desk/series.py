"""Bulletins: the series that the unit gets, and each issue as a page or PDF."""

from __future__ import annotations

import re

from starlette.responses import Response

from apps.desk.files import streamed
from apps.desk.parts import document
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View

_ISSUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""The page of an issue is shown without scripts and apart from the desk."""


async def series(view: View) -> Response:
    """The series, with their latest issues."""
    return view.render("desk/series.html", found=document(await view.get("notify", "/v1/series")))


async def issue(view: View) -> Response:
    """An issue for the screen or for paper, in the language of the page where the issue has it."""
    id, kind = view.request.path_params["issue"], view.request.path_params["format"]
    if not _ISSUE.fullmatch(id) or kind not in {"html", "pdf"}:
        raise ServiceProblem(404, "not-found", "没有这一期。", "There is no such issue.")
    given = view.request.query_params.get("language")
    params = {"language": given} if given in {"zh", "en"} else {}
    if kind == "pdf":
        return await streamed(view, "notify", f"/v1/issues/{id}.pdf", f"{id}.pdf", params)
    found = await view.services.request("GET", "notify", f"/v1/issues/{id}.html", view.who, params=params)
    return Response(found.content, media_type="text/html", headers={"Content-Security-Policy": SANDBOX})


PAGES = (Page("/series", series), Page("/issues/{issue}.{format}", issue))
