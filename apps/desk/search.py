"""Search with all criteria, saved views, downloads, and bulk actions on what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from apps.desk.choices import code_names
from apps.desk.parts import document
from apps.desk.saved_views import MOST_NAME, SavedViews, SavedViewsError
from apps.desk.search_bulk import offered
from apps.desk.search_criteria import (
    BODY_ONLY,
    COLUMNS,
    MAIN,
    MORE,
    SPECS,
    Criteria,
    body_of,
    columns_of,
    criteria_of,
    is_asked,
    query_of,
    words_of,
)
from apps.web.forms import Form, build
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.view import View, page_number

LINK = Link("/search", "查询", "Search", "g s")
PAGE_SIZE = 50
EXPORT_SECONDS = 180.0


class Search:
    """The pages; saved views are in a file."""

    def __init__(self, views: SavedViews) -> None:
        self._views = views

    def pages(self) -> tuple[Page, ...]:
        """The pages with their paths."""
        return (
            Page("/search", self.show),
            Page("/search", self.take, ("POST",)),
            Page("/search/views", self.show),
            Page("/search/views", self.save, ("POST",)),
            Page("/search/views/delete", self.delete, ("POST",)),
            Page("/search/cases.{format}", self.download, ("GET", "POST")),
        )

    async def show(self, view: View) -> Response:
        """The results of the criteria in the address; the form alone without any."""
        return await self._page(view, criteria_of(view.request.query_params), page_number(view.request.query_params))

    async def take(self, view: View) -> Response:
        """The search of the form: an address of its own, except with a telephone number, which must be in none."""
        sent = await view.form()
        criteria = criteria_of(sent)
        if BODY_ONLY in criteria:
            return await self._page(view, criteria, page_number(sent))
        return RedirectResponse(f"/search?{query_of(criteria)}", 303)

    async def _page(self, view: View, criteria: Criteria, page: int, fault: str = "") -> Response:
        form, found, status = build(view, SPECS, None, criteria), None, 422 if fault else 200
        if is_asked(criteria):
            try:
                found = document(
                    await view.services.post("intake", "/v1/cases/search", body_of(criteria, page, PAGE_SIZE), view.who)
                )
            except ServiceProblem as problem:
                if problem.away:
                    raise
                form.refuse(view, problem)
                status = problem.status
        return await self._render(view, form, criteria, found, page, fault, status)

    async def _render(
        self,
        view: View,
        form: Form,
        criteria: Criteria,
        found: Mapping[str, Any] | None,
        page: int,
        fault: str,
        status: int,
    ) -> Response:
        return view.render(
            "desk/search.html",
            status,
            form=form,
            main=[form[each.name] for each in MAIN],
            more=[form[each.name] for each in MORE],
            opened=any(each.name in criteria for each in MORE if each.name != "columns"),
            criteria=criteria,
            words=words_of(view, criteria),
            found=found,
            page=page,
            columns=columns_of(criteria),
            names=COLUMNS,
            query=query_of(criteria),
            hidden=[(name, one) for name, values in criteria.items() for one in values],
            secret=BODY_ONLY in criteria,
            href=lambda number: f"/search?{query_of(criteria, page=number)}",
            saved=await self._views.of(_person(view), view.unit),
            person=_person(view),
            bulk=offered(view),
            fault=fault,
            code=code_names(view),
        )

    async def save(self, view: View) -> Response:
        """Store the search under a name."""
        sent = await view.form()
        criteria = {name: values for name, values in criteria_of(sent).items() if name != BODY_ONLY}
        name = " ".join(str(sent.get("name", "")).split())[:MOST_NAME]
        if not name:
            return await self._page(view, criteria, 1, view.t("请填写视图名称。", "Give the view a name."))
        try:
            shared = sent.get("shared") == "true"
            await self._views.save(_person(view), view.unit, name, query_of(criteria), shared=shared)
        except SavedViewsError:
            return await self._page(
                view, criteria, 1, view.t("视图太多，请先删除一些。", "Too many views: delete some.")
            )
        return view.redirect(f"/search?{query_of(criteria)}", f"已保存视图“{name}”。", f"View “{name}” saved.")

    async def delete(self, view: View) -> Response:
        """Delete a view of the person."""
        id = str((await view.form()).get("id", ""))
        gone = id.isascii() and id.isdecimal() and len(id) < 12 and await self._views.delete(_person(view), int(id))
        text = ("视图已删除。", "View deleted.") if gone else ("只能删除自己的视图。", "Only your own views.")
        return view.redirect("/search", *text)

    async def download(self, view: View) -> Response:
        """The results as CSV or XLSX, passed through piece by piece."""
        kind = view.request.path_params["format"]
        if kind not in {"csv", "xlsx"}:
            raise ServiceProblem(404, "not-found", "没有这种格式。", "There is no such format.")
        given = await view.form() if view.request.method == "POST" else view.request.query_params
        body = {**body_of(criteria_of(given)), "language": view.language}
        return await export(view, f"/v1/cases/search.{kind}", body, f"cases.{kind}")


async def export(view: View, path: str, body: Mapping[str, Any], name: str) -> Response:
    """A file of a service as a download. Raises `ServiceProblem`."""
    found = await view.services.request("POST", "intake", path, view.who, json=body, seconds=EXPORT_SECONDS)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(found.content, media_type=found.headers.get("content-type"), headers=headers)


def _person(view: View) -> str:
    return view.session.person if view.session else ""
