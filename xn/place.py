"""The little that operators' commands need of a place: its units, channels, bodies, systems and endpoints."""

from __future__ import annotations

import tomllib
from pathlib import Path

from contracts.channel_tables import channels_of as channel_codes
from contracts.place_topics import Tables, bodies_in, systems_in, units_in


def units_of(place: Path) -> list[str]:
    """Every unit, as it stands in topic names. Raises `OSError` when the folder has no `units.toml`."""
    return units_in({"units": tomllib.loads((place / "units.toml").read_text())})


def systems_of(place: Path) -> list[str]:
    """Every system, as it stands in topic names."""
    return systems_in(_tables(place, "systems"))


def channels_of(place: Path) -> list[str]:
    """Every channel, as it appears in topic names: those of `channels.toml`, or the well-known ones."""
    return list(channel_codes(_tables(place, "channels")))


def bodies_of(place: Path) -> list[str]:
    """Every unit that enters anything into scores. Raises `OSError` when the folder has no `units.toml`."""
    return bodies_in({**_tables(place, "scores"), "units": tomllib.loads((place / "units.toml").read_text())})


def webhooks_of(place: Path) -> list[str]:
    """Every endpoint that units are told by; the deployment has to say where it is."""
    receivers = _tables(place, "receivers").get("receivers", {}).get("receiver", ())
    return sorted({each["webhook"] for each in receivers if "webhook" in each})


def _tables(place: Path, name: str) -> Tables:
    table = place / f"{name}.toml"
    return {name: tomllib.loads(table.read_text())} if table.is_file() else {}
