"""Limits (限时办结): how many working days each kind of appeal has, and when its rungs fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from services.scoring.domain.calendar import Calendar, china, weekends_only

CALENDARS = {"china": china, "weekends": weekends_only}


@dataclass(frozen=True)
class Limits:
    """The clock configuration of a place."""

    version: str
    timezone: ZoneInfo
    calendar: Calendar
    close_working_days: Mapping[str, int]
    """By appeal type."""
    category_working_days: Mapping[str, int]
    """By category, where the catalogue has a limit of its own (派单目录)."""
    reminder_ratio: float
    yellow_ratio: float

    @classmethod
    def from_tables(cls, version: str, tables: Mapping[str, Mapping[str, Any]]) -> Limits:
        """From the place's files `place` and `limits`. Raises `KeyError` for a calendar we do not have."""
        place, close = tables["place"], tables["limits"]["close"]
        return cls(
            version=version,
            timezone=ZoneInfo(place["timezone"]),
            calendar=CALENDARS[place.get("calendar", "china")](),
            close_working_days=close["working_days"],
            category_working_days=close.get("categories", {}),
            reminder_ratio=close["rungs"]["reminder_ratio"],
            yellow_ratio=close["rungs"]["yellow_ratio"],
        )

    def close_budget(self, appeal: str, category: str) -> tuple[int, str]:
        """Working days until a case must be closed, and which limit that is: the category's goes first."""
        if category in self.category_working_days:
            return self.category_working_days[category], f"category/{category}"
        return self.close_working_days[appeal], f"appeal/{appeal}"
