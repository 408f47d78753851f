"""What one unit may see now. Each process asks the services once for all browsers of a unit, while there are any.

Browsers get hints alone (`apps.web.live` has the same protocol): their script asks for the page again, which is made of
the answers that are here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from apps.web.measures import Measures
from apps.web.services import Credential, ServiceProblem

log = logging.getLogger(__name__)
IDLE_SECONDS = 60.0
"""Without a browser or a page for so long, a scope rests."""
BEAT_SECONDS = 15.0
"""A comment line is sent after so long without a hint, and pages show at least so often until when they are right."""
TICK_SECONDS = 0.5
MOST_SCOPES = 300


@dataclass(frozen=True)
class Source:
    """One question to a service, asked again every so many seconds."""

    name: str
    seconds: float
    ask: Callable[[Scope], Awaitable[Any]]
    soon: bool = True
    """A page waits a moment for it."""


@dataclass(eq=False)
class Scope:
    """The answers for one unit, by source."""

    unit: str
    who: Credential
    """Of the person who looked last; the answers depend on the unit alone."""
    answers: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, ServiceProblem] = field(default_factory=dict)
    version: int = 0
    pages: dict[object, Any] = field(default_factory=dict)
    """Parts of pages made of the answers of this version, by language."""
    browsers: set[asyncio.Event] = field(default_factory=set)
    used_at: float = 0.0
    changed_at: float = 0.0
    asked_at: dict[str, float] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Every source that a page waits for has been answered, or has failed."""
    task: asyncio.Task[None] | None = None

    @property
    def away(self) -> bool:
        """Whether a service cannot be asked now."""
        return any(problem.away for problem in self.problems.values())

    def changed(self, now: float) -> None:
        """Pages are made again, and browsers ask for them."""
        self.version, self.changed_at, self.pages = self.version + 1, now, {}
        for browser in self.browsers:
            browser.set()


class Scopes:
    """The scopes of one process."""

    def __init__(
        self, sources: Sequence[Source], measures: Measures, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._sources = tuple(sources)
        self._measures = measures
        self._monotonic = monotonic
        self._scopes: OrderedDict[str, Scope] = OrderedDict()

    async def of(self, unit: str, who: Credential, wait_seconds: float) -> Scope:
        """The scope of a unit, at work; its first answers are waited for no longer than this."""
        scope = self._scopes.setdefault(unit, Scope(unit, who))
        self._scopes.move_to_end(unit)
        scope.who, scope.used_at = who, self._monotonic()
        if scope.task is None or scope.task.done():
            scope.ready.clear()
            scope.task = asyncio.create_task(self._work(scope))
        self._forget()
        with suppress(TimeoutError):
            await asyncio.wait_for(scope.ready.wait(), wait_seconds)
        return scope

    def hints(self, request: Request, scope: Scope) -> StreamingResponse:
        """Server-sent events for one browser: `changed` when the page has other numbers, `state` live or away."""
        return StreamingResponse(
            self._hints(request, scope), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    async def close(self) -> None:
        """No service is asked any more."""
        tasks = [scope.task for scope in self._scopes.values() if scope.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hints(self, request: Request, scope: Scope) -> AsyncIterator[bytes]:
        hint = asyncio.Event()
        scope.browsers.add(hint)
        self._measures.browsers.inc()
        try:
            yield b"retry: 2000\n\n" + _state(scope)
            while not await request.is_disconnected():
                try:
                    await asyncio.wait_for(hint.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield _state(scope)
                    continue
                hint.clear()
                yield _state(scope) + b"event: changed\ndata: {}\n\n"
        finally:
            self._measures.browsers.dec()
            scope.used_at = self._monotonic()
            scope.browsers.discard(hint)

    async def _work(self, scope: Scope) -> None:
        """Poll all sources until no page is open; the slow ones hold up no others."""
        async with asyncio.TaskGroup() as polls:
            slow = polls.create_task(self._count(scope, [each for each in self._sources if not each.soon]))
            soon = [each for each in self._sources if each.soon]
            while scope.browsers or self._monotonic() - scope.used_at < IDLE_SECONDS:
                now = self._monotonic()
                if await self._ask(scope, soon) or now - scope.changed_at > BEAT_SECONDS:
                    scope.changed(now)
                scope.ready.set()
                await asyncio.sleep(TICK_SECONDS)
            slow.cancel()

    async def _count(self, scope: Scope, sources: Sequence[Source]) -> None:
        """Poll the slow sources, after the first answers of the others."""
        await scope.ready.wait()
        while True:
            if await self._ask(scope, sources):
                scope.changed(self._monotonic())
            await asyncio.sleep(TICK_SECONDS)

    async def _ask(self, scope: Scope, sources: Sequence[Source]) -> bool:
        """Ask the sources that are due; whether an answer differs from the one before."""
        now = self._monotonic()
        due = [each for each in sources if now >= scope.asked_at.get(each.name, -1e9) + each.seconds]
        return any(await asyncio.gather(*(self._answered(scope, each) for each in due)))

    async def _answered(self, scope: Scope, source: Source) -> bool:
        """Store an answer. The first one is shown at once, later ones with those of the same poll."""
        scope.asked_at[source.name] = self._monotonic()
        try:
            answer = await source.ask(scope)
        except ServiceProblem as problem:
            known = scope.problems.get(source.name)
            scope.problems[source.name] = problem
            if known is None:
                log.warning("%s cannot be counted: %s", source.name, problem.code)
            return known is None
        recovered = scope.problems.pop(source.name, None) is not None
        first = source.name not in scope.answers
        before, scope.answers[source.name] = scope.answers.get(source.name), answer
        if first:
            scope.changed(self._monotonic())
        return recovered or (not first and _compared(before) != _compared(answer))

    def _forget(self) -> None:
        """Drop the scopes that were used least recently, beyond the most that are stored."""
        for unit in list(self._scopes):
            if len(self._scopes) <= MOST_SCOPES:
                return
            task = self._scopes[unit].task
            if task is None or task.done():
                del self._scopes[unit]


def _compared(answer: Any) -> Any:
    """The answer without the instant of asking, which differs every time."""
    return {name: value for name, value in answer.items() if name != "as_of"} if isinstance(answer, Mapping) else answer


def _state(scope: Scope) -> bytes:
    return b"event: state\ndata: %s\n\n" % (b"away" if scope.away else b"live")
