"""Alarms of many limits that fall at one instant are decided ahead of it.

By instances that die, falter or are overtaken at any call to an engine: each is told once, none before its instant, and
none of a case that was signed in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect

from contracts.routing import CaseSigned
from contracts.scoring import ClockRungReached
from infra.ahead import Ahead
from infra.clock import system_clock
from infra.decision import Context, Decision, Due
from infra.document import verify_chain
from infra.processor import Processor
from infra.reading import Arrival
from infra.store import Intent
from infra.telemetry import Metrics, Tracing
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from tests.property.test_rungs import FAR, RULES, Alarm, House, alarm, begun, house
from tests.support.fate import Crash, Fate, Fated, Slow, fates_of
from tests.unit.services.speaking import CASE

__all__ = ["house"]

SHORTLY = timedelta(seconds=30)
INSTANT = RULES.due(begun(str(uuid4()))[0]) or FAR
"""At which the first alarm of all these cases falls."""


@dataclass
class Instance:
    """One process of the service, with both its ways to fire timers."""

    processor: Processor[Aggregate]
    ahead: Ahead[Aggregate]

    @classmethod
    def of(cls, house: House, fate: Fate, least: int = 2) -> Instance:
        """Another one, over the same engines; fewer than `least` are left until they are due."""
        processor = house.instance(fate)
        return cls(
            processor,
            Ahead(
                processor,
                processor._decider,
                Fated(house.store, fate, AutoReconnect("away")),  # type: ignore[arg-type]
                Fated(house.publisher, fate, KafkaConnectionError("away")),  # type: ignore[arg-type]
                clock=lambda: house.now,
                metrics=Metrics.create(),
                tracing=Tracing("scoring", None, "test"),
                horizon=timedelta(minutes=1),
                least=least,
            ),
        )

    async def work(self) -> None:
        """Until there is nothing to do at this moment."""
        await self.processor.recover(0)
        await self.ahead.recover(0)
        while await self.ahead.work():
            pass
        while await self.processor.fire_due(3):
            pass


async def live(house: House, fates: Iterator[Fate]) -> None:
    """One instance after another, until one lives to see nothing to do."""
    while True:
        try:
            await Instance.of(house, next(fates)).work()
        except Crash:
            continue
        return


async def settled(house: House) -> None:
    """What the dead have left is told and finished."""
    quiet = False
    while not quiet:
        instance = Instance.of(house, Fate({}))
        await instance.work()
        quiet = not await house.store.intents_before(FAR) and not await house.store.crowds.left(FAR)


def signed(key: str) -> Arrival:
    """The unit has signed the case: there is no limit for signing any more."""
    event = CaseSigned(case_id=key, occurred_at=INSTANT - SHORTLY, unit="police-beicheng")
    return Arrival(key=key, id=f"signed/{key}", subject=event, message_id=f"signed-{key}", type=event.TYPE)


def expected(state: Case, at: datetime, *, first: Arrival | None = None) -> list[Alarm]:
    """What one instance announces at that instant that is never disturbed."""
    found: list[Alarm] = []
    given: list[tuple[Any, datetime]] = [(first.subject, at - SHORTLY)] if first else []
    for subject, when in [*given, (Due(), at)]:
        decision = RULES.decide(state, subject, Context(CASE, when, "m"))
        assert isinstance(decision, Decision)
        assert isinstance(decision.state, Case)
        state = decision.state
        found += [alarm(each) for each in decision.events if isinstance(each, ClockRungReached)]
    return found


async def check(house: House, wanted: Mapping[str, list[Alarm]]) -> None:
    """Each alarm stands once in a whole history and under one id on the bus; nothing stands ready any more."""
    assert not await house.store.crowds.left(FAR)
    assert not await house.store.crowds.due(FAR)
    histories = await house.store.histories(list(wanted))
    kept: dict[str, dict[str, Alarm]] = {}
    for key, entries in histories.items():
        assert verify_chain(entries) is None
        kept[key] = {
            each.id: alarm(ClockRungReached.model_validate_json(each.body))
            for each in entries
            if each.type == ClockRungReached.TYPE
        }
    assert {key: list(each.values()) for key, each in kept.items()} == wanted
    documents = await house.store.load(list(wanted))
    assert not [key for key, each in documents.items() if each.ready is not None]
    for each in documents.values():
        state = Aggregate.model_validate(each.state)
        assert each.due_at == RULES.due(state)
    await heard(house, kept)


async def heard(house: House, kept: Mapping[str, Mapping[str, Alarm]]) -> None:
    """The bus tells what the histories hold, under the same ids, and nothing else."""

    def told() -> dict[str, dict[str, Alarm]]:
        found: dict[str, dict[str, Alarm]] = {key: {} for key in kept}
        for each in house.watch.seen:
            if each.key in kept and each.envelope.type == ClockRungReached.TYPE:
                found[each.key][each.envelope.id] = alarm(each.message)
        return found

    await house.watch.until(lambda _: all(len(told()[key]) >= len(each) for key, each in kept.items()), 60)
    await house.watch.poll()
    assert told() == kept
    house.watch.seen.clear()


async def test_what_stands_ready_is_told_at_its_instant_and_not_before(house: House) -> None:
    states = await house.hold(5)
    house.now = INSTANT - SHORTLY
    instance = Instance.of(house, Fate({}))
    await instance.work()
    documents = await house.store.load(list(states))
    assert {each.due_at for each in documents.values()} == {None}, "all stand ready"
    assert all(each.ready for each in documents.values())
    await house.watch.poll()
    assert not [each for each in house.watch.seen if each.key in states]
    house.now = INSTANT - timedelta(milliseconds=1)
    assert await instance.ahead.tell_due() == 0
    house.now = INSTANT
    assert await instance.ahead.tell_due() == 5
    await instance.work()
    await check(house, {key: expected(state, INSTANT) for key, state in states.items()})


async def test_few_are_left_until_they_are_due(house: House) -> None:
    (key,) = await house.hold(1)
    house.now = INSTANT - SHORTLY
    await Instance.of(house, Fate({})).work()
    document = (await house.store.load([key]))[key]
    assert (document.ready, document.due_at) == (None, INSTANT)


@pytest.mark.parametrize("early", [True, False], ids=["before the instant", "after it"])
async def test_what_happens_to_a_case_withdraws_what_stands_ready_until_it_is_said(house: House, early: bool) -> None:
    states = await house.hold(4)
    house.now = INSTANT - SHORTLY
    instance = Instance.of(house, Fate({}))
    await instance.work()
    first = next(iter(states))
    if not early:
        house.now = INSTANT + SHORTLY
        assert await instance.ahead.tell_due() == 4
    await instance.processor.apply([signed(first)])
    house.now = INSTANT + SHORTLY
    await instance.work()
    wanted = {key: expected(state, INSTANT) for key, state in states.items()}
    if early:
        wanted[first] = expected(states[first], INSTANT, first=signed(first))
        assert wanted[first] == []
    await check(house, wanted)


async def test_what_is_saved_and_not_published_is_left_until_it_is_due(house: House) -> None:
    """Else its alarm would be on the bus before what was decided earlier."""
    states = await house.hold(3)
    documents = await house.store.load(list(states))
    for each in documents.values():
        each.touched = True
    intent = Intent("a batch whose owner is dead", tuple(states), system_clock())
    await house.store.open_intent(intent)
    assert not await house.store.save(list(documents.values()), intent.id, set())
    house.now = INSTANT - SHORTLY
    instance = Instance.of(house, Fate({}))
    assert await instance.ahead.work(), "there is a crowd"
    while await instance.ahead.work():
        pass
    assert not [each for each in (await house.store.load(list(states))).values() if each.ready]
    house.now = INSTANT
    await settled(house)
    await check(house, {key: expected(state, INSTANT) for key, state in states.items()})


@pytest.mark.parametrize("strike", ["before", "outage-after"])
@pytest.mark.parametrize("call", range(1, 13))
async def test_an_instance_that_dies_at_any_call_before_the_instant(house: House, call: int, strike: str) -> None:
    states = await house.hold(4)
    house.now = INSTANT - SHORTLY
    await live(house, fates_of([{call: strike}]))
    house.now = INSTANT
    await settled(house)
    await check(house, {key: expected(state, INSTANT) for key, state in states.items()})


@pytest.mark.parametrize("strike", ["before", "outage-after"])
@pytest.mark.parametrize("call", range(1, 23))
async def test_an_instance_that_dies_at_any_call_after_it(house: House, call: int, strike: str) -> None:
    states = await house.hold(4)
    house.now = INSTANT - SHORTLY
    await live(house, fates_of([]))
    house.now = INSTANT
    await live(house, fates_of([{call: strike}]))
    await settled(house)
    await check(house, {key: expected(state, INSTANT) for key, state in states.items()})


@pytest.mark.parametrize("again", ["before the instant", "after it"])
@pytest.mark.parametrize("call", range(1, 11))
async def test_who_signs_is_spared_though_the_instance_that_was_told_dies_at_any_call(
    house: House, call: int, again: str
) -> None:
    """The signature comes again, before or after the others' alarm: once it is withdrawn, it is not said."""
    states = await house.hold(3)
    first = next(iter(states))
    house.now = INSTANT - SHORTLY
    await live(house, fates_of([]))
    with suppress(Crash):
        await Instance.of(house, Fate({call: "before"})).processor.apply([signed(first)])
    if again == "before the instant":
        await Instance.of(house, Fate({})).processor.apply([signed(first)])
    house.now = INSTANT
    await Instance.of(house, Fate({})).ahead.tell_due()
    await Instance.of(house, Fate({})).processor.apply([signed(first)])
    await settled(house)
    wanted = {key: expected(state, INSTANT) for key, state in states.items()}
    wanted[first] = (wanted[first] if await is_told(house, first) else []) if again == "after it" else []
    await check(house, wanted)


