"""The dispatcher's queue: ranked suggestions, dispatch by one key, and dispatch of several cases at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from apps.desk.bulk import Job, Result, Seen, once_of, run, seen_of, ticked
from apps.desk.choices import code_names
from apps.desk.parts import document
from apps.desk.reception import is_centre
from apps.web.site import Link, Page
from apps.web.view import View, page_number
from contracts.handling import DispatchCase

LINK = Link("/queue", "派单", "Dispatch", "g d", shown=is_centre)
PAGE_SIZE = 50
KINDS: Mapping[str, tuple[str, str]] = {
    "": ("全部", "All"),
    "dispatch": ("待派单", "To dispatch"),
    "approval": ("待审批", "To approve"),
    "dispute": ("退单争议", "Returned"),
}
WHY: Mapping[str, tuple[str, str]] = {
    "returned": ("承办单位退单", "returned by a unit"),
    "not-approved": ("呈批未通过", "not approved"),
    "approval": ("等待审批", "waits for approval"),
    "no-rule": ("没有适用的派单规则", "no dispatch rule fits"),
}
"""Why a case waits, by its `rule`."""


def kind_of(case: Mapping[str, Any]) -> str:
    """The list to which a waiting case belongs."""
    if case["stage"] == "proposed":
        return "approval"
    return "dispute" if case["rule"] == "returned" else "dispatch"


async def queue(view: View) -> Response:
    """What waits for the dispatcher, the urgent first."""
    return await _page(view)


async def _page(view: View, fault: str = "", status: int = 200, refused: Result | None = None) -> Response:
    page, kind = page_number(view.request.query_params), view.request.query_params.get("kind", "")
    found = document(await view.get("routing", "/v1/queue", page=page, page_size=PAGE_SIZE))
    counts = {name: sum(1 for each in found["cases"] if name in {"", kind_of(each)}) for name in KINDS}
    shown = [each for each in found["cases"] if kind not in KINDS or not kind or kind_of(each) == kind]
    return view.render(
        "desk/queue.html",
        status,
        cases=sorted(shown, key=lambda each: not each["urgent"]),
        kind=kind,
        kinds=KINDS,
        counts=counts,
        kind_of=kind_of,
        why=WHY,
        page=page,
        more=found["next_page"] is not None,
        tree=[(depth, each.id) for depth, each in view.place.unit_tree],
        fault=fault,
        refused=refused,
        code=code_names(view),
    )


async def dispatch(view: View) -> Response:
    """Dispatch one case to a suggestion, or those that were ticked; the result of several is a page."""
    sent = await view.form()
    if one := str(sent.get("one", "")):
        case_id, _, unit = one.partition(" ")
        return await _one(view, seen_of(sent).get(case_id, Seen(case_id)), unit, once_of(sent))
    cases = ticked(sent)
    if not cases:
        return await _page(view, view.t("请先勾选案件。", "Tick some cases first."), 422)
    jobs, without = jobs_of(view, cases, sent)
    if not jobs and not without:
        return await _page(view, view.t("请选择单位。", "Choose a unit."), 422)
    results = await run(view, jobs, once_of(sent))
    none = view.t("没有建议单位，未派单。", "There is no suggestion: not dispatched.")
    results += [Result(each.job(DispatchCase.TYPE, {}), False, none) for each in without]
    return view.render(
        "desk/results.html",
        results=results,
        back="/queue",
        title=view.t("批量派单", "Dispatch of several"),
        code=code_names(view),
    )


def jobs_of(view: View, cases: Sequence[Seen], sent: FormData) -> tuple[list[Job], list[Seen]]:
    """The dispatches of several cases, and the cases for which nothing was suggested."""
    chosen = str(sent.get("unit", "")) if sent.get("bulk") == "unit" else None
    if chosen is not None and chosen not in view.place.units:
        return [], []
    to = [(each, chosen or each.unit) for each in cases]
    jobs = [each.job(DispatchCase.TYPE, {"to": unit}, view.named("unit", unit)) for each, unit in to if unit]
    return jobs, [each for each, unit in to if not unit]


async def _one(view: View, case: Seen, unit: str, once: str) -> Response:
    job = case.job(DispatchCase.TYPE, {"to": unit}, view.named("unit", unit))
    (result,) = await run(view, [job], f"{once}-{unit}"[:90])
    if result.done is False:
        return await _page(view, result.text, 409 if result.changes else 422, result)
    zh_name, en_name = (view.place.named("unit", unit, language) for language in ("zh", "en"))
    if result.done:
        return view.redirect("/queue", f"已派往{zh_name}。", f"Dispatched to {en_name}.")
    return view.redirect(
        "/queue", f"派往{zh_name}：已提交，稍后从列表消失。", f"To {en_name}: submitted; it leaves the list shortly."
    )


PAGES = (
    Page("/queue", queue),
    Page("/queue/dispatch", queue),
    Page("/queue/dispatch", dispatch, ("POST",)),
)
