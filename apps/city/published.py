"""The versions on `reference.places`: followed from the beginning of the topic, and a new one published."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from apps.wire import FINAL, Sender
from contracts.envelope import EnvelopeError, decode, encode
from contracts.message import Message
from contracts.place_versions import PublishedVersions, messages_of
from contracts.reference import PlacePublished, ReferencePublished

LOG = logging.getLogger(__name__)
TOPIC = PlacePublished.TOPIC
TYPES: Mapping[str, type[ReferencePublished | PlacePublished]] = {
    ReferencePublished.TYPE: ReferencePublished,
    PlacePublished.TYPE: PlacePublished,
}
SOURCE = "/apps/city"
MOST_FETCH_BYTES = 4 * 1024 * 1024


class BrokerAway(Exception):
    """The broker did not answer in time."""


class OtherVersion(Exception):
    """Another version was published since the base of the draft."""

    def __init__(self, newest: PlacePublished | None) -> None:
        super().__init__(newest.version if newest else "")
        self.newest = newest


class Published:
    """What is published of one place."""

    def __init__(self, bootstrap: str, place: str, clock: Callable[[], datetime], seconds: float = 20.0) -> None:
        """Nothing is connected yet. `seconds`: how long to wait for the broker."""
        self.place = place
        self.known = PublishedVersions()
        self._bootstrap = bootstrap
        self._clock = clock
        self._seconds = seconds
        self._waiting: list[asyncio.Future[None]] = []
        self._publishing = asyncio.Lock()

    # ---- versions

    def versions(self) -> list[PlacePublished]:
        """Every version of the place, newest first."""
        return self.known.versions(self.place)

    def newest(self) -> PlacePublished | None:
        """The version that was published last; it may be valid later only."""
        return next(iter(self.versions()), None)

    def in_force(self) -> PlacePublished | None:
        """The newest version that is valid now. A service that cannot use it stays with an older one."""
        now = self._clock()
        return next((each for each in self.versions() if each.valid_from <= now), None)

    def texts(self, version: str) -> dict[str, str]:
        """The tables of a version. Raises `LookupError`, and `PlaceError` when it is not whole."""
        for each in self.versions():
            if each.version == version:
                return self.known.texts(each)
        raise LookupError(version)

    # ---- reading

    async def follow(self) -> None:
        """Read until cancelled; connect again, and read from the beginning, after an error."""
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                LOG.warning("reading the reference data failed, trying again: %s", type(error).__name__)
            await asyncio.sleep(1.0)

    async def fresh(self) -> None:
        """Return when everything published before this call is known. Raises `BrokerAway`."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(self._seconds):
                await waiting
        except TimeoutError:
            raise BrokerAway from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    async def _read(self) -> None:
        """Return when the broker has lost its data, so that they are read anew."""
        consumer = AIOKafkaConsumer(
            TOPIC,
            bootstrap_servers=self._bootstrap,
            client_id="city",
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=MOST_FETCH_BYTES,
            metadata_max_age_ms=5_000,
        )
        try:
            await consumer.start()
            found, shown = PublishedVersions(), False
            while True:
                asked = list(self._waiting)
                batches = await consumer.getmany(timeout_ms=200)
                found.take(message for records in batches.values() for message in _messages(records))
                if batches or (shown and not asked):
                    continue
                ends = await consumer.end_offsets(consumer.assignment())
                positions = {at: await consumer.position(at) for at in ends}
                if any(position > ends[at] for at, position in positions.items()):
                    return
                if all(position >= ends[at] for at, position in positions.items()):
                    self.known, shown = found, True
                    self._wake(asked)
        finally:
            await consumer.stop()

    def _wake(self, asked: Iterable[asyncio.Future[None]]) -> None:
        for each in asked:
            if not each.done():
                each.set_result(None)

    # ---- publishing

    async def publish(
        self, texts: Mapping[str, str], base: str, *, by: str, edited_by: str | None, valid_from: datetime | None
    ) -> str:
        """Make these tables the newest version of the place, if `base` is the newest now.

        Raises `OtherVersion`, `BrokerAway`, and an error of `apps.wire.FINAL` that repeating does not help.
        """
        async with self._publishing:
            await self.fresh()
            newest = self.newest()
            if (newest.version if newest else "") != base:
                raise OtherVersion(newest)
            at = self._clock()
            version, messages = messages_of(
                self.place, texts, self.known, by=by, edited_by=edited_by, valid_from=valid_from or at, at=at
            )
            await self._send(messages)
            await self.fresh()
            return version

    async def _send(self, messages: Iterable[Message]) -> None:
        try:
            async with asyncio.timeout(self._seconds), Sender(self._bootstrap, "city") as sender:
                for each in messages:
                    await sender.send(encode(each, id=f"{each.key}@{each.time.isoformat()}", source=SOURCE))
        except TimeoutError:
            raise BrokerAway from None


def _messages(records: Iterable[Any]) -> Iterator[Message]:
    for record in records:
        try:
            envelope, body = decode(record.headers, record.value)
            if (model := TYPES.get(envelope.type)) is not None:
                yield model.model_validate_json(body)
        except (EnvelopeError, ValidationError) as error:
            LOG.warning("a record of the reference data is unreadable: %s", type(error).__name__)


__all__ = ["FINAL", "BrokerAway", "OtherVersion", "Published"]
