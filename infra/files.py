"""Whole files beside the documents of a service, such as printed pages: kept, and found by their ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 16_000_000
"""Of one file: a database document holds 16 MiB, all else included."""


class FileTooLarge(ValueError):
    """A file has more bytes than a database document takes."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is served and sent."""

    id: str
    name: str
    """Under which somebody saves it."""
    media_type: str
    content: bytes = field(repr=False)


class Files:
    """The files of one service. `Store.files` has them."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def keep(self, file: File) -> None:
        """The file is found by its id, instead of one that was there. Raises `FileTooLarge` and `StoreError`."""
        if len(file.content) > MOST_BYTES:
            raise FileTooLarge(f"{len(file.content)} bytes")
        fields = {"name": file.name, "media_type": file.media_type, "content": file.content}
        await self._collection.update_one({"_id": file.id}, {"$set": fields}, upsert=True)

    async def find(self, id: str) -> File | None:
        """The file, or None where there is none. Raises `StoreError`."""
        row = await self._collection.find_one({"_id": id})
        return File(id, row["name"], row["media_type"], bytes(row["content"])) if row else None
