"""Many timers that fall at one instant are decided ahead of it, so that they are told at it and not one after another.

A database saves hundreds of documents a second, and limits end by thousands when a working day does. So a crowd of them
is decided a little earlier, for that instant, and stands ready (`infra.crowds`); at the instant one row is claimed and
the events go out; at leisure each document takes what was said into its history. Whatever happens to a document
meanwhile withdraws it, and it is decided upon as ever. Everything here is safe to repeat from any point.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Generic
from uuid import uuid4

from infra.clock import Clock, system_clock
from infra.crowds import Crowd
from infra.deciding import Decider, TooManyDeadLetters
from infra.decision import S
from infra.document import Document, Entry
from infra.processor import Processor
from infra.publisher import Publisher
from infra.reading import timer
from infra.store import Store, chunks
from infra.telemetry import Metrics, Tracing

LEAST = 200
"""Documents due at one instant that are worth it: fewer are decided when they are due."""
AT_ONCE = 200
"""Documents of one crowd: a batch in between waits for so many."""
TOLD_AT_ONCE = 8
"""Crowds."""
LOOK_SECONDS = 5.0
"""Between two looks at what will be due."""
MOST_ENTRIES = 50_000
"""Events that are kept in memory until they are told; more are read again."""


class Ahead(Generic[S]):
    """Decides crowds of timers ahead, tells them, and tidies up behind them."""

    def __init__(
        self,
        processor: Processor[S],
        decider: Decider[S],
        store: Store,
        publisher: Publisher,
        *,
        clock: Clock,
        metrics: Metrics,
        tracing: Tracing,
        horizon: timedelta,
        least: int = LEAST,
    ) -> None:
        """`horizon` is how long before their instant documents are looked at."""
        self._processor = processor
        self._decider = decider
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._metrics = metrics
        self._tracing = tracing
        self._horizon = horizon
        self._least = least
        self._name = uuid4().hex
        self._seen_until: datetime | None = None
        self._wanted: deque[tuple[datetime, list[str]]] = deque()
        """Instants and keys that are worth it."""
        self._entries: dict[str, tuple[datetime, Mapping[str, tuple[Entry, ...]]]] = {}
        """By crowd: its instant and, by key, what stands ready."""
        self._over: deque[str] = deque()
        """Crowds to be finished: told, or left by the dead."""
        self._in_hand: set[str] = set()
        """Crowds that are made ready or told at this moment, however long it takes."""

    async def work(self) -> bool:
        """One step, and before it whatever has come due is told; False when there is nothing to do."""
        await self.tell_due()
        if self._over:
            await self.finish(self._over.popleft())
        elif self._wanted:
            at, keys = self._wanted.popleft()
            if at > self._clock():
                await self.make_ready(at, keys)
        else:
            return await self.look()
        return True

    def seconds_to_next(self) -> float | None:
        """Until something that we have made ready must be told; None when there is nothing."""
        instants = [at for at, _ in self._entries.values()]
        return (min(instants) - self._clock()).total_seconds() if instants else None

    # ---- before

    async def look(self) -> bool:
        """Whether there are crowds among what has come within the horizon since the last look."""
        now = self._clock()
        after, until = self._seen_until or now, now + self._horizon
        if until - after < timedelta(seconds=LOOK_SECONDS) and self._seen_until is not None:
            return False
        found = await self._processor.patiently("soon", self._store.soon, after, until)
        self._seen_until = max(after, until)
        for at, those in groupby(found, key=itemgetter(0)):
            keys = [key for _, key in those]
            if len(keys) >= self._least:
                self._wanted.extend((at, part) for part in chunks(keys, AT_ONCE))
        return bool(self._wanted)

    async def make_ready(self, at: datetime, keys: list[str]) -> int:
        """What follows in these documents at that instant stands ready in them; returns in how many."""
        async with self._processor.between_batches():
            try:
                return await self._processor.patiently("ahead", self._make_ready, at, keys)
            except TooManyDeadLetters:
                return 0  # it will be decided, and said, when it is due

    async def _make_ready(self, at: datetime, keys: list[str]) -> int:
        documents = await self._decided(at, keys)
        if not documents:
            return 0
        crowd = Crowd(uuid4().hex, at, tuple(each.key for each in documents), system_clock())
        self._in_hand.add(crowd.id)
        try:
            await self._store.crowds.open(crowd)
            those = await self._store.stand_ready(documents, crowd.id)
            settled = await self._store.crowds.settle(crowd.id)
        finally:
            self._in_hand.discard(crowd.id)
        if settled and self._kept < MOST_ENTRIES:
            entries = {each.key: tuple(each.entries) for each in documents if each.key in those}
            self._entries[crowd.id] = at, entries
        self._metrics.decided_ahead.inc(len(those))
        return len(those)

    async def _decided(self, at: datetime, keys: list[str]) -> list[Document]:
        """Those of the documents that are plainly due then, as they will be."""
        documents = await self._store.load(keys)
        outstanding = await self._store.outstanding({d.write_id for d in documents.values() if d.write_id})
        plain = {
            key: each
            for key, each in documents.items()
            if each.due_at == at and not each.parked and not each.waiting and each.write_id not in outstanding
        }
        arrivals = {key: [timer(key)] for key in plain}
        supplies = await self._processor.prepare(plain, arrivals, at)
        batch = self._tracing.batch(len(plain))
        try:
            effects = {key: self._decider.take(plain[key], arrivals[key], at, supplies, batch) for key in plain}
        finally:
            batch.end()
        return [
            each for key, each in plain.items() if each.entries and each.state and not (each.parked or effects[key])
        ]

    @property
    def _kept(self) -> int:
        return sum(len(entries) for _, crowd in self._entries.values() for entries in crowd.values())

    # ---- at the instant

    async def tell_due(self) -> int:
        """What stands ready for instants up to now is told; returns of how many documents."""
        now = self._clock()
        due = await self._processor.patiently("due", self._store.crowds.due, now)
        count = 0
        for some in chunks(due, TOLD_AT_ONCE):
            count += sum(await asyncio.gather(*map(self._claim_and_tell, some)))
        self._entries = {id: kept for id, kept in self._entries.items() if kept[0] > now}
        return count

    async def _claim_and_tell(self, id: str) -> int:
        ours = await self._processor.patiently("claim", self._store.crowds.claim, id, self._name, system_clock())
        return await self.tell(id) if ours else 0

    async def tell(self, id: str) -> int:
        """What stands ready for this crowd, which is claimed, is told; returns of how many documents."""
        self._in_hand.add(id)
        try:
            return await self._processor.patiently("tell", self._tell, id)
        finally:
            self._in_hand.discard(id)
            self._over.append(id)

    async def _tell(self, id: str) -> int:
        crowd = await self._store.crowds.find(id)
        if crowd is None:
            return 0
        entries = self._entries[id][1] if id in self._entries else await self._read(crowd)
        speaking = [those for key, those in entries.items() if key not in crowd.withdrawn]
        lag = max(0.0, (self._clock() - crowd.at).total_seconds())
        self._metrics.published.inc(await self._publisher.publish(each for those in speaking for each in those))
        await self._store.crowds.told(id)
        for _ in speaking:
            self._metrics.due_lag_seconds.observe(lag)
        return len(speaking)

    async def _read(self, crowd: Crowd) -> Mapping[str, tuple[Entry, ...]]:
        ready = await self._store.ready(crowd.keys, crowd.id)
        return {key: each.entries for key, each in ready.items()}

    # ---- behind it

    async def finish(self, id: str) -> None:
        """What was told stands in the histories, what was withdrawn is due again, and the crowd is over."""
        crowd = await self._processor.patiently("finish", self._store.crowds.find, id)
        if crowd is None:
            return
        while left := await self._processor.patiently("finish", self._store.standing_ready, crowd.keys, id):
            await self._processor.apply([timer(key) for key in left])
        await self._processor.patiently("finish", self._store.crowds.close, id)

    async def finish_all(self) -> None:
        """Nothing that was said stands outside the histories."""
        await self.recover(0)
        while self._over:
            await self.finish(self._over.popleft())

    async def recover(self, grace_seconds: float) -> int:
        """Crowds that somebody left half done longer ago than that are told, or given up, and finished."""
        before = system_clock() - timedelta(seconds=grace_seconds)
        found = await self._processor.patiently("recover", self._store.crowds.left, before)
        found = [crowd for crowd in found if crowd.id not in self._in_hand and crowd.id not in self._over]
        for crowd in found:
            if crowd.said and not crowd.told:
                await self.tell(crowd.id)
                continue
            if not crowd.settled:
                await self._processor.patiently("recover", self._fence, crowd)
            self._over.append(crowd.id)
        return len(found)

    async def _fence(self, crowd: Crowd) -> None:
        """Its owner may be alive and not have saved all of it: what it has not saved it will not save any more."""
        documents = await self._store.load(crowd.keys)
        others = [each for each in documents.values() if each.ready is None or each.ready.crowd != crowd.id]
        if others:
            await self._store.fence(others)
