"""Merges repeats (并案): a case beside other cases of its complainant and similar open cases."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from apps.desk.choices import code_names
from apps.desk.parts import document
from apps.web.forms import Form, Spec, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from contracts.clerking import MergeCase
from contracts.typed_codes import read_number

SPECS = (
    Spec(
        "into",
        "主案编号",
        "Number of the leading case",
        "text",
        help=(
            "各诉求人保留自己的编号和时限，得到主案的答复。",
            "Every complainant keeps number and limit, and gets the answer of the leading case.",
        ),
        required=True,
        autocomplete="off",
        most=60,
    ),
)


async def show(view: View) -> Response:
    """The case, its repeats and similar cases side by side."""
    return await _page(view, build(view, SPECS))


async def take(view: View) -> Response:
    """Merge it into the case with the number that was chosen or typed."""
    case_id = view.request.path_params["case_id"]
    form, data = read(view, SPECS, await view.form())
    into = "" if form.faults else await _case_of(view, data["into"])
    if not form.faults and not into:
        form.fail(view.t("没有找到这个编号的案件。", "There is no case with this number."), "into")
    if form.faults:
        return await _page(view, form, 422)
    body = {"type": MergeCase.TYPE, "case_id": case_id, "data": {"into": into}}
    try:
        answer = await view.send("intake", "/v1/clerking", body, once=form.once)
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        return await _page(view, form, problem.status)
    done, later = ("已并案。", "Merged."), ("并案已提交，结果稍后显示。", "The merger is submitted.")
    return view.redirect(f"/reception/{case_id}", *(done if answer.get("accepted") else later))


async def _page(view: View, form: Form, status: int = 200) -> Response:
    case_id = view.request.path_params["case_id"]
    found = document(await view.get("intake", f"/v1/reception/{case_id}", reason="merging"))
    same, alike = await asyncio.gather(
        _search(view, complainant_of=case_id),
        _search(view, category=found["category"], area=found["area"], state="open", below="false"),
    )
    known = {case_id, *(each["case_id"] for each in same)}
    repeats = [each for each in same if each["case_id"] != case_id]
    similar = [each for each in alike if each["case_id"] not in known]
    return view.render(
        "desk/merge.html",
        status,
        case=found,
        case_id=case_id,
        repeats=repeats,
        similar=similar,
        form=form,
        code=code_names(view),
    )


async def _case_of(view: View, number: str) -> str:
    """The id of the case with exactly this number; empty where the unit finds none."""
    exact = read_number(number)
    found = await _search(view, number=exact) if len(exact) > 2 else []
    return next((str(each["case_id"]) for each in found if each["number"] == exact), "")


async def _search(view: View, **criteria: Any) -> list[Mapping[str, Any]]:
    """Ten cases of the unit; none where the index does not have the case of the criteria yet."""
    try:
        found = document(await view.get("intake", "/v1/cases", page_size=10, **criteria))
    except ServiceProblem as problem:
        if problem.away:
            raise
        return []
    return list(found["cases"])


PAGES = (Page("/reception/{case_id}/merge", show), Page("/reception/{case_id}/merge", take, ("POST",)))
