"""The first page: what waits for the post that has signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from starlette.responses import Response

from apps.desk.inbox import open_cases
from apps.desk.inbox_rows import Row
from apps.desk.parts import document, part
from apps.desk.words import STAGE_TONES, STAGES, WAITS
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View

MOST_ROWS = 8
"""Rows of each list."""
DECISIONS = {"verification": "verify", "extension": "decide-extension", "review": "decide-review", "part": "part"}
"""The action that decides about a waiting case."""
HREFS: dict[str, str] = {}
"""Pages of other modules for a kind of waiting case, where they have a better list than `/waiting/<kind>`."""


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
    return view.render("desk/home.html", stages=STAGES, tones=STAGE_TONES, **found)


async def _home(view: View) -> Mapping[str, Any]:
    inbox, waiting, notices = await asyncio.gather(
        part(lambda: open_cases(view)),
        part(lambda: view.get("intake", "/v1/waiting")),
        part(lambda: view.get("notify", "/v1/notices", page_size=MOST_ROWS)),
    )
    rows: Sequence[Row] = inbox.value.rows if inbox.value else ()
    watched = (row for row in rows if row.countdown and row.light != "paused")
    return {
        "problems": [each.problem for each in (inbox, waiting, notices) if each.problem],
        "clocks_away": inbox.value.clocks_away if inbox.value else None,
        "tiles": [*_own(rows), *_waits(waiting.value)],
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


def _waits(answer: Mapping[str, Any] | None) -> list[Tile]:
    """What waits for a decision of the unit."""
    if answer is None:
        return []
    counts, oldest = answer["counts"], answer["oldest"]
    return [
        Tile(HREFS.get(what, f"/waiting/{what}"), counts[what], zh, en, oldest=str(oldest.get(what, "")))
        for what, (zh, en) in WAITS.items()
        if counts.get(what)
    ]


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
