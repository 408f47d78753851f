"""Units below the own one: their open cases, rates and scores; supervised cases; what a number is made of."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from apps.desk.countdown import countdown_of, most_urgent
from apps.desk.parts import Part, document, part, problems_of
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.view import View
from apps.web.words import STAGE_TONES, STAGES

RATES = ("response", "on-time", "resolution", "satisfaction")
"""Shown of each unit: the three rates, and on time."""
MOST_DUE = 50
PAGE_SIZE = 50
_PERIOD = re.compile(r"20[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?")


def has_units_below(view: View) -> bool:
    """Whether any unit is below that of the post."""
    return len(view.place.below(view.unit)) > 1


LINK = Link("/supervision", "监督", "Supervision", "g u", has_units_below, ("silences",))


@dataclass(frozen=True)
class Row:
    """One unit below."""

    unit: str
    depth: int
    work: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)


def period_of(view: View) -> str:
    """The period of the query, or the current month. Raises `ServiceProblem` for anything else."""
    given = view.request.query_params.get("period") or f"{view.site.clock().astimezone(view.place.zone):%Y-%m}"
    return checked(given)


def checked(period: str) -> str:
    """The same text where it names a period. Raises `ServiceProblem`."""
    if not _PERIOD.fullmatch(period):
        raise ServiceProblem(
            404, "not-found", "没有这个考核期；请写成 2026-11、2026-Q4、2026-H2 或 2026。", "There is no such period."
        )
    return period


async def units(view: View) -> Response:
    """The own unit and those below it."""
    period = period_of(view)
    work, numbers, scores = await asyncio.gather(
        part(lambda: view.get("intake", "/v1/workloads")),
        part(lambda: view.get("scoring", f"/v1/scores/{period}/numbers", by="unit")),
        part(lambda: view.get("scoring", f"/v1/scores/{period}")),
    )
    return view.render(
        "desk/supervision.html",
        period=period,
        rows=rows_of(view, work.value, numbers.value, scores.value),
        rates=rate_names(numbers.value),
        grading=(scores.value or {}).get("grading"),
        problems=problems_of((work, numbers, scores)),
    )


def rows_of(view: View, work: Any, numbers: Any, scores: Any) -> list[Row]:
    """A row for each unit below, in the order of the tree."""
    works = {each["unit"]: each for each in (work or {}).get("units", ())}
    counted = {each["of"]: each for each in (numbers or {}).get("rows", ())}
    cards = {card["unit"]: card for group in (scores or {}).get("groups", ()) for card in group["cards"]}
    below = set(view.place.below(view.unit))
    tree = [(depth, each.id) for depth, each in view.place.unit_tree if each.id in below]
    base = min((depth for depth, _ in tree), default=0)
    empty: Mapping[str, Any] = {}
    return [
        Row(unit, depth - base, works.get(unit, empty), counted.get(unit, empty), cards.get(unit, empty))
        for depth, unit in tree
    ]


def rate_names(numbers: Any) -> dict[str, tuple[str, str]]:
    """The rates that are shown, with their names."""
    rates: Mapping[str, Any] = next((each["rates"] for each in (numbers or {}).get("rows", ())), {})
    return {name: (rates[name]["zh"], rates[name]["en"]) for name in RATES if name in rates}


async def unit(view: View) -> Response:
    """One unit: its open cases by their limits, its numbers, and what there is about it."""
    id, period = view.request.path_params["unit"], period_of(view)
    if id not in view.place.below(view.unit):
        raise ServiceProblem(404, "not-found", "没有这个单位，或不在本单位之下。", "There is no such unit below yours.")
    due, score, work = await asyncio.gather(
        part(lambda: view.get("scoring", "/v1/clocks", unit=id, limit=MOST_DUE)),
        part(lambda: view.get("scoring", f"/v1/scores/{period}/units/{id}")),
        part(lambda: view.get("intake", "/v1/workloads")),
    )
    cases = due.value["cases"] if due.value else []
    titles = await titles_of(view, id, "open")
    return view.render(
        "desk/supervised_unit.html",
        unit=id,
        period=period,
        cases=[(each, titles.get(each["case_id"]), countdown_of_case(each)) for each in cases],
        more=bool(due.value and due.value["more"]),
        score=score.value,
        work=next((each for each in (work.value or {}).get("units", ()) if each["unit"] == id), None),
        problems=problems_of((due, score, work)),
        stages=STAGES,
        tones=STAGE_TONES,
    )


async def titles_of(view: View, unit: str, state: str | None = None) -> Mapping[str, Any]:
    """The latest cases of the unit by id, or those open that are due first; none while the search is away."""
    found = await part(
        lambda: view.get(
            "intake",
            "/v1/cases",
            unit=unit,
            below="false",
            state=state,
            sort="due" if state else None,
            page_size=200,
        )
    )
    return {each["case_id"]: each for each in (found.value or {}).get("cases", ())}


def countdown_of_case(case: Mapping[str, Any]) -> Any:
    """The limit of the whole case, else its soonest."""
    whole = next((each for each in case["countdowns"] if each["clock"].partition("-")[0] == "close"), None)
    return countdown_of(whole) if whole else most_urgent(case["countdowns"], case["unit"])


async def supervised(view: View) -> Response:
    """Cases that the unit supervises (提级督办), with what is left of their limits."""
    page = view.request.query_params.get("page", "1")
    found = document(await view.get("routing", "/v1/supervised", page=page if page.isdigit() else "1"))
    ids = [each["case_id"] for each in found["cases"]]
    clocks = await part(lambda: view.get("scoring", "/v1/clocks", case=",".join(ids))) if ids else Part()
    left = {each["case_id"]: countdown_of_case(each) for each in (clocks.value or {}).get("cases", ())}
    return view.render(
        "desk/supervised.html",
        found=found,
        left=left,
        page=int(page) if page.isdigit() else 1,
        stages=STAGES,
        tones=STAGE_TONES,
        problems=problems_of((clocks,)),
        may_instruct=bool(view.post in view.place.posts and view.place.posts[view.post].instructs),
    )


async def addends(view: View) -> Response:
    """What a number of a unit is made of: each case that it counts, with what it adds."""
    params = view.request.path_params
    period, unit, number = checked(params["period"]), params["unit"], params["number"]
    given = view.request.query_params.get("offset", "0")
    offset = int(given) if given.isdigit() and len(given) < 7 else 0
    if unit not in view.place.units or not re.fullmatch(r"[a-z0-9.-]{1,64}", number):
        raise ServiceProblem(404, "not-found", "没有这个数字。", "There is no such number.")
    answer, titles = await asyncio.gather(
        view.get("scoring", f"/v1/scores/{period}/units/{unit}/{number}", offset=offset), titles_of(view, unit)
    )
    found = document(answer)
    shown: Sequence[Any] = found["addends"]
    return view.render(
        "desk/addends.html", found=found, shown=shown, titles=titles, unit=unit, period=period, offset=offset
    )


PAGES = (
    Page("/supervision", units),
    Page("/supervision/cases", supervised),
    Page("/supervision/units/{unit}", unit),
    Page("/scores/{period}/{unit}/{number}", addends),
)
