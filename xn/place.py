"""The little that operators' commands need of a place: its units."""

from __future__ import annotations

import tomllib
from pathlib import Path


def units_of(place: Path) -> list[str]:
    """Every unit, as it stands in topic names. Raises `OSError` when the folder has no `units.toml`."""
    return [unit["id"] for unit in tomllib.loads((place / "units.toml").read_text())["unit"]]