async def is_told(house: House, key: str) -> bool:
    """Its history holds an alarm."""
    return ClockRungReached.TYPE in {each.type for each in (await house.store.histories([key]))[key]}


@pytest.mark.parametrize("least", [2, 100], ids=["makes ready itself", "leaves all until it is due"])
@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("before", range(1, 12))
async def test_an_instance_that_is_overtaken_before_any_call(house: House, before: int, dies: bool, least: int) -> None:
    """The other gives up what the slow one has begun; and what the slow one does then must not be lost."""
    states = await house.hold(3)
    house.now = INSTANT - SHORTLY
    fate = Slow({before: "after"} if dies else {}, before=before)
    slow = asyncio.create_task(live(house, chain([fate], fates_of([]))))
    reached = asyncio.create_task(fate.reached.wait())
    await asyncio.wait({slow, reached}, return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    await Instance.of(house, Fate({}), least).work()
    if least == 2:
        house.now = INSTANT
        await live(house, fates_of([]))
    fate.go_on.set()
    await slow
    house.now = INSTANT
    await settled(house)
    await check(house, {key: expected(state, INSTANT) for key, state in states.items()})


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("before", range(1, 9))
async def test_who_signs_while_it_is_being_told(house: House, before: int, dies: bool) -> None:
    """Once it counts, it is told, though its teller dies and the document holds nothing ready any more."""
    states = await house.hold(3)
    first = next(iter(states))
    house.now = INSTANT - SHORTLY
    await live(house, fates_of([]))
    house.now = INSTANT
    fate = Slow({before: "before"} if dies else {}, before=before)
    slow = asyncio.create_task(live(house, chain([fate], fates_of([]))))
    await fate.reached.wait()
    await Instance.of(house, Fate({})).processor.apply([signed(first)])
    fate.go_on.set()
    await slow
    await settled(house)
    wanted = {key: expected(state, INSTANT) for key, state in states.items()}
    wanted[first] = wanted[first] if await is_told(house, first) else []
    await check(house, wanted)


strike = st.sampled_from(["before", "after", "outage-before", "outage-after"])
fate = st.dictionaries(st.integers(1, 20), strike, max_size=2)
fates = st.lists(fate, max_size=2)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    early=st.tuples(fates, fates),
    late=st.tuples(fates, fates),
    signs=st.sampled_from(["never", "meanwhile", "at the instant"]),
    strikes=fates,
)
async def test_two_instances_and_somebody_who_signs(
    house: House,
    early: tuple[list[dict[int, str]], list[dict[int, str]]],
    late: tuple[list[dict[int, str]], list[dict[int, str]]],
    signs: str,
    strikes: list[dict[int, str]],
) -> None:
    """Whoever signs before the instant is spared; at the instant itself both may be first, and both are right."""
    states = await house.hold(4)
    first = next(iter(states))

    async def sign(mine: Iterator[Fate]) -> None:
        while True:
            try:
                return await Instance.of(house, next(mine)).processor.apply([signed(first)])
            except Crash:
                continue

    house.now = INSTANT - SHORTLY
    others = [sign(fates_of(strikes))] if signs == "meanwhile" else []
    await asyncio.gather(*(live(house, fates_of(each)) for each in early), *others)
    house.now = INSTANT
    others = [sign(fates_of(strikes))] if signs == "at the instant" else []
    await asyncio.gather(*(live(house, fates_of(each)) for each in late), *others)
    await settled(house)

    wanted = {key: expected(state, INSTANT) for key, state in states.items()}
    spared = expected(states[first], INSTANT, first=signed(first))
    if signs == "meanwhile":
        wanted[first] = spared
    if signs == "at the instant":
        wanted[first] = wanted[first] if await is_told(house, first) else spared
    await check(house, wanted)
