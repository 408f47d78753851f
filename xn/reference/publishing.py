"""A checked place goes to its topic: tables first, then the list of them. The same again changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.envelope import Record, encode
from contracts.message import Message
from contracts.place_versions import messages_of
from contracts.reference import ReferencePublished
from contracts.topics import REGISTRY
from infra.publisher import Publisher
from infra.reference import TOPIC, read_published
from infra.topics import ensure_topics

SOURCE = "/operators/reference"


@dataclass(frozen=True)
class Published:
    """The result of a publication."""

    version: str
    tables: tuple[str, ...]
    """Those whose content was new."""
    new: bool
    """Whether the version was not the newest already."""


def texts_of(folder: Path) -> dict[str, str]:
    """The tables of a folder by their names."""
    return {path.stem: path.read_bytes().decode() for path in sorted(folder.glob("*.toml"))}


def publish_folder(
    folder: Path, bootstrap: str, *, by: str, valid_from: datetime | None = None, replication: int = 1
) -> Published:
    """The folder's content is the newest version of its place. It must have been checked. Raises `KafkaError`."""
    place, texts = folder.resolve().name, texts_of(folder)
    return asyncio.run(publish(place, texts, bootstrap, by=by, valid_from=valid_from, replication=replication))


async def publish(
    place: str,
    texts: Mapping[str, str],
    bootstrap: str,
    *,
    by: str,
    valid_from: datetime | None = None,
    replication: int = 1,
) -> Published:
    """As `publish_folder`, for tables by their names."""
    await ensure_topics(bootstrap, {TOPIC: REGISTRY[TOPIC]}, replication=replication)
    at = datetime.now(UTC)
    published = await read_published(bootstrap)
    version, messages = messages_of(place, texts, published, by=by, valid_from=valid_from or at, at=at)
    await send(bootstrap, messages)
    tables = tuple(each.table for each in messages if isinstance(each, ReferencePublished))
    return Published(version, tables, bool(messages))


async def send(bootstrap: str, messages: Iterable[Message]) -> None:
    """All are acknowledged, in this order."""
    publisher = Publisher(bootstrap, SOURCE)
    try:
        for record in map(_record, messages):
            await publisher.send([record])
    finally:
        await publisher.stop()


def _record(message: Message) -> Record:
    return encode(message, id=f"{message.key}@{message.time.isoformat()}", source=SOURCE)
