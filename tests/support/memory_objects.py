"""An in-memory file store for tests without engines; it passes the same test suite as the real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator

from infra.objects.port import Content, chunked


class MemoryObjects:
    """An `ObjectStore` in memory, initially empty."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def put(self, id: str, content: Content, media_type: str) -> None:
        """The file can be opened."""
        self.stored[id] = bytes(content)

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """Return the file's chunks, or None if it does not exist."""
        return _chunks(self.stored[id]) if id in self.stored else None

    async def delete(self, id: str) -> None:
        """Delete the file."""
        self.stored.pop(id, None)

    async def close(self) -> None:
        """Do nothing."""


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for piece in chunked(content):
        yield bytes(piece)
