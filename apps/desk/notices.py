"""Notices to the unit: what notify has sent to it and its posts, unread ones first."""

from __future__ import annotations

from starlette.responses import Response

from apps.desk.parts import document
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import STAFF_NOTICES


async def notices(view: View) -> Response:
    """The list."""
    found = await view.get("notify", "/v1/notices", page=view.request.query_params.get("page"), page_size=50)
    return view.render("desk/notices.html", found=document(found), names=STAFF_NOTICES)


async def read(view: View) -> Response:
    """Mark one notice as read."""
    notice_id = view.request.path_params["notice_id"]
    await view.services.request("POST", "notify", f"/v1/notices/{notice_id}/read", view.who)
    return view.redirect("/notices", "已标为已读。", "Marked as read.")


async def back(view: View) -> Response:
    """After a sign-in in mid-form."""
    return view.redirect("/notices")


PAGES = (
    Page("/notices", notices),
    Page("/notices/{notice_id}/read", read, ("POST",)),
    Page("/notices/{notice_id}/read", back),
)
