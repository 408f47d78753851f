"""Files in memory, for tests without a database. What is true of `infra.files` is true of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.files import MOST_BYTES, File, Files, FileTooLarge


@dataclass
class KeptFiles(Files):
    """Each instance begins empty."""

    kept: dict[str, File] = field(default_factory=dict)

    async def keep(self, file: File) -> None:
        """The file is found by its id, instead of one that was there."""
        if len(file.content) > MOST_BYTES:
            raise FileTooLarge(f"{len(file.content)} bytes")
        self.kept[file.id] = file

    async def find(self, id: str) -> File | None:
        """The file, or None where there is none."""
        return self.kept.get(id)
