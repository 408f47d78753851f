"""What searches and status pages answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.codes import HandlingResult, Satisfaction
from services.intake.index.facts import instant
from services.intake.index.timeline import StaffStep, Step

_CONFIG = ConfigDict(use_attribute_docstrings=True)


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
    timeline: list[Step] = []
    rating: Rating | None = None
    can: list[str] = []


def found_case(row: Mapping[str, Any], now: int) -> FoundCase:
    """A row as it is answered."""
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
    )


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
