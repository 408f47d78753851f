"""Scores of a period by peer group, the score of one unit line by line, and both as files."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from apps.desk.parts import document
from apps.desk.supervision import checked, period_of
from apps.web import words
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.view import View

LINK = Link("/scores", "考核", "Scores", "g k", also=("assessments", "series"))
DOES = {
    "component": ("指标", "component"),
    "deduction": ("扣分", "deduction"),
    "bonus": ("加分", "bonus"),
    "veto": ("一票否决", "veto"),
}
COUNTS = {**words.COUNTS, "reopened": ("重办", "opened again")}
"""Names of the counts of cases."""


async def scores(view: View) -> Response:
    """Scorecards by peer group: the own unit and those below it."""
    period = period_of(view)
    try:
        found = document(await view.get("scoring", f"/v1/scores/{period}"))
    except ServiceProblem as problem:
        if problem.status != 404:
            raise
        found = None
    return view.render("desk/scores.html", found=found, period=period)


async def unit(view: View) -> Response:
    """One unit: what its score is made of, and its numbers."""
    period, id = checked(view.request.path_params["period"]), view.request.path_params["unit"]
    if id not in view.place.units:
        raise ServiceProblem(404, "not-found", "没有这个单位。", "There is no such unit.")
    found, table = await asyncio.gather(
        view.get("scoring", f"/v1/scores/{period}/units/{id}"), view.get("scoring", f"/v1/scores/{period}")
    )
    return view.render(
        "desk/unit_score.html",
        found=document(found),
        grading=table["grading"],
        unit=id,
        period=period,
        does=DOES,
        counts=COUNTS,
    )


async def download(view: View) -> Response:
    """The scorecards as CSV or XLSX."""
    period, kind = checked(view.request.path_params["period"]), view.request.path_params["format"]
    if kind not in {"csv", "xlsx"}:
        raise ServiceProblem(404, "not-found", "没有这种格式。", "There is no such format.")
    found = await view.services.request("GET", "scoring", f"/v1/scores/{period}/scores.{kind}", view.who)
    headers = {"Content-Disposition": f"attachment; filename=scores-{period}.{kind}"}
    return Response(found.content, media_type=found.headers.get("content-type"), headers=headers)


PAGES = (
    Page("/scores", scores),
    Page("/scores/{period}/scores.{format}", download),
    Page("/scores/{period}/{unit}", unit),
)
