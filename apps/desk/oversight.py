"""Accountability: what the unit has to decide, findings with their course, records of units and posts with evidence."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response

from apps.desk.conduct_record import KINDS, STAGES, record_of
from apps.desk.oversight_fields import CODE_LISTS, SOURCES, VERDICTS, accountability
from apps.desk.parts import document
from apps.desk.supervision import period_of
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.view import View

LINK = Link("/conduct", "问责", "Accountability", "g a", also=("findings", "inspections", "surveys", "outcomes"))


async def overview(view: View) -> Response:
    """What the unit has to decide, appeals, and its findings."""
    given = view.request.query_params.get("page", "1")
    page = int(given) if given.isdigit() and 0 < int(given[:6]) < 10_000 else 1
    waiting, appeals, findings, names = await asyncio.gather(
        view.get("scoring", "/v1/proposals"),
        view.get("scoring", "/v1/appeals"),
        view.get("scoring", "/v1/findings", page=page, page_size=25),
        _names(view),
    )
    return view.render(
        "desk/conduct.html",
        records=document(waiting)["records"],
        appeals=document(appeals),
        found=document(findings),
        page=page,
        names=names,
        verdicts=VERDICTS,
        kinds=KINDS,
        steps={each["id"]: each for each in names["steps"]} if names else {},
    )


async def _names(view: View) -> Any:
    """Names and roles; None where the place has no accountability. Raises `ServiceProblem`."""
    try:
        return await accountability(view)
    except ServiceProblem as problem:
        if problem.status == 404:
            return None
        raise


async def record(view: View) -> Response:
    """What counts against a unit or a post, what was proposed, decided and done; each with its evidence."""
    kind, subject = view.request.path_params["kind"], view.request.path_params["subject"]
    try:
        found = await record_of(view, kind, subject)
    except ServiceProblem as problem:
        if problem.status != 404:
            raise
        raise ServiceProblem(
            404,
            "not-found",
            "没有记录：没有计入的认定，或不归本单位查看。",
            "No record: nothing counts, or your unit may not see it.",
        ) from None
    decides = view.unit in found.document["waits_for"]
    return view.render(
        "desk/record.html",
        record=found,
        kind=kind,
        subject=subject,
        decides=decides,
        concerned=found.document["unit"] == view.unit,
        verdicts=VERDICTS,
        kinds=KINDS,
        stages=STAGES,
        now=view.site.clock().isoformat(),
    )


async def finding(view: View) -> Response:
    """One finding, with what may be done about it."""
    body, reference = view.request.path_params["body"], view.request.path_params["reference"]
    found, names = await asyncio.gather(view.get("scoring", f"/v1/findings/{body}/{reference}"), accountability(view))
    shown = document(found)
    return view.render(
        "desk/finding.html",
        found=shown,
        names=names,
        codes=[(CODE_LISTS[name], _code(names, name, code)) for name, code in shown["codes"].items()],
        verdicts=VERDICTS,
        sources=SOURCES,
        appealable=view.unit in shown["units"]
        and not shown["final_at"]
        and not shown["appealed_by"]
        and view.local(shown["appeal_until"]) >= view.local(view.site.clock()),  # type: ignore[operator]
        hears=view.unit == shown["waits_for"],
        reverses=bool(shown["final_at"] and not shown["reversed_at"] and view.unit in names["hears_appeals"]),
    )


def _code(names: Any, name: str, code: str) -> tuple[str, str]:
    found = next((each for each in names["codes"][name] if each["id"] == code), None)
    return (found["zh"], found["en"]) if found else (code, code)


async def inspections(view: View) -> Response:
    """Inspections by the unit or of it, what has to be put right, and the bodies that have to inspect."""
    found, names, due = await asyncio.gather(view.get("scoring", "/v1/inspections"), _names(view), _due(view))
    return view.render("desk/inspections.html", found=document(found), names=names, due=due)


async def _due(view: View) -> Any:
    try:
        return document(await view.get("scoring", "/v1/inspections/due"))
    except ServiceProblem as problem:
        if problem.status == 404:
            return None
        raise


async def surveys(view: View) -> Response:
    """Surveys of the unit, with how many papers came back."""
    found, names = await asyncio.gather(view.get("scoring", "/v1/surveys"), _names(view))
    return view.render("desk/surveys.html", found=document(found), names=names)


async def outcomes(view: View) -> Response:
    """What was done in a period, about the unit and those below it."""
    period = period_of(view)
    try:
        found = document(await view.get("scoring", f"/v1/outcomes/{period}"))
    except ServiceProblem as problem:
        if problem.status != 404:
            raise
        found = None
    return view.render("desk/outcomes.html", found=found, period=period)


PAGES = (
    Page("/conduct", overview),
    Page("/conduct/{kind}/{subject}", record),
    Page("/findings/{body}/{reference:path}", finding),
    Page("/inspections", inspections),
    Page("/surveys", surveys),
    Page("/outcomes", outcomes),
)
