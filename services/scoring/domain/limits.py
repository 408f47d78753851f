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
            reminder_ratio=close["rungs"]["reminder_ratio"],
            yellow_ratio=close["rungs"]["yellow_ratio"],
        )
