"""The JSON API of the clocks: what is due when, and why."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from contracts.instants import parse_instant, restore_plus
from contracts.typed_codes import read_case_id
from infra.clock import Clock
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.paging import number_of
from infra.http.problems import HttpProblem, ProblemDocument
from services.scoring.asking import KEYED, READ, Asking, fault
from services.scoring.clock_views import ClockViews, DueCases, ExplainedCase

MOST_CASES = 200
"""Ids in one request."""
MOST_LISTED = 1_000
"""Open cases of a unit in one answer."""


class ClockApi:
    """The handlers."""

    def __init__(self, views: ClockViews, clock: Clock, asking: Asking) -> None:
        self._views = views
        self._clock = clock
        self._asking = asking

    async def due(self, request: Request, caller: Caller) -> Response:
        """What is due, the soonest first, or the cases that are named."""
        asked, at = query_of(request), self._clock()
        mine = self._asking.unit(caller)
        if "case" in asked:
            return respond(await self._views.of(_case_ids(asked["case"]), mine, at))
        unit = asked.get("unit", mine)
        if not self._asking.limits().sees(mine, unit):
            raise HttpProblem("right-missing")
        since, before = _instant(asked, "since"), _instant(asked, "before")
        limit = number_of(request, "limit", 100, MOST_LISTED, fault)
        return respond(await self._views.due(unit, mine, since, before, at, limit))

    async def explained(self, request: Request, caller: Caller) -> Response:
        """Why each limit of a case ends when it ends."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self._asking.unit(caller)
        found = await self._views.explained(case_id, unit) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)


def clocks(api: ClockApi) -> Interface:
    """The interface."""
    return Interface(
        "clocks",
        "What is due when, and why. A unit sees its own and those below it.",
        (
            Endpoint(
                "GET",
                "/v1/clocks",
                api.due,
                "Open cases that the unit answers for, the soonest end first",
                {200: Answer("some of them", DueCases), 422: Answer("refused", ProblemDocument), **KEYED},
                right=READ,
                parameters=(
                    Parameter(
                        "case",
                        "query",
                        f"ids of cases, comma separated, {MOST_CASES} at most: these and no others; what is closed, "
                        "unknown or not the unit's to see is left out",
                    ),
                    Parameter("unit", "query", "another unit below the key's own"),
                    Parameter("since", "query", "ends at this instant or later", {"type": "string"}),
                    Parameter("before", "query", "ends before this instant", {"type": "string"}),
                    Parameter("limit", "query", f"100 where left out, {MOST_LISTED} at most", {"type": "integer"}),
                ),
            ),
            Endpoint(
                "GET",
                "/v1/cases/{case_id}/clocks",
                api.explained,
                "Every limit of a case, line by line",
                {
                    200: Answer("all of them", ExplainedCase),
                    404: Answer("none of the unit's", ProblemDocument),
                    **KEYED,
                },
                right=READ,
                parameters=(Parameter("case_id", "path", "UUIDv5 of channel and external id"),),
            ),
        ),
        client="unit",
    )


def _instant(asked: dict[str, str], name: str) -> datetime | None:
    if name not in asked:
        return None
    text = restore_plus(asked[name])
    try:
        return parse_instant(text).astimezone(UTC)
    except ValueError:
        raise fault(name, "datetime") from None


def _case_ids(given: str) -> list[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    found = [id for name in names if (id := read_case_id(name)) is not None]
    if len(found) != len(names) or not found:
        raise fault("case", "pattern")
    if len(found) > MOST_CASES:
        raise fault("case", "range")
    return found
