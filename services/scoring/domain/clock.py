"""The clock of a case (限时办结): a budget of working days from day 0, with rungs on the way. Source: S0, S1¶3, S2.

Day 0 is the local day on which the citizen spoke; it is not counted. The limit ends with the last working day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from math import ceil

from pydantic import BaseModel, ConfigDict

from contracts.codes import AppealType, PauseReason, Rung
from services.scoring.domain.limits import Limits

START_OF_WORK = time(9, 0)
"""Nobody is alarmed before work begins."""


class Step(BaseModel):
    """One rung and the instant it falls."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    at: datetime


class Pause(BaseModel):
    """One entry of the ledger: from when the clock stood still, why, and until when; None as long as it does."""

    model_config = ConfigDict(frozen=True)

    reason: PauseReason
    since: datetime
    until: datetime | None = None


class CaseClock(BaseModel):
    """A clock: a budget and a ledger of pauses. `steps` holds the rungs not reached yet, earliest first."""

    model_config = ConfigDict(frozen=True)

    started_on: date
    budget_working_days: int
    due_at: datetime
    provisional: bool
    calendar: str
    basis: str = ""
    """Which limit of the policy it is."""
    steps: tuple[Step, ...]
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None

    @property
    def paused(self) -> bool:
        """It stands still."""
        return bool(self.pauses) and self.pauses[-1].until is None


def start(appeal: AppealType, received_at: datetime, limits: Limits, category: str = "") -> CaseClock:
    """The clock for an appeal of that category spoken at that instant."""
    day0 = received_at.astimezone(limits.timezone).date()
    budget, basis = limits.close_budget(appeal, category)
    due_at, provisional, steps = _reckon(day0, budget, 0, limits)
    return CaseClock(
        started_on=day0,
        budget_working_days=budget,
        due_at=due_at,
        provisional=provisional,
        calendar=limits.calendar.version,
        basis=basis,
        steps=steps,
    )


def _reckon(day0: date, budget: int, paused: int, limits: Limits) -> tuple[datetime, bool, tuple[Step, ...]]:
    """End, whether it is provisional, and all rungs, when so many working days were not counted."""
    last = limits.calendar.nth_working_day(day0, budget + paused)
    due_at = datetime.combine(last.on + timedelta(days=1), time.min, limits.timezone)
    reminder, yellow = ceil(budget * limits.reminder_ratio), ceil(budget * limits.yellow_ratio)
    steps = (
        Step(rung=Rung.REMINDER, at=min(due_at, _morning_of(day0, reminder + paused, limits))),
        Step(rung=Rung.YELLOW, at=min(due_at, _morning_of(day0, yellow + paused, limits))),
        Step(rung=Rung.RED, at=due_at),
    )
    return due_at, last.provisional, steps


def reach(clock: CaseClock, at: datetime) -> tuple[CaseClock, tuple[Rung, ...]]:
    """The rungs that fall at or before `at`, each once; they are gone from the clock that is returned.

    While the clock stands still, only those that fell before it did.
    """
    at = min(at, clock.pauses[-1].since) if clock.paused else at
    reached = tuple(step.rung for step in clock.steps if step.at <= at)
    return clock.model_copy(update={"steps": clock.steps[len(reached) :]}), reached


def pause(clock: CaseClock, reason: PauseReason, at: datetime) -> CaseClock:
    """The clock stands still after the working day it is; nothing happens to one that does already, or has stopped."""
    if clock.paused or clock.stopped_at is not None:
        return clock
    return clock.model_copy(update={"pauses": (*clock.pauses, Pause(reason=reason, since=at))})


def resume(clock: CaseClock, at: datetime, limits: Limits) -> CaseClock:
    """The clock runs again; the end and the rungs still to come move by the working days that were not counted."""
    if not clock.paused or clock.stopped_at is not None:
        return clock
    last = clock.pauses[-1].model_copy(update={"until": max(at, clock.pauses[-1].since)})
    pauses = (*clock.pauses[:-1], last)
    paused = sum(paused_working_days(each, limits) for each in pauses)
    due_at, provisional, steps = _reckon(clock.started_on, clock.budget_working_days, paused, limits)
    return _moved(clock, due_at, provisional, steps).model_copy(update={"pauses": pauses})


def extend(clock: CaseClock, working_days: int, limits: Limits) -> CaseClock:
    """A longer budget; the rungs still to come move with the end. A clock that has stopped stays as it is."""
    if clock.stopped_at is not None:
        return clock
    budget = clock.budget_working_days + working_days
    paused = sum(paused_working_days(each, limits) for each in clock.pauses)
    due_at, provisional, steps = _reckon(clock.started_on, budget, paused, limits)
    return _moved(clock, due_at, provisional, steps).model_copy(update={"budget_working_days": budget})


def _moved(clock: CaseClock, due_at: datetime, provisional: bool, steps: tuple[Step, ...]) -> CaseClock:
    """Another end, with those of its rungs that have not fallen."""
    waiting = {step.rung for step in clock.steps}
    left = tuple(step for step in steps if step.rung in waiting)
    return clock.model_copy(update={"due_at": due_at, "provisional": provisional, "steps": left})


def paused_working_days(pause: Pause, limits: Limits) -> int:
    """How many working days an ended pause has added: those after its first day, up to and including its last."""
    if pause.until is None:
        return 0
    since, until = (each.astimezone(limits.timezone).date() for each in (pause.since, pause.until))
    return limits.calendar.working_days_between(since, until)


def stop(clock: CaseClock, at: datetime) -> CaseClock:
    """No rung falls any more."""
    return clock.model_copy(update={"steps": (), "stopped_at": at})


def _morning_of(day0: date, count: int, limits: Limits) -> datetime:
    on = limits.calendar.nth_working_day(day0, max(1, count)).on
    return datetime.combine(on, START_OF_WORK, limits.timezone)
