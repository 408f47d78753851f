"""Reference data as published: read from their topic, checked by hash, replaced in a running service between batches.

Whatever is wrong with a new version, the service keeps the last good one: no city stands still for a typing error.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, ParamSpec, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from contracts.envelope import EnvelopeError, decode
from contracts.message import Message
from contracts.place_versions import PublishedVersions
from contracts.reference import PlacePublished, ReferencePublished
from infra.clock import Clock, system_clock
from infra.place import PlaceError, PlaceFiles, read_place
from infra.settings import Settings
from infra.telemetry import Metrics
from infra.topics import create_no_topics

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
TOPIC = PlacePublished.TOPIC
TYPES: dict[str, type[ReferencePublished | PlacePublished]] = {
    ReferencePublished.TYPE: ReferencePublished,
    PlacePublished.TYPE: PlacePublished,
}

Tables = Mapping[str, Mapping[str, Any]]
"""Parsed, by name."""
Check = Callable[[Tables], Sequence[str]]
"""What forbids these tables, whoever uses them: a line for each fault."""
Accept = Callable[[PlaceFiles], Awaitable[str | None]]
"""Why a version that can be built must not be used yet; None when it may."""
Between = Callable[[], AbstractAsyncContextManager[None]]
"""Entered, it keeps decisions from being made."""


class NoPlaceError(OSError):
    """Nothing is published for the place and its folder cannot be read: a reason to wait for the centre."""


class Stream:
    """The topic from its beginning, without a group: every instance reads all of it."""

    def __init__(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        self._consumer = consumer
        self._partitions = partitions

    @classmethod
    @asynccontextmanager
    async def of(cls, bootstrap: str) -> AsyncIterator[Stream]:
        """Connected. Raises `KafkaError`. A topic that does not exist is empty."""
        consumer = create_no_topics(
            AIOKafkaConsumer(
                bootstrap_servers=bootstrap,
                fetch_max_wait_ms=250,
                request_timeout_ms=15_000,
                max_partition_fetch_bytes=4 << 20,
                auto_offset_reset="earliest",  # reading again changes nothing; passing over a version would
            )
        )
        try:
            await consumer.start()
            known = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - aiokafka has no public call for it
            partitions = [TopicPartition(TOPIC, number) for number in known.partitions_for_topic(TOPIC) or ()]
            if partitions:
                consumer.assign(partitions)
                await consumer.seek_to_beginning(*partitions)
            yield cls(consumer, partitions)
        finally:
            await consumer.stop()

    async def poll(self, wait_seconds: float) -> list[Message]:
        """What has come, as soon as something has; empty after that time."""
        if not self._partitions:
            await asyncio.sleep(wait_seconds)
            return []
        batches = await self._consumer.getmany(timeout_ms=int(wait_seconds * 1000))
        return [message for records in batches.values() for record in records for message in _read(record)]

    async def rest(self, quiet_seconds: float = 0.3, stalled_seconds: float = 30.0) -> list[Message]:
        """Everything up to the end and a moment of quiet behind it: an embedded broker's end may stand too early.

        Raises `TimeoutError` when reading stalls.
        """
        found: list[Message] = []
        if not self._partitions:
            return found
        ends = {at: end for at, end in (await self._consumer.end_offsets(self._partitions)).items() if end}
        since = time.monotonic()
        while ends or time.monotonic() - since < quiet_seconds:
            if more := await self.poll(0.1):
                found += more
                since = time.monotonic()
            ends = {at: end for at, end in ends.items() if await self._consumer.position(at) < end}
            if time.monotonic() - since > stalled_seconds:
                raise TimeoutError(f"the broker gave nothing for {stalled_seconds} s")
        return found


async def read_published(bootstrap: str) -> PublishedVersions:
    """Everything that is published. Raises `KafkaError`, `TimeoutError`."""
    published = PublishedVersions()
    async with Stream.of(bootstrap) as stream:
        published.take(await stream.rest())
    return published


def _read(record: Any) -> Iterator[Message]:
    try:
        envelope, body = decode(record.headers, record.value)
        if model := TYPES.get(envelope.type):
            yield model.model_validate_json(body)
    except (EnvelopeError, ValidationError) as error:
        log.warning("a record of the reference data is unreadable", extra={"fields": {"error": type(error).__name__}})


def check_nothing(_tables: Tables) -> Sequence[str]:
    """Whatever is TOML may be built from."""
    return ()


async def accept_any(_files: PlaceFiles) -> str | None:
    """Whatever can be built may be used."""
    return None


@asynccontextmanager
async def _at_once() -> AsyncIterator[None]:
    yield


class Reference(Generic[R]):
    """The rules of the moment, made from the version of the moment.

    `check` finds what contradicts itself in tables that could be built from. `build` makes rules from a version and its
    tables; whatever it raises refuses the version. `accept` may refuse one for other reasons, such as open cases of a
    unit that is gone; it is asked again until the version is replaced.
    """

    LIFE_SECONDS = 60.0
    """Then the topic is read anew: a broker that lost its data has other records under the same offsets."""

    def __init__(
        self,
        settings: Settings,
        build: Callable[[str, Tables], R],
        *,
        check: Check = check_nothing,
        accept: Accept = accept_any,
    ) -> None:
        """Raises `PlaceError` when the folder alone counts and cannot be read, or has faults."""
        folder = settings.policies
        self.place = folder.resolve().name
        self.topics = settings.reference == "topics"
        self.version: str | None = None
        self.tables: Tables = {}
        """Of the version in force; empty before there is one."""
        self._rules: R | None = None
        self._build = build
        self._check = check
        self._accept = accept
        self._folder = folder
        self._look_seconds = settings.reference_look_seconds
        self._published = PublishedVersions()
        self._refused: dict[str, str] = {}
        self._metrics: Metrics | None = None
        self._between: Between = _at_once
        self._clock: Clock = system_clock
        if not self.topics:
            self._use_folder()

    def bind(self, metrics: Metrics, between_batches: Between, clock: Clock) -> None:
        """Told by the application what it runs in."""
        self._metrics, self._between, self._clock = metrics, between_batches, clock
        self._show()

    def now(self, pick: Callable[[R], Callable[P, T]]) -> Callable[P, T]:
        """A function of the rules that is looked up at each call: ``reference.now(lambda rules: rules.decide)``."""

        def ask(*args: P.args, **kwargs: P.kwargs) -> T:
            return pick(self.rules)(*args, **kwargs)

        return ask

    @property
    def rules(self) -> R:
        """The rules of the moment. Raises `NoPlaceError` before `load`."""
        if self._rules is None:
            raise NoPlaceError(f"no reference data for {self.place} yet")
        return self._rules

    # ---- life

    async def load(self, bootstrap: str) -> None:
        """There are rules afterwards: of the newest good version published, else of the folder.

        Raises `KafkaError` and `NoPlaceError`; safe to repeat.
        """
        if not self.topics:
            return
        self._published = await read_published(bootstrap)
        await self.consider()
        if self._rules is None:
            try:
                self._use_folder()
            except PlaceError as error:
                raise NoPlaceError(f"nothing usable is published for {self.place}, and {error}") from error
            log.warning("reference data are taken from the folder", extra={"fields": {"version": self.version}})

    async def follow(self, bootstrap: str) -> None:
        """New versions come into force as they are published. Returns after a while, to be called again."""
        if not self.topics:
            await asyncio.sleep(self.LIFE_SECONDS)
            return
        until = time.monotonic() + self.LIFE_SECONDS
        async with Stream.of(bootstrap) as stream:
            self._published.take(await stream.rest())
            while time.monotonic() < until:
                await self.consider()
                self._published.take(await stream.poll(self._look_seconds))

    async def consider(self) -> None:
        """The newest version that is in force, whole and acceptable is used; each newer one is refused by name."""
        now = self._clock()
        for manifest in self._published.versions(self.place):
            if manifest.valid_from > now:
                continue
            if manifest.version == self.version or await self._try(manifest):
                return

    # ---- one version

    async def _try(self, manifest: PlacePublished) -> bool:
        try:
            files = self._published.files(manifest)
            rules = self._made_of(files)
        except Exception as error:  # noqa: BLE001 - whatever a version makes break, it is refused, and the last one stays
            self._refuse(manifest.version, f"{type(error).__name__}: {error}")
            return False
        async with self._between():
            if why := await self._accept(files):
                self._refuse(manifest.version, why)
                return False
            self._use(files, rules)
        return True

    def _use_folder(self) -> None:
        files = read_place(self._folder)
        self._use(files, self._made_of(files))

    def _made_of(self, files: PlaceFiles) -> R:
        """The rules of a version. Raises `PlaceError` for one with faults, and whatever building raises."""
        if faults := self._check(files.tables):
            raise PlaceError("; ".join(faults))
        return self._build(files.version, files.tables)

    def _use(self, files: PlaceFiles, rules: R) -> None:
        version = files.version
        before, self.version, self.tables, self._rules = self.version, version, files.tables, rules
        self._refused.pop(version, None)
        log.info("reference data in force", extra={"fields": {"version": version, "before": before}})
        self._show()

    def _refuse(self, version: str, why: str) -> None:
        if self._refused.get(version) == why:
            return
        self._refused[version] = why
        log.error(
            "reference data refused; the last good version stays",
            extra={"fields": {"version": version, "kept": self.version, "why": why[:500]}},
        )
        if self._metrics is not None:
            self._metrics.reference_refused.labels(version).inc()

    def _show(self) -> None:
        if self._metrics is not None and self.version is not None:
            self._metrics.reference_version.clear()
            self._metrics.reference_version.labels(self.version).set(1)
