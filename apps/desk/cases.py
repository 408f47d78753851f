"""One case: its words, its course, its limits with their reasons, and the actions that are possible now.

Each part comes from the service that has it. A service that is away leaves the other parts of the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from apps.desk.action import Action
from apps.desk.actions import ACTIONS
from apps.desk.changes import timeline_of
from apps.desk.choices import answers_of
from apps.desk.countdown import Countdown, countdown_of
from apps.desk.files import IMAGES
from apps.desk.oversight_fields import accountability
from apps.desk.parts import part, problems_of
from apps.web import words
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View

LEADING = frozenset(
    {"sign", "report", "part", "verify", "decide-extension", "decide-review", "dispatch", "approve-dispatch"}
)
"""What a case usually waits for: the first of these that may be done is shown as the main one."""


async def case(view: View) -> Response:
    """The page of a case. A unit that had to do with it once sees its course alone."""
    case_id = view.request.path_params["case_id"]
    reason = "handling"
    found, timeline, clocks, running, documents, names = await asyncio.gather(
        part(lambda: view.get("routing", f"/v1/cases/{case_id}", reason=reason)),
        part(lambda: view.get("intake", f"/v1/cases/{case_id}/timeline", reason=reason)),
        part(lambda: view.get("scoring", f"/v1/cases/{case_id}/clocks")),
        part(lambda: view.get("scoring", "/v1/clocks", case=case_id)),
        part(lambda: view.get("notify", f"/v1/cases/{case_id}/documents")),
        part(lambda: accountability(view)),
    )
    head = found.value or (timeline.value or {}).get("case")
    if head is None:
        raise found.problem or timeline.problem or ServiceProblem(404, "not-found", "没有找到。", "Not found.")
    groups = groups_of(found.value) if found.value else []
    return view.render(
        "desk/case.html",
        case=found.value,
        head=head,
        case_id=case_id,
        groups=groups,
        first=next((each.name for group in groups for each in group.actions if each.name in LEADING), ""),
        problems=problems_of((found, timeline, clocks, running, documents)),
        steps=timeline_of(view, timeline.value["steps"]) if timeline.value else [],
        indexed=(timeline.value or {}).get("case"),
        clocks=clocks.value["clocks"] if clocks.value else [],
        running=_running(running.value),
        documents=documents.value["documents"] if documents.value else [],
        questions=answers_of(view, found.value),
        words=words,
        images=IMAGES,
        finds=bool(names.value and view.unit in names.value["finds"] and head["responsible"] != view.unit),
    )


@dataclass(frozen=True)
class Group:
    """Actions under one heading."""

    title: tuple[str, str]
    actions: Sequence[Action]


def groups_of(case: Mapping[str, Any]) -> list[Group]:
    """What may be done with the case now, by heading in the order of the tables."""
    offered = [
        each for each in ACTIONS.values() if each.about_case and each.reads == "routing" and each.is_offered(case)
    ]
    titles = dict.fromkeys(each.group for each in offered)
    return [Group(title, [each for each in offered if each.group == title]) for title in titles]


def _running(answer: Mapping[str, Any] | None) -> dict[str, Countdown]:
    found = [each for case in (answer or {}).get("cases", ()) for each in case["countdowns"]]
    return {each["clock"]: countdown_of(each) for each in found}


PAGES = (Page("/cases/{case_id}", case),)
