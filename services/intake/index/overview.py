"""Where a unit's cases are now: open ones by stage and age, limits that end soon, and the flow of each minute.

Every number counts cases that a search of the same unit finds, so that a list of them has as many.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from contracts.instants import wall_instant
from services.intake.index.access import Access
from services.intake.index.facts import of_instant
from services.intake.index.fold import STAGES
from services.intake.index.overview_documents import (
    AgeBand,
    AreaCount,
    DueSoon,
    DueUnit,
    Flow,
    OpenCases,
    StageCount,
    Workload,
    Workloads,
)
from services.intake.index.place import IndexPlace

AGES = (1, 3, 7, 15, 30)
"""Calendar days since receipt at which the next band begins; the first begins on the day of receipt."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
_MINUTE_MICROS = 60_000_000
_LATE = "c.paused = 0 AND c.due IS NOT NULL AND c.due < :now"


@dataclass(frozen=True)
class Viewed:
    """Who looks, at which place, when."""

    access: Access
    place: IndexPlace
    now: datetime

    @property
    def where(self) -> str:
        """The condition on `cases AS c`."""
        return " AND ".join(f"({condition})" for condition, _ in self.access.conditions())

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters, and the instant."""
        return {**self.access.parameters, "now": of_instant(self.now)}


def open_cases(connection: sqlite3.Connection, viewed: Viewed) -> OpenCases:
    """Open cases by stage and age, and by area. Raises `sqlite3.Error`."""
    bands = age_bands(viewed.now, viewed.place.zone)
    edges = {f"age_{n}": _day_after(band.received_to, viewed.place.zone) for n, band in enumerate(bands[1:])}
    age = " ".join(f"WHEN c.received >= :{name} THEN {n}" for n, name in enumerate(edges))
    query = f"""
    SELECT c.stage, c.area, CASE {age} ELSE {len(edges)} END, count(*), sum({_LATE}), sum(c.urgent)
    FROM cases AS c INDEXED BY cases_open WHERE c.open = 1 AND {viewed.where} GROUP BY 1, 2, 3
    """
    stages: dict[str, StageCount] = {}
    areas: dict[str, AreaCount] = {}
    found = OpenCases(ages=bands, stages=[], areas=[])
    for stage, area, band, count, late, urgent in connection.execute(query, viewed.parameters | edges):
        row = stages.setdefault(stage, StageCount(stage=stage, by_age=[0] * len(bands)))
        row.by_age[band] += count
        there = areas.setdefault(area, _area(viewed.place, area))
        for each in (row, there, found):
            each.open += count
            each.overdue += late
        found.urgent += urgent
    found.stages = sorted(stages.values(), key=lambda each: STAGES.index(each.stage))
    found.areas = sorted(areas.values(), key=lambda each: (-each.open, each.of))
    return found


def due_soon(connection: sqlite3.Connection, viewed: Viewed, hours: int) -> DueSoon:
    """Limits of whole cases that end within so many hours or have ended, by unit. Raises `sqlite3.Error`."""
    edges = hour_edges(viewed.now, viewed.place.zone, hours)
    bounds = [of_instant(edge) for edge in edges]
    query = f"""
    SELECT c.responsible, c.due, count(*) FROM cases AS c INDEXED BY cases_open
    WHERE c.open = 1 AND c.due < :end AND c.paused = 0 AND {viewed.where} GROUP BY 1, 2
    """
    units: dict[str, DueUnit] = {}
    for unit, due, count in connection.execute(query, {**viewed.parameters, "end": bounds[-1]}):
        row = units.setdefault(unit, _unit(viewed.place, unit, len(edges) - 1))
        if due < bounds[0]:
            row.overdue += count
        else:
            row.by_hour[bisect_right(bounds, due) - 1] += count
    rows = sorted(units.values(), key=lambda each: (-sum(each.by_hour), -each.overdue, each.unit))
    return DueSoon(edges=edges, units=rows)


def workloads(connection: sqlite3.Connection, viewed: Viewed) -> Workloads:
    """Open cases of the viewing unit and of each below it, by the state of their limit. Raises `sqlite3.Error`.

    Reads the index `cases_load` alone. A unit counts all that it and those below answer for, unless it is about itself.
    """
    within = "" if viewed.access.everything else "AND c.responsible IN (SELECT value FROM json_each(:seen_below))"
    query = f"""
    SELECT c.responsible, count(*),
        count(CASE WHEN c.card = 'red' OR (c.paused = 0 AND c.due < :now) THEN 1 END),
        count(CASE WHEN c.card = 'yellow' AND c.paused = 0 AND c.due >= :now THEN 1 END),
        count(CASE WHEN c.paused = 1 AND c.card IS NOT 'red' THEN 1 END)
    FROM cases AS c INDEXED BY cases_load WHERE c.open = 1 {within}
        AND (c.about IS NULL OR c.about NOT IN (SELECT value FROM json_each(:seen_above))) GROUP BY 1
    """
    found = {unit: counts for unit, *counts in connection.execute(query, viewed.parameters)}
    units = [each for each in viewed.place.units.parents if each in viewed.access.below]
    names = ("open", "overdue", "soon", "paused")
    return Workloads(
        units=[Workload(unit=each, **dict(zip(names, found.get(each, (0, 0, 0, 0)), strict=True))) for each in units]
    )


def flow(connection: sqlite3.Connection, viewed: Viewed, minutes: int) -> Flow:
    """Registrations, assignments and answers of each of the last minutes, the current one last.

    Raises `sqlite3.Error`.
    """
    last = viewed.now.astimezone(UTC).replace(second=0, microsecond=0)
    first = last - MINUTE * (minutes - 1)
    start = of_instant(first)
    query = f"""
    SELECT f.what, (f.at - :start) / {_MINUTE_MICROS}, count(*) FROM flow AS f
    CROSS JOIN cases AS c ON c.case_id = f.case_id
    WHERE f.at >= :start AND f.at < :end AND {viewed.where} GROUP BY 1, 2
    """
    found = Flow(first=first, registered=[0] * minutes, assigned=[0] * minutes, answered=[0] * minutes)
    bounds = {"start": start, "end": start + minutes * _MINUTE_MICROS}
    for what, minute, count in connection.execute(query, viewed.parameters | bounds):
        getattr(found, what)[minute] = count
    return found


def age_bands(now: datetime, zone: ZoneInfo) -> list[AgeBand]:
    """The bands with the days of receipt that they span, as a search takes them."""
    today = now.astimezone(zone).date()
    starts = (0, *AGES)
    found = [
        AgeBand(
            from_days=start,
            to_days=after - 1,
            received_from=today - timedelta(days=after - 1),
            received_to=today - timedelta(days=start),
        )
        for start, after in pairwise(starts)
    ]
    return [*found, AgeBand(from_days=AGES[-1], received_to=today - timedelta(days=AGES[-1]))]


def hour_edges(now: datetime, zone: ZoneInfo, hours: int) -> list[datetime]:
    """From now to each full hour of the place's clock, so many hours ahead."""
    local = now.astimezone(zone)
    first = local + HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return [now.astimezone(UTC), *(first.astimezone(UTC) + HOUR * n for n in range(hours))]


def _day_after(day: date, zone: ZoneInfo) -> int:
    return of_instant(wall_instant(day + timedelta(days=1), time.min, zone))


def _area(place: IndexPlace, area: str) -> AreaCount:
    return AreaCount(of=area, zh=place.name("area", area, "zh"), en=place.name("area", area, "en"))


def _unit(place: IndexPlace, unit: str, hours: int) -> DueUnit:
    names = {language: place.name("unit", unit, language) for language in ("zh", "en")}
    return DueUnit(unit=unit, zh=names["zh"], en=names["en"], by_hour=[0] * hours)
