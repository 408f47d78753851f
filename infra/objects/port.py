"""What a store of files does. Each file is written once, under an id of its own, and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from mmap import mmap
from typing import Protocol, TypeAlias

Content: TypeAlias = bytes | mmap
"""A file in memory, or one on disk that is read as it is needed."""
CHUNK = 255 * 1024
"""Bytes of a file that are handed on at once."""


class ObjectStoreError(Exception):
    """The store is away or refused: broken infrastructure, to be retried."""


class ObjectStore(Protocol):
    """Files by id. Every call may raise `ObjectStoreError`."""

    async def put(self, id: str, content: Content, media_type: str) -> None:
        """The file is durable and can be opened; when this raises, `delete` removes what there is of it."""

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """The file's bytes in chunks; None where there is no such file. Reading may raise `ObjectStoreError`, too."""

    async def delete(self, id: str) -> None:
        """The file is gone, and so is whatever is left of one half written. Safe to repeat."""

    async def close(self) -> None:
        """Connections are released."""


def chunked(content: Content) -> list[memoryview]:
    """The content in pieces of `CHUNK` bytes, the last one shorter."""
    view = memoryview(content)
    return [view[at : at + CHUNK] for at in range(0, len(view), CHUNK)]
