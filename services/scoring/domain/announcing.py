"""What is announced follows from what a case was and what it has become: each change of a clock once.

The limits of the whole case are announced from their beginning, and those of co-handlers' parts, who are told by when.
The clocks of the other stages, of which a case has many, are announced when their first alarm falls; how each ended
stands in the fact of the answer (`CaseMeasured`).
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.codes import Stage, TimeUnit
from contracts.message import Event
from contracts.scoring import (
    CaseMeasured,
    ClockEscalated,
    ClockExtended,
    ClockPaused,
    ClockReckoned,
    ClockResumed,
    ClockRungReached,
    ClockStarted,
    ClockStopped,
)
from infra.decision import Context
from services.scoring.domain.callback import ended
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock, Step
from services.scoring.domain.clock_facts import alarm, end_moved, end_of, fallen_since
from services.scoring.domain.course import WHOLE
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import last_day, local_date, union, working_days_still


def announce(before: Case | None, after: Case, context: Context, limits: Limits) -> tuple[Event, ...]:
    """Everything that others must know of the way from one state to the next, in order."""
    told = _Told(after, context, limits)
    events: list[Event] = []
    for name, clock in after.clocks.items():
        old = before.clocks.get(name) if before is not None else None
        if clock is not old and clock != old and _is_public(clock):
            events += told.changes(name, old if old is not None and _is_public(old) else None, clock)
    for answer in after.answers[len(before.answers) if before is not None else 0 :]:
        events.append(CaseMeasured(case_id=context.key, occurred_at=context.at, measures=answer, policy=limits.version))
    return (*events, *ended(before, after, context))


def _is_public(clock: Clock) -> bool:
    return clock.stage in WHOLE | {Stage.PART} or bool(clock.fallen)


class _Told:
    """The events about one clock."""

    def __init__(self, case: Case, context: Context, limits: Limits) -> None:
        self._case = case
        self._limits = limits
        self._id, self._at = context.key, context.at

    def changes(self, name: str, old: Clock | None, new: Clock) -> Iterator[Event]:
        if old is None:
            yield self._started(name, new)
        for step in fallen_since(old, new):
            yield from self._fallen(name, new, step)
        if old is not None and new.running:
            yield from self._more_time(name, old, new)
        if new.stopped_at is not None:
            yield self._stopped(name, new)

    def _started(self, name: str, clock: Clock) -> ClockStarted:
        in_working_days = clock.limit.unit is TimeUnit.WORKING_DAYS
        return ClockStarted(
            case_id=self._id,
            occurred_at=self._at,
            clock=name,
            started_on=local_date(clock.started_at, self._limits),
            budget_working_days=clock.limit.amount if in_working_days else 0,
            **end_of(clock),
            basis=clock.basis,
            limit=clock.limit,
            unit=clock.unit,
            policy=self._limits.version,
        )

    def _fallen(self, name: str, clock: Clock, step: Step) -> Iterator[Event]:
        fields = alarm(clock, step, self._limits, self._case.about)
        if fields is not None:
            kind = ClockEscalated if step.level else ClockRungReached
            yield kind(case_id=self._id, occurred_at=self._at, clock=name, **fields)

    def _more_time(self, name: str, old: Clock, new: Clock) -> Iterator[Event]:
        if new.extension_working_days > old.extension_working_days:
            yield ClockExtended(
                case_id=self._id,
                occurred_at=self._at,
                clock=name,
                working_days=new.extension_working_days - old.extension_working_days,
                budget_working_days=new.limit.amount + new.extension_working_days,
                due_at=new.due_at,
                provisional=new.provisional,
                reason=new.extensions[-1].reason,
                due_on=last_day(new.due_at, self._limits),
            )
        elif old.still_since is None and new.open_pauses:
            pause = new.open_pauses[-1]
            yield ClockPaused(
                case_id=self._id, occurred_at=self._at, clock=name, reason=pause.reason, paused_at=pause.since
            )
        elif old.still_since is not None and new.still_since is None:
            yield self._resumed(name, new)
        elif new.calendar != old.calendar and end_moved(old, new):
            yield self._reckoned(name, old, new)

    def _resumed(self, name: str, new: Clock) -> ClockResumed:
        standstill = union(new.budget.still)[-1]
        return ClockResumed(
            case_id=self._id,
            occurred_at=self._at,
            clock=name,
            resumed_at=standstill[1],
            paused_working_days=working_days_still([standstill], self._limits),
            due_at=new.due_at,
            provisional=new.provisional,
        )

    def _reckoned(self, name: str, old: Clock, new: Clock) -> ClockReckoned:
        return ClockReckoned(
            case_id=self._id,
            occurred_at=self._at,
            clock=name,
            previous_due_at=old.due_at,
            **end_of(new),
            previous_calendar=old.calendar,
            reason="calendar",
            policy=self._limits.version,
        )

    def _stopped(self, name: str, clock: Clock) -> ClockStopped:
        assert clock.stopped_at is not None  # noqa: S101 - who calls has looked
        first, last = (local_date(each, self._limits) for each in (clock.started_at, clock.stopped_at))
        used = self._limits.calendar.working_days_between(first, last)
        return ClockStopped(
            case_id=self._id,
            occurred_at=self._at,
            clock=name,
            stopped_at=clock.stopped_at,
            on_time=clock.on_time,
            working_days_used=max(0, used - working_days_still(clock.budget.still, self._limits)),
            unit=clock.unit,
            counts=clock.counts,
        )
