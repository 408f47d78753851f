"""Scoring as it is wired decides a crowd of alarms ahead, and tells each of them at its instant."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.scoring import ClockRungReached
from contracts.topics import all_topics
from infra.ahead import LEAST
from infra.app import Application
from infra.clock import system_clock
from infra.document import Document
from infra.local.engines import Engines
from infra.sealing import new_private_key
from infra.store import Store
from infra.topics import ensure_topics
from services.scoring.app import build
from services.scoring.domain.aggregate import Aggregate
from services.scoring.settings import ScoringSettings
from tests.property.test_rungs import begun
from tests.support.bus import Watch
from tests.support.deployment import DEMO
from tests.support.waiting import wait_for, wait_until
from tests.unit.services.speaking import AT

INSTANT = AT + timedelta(days=20)


@dataclass
class Moving:
    """A clock that somebody sets."""

    now: datetime = INSTANT - timedelta(seconds=30)

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now


def scoring(engines: Engines, database: str, **settings: Any) -> Application[Aggregate]:
    """The service; nothing is consumed."""
    given = {
        "kafka_bootstrap": engines.bootstrap,
        "mongo_uri": engines.mongo_uri,
        "mongo_database": database,
        "policies": DEMO,
        "reference": "folder",
        "dead_letter_key": new_private_key(),
        **settings,
    }
    return build(ScoringSettings.model_validate(given))


async def hold(store: Store, count: int, at: datetime) -> set[str]:
    """So many cases whose limit ends at that instant."""
    documents = []
    for key in (str(uuid4()) for _ in range(count)):
        case, events = begun(key)
        state = case.model_dump(mode="json")
        state["clocks"] = {"close": state["clocks"]["close"] | {"steps": [{"rung": "red", "at": at.isoformat()}]}}
        document = Document(key, state=state, saved_at=at, due_at=at)
        document.announce("scoring", events, at=at, traceparent=None, cause="m")
        documents.append(document)
    assert not await store.save(documents, uuid4().hex, set())
    return {each.key for each in documents}


async def test_a_crowd_of_alarms_is_decided_ahead_and_told_at_its_instant(embedded: Engines) -> None:
    await ensure_topics(embedded.bootstrap, all_topics(["police-beicheng"]), most_partitions=2)
    application = scoring(embedded, f"ahead_{uuid4().hex[:8]}")
    assert application.ahead is not None
    clock = Moving()
    application.processor._clock = application.ahead._clock = clock
    async with Watch(embedded.bootstrap, ["scoring.events"]) as watch:
        keys = await hold(application.store, LEAST, INSTANT)
        await application.publisher.start()
        work = asyncio.create_task(application._forever(application._crowds))
        try:
            counted = application.metrics.decided_ahead._value
            await wait_for(lambda: counted.get() == LEAST, 60, "all stand ready")
            await watch.poll()
            assert not told(watch, keys)

            clock.now = INSTANT
            await watch.until(lambda _: sum(told(watch, keys).values()) >= LEAST, 60)
            assert told(watch, keys) == dict.fromkeys(keys, 1)

            async def in_the_histories() -> bool:
                documents = (await application.store.load(sorted(keys))).values()
                return all(each.state and each.state["clocks"]["close"]["steps"] == [] for each in documents)

            await wait_until(in_the_histories, 60, "each document holds what was said")
            assert not await application.store.crowds.due(INSTANT)
        finally:
            application._stopping.set()
            await work
            await application.publisher.stop()
            await application.store.close()


def told(watch: Watch, keys: set[str]) -> Counter[str]:
    """Alarms of these cases on the bus."""
    return Counter(each.key for each in watch.seen if each.key in keys and each.envelope.type == ClockRungReached.TYPE)


def test_on_an_accelerated_clock_and_when_told_so_nothing_is_decided_ahead(embedded: Engines) -> None:
    assert scoring(embedded, "any").ahead is not None
    assert scoring(embedded, "any", ahead_seconds=0).ahead is None
    assert scoring(embedded, "any", clock_origin=system_clock(), clock_speed=60.0).ahead is None
