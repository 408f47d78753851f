"""The interface of a file store. Each file is written once under a unique id and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from mmap import mmap
from typing import Protocol, TypeAlias

Content: TypeAlias = bytes | mmap
"""A file in memory, or one on disk that is read as it is needed."""
CHUNK = 255 * 1024
"""Bytes per chunk when a file is read or written."""


class ObjectStoreError(Exception):
    """The store is unreachable or refused the call; the caller may retry."""


class ObjectStore(Protocol):
    """Files by id. Every method may raise `ObjectStoreError`."""

    async def put(self, id: str, content: Content, media_type: str) -> None:
        """The file is durable and can be opened; when this raises, `delete` removes what there is of it."""

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """Return the file's bytes in chunks, or None if it does not exist. Iteration may raise `ObjectStoreError`."""

    async def delete(self, id: str) -> None:
        """Delete the file or a partly written one. Idempotent."""

    async def close(self) -> None:
        """Close the connections."""


def chunked(content: Content) -> list[memoryview]:
    """The content in pieces of `CHUNK` bytes, the last one shorter."""
    view = memoryview(content)
    return [view[at : at + CHUNK] for at in range(0, len(view), CHUNK)]
