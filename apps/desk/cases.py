"""One case: what was said, what was done, and what may be done now."""

from __future__ import annotations

from starlette.responses import Response

from apps.desk.actions import ACTIONS
from apps.web.site import Page
from apps.web.view import View


async def case(view: View) -> Response:
    """The page of a case."""
    case_id = view.request.path_params["case_id"]
    found = await view.get("routing", f"/v1/cases/{case_id}", reason="handling")
    return view.render(
        "desk/case.html", case=found, case_id=case_id, actions=[each for each in ACTIONS.values() if each.about_case]
    )


PAGES = (Page("/cases/{case_id}", case),)
