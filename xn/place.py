"""The little that operators' commands need of a place: its units, channels, bodies, systems and endpoints."""

from __future__ import annotations

import tomllib
from pathlib import Path

from contracts.channel_tables import channels_of as channel_codes
from contracts.topics import E_SUPERVISION


def units_of(place: Path) -> list[str]:
    """Every unit, as it stands in topic names. Raises `OSError` when the folder has no `units.toml`."""
    return [unit["id"] for unit in tomllib.loads((place / "units.toml").read_text())["unit"]]


def systems_of(place: Path) -> list[str]:
    """Every system, as it stands in topic names: 电子监察, and those that `systems.toml` names."""
    table = place / "systems.toml"
    named = tomllib.loads(table.read_text())["system"] if table.is_file() else []
    return sorted({E_SUPERVISION, *(system["id"] for system in named)})


def channels_of(place: Path) -> list[str]:
    """Every channel, as it appears in topic names: those of `channels.toml`, or the well-known ones."""
    table = place / "channels.toml"
    return list(channel_codes({"channels": tomllib.loads(table.read_text())} if table.is_file() else {}))


def bodies_of(place: Path) -> list[str]:
    """Every unit that enters anything into scores, as it stands in topic names: the uppermost, and whoever is named."""
    units = tomllib.loads((place / "units.toml").read_text())["unit"]
    table = place / "scores.toml"
    scores = tomllib.loads(table.read_text()) if table.is_file() else {}
    entries = [entry for part in ("component", "deduction", "bonus", "veto") for entry in scores.get(part, ())]
    named = {unit for entry in entries for unit in (*entry.get("assessed_by", ()), entry.get("approved_by"))}
    return sorted({*(unit["id"] for unit in units if "parent" not in unit), *named} - {None})


def webhooks_of(place: Path) -> list[str]:
    """Every endpoint that units are told by; the deployment has to say where it is."""
    table = place / "receivers.toml"
    receivers = tomllib.loads(table.read_text()).get("receiver", ()) if table.is_file() else ()
    return sorted({each["webhook"] for each in receivers if "webhook" in each})
