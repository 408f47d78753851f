"""Configuration of a place: a folder of TOML files, read once, known by its version."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class PlaceError(ValueError):
    """A file of the folder is missing or is not TOML; `str()` names the file and the line."""


@dataclass(frozen=True)
class PlaceFiles:
    """The parsed files by their names without suffix, and a version that changes with any byte of them."""

    version: str
    tables: dict[str, dict[str, Any]]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """One file's table. Raises `PlaceError` when the folder has no such file."""
        if name not in self.tables:
            raise PlaceError(f"{name}.toml is missing")
        return self.tables[name]


def read_place(folder: Path) -> PlaceFiles:
    """All files of a folder. Raises `PlaceError`."""
    if not folder.is_dir():
        raise PlaceError(f"{folder} is not a folder")
    digest = hashlib.sha256()
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        text = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + text)
        try:
            tables[path.stem] = tomllib.loads(text.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PlaceError(f"{path}: {error}") from error
    return PlaceFiles(f"{folder.name[:40]}-{digest.hexdigest()[:12]}", tables)
