"""Figures over time as a table, each number with a link to the cases that it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from apps.desk.choices import code_names, coded
from apps.desk.parts import document
from apps.web.forms import Spec, build
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.view import View
from apps.web.words import Names

LINK = Link("/figures", "统计", "Figures", "g f")
BY: Names = {"day": ("日", "day"), "week": ("周", "week"), "month": ("月", "month")}
OF: Names = {
    "unit": ("单位", "unit"),
    "area": ("地区", "area"),
    "category": ("类别", "category"),
    "channel": ("渠道", "channel"),
    "appeal": ("诉求类型", "appeal"),
    "all": ("合计", "total"),
}
NUMBERS: Names = {
    "received": ("收到", "received"),
    "reopened": ("重办", "reopened"),
    "answered": ("办结答复", "answered"),
    "on_time": ("按期", "on time"),
    "ended": ("其他终结", "ended otherwise"),
    "rated": ("已评价", "rated"),
    "solved": ("评为已解决", "rated solved"),
    "open_at_end": ("期末未结", "open at end"),
}
SPECS = (
    Spec("by", "按", "By", "select", choices=coded(BY), required=True, default="month"),
    Spec("of", "分组", "Of", "select", choices=coded(OF), required=True, default="category"),
    Spec("from", "自", "From", "date", required=True),
    Spec("to", "至", "To", "date", required=True),
)


async def show(view: View) -> Response:
    """The table of the numbers that were asked for."""
    asked = asked_of(view)
    form, found, status = build(view, SPECS, None, asked), None, 200
    try:
        found = document(await view.get("intake", "/v1/figures", **asked))
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        status = problem.status
    return view.render(
        "desk/figures.html",
        status,
        form=form,
        asked=asked,
        rows=lines_of(found, asked) if found else [],
        numbers=NUMBERS,
        query=urlencode(asked),
        label=lambda start: _label(view, asked["by"], start),
        as_of=found["as_of"] if found else None,
        code=code_names(view),
    )


async def download(view: View) -> Response:
    """The same as CSV or XLSX."""
    kind = view.request.path_params["format"]
    if kind not in {"csv", "xlsx"}:
        raise ServiceProblem(404, "not-found", "没有这种格式。", "There is no such format.")
    found = await view.services.request("GET", "intake", f"/v1/figures.{kind}", view.who, params=asked_of(view))
    headers = {"Content-Disposition": f"attachment; filename=figures.{kind}"}
    return Response(found.content, media_type=found.headers.get("content-type"), headers=headers)


def asked_of(view: View) -> dict[str, str]:
    """What was asked for; by default the last six months by category."""
    query, today = view.request.query_params, view.site.clock().astimezone(view.place.zone).date()
    first = (today.replace(day=1) - timedelta(days=150)).replace(day=1)
    usual = {"by": "month", "of": "category", "from": first.isoformat(), "to": today.isoformat()}
    return {name: query.get(name) or value for name, value in usual.items()}


def lines_of(figures: Mapping[str, Any], asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """A line for each bucket that has a number, with links to the search; rows in the order of the service."""
    found: list[dict[str, Any]] = []
    for row in figures["rows"]:
        buckets = row["buckets"]
        for n, bucket in enumerate(buckets):
            if not any(bucket[name] for name in NUMBERS):
                continue
            end = _before(buckets[n + 1]["start"]) if n + 1 < len(buckets) else asked["to"]
            links = {name: link_of(name, asked["of"], row["of"], bucket["start"], end) for name in NUMBERS}
            found.append(
                {
                    "row": row,
                    "first": n == 0 or not found or found[-1]["row"] is not row,
                    "bucket": bucket,
                    "links": links,
                }
            )
    return found


def link_of(number: str, of: str, code: str, start: str, end: str) -> str:
    """The search that finds the cases of a number; empty where no search does."""
    criteria = {} if of == "all" else {of: code, **({"below": "false"} if of in {"unit", "area"} else {})}
    if number == "received":
        if of == "unit":
            return ""  # counted for the unit that handled it then, found by the unit that has it now
        return "/search?" + urlencode({**criteria, "received_from": start, "received_to": end})
    if number in {"answered", "ended"}:
        stage = {"answered": "closed", "ended": "ended"}[number]
        return "/search?" + urlencode({**criteria, "stage": stage, "closed_from": start, "closed_to": end})
    return ""


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _label(view: View, by: str, start: str) -> str:
    """The name of a bucket."""
    day = date.fromisoformat(start)
    if by == "month":
        return view.t(f"{day.year}年{day.month}月", f"{day:%b %Y}")
    if by == "week":
        return view.t(f"{view.day(start)}起一周", f"week of {view.day(start)}")
    return view.day(start)


PAGES = (Page("/figures", show), Page("/figures.{format}", download))
