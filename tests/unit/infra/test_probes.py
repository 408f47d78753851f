"""Probes: when an engine counts as unreachable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection

import pytest
from aiokafka.errors import KafkaError

from infra.health import Health
from infra.probes import ANSWERS_TO_RETURN, BrokerQuestion, EngineProbe, TopicProbe

LIMIT = 0.2


class Engine:
    """An engine that answers after a delay, or fails."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.error: BaseException | None = None

    async def ask(self) -> None:
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error


@pytest.fixture
def health() -> Health:
    return Health(60, assigned=True)


@pytest.fixture
def engine() -> Engine:
    return Engine()


async def test_an_engine_that_answers_nothing_for_the_limit_is_away(engine: Engine, health: Health) -> None:
    probe = EngineProbe("MongoDB", engine.ask, health, LIMIT)
    await probe.look()
    assert health.not_ready() is None
    engine.seconds = 60
    await probe.look()
    assert health.not_ready() == "engine away: MongoDB does not answer"
    assert health.not_alive() is None


async def test_a_slow_answer_is_an_answer(engine: Engine, health: Health) -> None:
    engine.seconds = LIMIT * 0.8
    probe = EngineProbe("MongoDB", engine.ask, health, LIMIT)
    for _ in range(5):
        await probe.look()
        assert health.not_ready() is None


async def test_one_refused_connection_is_no_outage(engine: Engine, health: Health) -> None:
    probe = EngineProbe("Kafka", engine.ask, health, LIMIT)
    await probe.look()
    engine.error = ConnectionRefusedError()
    await probe.look()
    assert health.not_ready() is None
    await asyncio.sleep(LIMIT)
    await probe.look()
    assert health.not_ready() == "engine away: Kafka does not answer"


async def test_an_engine_is_back_after_answers_in_a_row(engine: Engine, health: Health) -> None:
    probe = EngineProbe("Kafka", engine.ask, health, LIMIT)
    engine.seconds = 60
    await probe.look()
    engine.seconds = 0
    verdicts = []
    for _ in range(ANSWERS_TO_RETURN):
        await probe.look()
        verdicts.append(health.not_ready() is None)
    assert verdicts == [False] * (ANSWERS_TO_RETURN - 1) + [True]


async def test_a_probe_that_our_own_loop_delayed_gives_no_verdict(engine: Engine, health: Health) -> None:
    """A blocked loop reads the answer too late, which is not the engine's fault."""
    probe = EngineProbe("Kafka", engine.ask, health, LIMIT)
    engine.seconds = LIMIT / 2
    looking = asyncio.create_task(probe.look())
    await asyncio.sleep(0)
    threading.Event().wait(LIMIT + 0.5)
    await looking
    assert health.not_ready() is None


class Topics(BrokerQuestion):
    """A broker with some topics."""

    def __init__(self, known: set[str]) -> None:
        super().__init__("127.0.0.1:1", 1)
        self.known = known

    async def missing(self, topics: Collection[str]) -> frozenset[str]:
        return frozenset(topics) - self.known


async def test_a_topic_is_missing_when_two_looks_do_not_find_it(health: Health) -> None:
    topics = Topics({"a"})
    probe = TopicProbe(lambda: ["a", "b"], topics, health)
    await probe.look()
    assert health.not_ready() is None
    await probe.look()
    assert health.not_ready() == "topic missing: b"
    topics.known.add("b")
    await probe.look()
    assert health.not_ready() is None


def test_of_many_missing_topics_some_are_named(health: Health) -> None:
    health.missing_topics = tuple("abcdefg")
    assert health.not_ready() == "topic missing: a, b, c, d, e and 2 more"


async def test_a_broker_that_is_not_there_is_a_failure_and_is_asked_again() -> None:
    question = BrokerQuestion("127.0.0.1:1", 0.5)
    for _ in range(2):
        with pytest.raises(KafkaError, match="bootstrap"):
            await question.ask()
    await question.close()
