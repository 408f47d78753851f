"""What a place lets be complained about: its areas, whose centre covers each, and its categories of matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Catalogue:
    """The reference data of intake, with the version that decisions quote."""

    version: str
    timezone: ZoneInfo
    jurisdictions: Mapping[str, str]
    """Centre by area."""
    prefixes: Mapping[str, str]
    """First letters of a case number, by centre."""
    categories: frozenset[str]

    @classmethod
    def from_tables(cls, version: str, tables: Mapping[str, Mapping[str, Any]]) -> Catalogue:
        """From the place's files `place`, `areas` and `categories`."""
        areas = tables["areas"]
        return cls(
            version=version,
            timezone=ZoneInfo(tables["place"]["timezone"]),
            jurisdictions={area["code"]: area["jurisdiction"] for area in areas["area"]},
            prefixes={each["unit"]: each["prefix"] for each in areas["jurisdiction"]},
            categories=frozenset(category["code"] for category in tables["categories"]["category"]),
        )
