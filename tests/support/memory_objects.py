"""An object store in memory, for tests without an engine. It passes the suite of the real ones."""

from __future__ import annotations

from collections.abc import AsyncIterator

from infra.objects.port import Content, chunked


class MemoryObjects:
    """Begins empty."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def put(self, id: str, content: Content, media_type: str) -> None:
        """The file can be opened."""
        self.stored[id] = bytes(content)

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """Its chunks; None where there is no such file."""
        return _chunks(self.stored[id]) if id in self.stored else None

    async def delete(self, id: str) -> None:
        """The file is gone."""
        self.stored.pop(id, None)

    async def close(self) -> None:
        """Nothing to release."""


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for piece in chunked(content):
        yield bytes(piece)
