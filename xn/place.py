"""The little that operators' commands need of a place: its units, and the systems whose items are watched."""

from __future__ import annotations

import tomllib
from pathlib import Path

from contracts.topics import E_SUPERVISION


def units_of(place: Path) -> list[str]:
    """Every unit, as it stands in topic names. Raises `OSError` when the folder has no `units.toml`."""
    return [unit["id"] for unit in tomllib.loads((place / "units.toml").read_text())["unit"]]


def systems_of(place: Path) -> list[str]:
    """Every system, as it stands in topic names: 电子监察, and those that `systems.toml` names."""
    table = place / "systems.toml"
    named = tomllib.loads(table.read_text())["system"] if table.is_file() else []
    return sorted({E_SUPERVISION, *(system["id"] for system in named)})
