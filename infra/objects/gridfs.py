"""File storage in MongoDB by GridFS: chunks of 255 KB in `fs.chunks`, one document per file in `fs.files`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from gridfs.errors import NoFile
from pymongo.errors import PyMongoError

from infra.objects.port import CHUNK, Content, ObjectStoreError, chunked
from infra.store import GridFs


class GridFsStore:
    """An `ObjectStore` in a separate MongoDB database."""

    def __init__(self, uri: str, database: str) -> None:
        """Does not connect yet."""
        self._grid = GridFs(uri, database, CHUNK)

    async def put(self, id: str, content: Content, media_type: str) -> None:
        """The document in `fs.files` is written last: a file half written cannot be opened."""
        try:
            await self._grid.write(id, chunked(content), {"media_type": media_type}, datetime.now(UTC))
        except PyMongoError as error:
            raise ObjectStoreError(type(error).__name__) from error

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """Stream the file, one query per chunk."""
        try:
            download = await self._grid.bucket.open_download_stream(id)
        except NoFile:
            return None
        except PyMongoError as error:
            raise ObjectStoreError(type(error).__name__) from error
        return _chunks(download)

    async def delete(self, id: str) -> None:
        """Delete the file, including chunks without a document in `fs.files`."""
        try:
            await self._grid.bucket.delete(id)
        except NoFile:
            return
        except PyMongoError as error:
            raise ObjectStoreError(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections."""
        self._grid.close()


async def _chunks(download: Any) -> AsyncIterator[bytes]:
    try:
        while chunk := await download.readchunk():
            yield chunk
    except PyMongoError as error:
        raise ObjectStoreError(type(error).__name__) from error
