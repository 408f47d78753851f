"""Bulk actions on what a search has found: a preview of what will happen, then a result for each case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from apps.desk.bulk import MOST, chosen, once_of, run, ticked
from apps.desk.choices import code_names, named, units
from apps.desk.parts import document
from apps.desk.reception import is_centre
from apps.web.forms import Form, Spec, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import STAGES
from contracts.handling import AddNote, ReassignCase, SignCase
from contracts.message import Command

Case = Mapping[str, Any]


@dataclass(frozen=True)
class BulkAction:
    """A command that may be given for several cases at once."""

    name: str
    model: type[Command]
    zh: str
    en: str
    stages: frozenset[str]
    """Of the cases for which it makes sense; the service decides."""
    effect: tuple[str, str]
    """What will happen to each case."""
    specs: tuple[Spec, ...] = ()
    prefix: tuple[str, str] = ("", "")
    moves: bool = False
    """It changes where the case is: sent only for the version that the preview showed."""
    offered: Callable[[View], bool] = lambda _: True


_OPEN = frozenset({"queued", "proposed", "offered", "signed", "suspended", "reported"})
ACTIONS = (
    BulkAction(
        "note",
        AddNote,
        "添加备注",
        "Add a note",
        _OPEN | {"closed"},
        ("添加内部备注", "gets an internal note"),
        (Spec("text", "备注", "Note", "area", rows=4),),
    ),
    BulkAction(
        "urge",
        AddNote,
        "催办",
        "Urge",
        _OPEN,
        ("承办单位收到催办", "the unit is urged"),
        (Spec("text", "催办内容", "What is asked for", "area", rows=3, default="请尽快办理并反馈进展。"),),
        ("催办：", "Urged: "),
    ),
    BulkAction(
        "sign",
        SignCase,
        "签收",
        "Sign",
        frozenset({"offered"}),
        ("由本单位签收", "is signed by your unit"),
        moves=True,
    ),
    BulkAction(
        "reassign",
        ReassignCase,
        "改派",
        "Reassign",
        frozenset({"offered", "signed", "suspended"}),
        ("改派到新的单位", "goes to another unit"),
        (
            Spec("to", "改派到", "To", "select", choices=units),
            Spec("reason", "理由", "Reason", "area", rows=3),
        ),
        moves=True,
        offered=is_centre,
    ),
)


def offered(view: View) -> list[BulkAction]:
    """The actions that the post may take."""
    return [each for each in ACTIONS if each.offered(view)]


async def preview(view: View) -> Response:
    """What will happen to each of the ticked cases, and the fields that the action needs."""
    sent = await view.form()
    action, ids = _asked(view, str(sent.get("action", ""))), chosen(sent)
    if not ids:
        return view.redirect("/search?" + str(sent.get("query", "")), "请先勾选案件。", "Tick some cases first.")
    form = build(view, action.specs, action.model)
    return await _page(view, action, ids, form, str(sent.get("query", "")))


async def take(view: View) -> Response:
    """Do it; the page has a result for each case."""
    sent = await view.form()
    action, ids = _asked(view, str(sent.get("action", ""))), chosen(sent)
    form, data = read(view, action.specs, sent, action.model)
    query = str(sent.get("query", ""))
    if form.faults:
        return await _page(view, action, ids, form, query, 422)
    if action.prefix[0]:
        data["text"] = f"{view.t(*action.prefix)}{data['text']}"[:2000]
    effect = view.t(*action.effect)
    jobs = [each.job(action.model.TYPE, data, effect) for each in ticked(sent)]
    results = await run(view, jobs, once_of(sent))
    return view.render(
        "desk/results.html",
        results=results,
        back=f"/search?{query}",
        title=view.t(action.zh, action.en),
        code=code_names(view),
    )


async def _page(
    view: View, action: BulkAction, ids: Sequence[str], form: Form, query: str, status: int = 200
) -> Response:
    cases = await cases_of(view, ids)
    fits = [each for each in cases if each["stage"] in action.stages]
    versions = await versions_of(view, [each["case_id"] for each in fits]) if action.moves else {}
    return view.render(
        "desk/search_bulk.html",
        status,
        action=action,
        fits=[document({**each, "version": versions.get(each["case_id"])}) for each in fits],
        others=[each for each in cases if each["stage"] not in action.stages],
        stage=lambda code: named(view, STAGES, code),
        form=form,
        query=query,
        code=code_names(view),
    )


async def cases_of(view: View, ids: Sequence[str]) -> list[Case]:
    """The cases as they are now; those that the unit may not see are left out. Raises `ServiceProblem`."""
    turns = asyncio.Semaphore(8)

    async def one(case_id: str) -> Case | None:
        async with turns:
            try:
                found = document(await view.get("intake", f"/v1/cases/{case_id}/timeline", reason="bulk"))
            except ServiceProblem as problem:
                if problem.away:
                    raise
                return None
        case: Case = found["case"]
        return case

    return [each for each in await asyncio.gather(*map(one, ids[:MOST])) if each is not None]


async def versions_of(view: View, ids: Sequence[str]) -> dict[str, int]:
    """The versions of cases by id; without those that routing does not show to the unit. Raises `ServiceProblem`."""
    turns = asyncio.Semaphore(8)

    async def one(case_id: str) -> int | None:
        async with turns:
            try:
                return int((await view.get("routing", f"/v1/cases/{case_id}", reason="bulk"))["version"])
            except ServiceProblem as problem:
                if problem.away:
                    raise
                return None

    found = zip(ids, await asyncio.gather(*map(one, ids)), strict=True)
    return {case_id: version for case_id, version in found if version is not None}


def _asked(view: View, name: str) -> BulkAction:
    found = next((each for each in offered(view) if each.name == name), None)
    if found is None:
        raise ServiceProblem(404, "not-found", "没有这个批量操作。", "There is no such bulk action.")
    return found


PAGES = (Page("/search/bulk", preview, ("POST",)), Page("/search/bulk/do", take, ("POST",)))
