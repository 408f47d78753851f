"""Database records of uploaded files: owner, type, size, digest and citing aggregate. The bytes are in the file store.

An upload belongs to its owner. The first aggregate that cites it becomes its holder permanently; an uncited upload
expires.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Upload:
    """The record of one uploaded file."""

    id: str
    owner: str
    """The uploader, such as a channel."""
    media_type: str
    size_bytes: int
    sha256: str
    holder: str | None = None
    """Key of the aggregate that cites it, or alone may cite it."""


class Uploads:
    """The upload records of one service, reached as `Store.uploads`. Every method may raise `StoreError`."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """Create the indexes."""
        await self._collection.create_index([("expires_at", 1)], sparse=True)
        await self._collection.create_index([("holder", 1)], sparse=True)

    async def add(self, upload: Upload, expires_at: datetime) -> None:
        """Insert the record, before its bytes are stored: a crash in between leaves a record that expires."""
        fields: dict[str, Any] = {
            "owner": upload.owner,
            "media_type": upload.media_type,
            "size_bytes": upload.size_bytes,
            "sha256": upload.sha256,
        }
        if upload.holder is not None:
            fields["holder"] = upload.holder
        await self._collection.insert_one({"_id": upload.id, **fields, "expires_at": expires_at})

    async def find(self, ids: Collection[str]) -> dict[str, Upload]:
        """Return the existing uploads among these ids, by id."""
        if not ids:
            return {}
        rows = await self._collection.find({"_id": {"$in": sorted(ids)}}).to_list(None)
        return {row["_id"]: _upload(row) for row in rows}

    async def held_by(self, holder: str) -> list[Upload]:
        """Return every upload that this aggregate cites."""
        return [_upload(row) for row in await self._collection.find({"holder": holder}).to_list(None)]

    async def claim(self, id: str, owner: str, holder: str, expires_at: datetime | None = None) -> bool:
        """Assign the upload to the holder; False when it belongs to another holder or owner, or does not exist.

        With `expires_at`, it expires at that time unless it is confirmed.
        """
        change: dict[str, Any] = {"holder": holder}
        if expires_at is not None:
            change["expires_at"] = expires_at
        for free in (None, holder):
            result = await self._collection.update_one({"_id": id, "owner": owner, "holder": free}, {"$set": change})
            if result.matched_count:
                return True
        return False

    async def confirm(self, id: str) -> None:
        """Remove the expiry."""
        await self._collection.update_one({"_id": id}, {"$unset": {"expires_at": ""}})

    async def expired(self, at: datetime, limit: int) -> list[Upload]:
        """Return expired uploads, the earliest first."""
        rows = self._collection.find({"expires_at": {"$lte": at}}).sort("expires_at", 1).limit(limit)
        return [_upload(row) for row in await rows.to_list(None)]

    async def drop(self, id: str) -> None:
        """Delete the record. The bytes must be deleted first."""
        await self._collection.delete_one({"_id": id})


def _upload(row: dict[str, Any]) -> Upload:
    return Upload(row["_id"], row["owner"], row["media_type"], row["size_bytes"], row["sha256"], row.get("holder"))
