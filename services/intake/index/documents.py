"""What searches and status pages answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.codes import HandlingResult, Satisfaction
from contracts.limits import TimeLimit
from services.intake.index.facts import instant
from services.intake.index.timeline import StaffStep, Step
from services.intake.index.waits import WHATS, What, decode

_CONFIG = ConfigDict(use_attribute_docstrings=True)


class WaitsFor(BaseModel):
    """One decision or answer that a case waits for."""

    model_config = _CONFIG

    what: What
    unit: str
    """Who decides; for a supplement the unit that asked the complainant."""
    since: datetime
    until: datetime | None = None
    """Last instant for a supplement."""


class FoundCase(BaseModel):
    """One case of a search. Never who submitted it."""

    model_config = _CONFIG

    case_id: str
    number: str
    title: str
    stage: str
    """One of the stages in docs/search.md."""
    channel: str
    appeal: str
    category: str
    area: str
    centre: str
    responsible: str
    """Who answers for it now, or answered."""
    asked: str | None = None
    """The unit that was sent the case and has it now."""
    supervisor: str | None = None
    urgent: bool = False
    confidential: bool = False
    received_at: datetime
    registered_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    """End of the limit of the whole case."""
    provisional: bool = False
    """A year whose holidays are not published yet was calculated by weekends alone."""
    paused: bool = False
    overdue: bool = False
    closed_at: datetime | None = None
    result: HandlingResult | None = None
    ending: str | None = None
    satisfaction: Satisfaction | None = None
    solved: bool | None = None
    reopened: int = 0
    repeats: int = 0
    """How often the same complainant had brought the matter, this time included."""
    merged_into: str | None = None
    waits: list[WaitsFor] = []
    """What it waits for, oldest first; for keys of units only."""


class FoundCases(BaseModel):
    """One page of a search."""

    model_config = _CONFIG

    cases: list[FoundCase]
    total: int
    """How many match; counted up to 10,000."""
    more: bool = False
    """More match than `total`."""
    page: int
    page_size: int
    next_page: int | None = None
    as_of: datetime | None = None
    """Everything published until then is in the answer; absent while the index is being built."""


class WaitingCounts(BaseModel):
    """How many cases wait for a unit, by what they wait for."""

    model_config = _CONFIG

    unit: str
    counts: dict[What, int]
    """Every kind, also with 0."""
    oldest: dict[What, datetime]
    """Since when the oldest of each kind waits, where there is one."""
    held: int = 0
    """Cases of the unit as a centre that a clerk has to judge."""
    as_of: datetime | None = None
    """Everything published until then is counted; absent while the index is being built."""


class StaffTimeline(BaseModel):
    """The course of a case for the units that may see it."""

    model_config = _CONFIG

    case: FoundCase
    steps: list[StaffStep]


class Rating(BaseModel):
    """The complainant's rating of the latest answer."""

    model_config = _CONFIG

    satisfaction: Satisfaction
    solved: bool
    rated_at: datetime


class Course(BaseModel):
    """What the index adds to the status of a case."""

    model_config = _CONFIG

    due_at: datetime | None = None
    provisional: bool | None = None
    paused: bool | None = None
    limit: TimeLimit | None = None
    timeline: list[Step] = []
    rating: Rating | None = None
    can: list[str] = []


def found_case(row: Mapping[str, Any], now: int, *, to_unit: bool = False) -> FoundCase:
    """A row as it is answered; with what it waits for to a unit."""
    plain: dict[str, Any] = {name: row[name] for name in _AS_THEY_ARE}
    plain |= {name: bool(row[name]) for name in ("urgent", "confidential", "provisional", "paused")}
    return FoundCase(
        case_id=str(UUID(bytes=row["case_id"])),
        **plain,
        received_at=instant(row["received"]),
        registered_at=instant(row["registered"]),
        updated_at=instant(row["updated"]),
        due_at=_at(row["due"]) if row["open"] else None,
        overdue=is_overdue(row, now),
        closed_at=_at(row["closed"]),
        solved=None if row["solved"] is None else bool(row["solved"]),
        merged_into=row["leading"],
        waits=_waits(row["waits"]) if to_unit else [],
    )


def waiting_counts(
    unit: str, rows: Iterable[tuple[What, int, int]], as_of: datetime | None, held: int = 0
) -> WaitingCounts:
    """From kinds with their number and the oldest instant."""
    found = {what: (count, instant(oldest)) for what, count, oldest in rows}
    return WaitingCounts(
        unit=unit,
        counts={what: found[what][0] if what in found else 0 for what in WHATS},
        oldest={what: oldest for what, (_, oldest) in found.items()},
        held=held,
        as_of=as_of,
    )


def _waits(column: str | None) -> list[WaitsFor]:
    return [
        WaitsFor.model_validate(
            {"what": each.what, "unit": each.unit, "since": instant(each.since), "until": _at(each.until)}
        )
        for each in decode(column)
    ]


_AS_THEY_ARE = (
    *("number", "title", "stage", "channel", "appeal", "category", "area", "centre", "responsible", "asked"),
    *("supervisor", "result", "ending", "satisfaction", "reopened", "repeats"),
)


def is_overdue(row: Mapping[str, Any], now: int) -> bool:
    """Open, not paused, and past its limit."""
    return bool(row["open"] and not row["paused"] and row["due"] is not None and row["due"] < now)


def rating_of(row: Mapping[str, Any]) -> Rating | None:
    """The rating of the latest answer."""
    if row["rated"] is None or row["satisfaction"] is None:
        return None
    grade = Satisfaction(row["satisfaction"])
    return Rating(satisfaction=grade, solved=bool(row["solved"]), rated_at=instant(row["rated"]))


def _at(micros: int | None) -> datetime | None:
    return None if micros is None else instant(micros)
