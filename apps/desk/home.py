"""The first page: what waits for the post that has signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from typing import Any

from starlette.responses import Response

from apps.desk.inbox import open_cases
from apps.desk.inbox_rows import Row
from apps.desk.parts import document, part, problems_of
from apps.web.services import Service, ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import STAFF_NOTICES, STAGE_TONES, STAGES, WAITS

MOST_ROWS = 8
"""Rows of each list."""
DECISIONS = {"verification": "verify", "extension": "decide-extension", "review": "decide-review", "part": "part"}
"""The action that decides about a waiting case."""


@dataclass(frozen=True)
class Kind:
    """Something that waits for a unit: which service counts it, under which name, and the page of its list."""

    service: Service
    what: str
    href: str
    name: tuple[str, str]


KINDS: Sequence[Kind] = (
    Kind("intake", "held", "/reception?hold=scope", ("待受理审核", "To judge at the reception")),
    Kind("intake", "dispatch", "/queue?kind=dispatch", WAITS["dispatch"]),
    Kind("intake", "approval", "/queue?kind=approval", WAITS["approval"]),
    *(
        Kind("intake", what, f"/waiting/{what}", WAITS[what])
        for what in ("verification", "extension", "review", "part", "supplement")
    ),
    Kind("scoring", "measure", "/conduct", ("待决定的处理建议", "Proposed measures to decide")),
    Kind("scoring", "finding-appeal", "/conduct", ("待决定的申诉", "Appeals against findings")),
    Kind("scoring", "measure-review", "/conduct", ("待复核的处理决定", "Measures to review")),
    Kind("scoring", "inspection", "/inspections", ("本期待检查", "Inspection of this period")),
    Kind("scoring", "rectification", "/inspections", ("待整改", "To put right")),
    Kind("scoring", "rectification-check", "/inspections", ("待核查的整改", "Rectifications to verify")),
    Kind("scoring", "survey", "/surveys", ("未结束的测评", "Surveys to close")),
    Kind("scoring", "bonus", "/assessments?waiting=true", ("待批准的加分", "Bonuses to approve")),
    Kind("notify", "publication", "/publications", ("待审核的公开", "Publications to review")),
    Kind("notify", "dead-notice", "/notices/dead", ("没有送达的通知", "Notices not delivered")),
    Kind("notify", "silence", "/silences", ("无回音", "Silent cases")),
)
"""In the order of the page. One request to each service has the numbers of all its kinds."""
COUNTING: Sequence[Service] = tuple(dict.fromkeys(each.service for each in KINDS))


@dataclass(frozen=True)
class Tile:
    """A number with a link."""

    href: str
    count: int
    zh: str
    en: str
    tone: str = ""
    oldest: str = ""


async def home(view: View) -> Response:
    """Numbers with links, what is due first, instructions, unread notices. Each part stays away with its service."""
    found = await view.shared("home", lambda: _home(view))
    return view.render("desk/home.html", stages=STAGES, tones=STAGE_TONES, names=STAFF_NOTICES, **found)


async def _home(view: View) -> Mapping[str, Any]:
    inbox, notices, *counted = await asyncio.gather(
        part(lambda: open_cases(view)),
        part(lambda: view.get("notify", "/v1/notices", page_size=MOST_ROWS)),
        *(part(partial(view.get, each, "/v1/waiting")) for each in COUNTING),
    )
    rows: Sequence[Row] = inbox.value.rows if inbox.value else ()
    watched = (row for row in rows if row.countdown and row.light != "paused")
    return {
        "problems": problems_of((inbox, notices, *counted)),
        "clocks_away": inbox.value.clocks_away if inbox.value else None,
        "tiles": [*_own(rows), *waiting_tiles(dict(zip(COUNTING, (each.value for each in counted), strict=True)))],
        "due": nsmallest(MOST_ROWS, watched, key=lambda row: row.due_at),
        "instructions": [row for row in rows if row.instruction],
        "notices": [each for each in (notices.value or {}).get("notices", ()) if not each.get("read_at")],
    }


def _own(rows: Sequence[Row]) -> list[Tile]:
    """The inbox in numbers."""
    offered = sum(row.case["stage"] == "offered" for row in rows)
    red, yellow = (sum(row.light == light for row in rows) for light in ("red", "yellow"))
    urgent = sum(bool(row.case["urgent"]) for row in rows)
    return [
        Tile("/inbox", len(rows), "收件箱在办", "Open in the inbox"),
        Tile("/inbox?stage=offered", offered, "待签收", "To be signed"),
        Tile("/inbox?light=red", red, "红牌（超期）", "Red: over the limit", "red"),
        Tile("/inbox?light=yellow", yellow, "黄牌（临期）", "Yellow: soon due", "yellow"),
        *([Tile("/inbox?urgent=true", urgent, "紧急", "Urgent", "red")] if urgent else []),
    ]


def waiting_tiles(answers: Mapping[Service, Mapping[str, Any] | None]) -> list[Tile]:
    """What waits for the unit, by the answers of the services that could be asked."""
    found = []
    for kind in KINDS:
        answer = answers.get(kind.service) or {}
        count = answer.get("counts", {}).get(kind.what) or (kind.what == "held" and answer.get("held")) or 0
        if count:
            oldest = str(answer.get("oldest", {}).get(kind.what) or "")
            found.append(Tile(kind.href, count, *kind.name, oldest=oldest))
    return found


async def waiting(view: View) -> Response:
    """The cases that wait for one kind of decision, the oldest first."""
    what = view.request.path_params["what"]
    if what not in WAITS:
        raise ServiceProblem(404, "not-found", "没有这个列表。", "There is no such list.")
    page = view.request.query_params.get("page", "1")
    found = await view.get("intake", "/v1/cases", what=what, page=page if page.isdigit() else "1")
    return view.render(
        "desk/waiting.html", what=what, name=WAITS[what], found=document(found), decision=DECISIONS.get(what)
    )


PAGES = (Page("/", home), Page("/waiting/{what}", waiting))
