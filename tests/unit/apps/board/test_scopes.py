"""One question for all browsers of a unit; they are hinted at what changed, and a service that fails is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio

from apps.board.scopes import Scope, Scopes, Source
from apps.web.measures import Measures
from apps.web.services import ApiKey, ServiceProblem
from tests.support.waiting import wait_until

WHO = ApiKey("key")


class Service:
    """Answers what it is given, and counts who asked."""

    def __init__(self) -> None:
        self.answer: Any = {"open": 1, "as_of": 0}
        self.asked: list[str] = []

    async def ask(self, scope: Scope) -> Any:
        self.asked.append(scope.unit)
        if isinstance(self.answer, ServiceProblem):
            raise self.answer
        return {**self.answer, "as_of": len(self.asked)}


@pytest_asyncio.fixture
async def service() -> Service:
    return Service()


@pytest_asyncio.fixture
async def scopes(service: Service) -> AsyncIterator[Scopes]:
    found = Scopes([Source("open", 0.01, service.ask)], Measures())
    yield found
    await found.close()


async def test_units_have_scopes_of_their_own_and_browsers_of_one_unit_share_one(scopes, service) -> None:
    first, same = await scopes.of("police", WHO, 2), await scopes.of("police", WHO, 2)
    other = await scopes.of("ecology", WHO, 2)
    assert first is same
    assert first is not other
    assert first.answers["open"]["open"] == 1
    assert set(service.asked) == {"police", "ecology"}


async def test_browsers_get_a_hint_when_an_answer_changes_but_not_for_the_instant_of_asking(scopes, service) -> None:
    scope = await scopes.of("police", WHO, 2)
    hint = asyncio.Event()
    scope.browsers.add(hint)
    version, asked = scope.version, len(service.asked)
    await wait_until(lambda: _is(len(service.asked) > asked + 1), 5, "two more questions")
    assert (scope.version, hint.is_set()) == (version, False)
    service.answer = {"open": 2}
    await asyncio.wait_for(hint.wait(), 5)
    assert scope.answers["open"]["open"] == 2
    assert scope.version > version


async def test_a_service_that_is_away_leaves_the_last_figures_and_is_asked_again(scopes, service) -> None:
    scope = await scopes.of("police", WHO, 2)
    service.answer = ServiceProblem(503, "unreachable", "连接不上", "cannot be reached")
    await wait_until(lambda: _is(scope.away), 5, "known to be away")
    assert scope.answers["open"]["open"] == 1
    service.answer = {"open": 3}
    await wait_until(lambda: _is(not scope.away), 5, "back")
    assert scope.answers["open"]["open"] == 3


async def test_a_page_does_not_wait_longer_than_it_may() -> None:
    async def never(_: Scope) -> Any:
        await asyncio.Event().wait()

    scopes = Scopes([Source("open", 1, never)], Measures())
    scope = await asyncio.wait_for(scopes.of("police", WHO, 0.05), 2)
    assert scope.answers == {}
    await scopes.close()


async def test_each_first_answer_is_shown_when_it_comes_and_a_slow_source_holds_up_no_other(service) -> None:
    lag, months = asyncio.Event(), asyncio.Event()

    def after(event: asyncio.Event) -> Callable[[Scope], Awaitable[Any]]:
        async def ask(_: Scope) -> Any:
            await event.wait()
            return {}

        return ask

    sources = [
        Source("open", 0.01, service.ask),
        Source("backlog", 1, after(lag)),
        Source("months", 1, after(months), soon=False),
        Source("month", 0.01, service.ask, soon=False),
    ]
    scopes = Scopes(sources, Measures())
    scope = await scopes.of("police", WHO, 0.05)
    assert (set(scope.answers), scope.version) == ({"open"}, 1)
    lag.set()
    await wait_until(lambda: _is("month" in scope.answers), 5, "the quick one of the slow sources")
    service.answer = {"open": 2}
    await wait_until(lambda: _is(scope.answers["open"]["open"] == 2), 5, "the present while the months are counted")
    assert "months" not in scope.answers
    months.set()
    await wait_until(lambda: _is("months" in scope.answers), 5, "the months")
    await scopes.close()


async def _is(holds: bool) -> bool:
    return holds
