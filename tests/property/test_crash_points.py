"""The loop against real engines, cut off at any await: nothing is lost, nothing is decided twice, order is kept.

A history of messages is applied in batches by successive "processes", each of which dies at a chosen I/O call: before
the call reaches the engine, or after it did but before we heard of it. The next process recovers and takes the batch
again, as Kafka would deliver it. What stands on the topics and in the database at the end must be what one undisturbed
process would have made.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect

from contracts.codes import AppealType, Channel, HandlingResult, Language, ReplyBy
from contracts.envelope import encode
from contracts.handling import (
    AddNote,
    AskComplainant,
    Consultation,
    DecideAnswerAppeal,
    DispatchCase,
    InstructCase,
    ReportHandling,
    RequestReturn,
    SignCase,
)
from contracts.intake import AnswerAppealed, CaseRegistered, ReopeningRequested, SupplementReceived
from contracts.message import Message
from contracts.topics import REGISTRY, all_topics
from infra.clock import system_clock
from infra.deciding import Decider
from infra.document import Document, verify_chain
from infra.health import Health
from infra.local.engines import Engines
from infra.place import read_place
from infra.processor import Processor
from infra.publisher import Publisher
from infra.reading import Input, Reader
from infra.sealing import Opener, Sealer, new_private_key, public_key_of
from infra.service import Service
from infra.store import Store
from infra.telemetry import Metrics, Tracing
from infra.topics import ensure_topics
from services.routing.domain.case import Case
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from tests.support.bus import Seen, Watch
from tests.support.deployment import DEMO
from tests.support.fate import Crash, Fate, Fated, Slow, fates_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNIT = "lab"
KEY = new_private_key()


@dataclass
class Bench:
    """Real engines, and as many processes over them as die."""

    store: Store
    publisher: Publisher
    watch: Watch
    service: Service[Case]
    offsets: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def process(self, fate: Fate) -> Processor[Case]:
        """A new process over the same engines."""
        metrics, tracing = Metrics.create(), Tracing("routing", None, "test")
        reader = Reader(self.service.inputs, Opener(KEY), self.service.redrive)
        decider = Decider(self.service, reader, Sealer(public_key_of(KEY)), metrics, tracing, 10)
        return Processor(
            self.service,
            decider,
            reader,
            Fated(self.store, fate, AutoReconnect("away")),  # type: ignore[arg-type]
            Fated(self.publisher, fate, KafkaConnectionError("away")),  # type: ignore[arg-type]
            clock=system_clock,
            health=Health(60),
            metrics=metrics,
            tracing=tracing,
        )


@dataclass(frozen=True)
class Rec:
    """A consumed record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def registered(case_id: str) -> CaseRegistered:
    return CaseRegistered(
        case_id=case_id,
        occurred_at=NOW,
        number=f"SL-20261123-{case_id[:6]}",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="any",
        area="any",
        jurisdiction="centre",
        title="",
        text="x",
        received_at=NOW,
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="p",
    )


REQUEST: dict[str, Any] = {"channel": Channel.WEB, "submission_id": "s", "external_id": "x", "reason": "again"}
STEPS: dict[str, Callable[[str], Message]] = {
    "register": registered,
    "sign": lambda case_id: SignCase(case_id=case_id, issued_at=NOW, unit=UNIT),
    "return": lambda case_id: RequestReturn(case_id=case_id, issued_at=NOW, unit=UNIT, reason="not ours"),
    "report": lambda case_id: ReportHandling(
        case_id=case_id, issued_at=NOW, unit=UNIT, result=HandlingResult.RESOLVED, reply="done"
    ),
    "ask": lambda case_id: AskComplainant(case_id=case_id, issued_at=NOW, unit=UNIT, missing=("which house",)),
    "supplement": lambda case_id: SupplementReceived(
        case_id=case_id, occurred_at=NOW, round=1, complete=True, asked_by=UNIT, submission_id="s"
    ),
    "note": lambda case_id: AddNote(case_id=case_id, issued_at=NOW, unit=UNIT, text="seen"),
    "instruct": lambda case_id: InstructCase(case_id=case_id, issued_at=NOW, unit="centre", actor="chief", text="soon"),
    "rule": lambda case_id: DispatchCase(
        case_id=case_id,
        issued_at=NOW,
        unit="centre",
        to=UNIT,
        binding=True,
        consultation=Consultation(participants=(UNIT,), minutes="theirs"),
    ),
    "decide": lambda case_id: DecideAnswerAppeal(
        case_id=case_id, issued_at=NOW, unit="centre", actor="chief", upheld=False, reason="again"
    ),
    "request": lambda case_id: ReopeningRequested(case_id=case_id, occurred_at=NOW, **REQUEST),
    "appeal": lambda case_id: AnswerAppealed(case_id=case_id, occurred_at=NOW, **REQUEST),
}


