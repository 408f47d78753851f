"""A case in scoring: its clocks, what happened to it that counts, its answers and their ratings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import AppealType, CallbackOutcome, Satisfaction
from contracts.message import ChannelId
from contracts.scoring import Measures
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.clock import Clock


class Rating(BaseModel):
    """What the person served said of one answer. No rating is not satisfied, and is counted apart (S2)."""

    model_config = ConfigDict(frozen=True)

    answer: int
    """Which answer of the case, from 1."""
    rated_at: datetime
    satisfaction: Satisfaction
    solved: bool


class Attempt(BaseModel):
    """One attempt to call the person served back (回访)."""

    model_config = ConfigDict(frozen=True)

    answer: int
    """Which answer of the case it was about, from 1."""
    number: int
    """Which attempt for this answer, from 1."""
    outcome: CallbackOutcome
    at: datetime


class Counts(BaseModel):
    """What happened on the way to the answer, and counts for or against somebody."""

    model_config = ConfigDict(frozen=True)

    returned_by: tuple[str, ...] = ()
    """Units, in order, once for each return."""
    transfers: int = 0
    redos: int = 0
    supplements: int = 0
    extensions: int = 0
    repeats: int = 0


class Case(Aggregate):
    """One case. What was measured is never changed; what goes on is a new answer."""

    kind: Literal["case"] = "case"
    channel: ChannelId
    appeal: AppealType
    category: str = ""
    area: str = ""
    centre: str
    """The centre whose area covers the matter."""
    unit: str
    """Who answers for it now; the centre as long as nobody else does."""
    about: str | None = None
    urgent: bool = False
    asked: bool = False
    """Some unit has been asked to handle it, now or before."""
    promised_at: datetime | None = None
    """The date that was promised when it was explained why it is late (S2)."""
    received_at: datetime
    due_at: datetime | None = None
    """The end of its limit; None when it is not open."""
    closed_at: datetime | None = None
    """When it was answered or ended; None while it is open, also when it was opened again."""
    clocks: Mapping[str, Clock] = Field(default_factory=dict)
    """By name: ``close``, ``sign``, ``sign-2``; in the order in which they started."""
    counts: Counts = Counts()
    """Since it was received, or opened again."""
    answers: tuple[Measures, ...] = ()
    """One for each time it was closed: the facts of which scores are computed."""
    ratings: tuple[Rating, ...] = ()
    """At most one for each answer."""
    attempts: tuple[Attempt, ...] = ()
    """The latest attempts to call the person served back, of all answers."""
