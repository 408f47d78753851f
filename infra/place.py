"""Configuration of a place: a folder of TOML files, read once, known by its version."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class PlaceError(ValueError):
    """A file of the folder is missing or is not TOML; `str()` names the file and the line."""


class NoFolderError(PlaceError):
    """The folder does not exist."""


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
        raise NoFolderError(f"{folder} is not a folder")
    return place_of(folder.name, {path.name: path.read_bytes() for path in folder.glob("*.toml")}, at=f"{folder}/")


def place_of(name: str, files: Mapping[str, bytes], *, at: str = "") -> PlaceFiles:
    """The same from contents by file name. Raises `PlaceError`; `at` stands before a file's name in it."""
    digest = hashlib.sha256()
    tables: dict[str, dict[str, Any]] = {}
    for file in sorted(files):
        digest.update(file.encode() + b"\0" + files[file])
        try:
            tables[file.removesuffix(".toml")] = tomllib.loads(files[file].decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PlaceError(f"{at}{file}: {error}") from error
    return PlaceFiles(f"{name[:40]}-{digest.hexdigest()[:12]}", tables)
