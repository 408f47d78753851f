"""Two instances of scoring tick the same limits; each dies, meets an outage or is overtaken at any call to an engine.

Each alarm of each clock is announced once: one event id for each on the bus and in the history, and none is missing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect

from contracts.message import Event
from contracts.routing import CaseAssigned
from contracts.scoring import ClockEscalated, ClockRungReached
from contracts.topics import REGISTRY, all_topics
from infra.deciding import Decider
from infra.decision import Context, Decision, Due
from infra.document import Document, verify_chain
from infra.health import Health
from infra.local.engines import Engines
from infra.processor import Processor
from infra.publisher import Publisher
from infra.reading import Input, Reader
from infra.sealing import Opener, Sealer, new_private_key, public_key_of
from infra.service import Service
from infra.store import Store
from infra.telemetry import Metrics, Tracing
from infra.topics import ensure_topics
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.decide import Rules
from tests.support.bus import Watch
from tests.support.fate import Crash, Fate, Fated, Slow, fates_of
from tests.unit.services.speaking import AT, CASE, demo, registered

KEY = new_private_key()
RULES = Rules.from_tables(demo().version, demo().tables)
ALARMS = (ClockRungReached, ClockEscalated)
LEVELS = tuple(AT + timedelta(days=days) for days in (2, 11, 18, 23, 60))
"""Instants between which alarms of every kind fall: cards of both clocks, and one level up after the other."""
FAR = datetime(2100, 1, 1, tzinfo=UTC)

Alarm = tuple[str, str]
"""A clock, and the card or level that has fallen on it."""


def alarm(event: object) -> Alarm:
    """What was announced."""
    assert isinstance(event, ClockRungReached | ClockEscalated)
    return event.clock, event.rung if isinstance(event, ClockRungReached) else f"level-{event.level}"


def begun(key: str) -> tuple[Case, list[Event]]:
    """A case that a unit was asked to handle and has not signed: the whole and the signature have a limit."""
    state: Case | None = None
    events: list[Event] = []
    asked = CaseAssigned(
        case_id=key, occurred_at=AT, unit="police-beicheng", responsible="beicheng-centre", rule="r1", policy="p"
    )
    for subject in (registered(case_id=key), asked):
        decision = RULES.decide(state, subject, Context(key, AT, f"{key}-{subject.TYPE}"))
        assert isinstance(decision, Decision)
        assert isinstance(decision.state, Case)
        state = decision.state
        events += [event for event in decision.events if isinstance(event, Event)]
    assert state is not None
    return state, events


def expected(state: Case, instants: Sequence[datetime]) -> list[Alarm]:
    """What one instance announces that is never disturbed."""
    found: list[Alarm] = []
    for at in instants:
        decision = RULES.decide(state, Due(), Context(CASE, at, "m"))
        assert isinstance(decision, Decision)
        assert isinstance(decision.state, Case)
        state = decision.state
        found += [alarm(each) for each in decision.events if isinstance(each, ALARMS)]
    return found


@dataclass
class House:
    """Real engines, and as many instances of scoring over them as die. They all have the same clock."""

    store: Store
    publisher: Publisher
    watch: Watch
    service: Service[Aggregate]
    now: datetime = field(default=AT)

    async def hold(self, count: int) -> dict[str, Case]:
        """So many cases that nobody has been alarmed about."""
        self.now = AT
        documents, states = [], {}
        for key in (str(uuid4()) for _ in range(count)):
            state, events = begun(key)
            document = Document(key, state=state.model_dump(mode="json"), saved_at=AT, due_at=RULES.due(state))
            document.announce("scoring", events, at=AT, traceparent=None, cause="m")
            documents.append(document)
            states[key] = state
        assert not await self.store.save(documents, uuid4().hex, set())
        return states

    def instance(self, fate: Fate) -> Processor[Aggregate]:
        """Another process over the same engines."""
        metrics, tracing = Metrics.create(), Tracing("scoring", None, "test")
        reader = Reader(self.service.inputs, Opener(KEY), self.service.redrive)
        return Processor(
            self.service,
            Decider(self.service, reader, Sealer(public_key_of(KEY)), metrics, tracing, 10),
            reader,
            Fated(self.store, fate, AutoReconnect("away")),  # type: ignore[arg-type]
            Fated(self.publisher, fate, KafkaConnectionError("away")),  # type: ignore[arg-type]
            clock=lambda: self.now,
            health=Health(60),
            metrics=metrics,
            tracing=tracing,
        )

    async def tick(self, fates: Iterator[Fate]) -> None:
        """Whatever is due is decided, by one process after another until one lives to see nothing due."""
        while True:
            processor = self.instance(next(fates))
            try:
                await processor.recover(0)
                while await processor.fire_due(3):
                    pass
            except Crash:
                continue
            return

    async def settled(self) -> None:
        """What the dead have left is published."""
        while await self.instance(Fate({})).recover(0):
            pass
        assert not await self.store.intents_before(FAR)

    async def check(self, states: dict[str, Case], instants: Sequence[datetime]) -> None:
        """Each alarm stands once in the history and under one id on the bus, in order; none is missing."""
        wanted = {key: expected(state, instants) for key, state in states.items()}
        assert all(len(set(alarms)) == len(alarms) for alarms in wanted.values())
        histories = await self.store.histories(list(states))
        kept: dict[str, dict[str, Alarm]] = defaultdict(dict)
        for key, entries in histories.items():
            assert verify_chain(entries) is None
            for entry in entries:
                if entry.type in {each.TYPE for each in ALARMS}:
                    kept[key][entry.id] = alarm(REGISTRY.messages[entry.type].model_validate_json(entry.body))
        assert {key: list(each.values()) for key, each in kept.items()} == wanted
        await self._heard(kept)

    async def _heard(self, kept: dict[str, dict[str, Alarm]]) -> None:
        def heard() -> dict[str, dict[str, Alarm]]:
            found: dict[str, dict[str, Alarm]] = defaultdict(dict)
            for each in self.watch.seen:
                if each.key in kept and each.envelope.type in {every.TYPE for every in ALARMS}:
                    found[each.key].setdefault(each.envelope.id, alarm(each.message))
            return found

        await self.watch.until(lambda _: all(len(heard()[key]) >= len(each) for key, each in kept.items()), 20)
        await self.watch.poll()
        for key, by_id in heard().items():
            assert list(by_id.items()) == list(kept[key].items()), "by event id, in order, duplicates aside"
            assert set(Counter(by_id.values()).values()) == {1}
        self.watch.seen.clear()


@pytest.fixture(scope="module")
async def house(embedded: Engines) -> AsyncIterator[House]:
    await ensure_topics(embedded.bootstrap, all_topics(["police-beicheng"]), most_partitions=2)
    store = Store(embedded.mongo_uri, f"rungs_{uuid4().hex[:8]}")
    await store.prepare()
    publisher = Publisher(embedded.bootstrap, "/services/scoring")
    await publisher.start()
    service: Service[Aggregate] = Service(
        name="scoring",
        inputs=(Input(REGISTRY["cases.events"]), Input(REGISTRY["routing.events"])),
        outputs=(),
        redrive=REGISTRY["redrive.{service}"],
        state=Aggregate,
        decide=RULES.decide,
        due=RULES.due,
        is_open=RULES.is_open,
    )
    async with Watch(embedded.bootstrap, ["scoring.events"]) as watch:
        yield House(store, publisher, watch, service)
    await publisher.stop()
    await store.close()


def test_every_kind_of_alarm_falls_between_the_instants_that_are_tried() -> None:
    state, _ = begun(str(uuid4()))
    by_instant = [len(expected(state, LEVELS[: n + 1])) for n in range(len(LEVELS))]
    assert by_instant == sorted(set(by_instant)), "something falls before each of them"
    assert {name for _, name in expected(state, LEVELS)} == {"reminder", "yellow", "red", "level-1", "level-2"}


@pytest.mark.parametrize("strike", ["before", "after", "outage-after"])
@pytest.mark.parametrize("call", range(1, 11))
async def test_an_instance_that_dies_at_any_call_leaves_each_alarm_to_be_told_once(
    house: House, call: int, strike: str
) -> None:
    states = await house.hold(4)
    house.now = LEVELS[-1]
    await house.tick(fates_of([{call: strike}]))
    await house.settled()
    await house.check(states, LEVELS[-1:])


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("before", range(1, 11))
async def test_an_instance_that_is_overtaken_before_any_call_tells_nothing_twice(
    house: House, before: int, dies: bool
) -> None:
    """The other has ticked meanwhile: whatever the slow one saves then is a conflict, and it has to look again."""
    states = await house.hold(2)
    house.now = LEVELS[2]
    fate = Slow({before: "after"} if dies else {}, before=before)
    slow = asyncio.create_task(house.tick(chain([fate], fates_of([]))))
    reached = asyncio.create_task(fate.reached.wait())
    await asyncio.wait({slow, reached}, return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    await house.tick(fates_of([]))
    fate.go_on.set()
    await slow
    await house.settled()
    await house.check(states, LEVELS[2:3])


strike = st.sampled_from(["before", "after", "outage-before", "outage-after"])
fate = st.dictionaries(st.integers(1, 14), strike, max_size=2)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    instants=st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4, unique=True).map(sorted),
    strikes=st.tuples(st.lists(fate, max_size=3), st.lists(fate, max_size=3)),
)
async def test_two_instances_that_tick_at_once_tell_each_alarm_once(
    house: House, instants: list[datetime], strikes: tuple[list[dict[int, str]], list[dict[int, str]]]
) -> None:
    states = await house.hold(5)
    fates = [fates_of(each) for each in strikes]
    for at in instants:
        house.now = at
        await asyncio.gather(*(house.tick(each) for each in fates))
    await house.settled()
    await house.check(states, instants)
