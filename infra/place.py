"""Configuration of a place: a folder of TOML files, read once, known by its version."""

from __future__ import annotations

from pathlib import Path

from contracts.place_versions import PlaceError, PlaceFiles, place_of

__all__ = ["NoFolderError", "PlaceError", "PlaceFiles", "place_of", "read_place"]


class NoFolderError(PlaceError):
    """The folder does not exist."""


def read_place(folder: Path) -> PlaceFiles:
    """All files of a folder. Raises `PlaceError`."""
    if not folder.is_dir():
        raise NoFolderError(f"{folder} is not a folder")
    return place_of(folder.name, {path.name: path.read_bytes() for path in folder.glob("*.toml")}, at=f"{folder}/")
