"""The inbox of a unit: what it was sent and has not been taken from it, with the limits that run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from apps.desk.bulk import once_of, run, ticked
from apps.desk.inbox_rows import Filter, Inbox, Row, inbox_of, joined
from apps.desk.parts import document
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import STAGE_TONES, STAGES
from contracts.handling import SignCase

BATCH = 200
"""Cases of one request to a service."""
MOST = 1_000
"""Cases that are read."""


async def inbox(view: View) -> Response:
    """The page."""
    wanted = Filter.of(dict(view.request.query_params))
    rows, cut, clocks_away = await rows_of(view)
    return await _page(view, wanted, inbox_of(rows, wanted, cut=cut, clocks_away=clocks_away))


async def rows_of(view: View) -> tuple[list[Row], bool, str]:
    """All rows, whether there are more, and why limits are missing, if they are. Raises `ServiceProblem`."""
    cases, cut = await _cases(view)
    clocks, away = await clocks_of(view, [case["case_id"] for case in cases])
    return joined(document(cases), clocks, view.unit), cut, away


async def clocks_of(view: View, case_ids: Sequence[str]) -> tuple[Mapping[str, Mapping[str, Any]], str]:
    """The limits by case id, in one request for each 200 cases; why there are none where scoring is away."""
    batches = [case_ids[start : start + BATCH] for start in range(0, len(case_ids), BATCH)]
    try:
        found = await asyncio.gather(*(view.get("scoring", "/v1/clocks", case=",".join(batch)) for batch in batches))
    except ServiceProblem as problem:
        return {}, view.t(problem.zh, problem.en)
    return {case["case_id"]: case for part in found for case in part["cases"]}, ""


async def _cases(view: View) -> tuple[list[Mapping[str, Any]], bool]:
    first = await view.get("routing", "/v1/inbox", page_size=BATCH)
    if not first.get("next_page"):
        return first["cases"], False
    pages = range(2, MOST // BATCH + 1)
    more = await asyncio.gather(*(view.get("routing", "/v1/inbox", page=page, page_size=BATCH) for page in pages))
    cases = {case["case_id"]: case for part in (first, *more) for case in part["cases"]}
    return list(cases.values()), bool(more[-1].get("next_page"))


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
