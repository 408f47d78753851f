"""Files that go with a letter: found at the moment of sending, so that nothing holds them while letters wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from infra.files import File
from infra.store import StoreError
from services.notify.providers.port import Accepted, Attachment, Letter, Provider, Refused

Find: TypeAlias = Callable[[str], Awaitable[File | None]]
"""A file by its id. Raises `StoreError`."""


async def nothing_kept(_id: str) -> File | None:
    """Where there are no files."""
    return None


@dataclass(frozen=True)
class Enclosing:
    """A provider that is handed letters whole."""

    provider: Provider
    find: Find

    @property
    def name(self) -> str:
        """That of the provider."""
        return self.provider.name

    async def send(self, letter: Letter) -> Accepted:
        """The letter and its files are the provider's. Raises `Refused` and `Unavailable`."""
        if letter.prints:
            letter = replace(letter, attachments=tuple([each async for each in self._found(letter)]))
        return await self.provider.send(letter)

    async def close(self) -> None:
        """No connection is left open."""
        await self.provider.close()

    async def _found(self, letter: Letter) -> AsyncIterator[Attachment]:
        for id in letter.prints:
            try:
                file = await self.find(id)
            except StoreError as error:
                raise Refused(f"file: {type(error).__name__}", permanent=False) from None
            if file is None:
                raise Refused("file: not found")
            yield Attachment(file.name, file.media_type, file.content)
