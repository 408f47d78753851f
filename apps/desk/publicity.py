"""Publications: what waits for the unit's review, what it has proposed or reviewed, and what is public now."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from apps.desk.parts import document
from apps.desk.publicity_actions import KINDS
from apps.web.site import Link, Page
from apps.web.view import View
from apps.web.words import Names

LINK = Link("/publications", "公开", "Publications", "g p")
STAGES: Names = {
    "proposed": ("待审核", "waits for review"),
    "approved": ("已同意", "approved"),
    "public": ("已公开", "public"),
    "declined": ("未同意", "declined"),
    "withdrawn": ("已撤下", "withdrawn"),
}


async def publications(view: View) -> Response:
    """All of them."""
    own, public = await asyncio.gather(
        view.get("notify", "/v1/publicity"), view.services.get("notify", "/v1/publications")
    )
    return view.render(
        "desk/publications.html",
        own=document(own),
        public=document(public)["publications"],
        kinds=KINDS,
        stages=STAGES,
    )


PAGES = (Page("/publications", publications),)