def rules() -> Rules:
    """Routing's own rules over a small tree; its events are the ones that are counted."""
    place = read_place(DEMO)
    tables: dict[str, dict[str, Any]] = {
        "units": {
            "unit": [
                {"id": "centre", "areas": ["any"], "dispatches": True},
                {"id": UNIT, "parent": "centre", "areas": ["any"]},
            ]
        },
        "posts": {"post": [{"id": "chief", "unit": "centre", "duty": "leader", "instructs": True}]},
        "dispatch": {"rule": [{"id": "all", "to": UNIT}]},
        "limits": place["limits"],
        "place": place["place"],
    }
    return Rules(DispatchPolicy.from_tables("test", tables))


def routing() -> Service[Case]:
    return Service(
        name="routing",
        inputs=(Input(REGISTRY["cases.events"]), Input(REGISTRY["handling.{unit}"], trusted=False)),
        outputs=(),
        redrive=REGISTRY["redrive.{service}"],
        state=Case,
        decide=rules().decide,
    )


@pytest.fixture(scope="module")
async def bench(embedded: Engines) -> AsyncIterator[Bench]:
    topics = all_topics([UNIT, "centre"])
    await ensure_topics(embedded.bootstrap, topics, most_partitions=2)
    store = Store(embedded.mongo_uri, f"crash_{uuid4().hex[:8]}")
    await store.prepare()
    publisher = Publisher(embedded.bootstrap, "/services/routing")
    await publisher.start()
    async with Watch(embedded.bootstrap, ["routing.events", f"assignments.{UNIT}", "assignments.centre"]) as watch:
        yield Bench(store, publisher, watch, routing())
    await publisher.stop()
    await store.close()


def records(history: list[tuple[str, str]], bench: Bench) -> list[Rec]:
    """The history as Kafka would hold it; ids are the sender's, so a repetition is a duplicate."""
    found = []
    for n, (case_id, step) in enumerate(history):
        message = STEPS[step](case_id)
        record = encode(message, id=f"{n}-{case_id}-{step}", source="/test")
        bench.offsets[record.topic] += 1
        found.append(Rec(record.topic, 0, bench.offsets[record.topic], record.key, record.value, record.headers))
    return found


async def undisturbed(history: list[Rec], keys: list[str]) -> dict[str, list[str]]:
    """Per case, the types that one process without interruptions announces, in order."""
    metrics, tracing, service = Metrics.create(), Tracing("routing", None, "test"), routing()
    reader = Reader(service.inputs, Opener(KEY), service.redrive)
    decider = Decider(service, reader, Sealer(public_key_of(KEY)), metrics, tracing, 10)

    documents = {key: Document(key) for key in keys}
    for record in history:
        arrival = reader.read(record)
        assert arrival is not None
        decider.take(documents[arrival.key], [arrival], NOW, None, None)
    return {key: [entry.type for entry in document.entries] for key, document in documents.items()}


async def survive(bench: Bench, batch: list[Rec], fates: Iterator[Fate]) -> None:
    """The batch is taken by one process after another until one lives to commit it."""
    while True:
        processor = bench.process(next(fates))
        try:
            await processor.recover(0)
            await processor.handle(batch)
        except Crash:
            continue
        return


async def seen_of(bench: Bench, expected: dict[str, list[str]]) -> dict[str, dict[str, list[Seen]]]:
    """Per case and topic everything that stands on it, once as much as expected is there."""

    def ids() -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for each in bench.watch.seen:
            if each.key in expected:
                found[each.key].add(each.envelope.id)
        return found

    await bench.watch.until(lambda _: all(len(ids()[key]) >= len(types) for key, types in expected.items()), 20)
    await bench.watch.poll()
    found: dict[str, dict[str, list[Seen]]] = {key: defaultdict(list) for key in expected}
    for each in bench.watch.seen:
        if each.key in expected:
            found[each.key][each.topic].append(each)
    bench.watch.seen.clear()
    return found


