"""A calendar that is published moves every open limit that depends on it, once, however often that is interrupted."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.items import ItemMoved, ItemWatched, WatchItem
from contracts.limits import TimeLimit
from contracts.scoring import ClockReckoned
from contracts.topics import all_topics
from infra.app import Application
from infra.clock import Clock, system_clock
from infra.decision import Context, Decision
from infra.document import Document, verify_chain
from infra.local.engines import Engines
from infra.sealing import new_private_key
from infra.topics import ensure_topics
from services.scoring.app import build
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case_rules import CaseRules
from services.scoring.domain.item_rules import ItemRules
from services.scoring.domain.limits import Limits
from services.scoring.reckoning import GRACE_SECONDS, Reckoning
from services.scoring.settings import ScoringSettings
from tests.support.deployment import DEMO
from tests.unit.services.speaking import demo, registered

NOTICE = """[[year]]
year = 2027
source = "国办发明电〔2026〕9号"
days_off = [
    2027-01-01, 2027-02-05, 2027-02-08, 2027-02-09, 2027-02-10, 2027-04-05, 2027-05-03, 2027-05-04, 2027-06-09,
    2027-09-15, 2027-10-01, 2027-10-04, 2027-10-05,
]
"""
CHUNK, WINDOW = 50, 57
DECEMBER = datetime(2026, 12, 25, 1, tzinfo=UTC)
"""Fifteen working days later it is January."""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The demonstration place, with the notice of 2027."""
    place = tmp_path / "demo"
    shutil.copytree(DEMO, place)
    (place / "calendar.toml").write_text(NOTICE)
    return place


@asynccontextmanager
async def scoring(engines: Engines, database: str, place: Path) -> AsyncIterator[Application[Aggregate]]:
    """The service as it is wired, but nothing is consumed."""
    settings = ScoringSettings.model_validate(
        {
            "kafka_bootstrap": engines.bootstrap,
            "mongo_uri": engines.mongo_uri,
            "mongo_database": database,
            "policies": place,
            "reference": "folder",
            "dead_letter_key": new_private_key(),
        }
    )
    application = build(settings)
    await application.store.prepare()
    await application.publisher.start()
    try:
        yield application
    finally:
        await application.publisher.stop()
        await application.store.close()


def saved(received_at: datetime) -> Document:
    """A case as the service would have saved it."""
    rules = CaseRules(Limits.from_tables(demo().version, demo().tables))
    event = registered(case_id=str(uuid4()), received_at=received_at, occurred_at=received_at)
    decision = rules.decide(None, event, Context(event.case_id, received_at, "m"))
    assert isinstance(decision, Decision)
    assert decision.state is not None
    document = Document(event.case_id, state=decision.state.model_dump(mode="json"), saved_at=received_at)
    document.announce("scoring", decision.events, at=received_at, traceparent=None, cause="m")
    return document


def saved_item(at: datetime) -> Document:
    """An item of another system, whose limit ends in a year that is not published yet."""
    said = WatchItem(
        system="e-supervision",
        external_id=uuid4().hex,
        issued_at=at,
        unit="police",
        matter="licence",
        started_at=at,
        limit=TimeLimit.parse("15 working days"),
    )
    rules = ItemRules(Limits.from_tables(demo().version, demo().tables))
    decision = rules.decide(None, said, Context(said.key, at, "m", "e-supervision"))
    assert decision.state is not None
    document = Document(said.key, state=decision.state.model_dump(mode="json"), saved_at=at)
    document.announce("scoring", decision.events, at=at, traceparent=None, cause="m")
    return document


def reckoning_of(application: Application[Aggregate], clock: Clock = system_clock) -> Reckoning:
    assert application.reference is not None
    limits = application.reference.rules.limits
    reckoning = Reckoning(application.store, lambda: limits.calendar.version, chunk=CHUNK, window=WINDOW, clock=clock)
    reckoning.record = application.record
    return reckoning


async def test_each_open_limit_moves_once_though_the_work_is_cut_off(embedded: Engines, published: Path) -> None:
    await ensure_topics(embedded.bootstrap, all_topics(["u"], bodies=["u"]), replication=1, most_partitions=1)
    database = f"t{uuid4().hex[:8]}"
    moving = [saved(DECEMBER) for _ in range(CHUNK)]
    staying = [saved(datetime(2026, 3, 2, 1, tzinfo=UTC)) for _ in range(CHUNK // 5)]
    async with scoring(embedded, database, DEMO) as before:
        assert (await reckoning_of(before).step()).finished, "there is nothing yet"
        assert not await before.store.save([*moving, *staying], "w", set())
    async with scoring(embedded, database, published) as first:
        step = await reckoning_of(first).step()
        assert not step.finished
        assert 0.5 < step.share < 1
        assert step.reckoned == CHUNK
    async with scoring(embedded, database, published) as second:
        reckoning = reckoning_of(second)
        while not (step := await reckoning.step()).finished:
            pass
        assert step.reckoned == len(moving) + len(staying)
        assert (await reckoning.step()) == step
        histories = await second.store.histories([each.key for each in (*moving, *staying)])
    told = {key: Counter(entry.type for entry in entries)[ClockReckoned.TYPE] for key, entries in histories.items()}
    assert {told[each.key] for each in moving} == {1}
    assert {told[each.key] for each in staying} == {0}
    assert all(verify_chain(entries) is None for entries in histories.values())
    (entry,) = [each for each in histories[moving[0].key] if each.type == ClockReckoned.TYPE]
    event = ClockReckoned.model_validate_json(entry.body)
    assert (event.reason, event.provisional, event.due_at > event.previous_due_at) == ("calendar", False, True)


async def test_what_an_instance_began_by_the_old_calendar_after_all_was_reckoned_moves_too(
    embedded: Engines, published: Path
) -> None:
    await ensure_topics(embedded.bootstrap, all_topics(["u"], bodies=["u"]), replication=1, most_partitions=1)
    database, late = f"t{uuid4().hex[:8]}", saved(DECEMBER)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    async with scoring(embedded, database, DEMO) as before:
        await reckoning_of(before).step()
        assert not await before.store.save([saved(DECEMBER)], "w", set())
    async with scoring(embedded, database, published) as after:
        reckoning = reckoning_of(after, lambda: now)
        assert (await reckoning.step()).finished
        assert not await after.store.save([late], "v", set())
        now += timedelta(seconds=GRACE_SECONDS - 1)
        assert (await reckoning.step()).reckoned == 1, "it waits until all have heard of the calendar"
        looks = []
        for _ in range(3):
            now += timedelta(seconds=GRACE_SECONDS)
            looks.append(await reckoning.step())
        assert [(each.reckoned, each.settled) for each in looks] == [(2, False), (2, True), (2, True)]
        assert looks[1] == looks[2], "and then it is done"
        types = [entry.type for entry in await after.store.history(late.key)]
    assert types[-1] == ClockReckoned.TYPE


async def test_what_other_systems_have_watched_moves_too(embedded: Engines, published: Path) -> None:
    await ensure_topics(embedded.bootstrap, all_topics(["u"], bodies=["u"]), replication=1, most_partitions=1)
    database, item = f"t{uuid4().hex[:8]}", saved_item(DECEMBER)
    async with scoring(embedded, database, DEMO) as before:
        assert (await reckoning_of(before).step()).finished, "there is nothing yet"
        assert not await before.store.save([item], "w", set())
    async with scoring(embedded, database, published) as after:
        assert (await reckoning_of(after).step()).reckoned == 1
        types = [entry.type for entry in await after.store.history(item.key)]
    assert types == [ItemWatched.TYPE, ItemMoved.TYPE]
