"""Limits (限时办结): how long each kind of case and each stage may take, and when somebody is alarmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contracts.codes import PauseReason, Stage
from contracts.limits import TimeLimit
from contracts.posts import PostDirectory
from contracts.reference_tables import CallbackLimit, Supplement
from services.scoring.domain.calendar import Calendar, china, weekends_only
from services.scoring.domain.holiday_notices import notices_of

CALENDARS = {"china": china, "weekends": weekends_only}

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Alarms:
    """When staff are alarmed. Nobody is outside working hours, but for the stages that are named."""

    reminder_ratio: Decimal
    """Share of the budget after which somebody is reminded."""
    yellow_ratio: Decimal
    work_begins: time = time(9, 0)
    work_ends: time = time(17, 30)
    at_any_hour: frozenset[str] = frozenset()
    escalated: frozenset[str] = frozenset()
    """Stages whose overrun goes up level by level."""
    escalate_after: tuple[TimeLimit, ...] = ()
    """How long after its end a limit goes to the first level up, the second, and so on."""


@dataclass(frozen=True)
class Limits:
    """The clock configuration of a place."""

    version: str
    timezone: ZoneInfo
    calendar: Calendar
    alarms: Alarms
    appeals: Mapping[str, TimeLimit]
    """Of the whole case, by appeal type."""
    categories: Mapping[str, TimeLimit] = field(default_factory=dict)
    """By category, where the catalogue has a limit of its own (派单目录)."""
    stages: Mapping[str, TimeLimit] = field(default_factory=dict)
    """By stage, and ``dispatch_urgent``; a stage that is absent has no clock."""
    callback_ends: TimeLimit = field(default_factory=lambda: _callback_ends({}))
    """How long after an answer its call-back is over that nobody has answered."""
    suspensions: Mapping[PauseReason, timedelta] = field(default_factory=dict)
    """For what an item may stand still, and how long in all."""
    day_off_rolls: bool = True
    """A limit in calendar days that would end on a day off ends with the next working day (民法典 §203)."""
    superiors: Mapping[str, str] = field(default_factory=dict)
    """The unit above each unit that has one."""
    units: frozenset[str] = frozenset()
    directory: PostDirectory = field(default_factory=PostDirectory)

    @classmethod
    def from_tables(cls, version: str, tables: Tables) -> Limits:
        """From the place's tables. Raises `KeyError` for a calendar we do not have."""
        place, limits = tables["place"], tables["limits"]
        return cls(
            version=version,
            timezone=ZoneInfo(place["timezone"]),
            calendar=CALENDARS[place.get("calendar", "china")](notices_of(tables.get("calendar", {}))),
            alarms=_alarms(limits),
            appeals=_limits(limits["close"]["appeals"]),
            categories=_limits(limits["close"].get("categories", {})),
            stages=_limits(limits.get("stages", {})),
            callback_ends=_callback_ends(limits),
            suspensions=_suspensions(limits, tables.get("intake", {})),
            day_off_rolls=limits.get("last_day_off", "next-working-day") == "next-working-day",
            units=frozenset(unit["id"] for unit in tables["units"]["unit"]),
            superiors={unit["id"]: unit["parent"] for unit in tables["units"]["unit"] if unit.get("parent")},
            directory=PostDirectory.from_tables(tables),
        )

    def of_case(self, appeal: str, category: str) -> tuple[TimeLimit, str]:
        """How long a case may take, and which limit that is: the category's goes first."""
        if category in self.categories:
            return self.categories[category], f"category/{category}"
        return self.appeals[appeal], f"appeal/{appeal}"

    def of_stage(self, stage: Stage, *, urgent: bool = False) -> tuple[TimeLimit, str] | None:
        """How long a stage may take, and which limit that is; None where it has none."""
        names = (f"{stage}_urgent", str(stage)) if urgent else (str(stage),)
        return next(((self.stages[name], f"stage/{name}") for name in names if name in self.stages), None)

    def above(self, unit: str) -> tuple[str, ...]:
        """The units above, the nearest first."""
        found: list[str] = []
        while (unit := self.superiors.get(unit, "")) and unit not in found:
            found.append(unit)
        return tuple(found)

    def sees(self, unit: str, other: str) -> bool:
        """A unit sees what is its own and what is below it."""
        return unit in {other, *self.above(other)}

    def superior(self, unit: str, levels: int, passing_over: str | None) -> str | None:
        """The unit so many levels above, not counting the one that is passed over; None above the root."""
        eligible = [each for each in self.above(unit) if each != passing_over]
        return eligible[levels - 1] if 1 <= levels <= len(eligible) else None


def _alarms(table: Mapping[str, Any]) -> Alarms:
    rungs, own = table["close"]["rungs"], table.get("alarms", {})
    return Alarms(
        reminder_ratio=Decimal(str(rungs["reminder_ratio"])),
        yellow_ratio=Decimal(str(rungs["yellow_ratio"])),
        work_begins=time.fromisoformat(own.get("work_begins", "09:00")),
        work_ends=time.fromisoformat(own.get("work_ends", "17:30")),
        at_any_hour=frozenset(own.get("at_any_hour", ())),
        escalated=frozenset(own.get("escalate", ())),
        escalate_after=tuple(TimeLimit.parse(text) for text in own.get("escalate_after", ())),
    )


def _callback_ends(table: Mapping[str, Any]) -> TimeLimit:
    own = CallbackLimit.model_validate(table.get("callback", {}))
    return TimeLimit.parse(own.ends_after)


def _suspensions(limits: Mapping[str, Any], intake: Mapping[str, Any]) -> dict[PauseReason, timedelta]:
    """Those for which a case may rest (挂账); and who is asked for something has as long as a complainant (补办)."""
    asked = Supplement.model_validate(intake.get("supplement", {}))
    listed = {PauseReason(each["reason"]): timedelta(days=each["days"]) for each in limits.get("suspension", ())}
    return {PauseReason.SUPPLEMENT: timedelta(days=asked.days), **listed}


def _limits(table: Mapping[str, str]) -> dict[str, TimeLimit]:
    return {name: TimeLimit.parse(text) for name, text in table.items()}