async def check(bench: Bench, expected: dict[str, list[str]]) -> None:
    """What stands on the topics and in the database is what one undisturbed process would have made."""
    found = await seen_of(bench, expected)
    documents = await bench.store.load(list(expected))
    for key, types in expected.items():
        history = await bench.store.history(key)
        assert [entry.type for entry in history] == types
        assert verify_chain(history) is None
        assert documents[key].length == len(types)
        by_topic: dict[str, list[str]] = defaultdict(list)
        for entry in history:
            by_topic[entry.topic].append(entry.id)
        for topic, ids in by_topic.items():
            first_seen = list(dict.fromkeys(each.envelope.id for each in found[key][topic]))
            assert first_seen == ids, "order on a topic is the order of decision, duplicates aside"
        assert {each.envelope.id for seen in found[key].values() for each in seen} == {e.id for e in history}


strike = st.sampled_from(["before", "after", "outage-before", "outage-after"])
fate = st.dictionaries(st.integers(1, 12), strike, max_size=2)
step = st.tuples(st.integers(0, 2), st.sampled_from(list(STEPS)))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(step, min_size=1, max_size=10), cut=st.integers(1, 6), strikes=st.lists(fate, max_size=6))
async def test_a_loop_that_dies_at_any_await_leaves_what_an_undisturbed_one_would(
    bench: Bench, steps: list[tuple[int, str]], cut: int, strikes: list[dict[int, str]]
) -> None:
    keys = [str(uuid4()) for _ in range(3)]
    history = records([(keys[n], name) for n, name in steps], bench)
    expected = await undisturbed(history, keys)
    fates = fates_of(strikes)
    for start in range(0, len(history), cut):
        batch = history[start : start + cut]
        await survive(bench, batch, fates)
    peace = bench.process(Fate({}))
    while await peace.recover(0):
        pass
    await check(bench, expected)
    assert not await bench.store.intents_before(datetime(2100, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(1, 11))
async def test_every_single_call_of_a_batch_may_be_the_last(bench: Bench, call: int, moment: str) -> None:
    key = str(uuid4())
    history = records([(key, "register"), (key, "sign"), (key, "return")], bench)
    expected = await undisturbed(history, [key])
    await survive(bench, history[:1], fates_of([]))
    await survive(bench, history[1:], fates_of([{call: moment}]))
    await bench.process(Fate({})).recover(0)
    await check(bench, expected)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    steps=st.lists(step, min_size=3, max_size=12),
    cuts=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    strikes=st.tuples(st.lists(fate, max_size=3), st.lists(fate, max_size=3)),
)
async def test_two_instances_with_the_same_messages_decide_each_once(
    bench: Bench,
    steps: list[tuple[int, str]],
    cuts: tuple[int, int],
    strikes: tuple[list[dict[int, str]], list[dict[int, str]]],
) -> None:
    """After a rebalance the old owner may still be at work on what the new owner is given: versions keep them apart."""
    keys = [str(uuid4()) for _ in range(3)]
    history = records([(keys[n], name) for n, name in steps], bench)
    expected = await undisturbed(history, keys)

    async def instance(cut: int, fates: Iterator[Fate]) -> None:
        for start in range(0, len(history), cut):
            await survive(bench, history[start : start + cut], fates)

    await asyncio.gather(*(instance(cut, fates_of(fate)) for cut, fate in zip(cuts, strikes, strict=True)))
    while await bench.process(Fate({})).recover(0):
        pass
    await check(bench, expected)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("before", range(1, 9))
async def test_a_newcomer_takes_over_from_a_slow_one_that_dies_later(bench: Bench, before: int, known: bool) -> None:
    """Whatever the slow one has still to do when the newcomer looks, it dies right after it: nothing may be lost."""
    key = str(uuid4())
    history = records([(key, "register"), (key, "sign")], bench)
    expected = await undisturbed(history, [key])
    if known:
        await survive(bench, history[:1], fates_of([]))
    fate = Slow({before: "after"}, before=before)
    slow = asyncio.create_task(bench.process(fate).handle(history))
    reached = asyncio.create_task(fate.reached.wait())
    await asyncio.wait({slow, reached}, return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    await bench.process(Fate({})).recover(0)
    fate.go_on.set()
    with suppress(Crash):
        await slow
    await survive(bench, history, fates_of([]))
    await bench.process(Fate({})).recover(0)
    await check(bench, expected)
    assert not await bench.store.intents_before(datetime(2100, 1, 1, tzinfo=UTC))
