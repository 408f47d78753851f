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


class Questions:
    """What is asked for a scope."""

    def __init__(self, services: Services, place: PlaceFeed, clock: Callable[[], datetime]) -> None:
        self._services = services
        self._place = place
        self._clock = clock
        self._backlog = Backlog(services)

    def of(self, service: Service, path: str, **params: str) -> Callable[[Scope], Awaitable[Any]]:
        """A route with these parameters."""
        return lambda scope: self._services.get(service, path, scope.who, params=params)

    async def scores(self, scope: Scope) -> Any:
        """The scores of this month; None where the place makes none."""
        try:
            return await self._services.get("scoring", f"/v1/scores/{(await self._months())[-1]}", scope.who)
        except ServiceProblem as problem:
            if problem.status == 404:
                return None
            raise

    async def this_month(self, scope: Scope) -> Any:
        """The numbers of this month by unit."""
        return await self._numbers(scope, (await self._months())[-1:])

    async def past_months(self, scope: Scope) -> Any:
        """The numbers of the months before."""
        return await self._numbers(scope, (await self._months())[:-1])

    async def backlog(self, _: Scope) -> Any:
        """How far the services are behind."""
        return await self._backlog.current()

    async def _numbers(self, scope: Scope, months: Sequence[str]) -> list[Any]:
        """Of one month after another: scoring reads all handlings of a month."""
        for month in months:
            path = f"/v1/scores/{month}/numbers"
            scope.answers[source_of(month)] = await self._services.get(
                "scoring", path, scope.who, params={"by": "unit"}
            )
        return [scope.answers[source_of(month)] for month in months]

    async def _months(self) -> list[str]:
        zone = (await self._place.current()).zone
        return months_until(self._clock().astimezone(zone).date(), MONTHS)


def sources(services: Services, place: PlaceFeed, clock: Callable[[], datetime]) -> Sequence[Source]:
    """Counts of the present first: a page waits for them."""
    ask = Questions(services, place, clock)
    return (
        Source("open", SOON_SECONDS, ask.of("intake", "/v1/overview/open")),
        Source("due", SOON_SECONDS, ask.of("intake", "/v1/overview/due", hours="24")),
        Source("flow", SOON_SECONDS, ask.of("intake", "/v1/overview/flow", minutes="60")),
        Source("waiting", SOON_SECONDS, ask.of("intake", "/v1/waiting")),
        Source("backlog", SOON_SECONDS, ask.backlog),
        Source("scores", SCORES_SECONDS, ask.scores, soon=False),
        Source("month", SCORES_SECONDS, ask.this_month, soon=False),
        Source("months", PAST_SECONDS, ask.past_months, soon=False),
    )
