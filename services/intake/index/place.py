"""What the index needs of the place's reference data: its tree of units, its areas, names, time zone and windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from contracts.channel_tables import channel_names
from contracts.code_names import APPEAL_NAMES, Names
from contracts.posts import PostDirectory
from contracts.reference_tables import AppealLimit, ReopenLimit
from contracts.score_tables import Ratings
from services.intake.domain.tree import Tree

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Windows:
    """What a complainant may still do after an answer, by the place's tables."""

    rate_days: int
    reopen_days: int
    reopenings: int
    appeal_days: int | None
    """None: the place hears no appeals."""


@dataclass(frozen=True)
class IndexPlace:
    """The reference data in force."""

    zone: ZoneInfo
    units: Tree
    areas: Tree
    names: Mapping[str, Names]
    """By dimension: unit, area, category, channel, appeal."""
    windows: Windows
    by_rating: bool
    """A rating counts when it was given; otherwise with its answer."""
    directory: PostDirectory = field(default_factory=PostDirectory)

    @classmethod
    def from_tables(cls, tables: Tables) -> IndexPlace:
        """From the place's tables."""
        units, areas = tables.get("units", {}).get("unit", ()), tables["areas"]["area"]
        limits, scores = tables.get("limits", {}), tables.get("scores", {})
        ratings = Ratings.model_validate(scores.get("ratings", {}))
        reopen = ReopenLimit.model_validate(limits.get("reopen", {}))
        appeal = AppealLimit.model_validate(limits["appeal"]) if "appeal" in limits else None
        return cls(
            zone=ZoneInfo(tables["place"]["timezone"]),
            units=Tree({each["id"]: each.get("parent") for each in units}),
            areas=Tree({each["code"]: each.get("parent") for each in areas}),
            names={
                "unit": {**_named(units, "id"), "": {"zh": "", "en": ""}},
                "area": _named(areas, "code"),
                "category": _named(tables.get("categories", {}).get("category", ()), "code"),
                "channel": channel_names(tables),
                "appeal": APPEAL_NAMES,
                "all": {"all": {"zh": "全部", "en": "all"}},
            },
            windows=Windows(
                rate_days=ratings.within_days,
                reopen_days=reopen.days,
                reopenings=reopen.by_complainant,
                appeal_days=appeal.days if appeal else None,
            ),
            by_rating=ratings.counted_in == "month-of-rating",
            directory=PostDirectory.from_tables(tables),
        )

    def name(self, dimension: str, code: str, language: str) -> str:
        """The name of a code; the code itself where the place does not know it any more."""
        return self.names.get(dimension, {}).get(code, {}).get(language, code)


def _named(entries: Iterable[Mapping[str, Any]], field: str) -> Names:
    return {each[field]: {"zh": each["zh"], "en": each["en"]} for each in entries}
