"""The questions that the cockpit asks the services for each unit, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from apps.board.backlog import Backlog
from apps.board.panels import months_until
from apps.board.panels_scores import source_of
from apps.board.scopes import Scope, Source
from apps.web.place import PlaceFeed
from apps.web.services import Service, ServiceProblem, Services

MONTHS = 6
SOON_SECONDS, SCORES_SECONDS, PAST_SECONDS = 2.0, 20.0, 900.0
"""Between two questions about the present, about this month, and about a month that is over."""


def sources(services: Services, place: PlaceFeed, clock: Callable[[], datetime]) -> Sequence[Source]:
    """Counts of the present first: a page waits for them."""
    backlog = Backlog(services)

    def asked(service: Service, path: str, **params: str) -> Callable[[Scope], Awaitable[Any]]:
        return lambda scope: services.get(service, path, scope.who, params=params)

    async def months() -> list[str]:
        return months_until(clock().astimezone((await place.current()).zone).date(), MONTHS)

    async def scores(scope: Scope) -> Any:
        try:
            return await services.get("scoring", f"/v1/scores/{(await months())[-1]}", scope.who)
        except ServiceProblem as problem:
            if problem.status == 404:  # the place makes no scores
                return None
            raise

    async def numbers(scope: Scope, which: Sequence[str]) -> None:
        """Months are counted one after another: each reads all handlings of the month."""
        for month in which:
            path = f"/v1/scores/{month}/numbers"
            scope.answers[source_of(month)] = await services.get("scoring", path, scope.who, params={"by": "unit"})

    async def this_month(scope: Scope) -> Any:
        month = (await months())[-1]
        await numbers(scope, [month])
        return scope.answers[source_of(month)]

    async def past_months(scope: Scope) -> Any:
        past = (await months())[:-1]
        await numbers(scope, past)
        return [scope.answers[source_of(month)] for month in past]

    async def behind(_: Scope) -> Any:
        return await backlog.current()

    return (
        Source("open", SOON_SECONDS, asked("intake", "/v1/overview/open")),
        Source("due", SOON_SECONDS, asked("intake", "/v1/overview/due", hours="24")),
        Source("flow", SOON_SECONDS, asked("intake", "/v1/overview/flow", minutes="60")),
        Source("waiting", SOON_SECONDS, asked("intake", "/v1/waiting")),
        Source("backlog", SOON_SECONDS, behind),
        Source("scores", SCORES_SECONDS, scores, soon=False),
        Source("month", SCORES_SECONDS, this_month, soon=False),
        Source("months", PAST_SECONDS, past_months, soon=False),
    )
