"""What the codes are called by which cases and items are counted: units, channels, categories, areas and others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.channel_tables import channel_names
from contracts.code_names import APPEAL_NAMES, LEVEL_NAMES, Names

ALL = {"zh": "全部", "en": "all"}


@dataclass(frozen=True)
class DimensionNames:
    """Names of the place's codes, by dimension."""

    by_dimension: Mapping[str, Names]

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]]) -> DimensionNames:
        """From the tables that name things."""
        units = _named(tables["units"]["unit"], "id")
        categories = _named(tables.get("categories", {}).get("category", ()), "code")
        procedures = _named(tables.get("procedures", {}).get("procedure", ()), "id")
        return cls(
            {
                "unit": units,
                "centre": units,
                "level": LEVEL_NAMES,
                "channel": channel_names(tables),
                "category": categories,
                "appeal": APPEAL_NAMES,
                "area": _named(tables.get("areas", {}).get("area", ()), "code"),
                "system": _named(tables.get("systems", {}).get("system", ()), "id"),
                "matter": {**categories, **procedures},
                "all": {"all": ALL},
            }
        )

    def name(self, dimension: str, code: str, language: str) -> str:
        """The name of a code in a language; the code itself where the place does not know it any more."""
        return self.by_dimension.get(dimension, {}).get(code, {}).get(language, code)


def _named(entries: Iterable[Mapping[str, Any]], field: str) -> Names:
    return {each[field]: {"zh": each["zh"], "en": each["en"]} for each in entries}
