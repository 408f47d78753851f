"""Active health checks: a small request to each engine every 0.6 s, so that a frozen engine is detected in seconds.

Ordinary requests must wait for a slow engine; probes use separate connections with a short timeout.
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
"""Kafka's error code UNKNOWN_TOPIC_OR_PARTITION."""
FAILURES = (PyMongoError, KafkaError, OSError, TimeoutError)
PAUSE_SECONDS = 0.6
"""Pause between an answer and the next request."""
LATE_SECONDS = 0.3
"""A timeout that fires this much too late means that our own event loop was blocked, so the result is ignored."""
ANSWERS_TO_RETURN = 2
"""Consecutive answers after which an engine counts as reachable again."""


class EngineProbe:
    """Probes one engine and reports it unreachable after `limit_seconds` without an answer.

    A slow but busy engine still counts as reachable. After an outage, two consecutive answers are required.
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
        """Probe in an endless loop."""
        self._answered_at = self._monotonic()
        while True:
            await self.look()
            await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> None:
        """Send one request and update the health from its result."""
        began = self._monotonic()
        try:
            async with asyncio.timeout(self._limit):
                await self._ask()
        except FAILURES as error:
            now = self._monotonic()
            if now - began > self._limit + LATE_SECONDS:
                log.warning("probe delayed: event loop blocked", extra={"fields": {"engine": self.engine}})
            elif now - self._answered_at >= self._limit:
                self._failed(error, now - self._answered_at)
        else:
            self._answered()

    def _failed(self, error: BaseException, seconds: float) -> None:
        if not self._answers_missing:
            fields = {"engine": self.engine, "error": type(error).__name__, "seconds": round(seconds, 1)}
            log.warning("engine does not answer", extra={"fields": fields})
        self._answers_missing = ANSWERS_TO_RETURN
        self._health.away(f"probe of {self.engine}", f"{self.engine} does not answer")

    def _answered(self) -> None:
        self._answered_at = self._monotonic()
        if self._answers_missing:
            self._answers_missing -= 1
        if not self._answers_missing:
            self._health.back(f"probe of {self.engine}")


class DatabaseQuestion:
    """Pings MongoDB on a separate connection."""

    def __init__(self, uri: str, limit_seconds: float) -> None:
        """Does not connect yet."""
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
        """Return when the database has answered. Raises `PyMongoError`."""
        await self._client.admin.command("ping")

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()


class BrokerQuestion:
    """Requests API versions or topic metadata from all brokers on separate connections; uses the first answer."""

    def __init__(self, bootstrap: str, limit_seconds: float) -> None:
        """Does not connect yet."""
        self._bootstrap = bootstrap
        self._limit = int(limit_seconds * 1000)
        self._client: AIOKafkaClient | None = None
        self._connecting = asyncio.Lock()

    async def ask(self) -> None:
        """Return when a broker has answered. Raises `KafkaError`, `OSError`.

        A metadata request without topics would do on Apache Kafka, but the embedded broker answers it with all topics.
        """
        await self._answer(ApiVersionRequest())

    async def missing(self, topics: Collection[str]) -> frozenset[str]:
        """Return the topics that do not exist, without creating them. Raises `KafkaError`, `OSError`."""
        found = await self._answer(MetadataRequest(sorted(topics), allow_auto_topic_creation=False))
        return frozenset(name for code, name, *_ in found.topics if code == UNKNOWN_TOPIC)

    async def close(self) -> None:
        """Close the connections."""
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
        """Send to all brokers and return the first answer, so that a frozen or stopped broker does not block."""
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
    """Checks that the topics exist which the service reads or writes."""

    PAUSE_SECONDS = 10.0
    """Pause between two checks, whose answers list hundreds of topics."""
    MISSING_PAUSE_SECONDS = 1.0
    """Shorter pause while a topic is missing."""

    def __init__(self, owned: Callable[[], Collection[str]], question: BrokerQuestion, health: Health) -> None:
        self._owned = owned
        self._question = question
        self._health = health
        self._before: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Check in an endless loop."""
        while True:
            with suppress(*FAILURES):  # the broker's `EngineProbe` reports the outage
                await self.look()
            await asyncio.sleep(self.MISSING_PAUSE_SECONDS if self._before else self.PAUSE_SECONDS)

    async def look(self) -> None:
        """Report topics that two consecutive checks miss; new topics take time to reach every broker's metadata."""
        owned = self._owned()
        found = await self._question.missing(owned) if owned else frozenset()
        missing = tuple(sorted(found & self._before))
        if missing != self._health.missing_topics:
            level = logging.WARNING if missing else logging.INFO
            log.log(
                level, "topics missing", extra={"fields": {"topics": ", ".join(missing[:20]), "count": len(missing)}}
            )
        self._before, self._health.missing_topics = found, missing
