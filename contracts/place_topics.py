"""The topics of a place, derived from its reference data, and the topics that one service reads or writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.channel_tables import channels_of
from contracts.registry import Topic
from contracts.roles import E_SUPERVISION
from contracts.topics import all_topics

Tables = Mapping[str, Mapping[str, Any]]
"""The parsed files of a place, by their names without suffix."""


def units_in(tables: Tables) -> list[str]:
    """The ids of all units, as used in topic names."""
    return [unit["id"] for unit in tables.get("units", {}).get("unit", ())]


def systems_in(tables: Tables) -> list[str]:
    """The ids of all systems, as used in topic names: 电子监察 and those in `systems.toml`."""
    return sorted({E_SUPERVISION, *(system["id"] for system in tables.get("systems", {}).get("system", ()))})


def bodies_in(tables: Tables) -> list[str]:
    """Units that may enter scores: the roots of the unit tree, and the assessors and approvers in `scores.toml`."""
    scores = tables.get("scores", {})
    entries = [entry for part in ("component", "deduction", "bonus", "veto") for entry in scores.get(part, ())]
    named = {unit for entry in entries for unit in (*entry.get("assessed_by", ()), entry.get("approved_by"))}
    roots = {unit["id"] for unit in tables.get("units", {}).get("unit", ()) if "parent" not in unit}
    return sorted((roots | named) - {None})


def topics_of(tables: Tables) -> dict[str, Topic]:
    """Every topic of a place, with its declaration."""
    return all_topics(units_in(tables), channels_of(tables), systems=systems_in(tables), bodies=bodies_in(tables))


def owned_topics(service: str, tables: Tables) -> list[str]:
    """Topics of a place that this service reads or writes."""
    return [name for name, topic in topics_of(tables).items() if service in _principals(name, topic)]


def _principals(name: str, topic: Topic) -> set[str]:
    """Writers and readers of a topic; the placeholder `{service}` is replaced by the service in the topic's name."""
    found = {*topic.writers, *topic.readers}
    return {*found, topic.parameter(name) or ""} if "{service}" in found else found
