"""A clock (限时办结): a budget, a ledger of what changed it, and the alarms on the way, each of which falls once.

Source: S0, S1¶3, S2. Nothing is announced here: a clock shows what it has become, see `announcing`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import PauseReason, Rung, Stage
from contracts.limits import TimeLimit
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import Budget, Interval, alarms, reckon


class Step(BaseModel):
    """An alarm and the instant it falls. With a level it is the red card that goes so many levels up."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    level: int = 0
    at: datetime


class Pause(BaseModel):
    """One entry of the ledger: from when the clock stood still, why, and until when; None as long as it does."""

    model_config = ConfigDict(frozen=True)

    reason: PauseReason
    since: datetime
    until: datetime | None = None


class Extension(BaseModel):
    """One entry of the ledger: more time that was granted, and why it was asked for."""

    model_config = ConfigDict(frozen=True)

    working_days: int
    requested_at: datetime
    reason: str


class Clock(BaseModel):
    """One limit of one case. `steps` holds the alarms still to come, earliest first."""

    model_config = ConfigDict(frozen=True)

    stage: Stage
    unit: str
    """Who has to keep it."""
    limit: TimeLimit
    basis: str
    """Which limit of the policy it is, such as ``category/heating``."""
    started_at: datetime
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    due_at: datetime
    provisional: bool
    """A year on the way was not published yet when it was reckoned."""
    calendar: str
    """Version of the calendar by which it was reckoned."""
    steps: tuple[Step, ...]
    fallen: tuple[Step, ...] = ()
    stopped_at: datetime | None = None
    counts: bool = True
    """False for one that ended without anybody's doing: it is neither kept nor late."""

    @property
    def running(self) -> bool:
        """It has not stopped; it may stand still."""
        return self.stopped_at is None

    @property
    def open_pauses(self) -> tuple[Pause, ...]:
        """Those that have not ended; they may overlap."""
        return tuple(each for each in self.pauses if each.until is None)

    @property
    def still_since(self) -> datetime | None:
        """Since when it stands still; None when it does not."""
        return min((each.since for each in self.open_pauses), key=_utc, default=None) if self.pauses else None

    @property
    def next_at(self) -> datetime | None:
        """When its next alarm falls, as far as can be said now."""
        return self.steps[0].at if self.steps and self.still_since is None else None

    @property
    def on_time(self) -> bool:
        """It stopped before its end; of one that runs: it has not gone red."""
        if self.stopped_at is not None:
            return self.stopped_at < self.due_at
        return all(step.rung is not Rung.RED for step in self.fallen)

    def over_at(self, at: datetime) -> bool:
        """Its end has come by then. One that stands still from before its end has none as long as it does."""
        if at < self.due_at:
            return False
        still_since = self.still_since
        return still_since is None or still_since >= self.due_at

    @property
    def extension_working_days(self) -> int:
        """What was added in all."""
        return sum(each.working_days for each in self.extensions)

    @property
    def budget(self) -> Budget:
        """What its end depends on. A pause counts when it is over."""
        still: tuple[Interval, ...] = tuple((each.since, each.until) for each in self.pauses if each.until is not None)
        return Budget(self.started_at, self.limit, still, self.extension_working_days)


def start(stage: Stage, unit: str, at: datetime, limit: TimeLimit, basis: str, limits: Limits) -> Clock:
    """A clock that began at that instant."""
    found = reckon(Budget(at, limit), limits)
    return Clock(
        stage=stage,
        unit=unit,
        limit=limit,
        basis=basis,
        started_at=at,
        due_at=found.due_at,
        provisional=found.provisional,
        calendar=limits.calendar.version,
        steps=_steps(Budget(at, limit), found.due_at, stage, limits),
    )


def reach(clock: Clock, at: datetime) -> Clock:
    """Alarms at or before `at` have fallen; while the clock stands still, only those from before it did."""
    still_since = clock.still_since
    at = at if still_since is None else min(at, still_since, key=_utc)
    count = sum(1 for step in clock.steps if step.at <= at)
    if not count:
        return clock
    return clock.model_copy(update={"steps": clock.steps[count:], "fallen": clock.fallen + clock.steps[:count]})


def pause(clock: Clock, reason: PauseReason, at: datetime) -> Clock:
    """The clock stands still. Pauses for different reasons may overlap; a second one for the same reason is none."""
    if not clock.running or any(each.reason is reason for each in clock.open_pauses):
        return clock
    reached = reach(clock, at)
    return reached.model_copy(update={"pauses": (*reached.pauses, Pause(reason=reason, since=at))})


def resume(clock: Clock, reasons: Collection[PauseReason], at: datetime, limits: Limits) -> Clock:
    """Pauses for these reasons are over; the clock runs again once none is left. Without such a pause, nothing."""
    ended = [each for each in clock.open_pauses if each.reason in reasons]
    if not clock.running or not ended:
        return clock
    pauses = tuple(
        each.model_copy(update={"until": max(at, each.since, key=_utc)}) if each in ended else each
        for each in clock.pauses
    )
    return reckoned(clock.model_copy(update={"pauses": pauses}), limits)


def extend(clock: Clock, more: Extension, limits: Limits) -> Clock:
    """More time, if it was asked for before the end; alarms up to then have fallen."""
    if not clock.running or clock.over_at(more.requested_at):
        return clock
    reached = reach(clock, more.requested_at)
    return reckoned(reached.model_copy(update={"extensions": (*reached.extensions, more)}), limits)


def stop(clock: Clock, at: datetime, limits: Limits) -> Clock:
    """It has ended: no alarm falls any more. One that ended late has gone red, whether somebody was alarmed or not."""
    if not clock.running:
        return clock
    clock = reach(resume(clock, tuple(PauseReason), at, limits), at)
    if at >= clock.due_at:
        red = tuple(step for step in clock.steps if step.rung is Rung.RED and not step.level)
        clock = clock.model_copy(update={"fallen": clock.fallen + red})
    return clock.model_copy(update={"steps": (), "stopped_at": at})


def lapse(clock: Clock, at: datetime) -> Clock:
    """It has ended without anybody's doing: alarms up to then have fallen, and it is neither kept nor late."""
    if not clock.running:
        return clock
    return reach(clock, at).model_copy(update={"steps": (), "stopped_at": at, "counts": False})


def hand_over(clock: Clock, unit: str) -> Clock:
    """Another unit has to keep it."""
    return clock.model_copy(update={"unit": unit}) if clock.running and clock.unit != unit else clock


def reckoned(clock: Clock, limits: Limits) -> Clock:
    """Its end and the alarms still to come, by the ledger and the calendar of now. What has fallen stays so."""
    found = reckon(clock.budget, limits)
    waiting = {(step.rung, step.level) for step in clock.steps}
    steps = _steps(clock.budget, found.due_at, clock.stage, limits)
    return clock.model_copy(
        update={
            "due_at": found.due_at,
            "provisional": found.provisional,
            "calendar": limits.calendar.version,
            "steps": tuple(step for step in steps if (step.rung, step.level) in waiting),
        }
    )


def _utc(instant: datetime) -> datetime:
    """Sort key of instants: `datetime` compares two times of one zone by the wall clock."""
    return instant.astimezone(UTC)


def _steps(budget: Budget, due_at: datetime, stage: Stage, limits: Limits) -> tuple[Step, ...]:
    found = alarms(budget, due_at, stage, limits)
    return tuple(Step(rung=each.rung, level=each.level, at=each.at) for each in found)
