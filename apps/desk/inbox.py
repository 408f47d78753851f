"""The inbox of a unit: what it was sent and has not been taken from it, with the limits that run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from apps.desk.bulk import once_of, run, ticked
from apps.desk.inbox_rows import Filter, Inbox, OpenCases, inbox_of, joined
from apps.desk.parts import Document
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import STAGE_TONES, STAGES
from contracts.handling import SignCase

BATCH = 200
"""Cases that are named in one request."""
MOST = 1_000
"""Cases that are read."""


async def inbox(view: View) -> Response:
    """The page."""
    wanted = Filter.of(dict(view.request.query_params))
    return await _page(view, wanted, inbox_of(await open_cases(view), wanted))


async def open_cases(view: View) -> OpenCases:
    """What the unit works on. Raises `ServiceProblem`."""
    return await view.shared("inbox", lambda: _open_cases(view))


async def _open_cases(view: View) -> OpenCases:
    found, (clocks, away) = await asyncio.gather(
        view.get("routing", "/v1/inbox", page_size=MOST), _limits(view, limit=MOST)
    )
    others = [] if away else [case["case_id"] for case in found["cases"] if case["case_id"] not in clocks]
    for start in range(0, len(others), BATCH):  # other units answer for them, or a thousand are due before
        more, away = await _limits(view, case=",".join(others[start : start + BATCH]))
        clocks |= more
    return OpenCases(joined(map(Document, found["cases"]), clocks, view.unit), bool(found.get("next_page")), away)


async def _limits(view: View, **asked: Any) -> tuple[dict[str, Mapping[str, Any]], ServiceProblem | None]:
    """The limits by case id; none, and the problem, where scoring is away."""
    try:
        found = await view.get("scoring", "/v1/clocks", **asked)
    except ServiceProblem as problem:
        return {}, problem
    return {case["case_id"]: case for case in found["cases"]}, None


async def _page(view: View, wanted: Filter, found: Inbox) -> Response:
    def href(**changes: Any) -> str:
        query = urlencode(wanted.query(**{"page": 1, **changes}))
        return f"/inbox?{query}" if query else "/inbox"

    return view.render(
        "desk/inbox.html",
        inbox=found,
        wanted=wanted,
        href=href,
        pager_href=lambda page: href(page=page),
        stages=STAGES,
        tones=STAGE_TONES,
        once=view.once(),
    )


async def sign_many(view: View) -> Response:
    """Sign several cases at once, each with its own result."""
    sent = await view.form()
    cases = ticked(sent)
    if not cases:
        return view.redirect("/inbox", "请先勾选诉求。", "Select some cases first.")
    effect = view.t("签收", "sign")
    results = await run(view, [each.job(SignCase.TYPE, {}, effect) for each in cases], once_of(sent) or view.once())
    return view.render(
        "desk/results.html", results=results, back="/inbox", title=view.t("签收结果", "Signing: results")
    )


async def to_inbox(view: View) -> Response:
    """After a sign-in in mid-form: the choice is made anew."""
    return RedirectResponse("/inbox", 303)


PAGES = (
    Page("/inbox", inbox),
    Page("/inbox/sign", sign_many, ("POST",)),
    Page("/inbox/sign", to_inbox),
)
