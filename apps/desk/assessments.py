"""What the unit has entered into scores, and what waits for its approval."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from apps.desk.assessment_actions import KINDS
from apps.desk.parts import document
from apps.desk.supervision import checked
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View


async def entries(view: View) -> Response:
    """The list of a period. A unit that enters and approves nothing is shown why."""
    query = view.request.query_params
    period = checked(query.get("period") or f"{view.site.clock().astimezone(view.place.zone):%Y}")
    waiting, page = query.get("waiting") == "true", query.get("page", "1")
    asked = {"period": period, "page": page if page.isdigit() else "1", **({"waiting": "true"} if waiting else {})}
    try:
        found = document(await view.get("scoring", "/v1/assessments", **asked))
        items = document(await view.get("scoring", "/v1/assessments/items"))["items"]
    except ServiceProblem as problem:
        if problem.status != 403:
            raise
        found, items = None, []
    return view.render(
        "desk/assessments.html",
        found=found,
        names={each["id"]: each for each in items},
        period=period,
        waiting=waiting,
        kinds=KINDS,
        page=int(asked["page"]),
        href=lambda n: "?" + urlencode({**asked, "page": n}),
        enters=any(view.unit in each["assessed_by"] for each in items),
    )


PAGES = (Page("/assessments", entries),)
