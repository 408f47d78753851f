"""The routes of the overview: open cases, limits that end soon, the flow of each minute."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import malformed
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.publishing import SOON
from services.intake.index.access import access_of
from services.intake.index.case_index import Lane
from services.intake.index.overview import Viewed, due_soon, flow, open_cases, workloads
from services.intake.index.overview_documents import DueSoon, Flow, OpenCases, Workloads
from services.intake.index.schema import AWAY, FLOW_MINUTES, IndexAway
from services.intake.index.views import IndexViews

MOST_HOURS = 168


@dataclass(frozen=True)
class OverviewApi:
    """The handlers. A unit counts the cases that it finds."""

    views: IndexViews

    async def open(self, request: Request, caller: Caller) -> Response:
        """Open cases by stage and age, and by area."""
        _only(request)
        return await self._counted(caller, open_cases)

    async def due(self, request: Request, caller: Caller) -> Response:
        """Limits that end soon, by unit."""
        hours = _number(request, "hours", 24, MOST_HOURS)
        return await self._counted(caller, lambda connection, viewed: due_soon(connection, viewed, hours))

    async def workloads(self, request: Request, caller: Caller) -> Response:
        """Open cases of each unit."""
        _only(request)
        if access_of(caller, self.views.place()).unit is None:
            raise HttpProblem("right-missing")
        return await self._counted(caller, workloads)

    async def flow(self, request: Request, caller: Caller) -> Response:
        """What happened in each of the last minutes."""
        minutes = _number(request, "minutes", 60, FLOW_MINUTES)
        return await self._counted(caller, lambda connection, viewed: flow(connection, viewed, minutes))

    async def _counted(self, caller: Caller, count: Callable[..., OpenCases | DueSoon | Flow | Workloads]) -> Response:
        place = self.views.place()
        viewed = Viewed(access_of(caller, place), place, self.views.clock())
        try:
            found = await self.views.index.read(lambda connection: count(connection, viewed), lane=Lane.SEARCH)
        except IndexAway:
            raise HttpProblem("unavailable", [dict(AWAY)], headers=SOON) from None
        found.as_of = self.views.as_of()
        return respond(found)


def overview_interface(views: IndexViews, right: str) -> Interface:
    """Routes for keys of units."""
    api = OverviewApi(views)
    problems: Mapping[int, Answer] = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, no right, or no unit of the tree", ProblemDocument),
        422: Answer("refused, with every reason", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("the index is away: Retry-After", ProblemDocument),
    }

    def get(path: str, handle: Any, summary: str, answer: Answer, *parameters: Parameter) -> Endpoint:
        return Endpoint("GET", path, handle, summary, {200: answer, **problems}, right, parameters=parameters)

    whole = {"type": "integer"}
    return Interface(
        "overview",
        "Where cases are now. A unit counts the cases that it finds: its own and those of units below it.",
        (
            get("/v1/overview/open", api.open, "Open cases by stage, age and area", Answer("counts", OpenCases)),
            get(
                "/v1/workloads",
                api.workloads,
                "How many open cases the unit, and each below it, answers for, by the colour of their limit",
                Answer("a row for each unit", Workloads),
            ),
            get(
                "/v1/overview/due",
                api.due,
                "Limits of whole cases that end soon, by unit and hour",
                Answer("counts", DueSoon),
                Parameter("hours", "query", f"24 where left out, {MOST_HOURS} at most", whole),
            ),
            get(
                "/v1/overview/flow",
                api.flow,
                "Registrations, assignments and answers of each minute",
                Answer("counts", Flow),
                Parameter("minutes", "query", f"60 where left out, {FLOW_MINUTES} at most", whole),
            ),
        ),
        client="unit",
    )


def _number(request: Request, name: str, usual: int, most: int) -> int:
    _only(request, name)
    given = query_of(request).get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,3}", given) or not 1 <= int(given) <= most:
        raise HttpProblem("refused", [malformed(name, "range").model_dump()])
    return int(given)


def _only(request: Request, *names: str) -> None:
    if strange := [malformed(name, "extra_forbidden") for name in query_of(request) if name not in names]:
        raise HttpProblem("refused", [each.model_dump() for each in strange])
