"""The one loop: take a batch, load by keys, decide in order, save in one conditional bulk write, publish, commit.

Everything here is safe to repeat from any point: a batch that was cut off anywhere is loaded, found applied, and what
may not have been published is published again under the same ids.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Generic, ParamSpec, TypeVar
from uuid import uuid4

from opentelemetry.trace import Span

from infra.clock import Clock, system_clock
from infra.deciding import Decider, TooManyDeadLetters
from infra.decision import S
from infra.document import Document, Entry
from infra.health import Health
from infra.publisher import Publisher, PublishError
from infra.reading import Arrival, KafkaRecord, Reader, timer
from infra.service import Service, nothing_to_prepare
from infra.store import Intent, Store, StoreError, chunks
from infra.telemetry import Metrics, Tracing

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

OUTAGES = (StoreError, PublishError, OSError, asyncio.TimeoutError)
"""Broken infrastructure: blocks and is retried for ever; nothing is skipped, no attempt is counted."""
LONGEST_PAUSE_SECONDS = 5.0
TIMERS_IN_A_BATCH = 500


class Stopped(Exception):
    """The service stops while an engine is away: the batch in hand is not committed and will come again."""


class Processor(Generic[S]):
    """Applies arrivals to the documents of one service and publishes what follows."""

    def __init__(
        self,
        service: Service[S],
        decider: Decider[S],
        reader: Reader,
        store: Store,
        publisher: Publisher,
        *,
        clock: Clock,
        health: Health,
        metrics: Metrics,
        tracing: Tracing,
    ) -> None:
        self._service = service
        self._decider = decider
        self._reader = reader
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._health = health
        self._metrics = metrics
        self._tracing = tracing
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._in_hand: str | None = None
        """The batch we are saving and publishing ourselves at this moment, however long it takes."""
        self.outages = 0
        """How often an engine did not do what it was asked."""

    def stop(self) -> None:
        """A batch that waits for an engine gives up; one that makes progress is finished."""
        self._stopping.set()

    @property
    def idle(self) -> bool:
        """Nothing is in hand."""
        return not self._lock.locked()

    async def finished(self) -> None:
        """Returns when the batch in hand is saved and published."""
        async with self._lock:
            pass

    @asynccontextmanager
    async def between_batches(self) -> AsyncIterator[None]:
        """No batch is in hand meanwhile: what decisions rest on may be replaced."""
        async with self._lock:
            yield

    async def handle(self, records: Sequence[KafkaRecord]) -> None:
        """All records are applied, refused, held or put aside, and what follows is published. May be committed then.

        Raises `Stopped` when the service stops during an outage, `TooManyDeadLetters` when the rules are broken.
        """
        for topic, count in Counter(record.topic for record in records).items():
            self._metrics.consumed.labels(topic).inc(count)
        arrivals = [arrival for record in records if (arrival := self._reader.read(record)) is not None]
        self._metrics.skipped.inc(len(records) - len(arrivals))
        self._metrics.batch_size.observe(len(records))
        if arrivals:
            await self.apply(arrivals)

    async def apply(self, arrivals: Sequence[Arrival]) -> None:
        """As `handle`, for what has been read already, and for what the service tells itself."""
        pending: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            pending.setdefault(arrival.key, []).append(arrival)
        async with self._lock:
            began = time.perf_counter()
            batch = self._tracing.batch(len(arrivals))
            with self._health.in_hand():
                try:
                    while pending:
                        pending = await self.patiently("batch", self._round, pending, batch)
                        self._health.progress()
                except TooManyDeadLetters as error:
                    self._health.halted = f"too many dead letters in a row: {error}"
                    log.critical("halted", extra={"fields": {"why": self._health.halted}})
                    raise
                finally:
                    batch.end()
                    self._metrics.batch_seconds.observe(time.perf_counter() - began)

    async def _round(self, pending: dict[str, list[Arrival]], batch: Span) -> dict[str, list[Arrival]]:
        """One pass over these keys; returns those that somebody else had saved in between."""
        at = self._clock()
        documents = await self._store.load(list(pending))
        await self._resolve(documents.values())
        outstanding = await self._store.outstanding({d.write_id for d in documents.values() if d.write_id})
        supplies = await self.prepare(documents, pending, at)
        effects = {key: self._decider.take(documents[key], pending[key], at, supplies, batch) for key in pending}
        conflicts = await self._save_and_publish(documents.values(), outstanding)
        settled = [document for key, document in documents.items() if key not in conflicts]
        wanted = [effect for document in settled for effect in effects[document.key]]
        if wanted:
            self._metrics.effects.inc(len(wanted))
            await self._service.perform(wanted)
        return {key: pending[key] for key in pending if key in conflicts}

    async def _resolve(self, documents: Iterable[Document]) -> None:
        """What stands ready in these documents has become history, or never does: others may be decided upon it."""
        by_crowd: dict[str, list[Document]] = {}
        for document in documents:
            if document.ready is not None:
                by_crowd.setdefault(document.ready.crowd, []).append(document)
        for id, theirs in by_crowd.items():
            crowd = await self._store.crowds.withdraw(id, [document.key for document in theirs])
            for document in theirs:
                counts = crowd is not None and crowd.said and document.key not in crowd.withdrawn
                document.resolve(counts=counts, told=crowd is not None and crowd.told)

    async def prepare(
        self, documents: Mapping[str, Document], pending: Mapping[str, list[Arrival]], at: datetime
    ) -> object:
        """What the decisions on these documents rest on besides their states."""
        if self._service.prepare is nothing_to_prepare:  # most services: then the states need not be read twice
            return None
        needs = self._service.needs
        keys = [key for key, arrivals in pending.items() if any(needs(each.subject) for each in arrivals)]
        if not keys:
            return None
        states = {key: (self._decider.state_of(documents[key]), pending[key]) for key in keys}
        return await self._service.prepare(states, at)

    async def _save_and_publish(self, documents: Collection[Document], outstanding: set[str]) -> set[str]:
        """Keys that somebody else had saved in between; of all others, everything is saved and published."""
        changed = [document for document in documents if document.touched]
        if not changed:
            await self._publish(documents, outstanding)
            return set()
        self._in_hand = write_id = uuid4().hex
        try:
            await self._store.open_intent(Intent(write_id, tuple(d.key for d in changed), system_clock()))
            conflicts = await self._store.save(changed, write_id, outstanding)
            await self._store.settle(write_id)
            self._metrics.conflicts.inc(len(conflicts))
            await self._publish((d for d in documents if d.key not in conflicts), outstanding)
            await self._store.close_intent(write_id)
        finally:
            self._in_hand = None
        return conflicts

    async def _publish(self, documents: Iterable[Document], outstanding: set[str]) -> None:
        entries: list[Entry] = []
        for document in documents:
            if document.write_id in outstanding:
                entries += await self._store.history(document.key, document.tail_from)
            else:
                entries += document.entries[document.told :]
        if entries:
            self._metrics.published.inc(await self._publisher.publish(entries))

    # ---- timers

    async def fire_due(self, limit: int) -> int:
        """Everything that is due is decided, once; returns how many documents were asked.

        They are asked for in one go, however many batches they make: a database may look at all that is due each time.
        """
        keys = await self.patiently("due", self._store.due, self._clock(), limit)
        for batch in chunks(keys, TIMERS_IN_A_BATCH):
            await self.apply([timer(key) for key in batch])
        return len(keys)

    # ---- recovery

    async def recover(self, grace_seconds: float) -> int:
        """Batches begun longer ago than that, by whomever, are published; returns how many there were.

        Not the one in our own hand: we are alive, slow as we may be, and it would only be said twice.
        """
        before = system_clock() - timedelta(seconds=grace_seconds)
        intents = await self.patiently("recover", self._store.intents_before, before)
        intents = [intent for intent in intents if intent.id != self._in_hand]
        for intent in intents:
            await self.patiently("recover", self._take_over, intent)
            self._metrics.taken_over.inc()
        return len(intents)

    async def _take_over(self, intent: Intent) -> None:
        """Its owner may be alive and not have saved yet: documents it has not saved are fenced off first, so that it
        will meet a conflict and begin anew, instead of saving what nobody would publish after its death.
        """
        documents = await self._store.load(intent.keys)
        unsaved = [document for document in documents.values() if document.write_id != intent.id]
        if unsaved and not intent.settled:
            await self._store.fence(unsaved)
            documents = await self._store.load(intent.keys)
        theirs = [d for d in documents.values() if d.write_id == intent.id]
        await self._publish(theirs, {intent.id})
        await self._store.close_intent(intent.id)

    async def announce_again(self, closed_within: timedelta) -> int:
        """The whole history of every open or lately closed document is published again, in order, under the same ids.

        For a broker that lost its data: the marks move back to the beginning, whoever has seen an event drops it.
        """
        keys = [key async for key in self._store.open_keys(self._clock() - closed_within)]
        count = 0
        for part in chunks(keys, 200):
            for key in part:
                entries = await self.patiently("announce", self._store.history, key)
                count += await self.patiently("announce", self._publisher.publish, entries)
        return count

    # ---- patience

    async def patiently(self, doing: str, step: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the step returns, however often an engine has to come back first. Raises `Stopped`."""
        attempt = 0
        while True:
            try:
                result = await step(*args, **kwargs)
            except OUTAGES as error:
                attempt += 1
                await self._outage(doing, error, attempt)
            else:
                self._health.back(doing)
                return result

    async def _outage(self, doing: str, error: BaseException, attempt: int) -> None:
        self.outages += 1
        self._health.away(doing, type(error).__name__)
        self._metrics.outages.labels(doing).inc()
        log.warning(
            "an engine is away", extra={"fields": {"doing": doing, "error": type(error).__name__, "attempt": attempt}}
        )
        pause = min(LONGEST_PAUSE_SECONDS, 0.1 * 2 ** min(attempt, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries
        try:
            await asyncio.wait_for(self._stopping.wait(), pause)
        except TimeoutError:
            return
        raise Stopped(doing)
