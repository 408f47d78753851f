"""A lane: everything about one provider that may be slow, full or broken, kept away from all others (bulkhead)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from aiolimiter import AsyncLimiter
from opentelemetry.trace import Span

from infra.decision import Internal
from infra.logs import describe
from infra.telemetry import Tracing, failed
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Send, Way
from services.notify.providers.circuit import Circuit
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.port import Accepted, Letter, Provider, Refused, Unavailable

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 30.0
"""Where a rate is agreed, no more letters wait than are sent in this time; the others come again."""
COME_AGAIN_SECONDS = 10.0
"""After which a notice for which there was no room may be wanted again."""

Write: TypeAlias = Callable[[Send, Span], Letter]
"""Opens the contact and writes the letter. Raises `Refused`."""
Tell: TypeAlias = Callable[[str, Internal], None]
"""Takes an outcome, with the key of the document it is for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How much a provider is trusted with."""

    workers: int = 4
    per_second: float | None = None
    limit_seconds: float = 45.0
    """Of one letter."""
    room: int = 5_000
    failures: int = 5
    reset_seconds: float = 30.0

    @property
    def places(self) -> int:
        """Letters that may wait."""
        if self.per_second is None:
            return self.room
        return max(1, min(self.room, int(self.per_second * PATIENCE_SECONDS)))

    def limiter(self) -> AsyncLimiter | None:
        """A tenth of a second's letters at once, at least one, and never more than the rate in the long run."""
        if self.per_second is None:
            return None
        at_once = max(1.0, self.per_second / 10)
        return AsyncLimiter(at_once, at_once / self.per_second)


class Lane:
    """Letters to one provider: they wait in bounded room, a few workers send them, at the agreed rate."""

    def __init__(
        self,
        way: Way,
        provider: Provider,
        terms: Terms,
        *,
        write: Write,
        tell: Tell,
        tracing: Tracing,
        metrics: DeliveryMetrics,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider = provider
        self.terms = terms
        self._way = way
        self._write = write
        self._tell = tell
        self._tracing = tracing
        self._metrics = metrics
        self._monotonic = monotonic
        self._queue: asyncio.Queue[Send] = asyncio.Queue(terms.places)
        self._here: set[str] = set()
        """Notices that wait or are under way."""
        self._limiter = terms.limiter()
        self._circuit = Circuit(terms.failures, terms.reset_seconds)
        self._tried = asyncio.Event()
        self._under_way = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closing = False
        metrics.queue.labels(provider.name).set_function(self._queue.qsize)
        metrics.circuit.labels(provider.name).set_function(lambda: float(self._circuit.state(monotonic())))

    def offer(self, send: Send) -> Postponed | None:
        """The notice waits to be sent; else it is said why not, at once."""
        if send.notice_id in self._here:
            return self._postponed(send, "under way", COME_AGAIN_SECONDS)
        if seconds := self._circuit.open_for(self._monotonic()):
            return self._postponed(send, "circuit open", seconds)
        if self._queue.full():
            return self._postponed(send, "no room", COME_AGAIN_SECONDS)
        self._queue.put_nowait(send)
        self._here.add(send.notice_id)
        return None

    async def work(self) -> None:
        """One worker. Runs until cancelled, or until the lane is closed and the letter in hand has its outcome."""
        while not self._closing:
            send = await self._queue.get()
            self._under_way += 1
            self._quiet.clear()
            try:
                outcome = await self._deliver(send)
                if outcome is not None:
                    self._tell(send.key, outcome)
            finally:
                self._here.discard(send.notice_id)
                self._under_way -= 1
                if not self._under_way:
                    self._quiet.set()

    async def finish(self) -> None:
        """Letters under way have their outcome; those that only waited are left to their lease."""
        self._closing = True
        await self._quiet.wait()

    # ---- one letter

    async def _deliver(self, send: Send) -> Internal | None:
        """Its outcome; None when the lane was closed before its turn."""
        if seconds := self._circuit.open_for(self._monotonic()):
            return self._postponed(send, "circuit open", seconds)
        if self._limiter is not None:
            await self._limiter.acquire()
        while self._circuit.trying:
            await self._tried.wait()
        if self._closing:
            return None
        if seconds := self._circuit.open_for(self._monotonic()):
            return self._postponed(send, "circuit open", seconds)
        span = self._tracing.send(self.provider.name, traceparent=send.traceparent, id=send.notice_id)
        try:
            return await self._attempt(send, span)
        finally:
            span.end()

    async def _attempt(self, send: Send, span: Span) -> Internal:
        try:
            letter = self._write(send, span)
        except Refused as refused:
            return self._failed(send, refused, span)
        trial = self._circuit.begin(self._monotonic())
        if trial:
            self._tried.clear()
        try:
            accepted = await self._within_limits(letter)
        except Refused as refused:
            self._circuit.answered(trial)
            return self._failed(send, refused, span)
        except Unavailable as away:
            self._circuit.failed(trial, self._monotonic(), away.retry_after_seconds)
            return self._failed(send, away, span)
        else:
            self._circuit.answered(trial)
            self._count("accepted")
            return HandedOver(send.notice_id, self._way, accepted.reference)
        finally:
            if trial:
                self._circuit.ended()
                self._tried.set()

    async def _within_limits(self, letter: Letter) -> Accepted:
        """Whatever goes wrong at a provider is `Refused` or `Unavailable`."""
        began = self._monotonic()
        try:
            async with asyncio.timeout(self.terms.limit_seconds):
                return await self.provider.send(letter)
        except (Refused, Unavailable):
            raise
        except TimeoutError:
            raise Unavailable("time limit") from None
        except Exception as error:  # noqa: BLE001 - whatever it was, the notice is tried again; it is logged and counted
            fields = {"provider": self.provider.name, "error": describe(error)}
            log.warning("a provider broke", extra={"fields": fields})
            raise Unavailable(type(error).__name__) from None
        finally:
            self._metrics.seconds.labels(self.provider.name).observe(self._monotonic() - began)

    def _failed(self, send: Send, error: Refused | Unavailable, span: Span) -> DeliveryFailed:
        failed(span, error.why)
        if isinstance(error, Unavailable):
            self._count("unavailable")
            return DeliveryFailed(send.notice_id, self._way, error.why, False, error.retry_after_seconds)
        self._count("refused" if error.permanent else "deferred")
        return DeliveryFailed(send.notice_id, self._way, error.why, error.permanent)

    def _postponed(self, send: Send, why: str, seconds: float) -> Postponed:
        self._metrics.postponed.labels(self.provider.name, why).inc()
        return Postponed(send.notice_id, self._way, why, seconds)

    def _count(self, outcome: str) -> None:
        self._metrics.attempts.labels(self.provider.name, outcome).inc()
