"""Versions of a place: tables by name, the version that their bytes make, and the messages that publish one.

Readers and publishers of `reference.places` share this module, so that both compute the same version.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.message import Message
from contracts.reference import PlacePublished, ReferencePublished, TableHash, sha256_of


class PlaceError(ValueError):
    """A table of a place is missing or is not TOML; `str()` names the file and the line."""


@dataclass(frozen=True)
class PlaceFiles:
    """The parsed files by their names without suffix, and a version that changes with any byte of them."""

    version: str
    tables: dict[str, dict[str, Any]]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """One file's table. Raises `PlaceError` when the folder has no such file."""
        if name not in self.tables:
            raise PlaceError(f"{name}.toml is missing")
        return self.tables[name]


def place_of(name: str, files: Mapping[str, bytes], *, at: str = "") -> PlaceFiles:
    """The place of these contents by file name. Raises `PlaceError`; `at` precedes a file's name in it."""
    digest = hashlib.sha256()
    tables: dict[str, dict[str, Any]] = {}
    for file in sorted(files):
        digest.update(file.encode() + b"\0" + files[file])
        try:
            tables[file.removesuffix(".toml")] = tomllib.loads(files[file].decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PlaceError(f"{at}{file}: {error}") from error
    return PlaceFiles(f"{name[:40]}-{digest.hexdigest()[:12]}", tables)


def place_of_texts(name: str, texts: Mapping[str, str]) -> PlaceFiles:
    """The place of these tables by their names. Raises `PlaceError`."""
    return place_of(name, {f"{table}.toml": text.encode() for table, text in texts.items()})


@dataclass
class PublishedVersions:
    """What has been published, as far as read: tables by their content, versions in the order of their publication."""

    tables: dict[str, ReferencePublished] = field(default_factory=dict)
    places: dict[str, PlacePublished] = field(default_factory=dict)

    def take(self, messages: Iterable[Message]) -> None:
        """Add messages in the order of the topic. A version that is published again becomes the newest."""
        for message in messages:
            if isinstance(message, ReferencePublished):
                self.tables[message.key] = message
            elif isinstance(message, PlacePublished):
                self.places.pop(message.key, None)
                self.places[message.key] = message

    def versions(self, place: str) -> list[PlacePublished]:
        """Every version of a place, newest first."""
        return [each for each in reversed(self.places.values()) if each.place == place]

    def texts(self, manifest: PlacePublished) -> dict[str, str]:
        """The tables of a version. Raises `PlaceError` for one that is absent or is not what its hash says."""
        found: dict[str, str] = {}
        for each in manifest.tables:
            table = self.tables.get(f"{manifest.place}/{each.table}/{each.sha256}")
            if table is None:
                raise PlaceError(f"{each.table}: the table with this hash was not published")
            if not table.whole:
                raise PlaceError(f"{each.table}: the content is not what its hash says")
            found[each.table] = table.content
        return found

    def files(self, manifest: PlacePublished) -> PlaceFiles:
        """A version, parsed. Raises `PlaceError` when it is not whole."""
        files = place_of_texts(manifest.place, self.texts(manifest))
        if files.version != manifest.version:
            raise PlaceError(f"the tables make version {files.version}, not {manifest.version}")
        return files


def messages_of(
    place: str,
    texts: Mapping[str, str],
    published: PublishedVersions,
    *,
    by: str,
    valid_from: datetime,
    at: datetime,
    edited_by: str | None = None,
) -> tuple[str, list[Message]]:
    """The version, and the messages that make it the newest, in order; no messages when it is the newest already.

    Raises `PlaceError` when a table is not TOML.
    """
    version = place_of_texts(place, texts).version
    tables = [
        ReferencePublished(place=place, table=name, sha256=sha256_of(text), content=text, published_at=at)
        for name, text in sorted(texts.items())
    ]
    newest = next(iter(published.versions(place)), None)
    fresh: list[Message] = [
        each for each in tables if (known := published.tables.get(each.key)) is None or not known.whole
    ]
    if not fresh and newest is not None and newest.version == version:
        return version, []
    manifest = PlacePublished(
        place=place,
        version=version,
        valid_from=valid_from,
        tables=tuple(TableHash(table=each.table, sha256=each.sha256) for each in tables),
        published_by=by,
        edited_by=edited_by,
        published_at=at,
    )
    return version, [*fresh, manifest]
