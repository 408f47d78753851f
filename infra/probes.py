"""Probes: each engine is asked a small question all the time, so that one that is frozen is noticed within seconds.

The loop's own requests have to wait for a slow engine; a probe has a connection and a short time limit of its own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.admin import ApiVersionRequest
from aiokafka.protocol.metadata import MetadataRequest
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from infra.health import Health

log = logging.getLogger(__name__)

UNKNOWN_TOPIC = 3
"""Error code of a topic that does not exist."""
FAILURES = (PyMongoError, KafkaError, OSError, TimeoutError)
PAUSE_SECONDS = 0.6
"""Between an answer and the next question."""
LATE_SECONDS = 0.3
"""A time limit that fires this much too late shows that our own loop was busy: no verdict on the engine follows."""
ANSWERS_TO_RETURN = 2
"""Answers in a row after which an engine that was away is back."""


class EngineProbe:
    """Asks one engine, and reports it as away when it has answered nothing for `limit_seconds`.

    A slow answer is an answer: an engine that is busy stays. One that was away is back after two answers in a row.
    """

    def __init__(
        self,
        engine: str,
        ask: Callable[[], Awaitable[None]],
        health: Health,
        limit_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self._ask = ask
        self._health = health
        self._limit = limit_seconds
        self._monotonic = monotonic
        self._answered_at = monotonic()
        self._answers_missing = 0

    async def run(self) -> None:
        """Asks for ever."""
        self._answered_at = self._monotonic()
        while True:
            await self.look()
            await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> None:
        """One question, and what follows from its answer."""
        began = self._monotonic()
        try:
            async with asyncio.timeout(self._limit):
                await self._ask()
        except FAILURES as error:
            now = self._monotonic()
            if now - began > self._limit + LATE_SECONDS:
                log.warning("a probe came late: the loop was busy", extra={"fields": {"engine": self.engine}})
            elif now - self._answered_at >= self._limit:
                self._failed(error, now - self._answered_at)
        else:
            self._answered()

    def _failed(self, error: BaseException, seconds: float) -> None:
        if not self._answers_missing:
            fields = {"engine": self.engine, "error": type(error).__name__, "seconds": round(seconds, 1)}
            log.warning("an engine does not answer", extra={"fields": fields})
        self._answers_missing = ANSWERS_TO_RETURN
        self._health.away(f"probe of {self.engine}", f"{self.engine} does not answer")

    def _answered(self) -> None:
        self._answered_at = self._monotonic()
        if self._answers_missing:
            self._answers_missing -= 1
        if not self._answers_missing:
            self._health.back(f"probe of {self.engine}")


class DatabaseQuestion:
    """A ping on a connection of its own."""

    def __init__(self, uri: str, limit_seconds: float) -> None:
        """Nothing is connected yet."""
        limit = int(limit_seconds * 1000)
        self._client: AsyncMongoClient[Any] = AsyncMongoClient(
            uri,
            appname="probe",
            maxPoolSize=1,
            serverSelectionTimeoutMS=limit,
            connectTimeoutMS=limit,
            socketTimeoutMS=limit,
        )

    async def ask(self) -> None:
        """The database has answered. Raises `PyMongoError`."""
        await self._client.admin.command("ping")

    async def close(self) -> None:
        """Its connection is released."""
        await self._client.close()


class BrokerQuestion:
    """Asks brokers for their versions, or for topics, on connections of its own; the first answer counts."""

    def __init__(self, bootstrap: str, limit_seconds: float) -> None:
        """Nothing is connected yet."""
        self._bootstrap = bootstrap
        self._limit = int(limit_seconds * 1000)
        self._client: AIOKafkaClient | None = None
        self._connecting = asyncio.Lock()

    async def ask(self) -> None:
        """A broker has answered. Raises `KafkaError`, `OSError`.

        Metadata of no topic would do on Apache Kafka, but the embedded broker answers it with every topic it has.
        """
        await self._answer(ApiVersionRequest())

    async def missing(self, topics: Collection[str]) -> frozenset[str]:
        """Those of the topics that do not exist; asking creates none. Raises `KafkaError`, `OSError`."""
        found = await self._answer(MetadataRequest(sorted(topics), allow_auto_topic_creation=False))
        return frozenset(name for code, name, *_ in found.topics if code == UNKNOWN_TOPIC)

    async def close(self) -> None:
        """Its connections are released."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _answer(self, request: Any) -> Any:
        try:
            async with self._connecting:
                client = self._client or await self._connect()
            return await self._first(client, request)
        except BaseException:
            await self.close()
            raise

    async def _connect(self) -> AIOKafkaClient:
        client = AIOKafkaClient(bootstrap_servers=self._bootstrap, client_id="probe", request_timeout_ms=self._limit)
        try:
            await client.bootstrap()
        except BaseException:
            await client.close()
            raise
        self._client = client
        return client

    async def _first(self, client: AIOKafkaClient, request: Any) -> Any:
        """The first answer of any broker: one that is frozen or gone must not hide the others."""
        waiting = {asyncio.create_task(client.send(each.nodeId, request)) for each in client.cluster.brokers()}
        failure: BaseException = NodeNotReadyError("no broker is known")
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if (error := task.exception()) is None:
                        return task.result()
                    failure = error
        finally:
            for task in waiting:
                task.cancel()
        raise failure


class TopicProbe:
    """Looks whether the topics exist that a service writes or reads as their owner."""

    PAUSE_SECONDS = 10.0
    """Between two looks: the answer names hundreds of topics."""
    MISSING_PAUSE_SECONDS = 1.0
    """The same while a topic is missing."""

    def __init__(self, owned: Callable[[], Collection[str]], question: BrokerQuestion, health: Health) -> None:
        self._owned = owned
        self._question = question
        self._health = health
        self._before: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            with suppress(*FAILURES):  # the broker's own probe reports that it is away
                await self.look()
            await asyncio.sleep(self.MISSING_PAUSE_SECONDS if self._before else self.PAUSE_SECONDS)

    async def look(self) -> None:
        """A topic is missing when two looks in a row do not find it: metadata spread from broker to broker."""
        owned = self._owned()
        found = await self._question.missing(owned) if owned else frozenset()
        missing = tuple(sorted(found & self._before))
        if missing != self._health.missing_topics:
            level = logging.WARNING if missing else logging.INFO
            log.log(
                level, "topics missing", extra={"fields": {"topics": ", ".join(missing[:20]), "count": len(missing)}}
            )
        self._before, self._health.missing_topics = found, missing
