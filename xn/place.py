"""Reader of the ids in a place's folder that commands need: units, channels, bodies, systems and webhooks."""

from __future__ import annotations

import tomllib
from pathlib import Path

from contracts.channel_tables import channels_of as channel_codes
from contracts.place_topics import Tables, bodies_in, systems_in, units_in


def units_of(place: Path) -> list[str]:
    """The ids of all units, as used in topic names. Raises `OSError` when the folder has no `units.toml`."""
    return units_in({"units": tomllib.loads((place / "units.toml").read_text())})


def systems_of(place: Path) -> list[str]:
    """The ids of all systems, as used in topic names."""
    return systems_in(_tables(place, "systems"))


def channels_of(place: Path) -> list[str]:
    """The codes of all channels: those of `channels.toml`, or the default list."""
    return list(channel_codes(_tables(place, "channels")))


def bodies_of(place: Path) -> list[str]:
    """The units that may enter scores. Raises `OSError` when the folder has no `units.toml`."""
    return bodies_in({**_tables(place, "scores"), "units": tomllib.loads((place / "units.toml").read_text())})


def webhooks_of(place: Path) -> list[str]:
    """The names of all webhooks by which units are notified; the settings contain their URLs."""
    receivers = _tables(place, "receivers").get("receivers", {}).get("receiver", ())
    return sorted({each["webhook"] for each in receivers if "webhook" in each})


def _tables(place: Path, name: str) -> Tables:
    table = place / f"{name}.toml"
    return {name: tomllib.loads(table.read_text())} if table.is_file() else {}
