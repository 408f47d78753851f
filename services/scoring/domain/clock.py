"""The clock of a case (限时办结): a budget of working days from day 0, with rungs on the way. Source: S0, S1¶3, S2.

Day 0 is the local day on which the citizen spoke; it is not counted. The limit ends with the last working day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from math import ceil

from pydantic import BaseModel, ConfigDict

from contracts.codes import AppealType, Rung
from services.scoring.domain.limits import Limits

START_OF_WORK = time(9, 0)
"""Nobody is alarmed before work begins."""


class Step(BaseModel):
    """One rung and the instant it falls."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    at: datetime


class CaseClock(BaseModel):
    """A running or stopped clock. `steps` holds the rungs that have not been reached yet, earliest first."""

    model_config = ConfigDict(frozen=True)

    started_on: date
    budget_working_days: int
    due_at: datetime
    provisional: bool
    calendar: str
    steps: tuple[Step, ...]
    stopped_at: datetime | None = None


def start(appeal: AppealType, received_at: datetime, limits: Limits) -> CaseClock:
    """The clock for an appeal spoken at that instant."""
    day0 = received_at.astimezone(limits.timezone).date()
    budget = limits.close_working_days[appeal]
    last = limits.calendar.nth_working_day(day0, budget)
    due_at = datetime.combine(last.on + timedelta(days=1), time.min, limits.timezone)
    steps = (
        Step(rung=Rung.REMINDER, at=min(due_at, _morning_of(day0, ceil(budget * limits.reminder_ratio), limits))),
        Step(rung=Rung.YELLOW, at=min(due_at, _morning_of(day0, ceil(budget * limits.yellow_ratio), limits))),
        Step(rung=Rung.RED, at=due_at),
    )
    return CaseClock(
        started_on=day0,
        budget_working_days=budget,
        due_at=due_at,
        provisional=last.provisional,
        calendar=limits.calendar.version,
        steps=steps,
    )


def reach(clock: CaseClock, at: datetime) -> tuple[CaseClock, tuple[Rung, ...]]:
    """The rungs that fall at or before `at`, each once; they are gone from the clock that is returned."""
    reached = tuple(step.rung for step in clock.steps if step.at <= at)
    return clock.model_copy(update={"steps": clock.steps[len(reached) :]}), reached


def stop(clock: CaseClock, at: datetime) -> CaseClock:
    """No rung falls any more."""
    return clock.model_copy(update={"steps": (), "stopped_at": at})


def _morning_of(day0: date, count: int, limits: Limits) -> datetime:
    on = limits.calendar.nth_working_day(day0, max(1, count)).on
    return datetime.combine(on, START_OF_WORK, limits.timezone)
