"""The first page: what waits for the post that has signed in."""

from __future__ import annotations

from starlette.responses import Response

from apps.web.site import Page
from apps.web.view import View


async def home(view: View) -> Response:
    """Cases that were sent to the unit, the latest first."""
    inbox = await view.get("routing", "/v1/inbox", page_size=50)
    return view.render("desk/home.html", inbox=inbox)


PAGES = (Page("/", home),)
