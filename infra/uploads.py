"""Records of uploaded files: who uploaded each, what it is, and which aggregate holds it. The bytes are elsewhere.

An upload belongs to its owner, and once it is cited to one holder for good. One that nothing has cited expires.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file."""

    id: str
    owner: str
    """Who uploaded it, such as a channel."""
    media_type: str
    size_bytes: int
    sha256: str
    holder: str | None = None
    """Key of the aggregate that cites it."""


class Uploads:
    """The uploads of one service. `Store.uploads` has them. Every call may raise `StoreError`."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """Indexes exist afterwards."""
        await self._collection.create_index([("expires_at", 1)], sparse=True)
        await self._collection.create_index([("holder", 1)], sparse=True)

    async def add(self, upload: Upload, expires_at: datetime) -> None:
        """Recorded before its bytes are stored, so that a crash in between leaves something to expire."""
        fields = {
            "owner": upload.owner,
            "media_type": upload.media_type,
            "size_bytes": upload.size_bytes,
            "sha256": upload.sha256,
        }
        await self._collection.insert_one({"_id": upload.id, **fields, "expires_at": expires_at})

    async def find(self, ids: Collection[str]) -> dict[str, Upload]:
        """Those of these that there are, by id."""
        if not ids:
            return {}
        rows = await self._collection.find({"_id": {"$in": sorted(ids)}}).to_list(None)
        return {row["_id"]: _upload(row) for row in rows}

    async def held_by(self, holder: str) -> list[Upload]:
        """Every upload that this aggregate cites."""
        return [_upload(row) for row in await self._collection.find({"holder": holder}).to_list(None)]

    async def claim(self, id: str, owner: str, holder: str, expires_at: datetime | None = None) -> bool:
        """From now on the holder's, if nobody else's. With `expires_at` it expires then unless it is confirmed."""
        change: dict[str, Any] = {"holder": holder}
        if expires_at is not None:
            change["expires_at"] = expires_at
        for free in (None, holder):
            result = await self._collection.update_one({"_id": id, "owner": owner, "holder": free}, {"$set": change})
            if result.matched_count:
                return True
        return False

    async def confirm(self, id: str) -> None:
        """It does not expire any more."""
        await self._collection.update_one({"_id": id}, {"$unset": {"expires_at": ""}})

    async def expired(self, at: datetime, limit: int) -> list[Upload]:
        """Uploads whose time is over, the earliest first."""
        rows = self._collection.find({"expires_at": {"$lte": at}}).sort("expires_at", 1).limit(limit)
        return [_upload(row) for row in await rows.to_list(None)]

    async def drop(self, id: str) -> None:
        """The record is gone. Its bytes must be gone before."""
        await self._collection.delete_one({"_id": id})


def _upload(row: dict[str, Any]) -> Upload:
    return Upload(row["_id"], row["owner"], row["media_type"], row["size_bytes"], row["sha256"], row.get("holder"))
