"""The call-back (回访): the person served is asked how it went, until somebody has answered or the place gives it up.

Not answered is neither kept nor late, and is counted apart. Source: S2 (即时测评).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.codes import Stage
from contracts.scoring import CallbackEnded
from infra.decision import Context
from services.scoring.domain import clock as clocks
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import Budget, reckon

RATED, UNANSWERED, REOPENED = "rated", "unanswered", "reopened"


def given_up_at(case: Case, limits: Limits) -> datetime | None:
    """When the call-back ends that nobody has answered; None where nobody is asked."""
    ends = (_end(clock, limits) for clock in case.clocks.values() if _asks(clock))
    return min(ends, default=None)


def given_up(case: Case, at: datetime, limits: Limits) -> Case:
    """A call-back whose time is over has ended, unanswered."""
    over = {
        name: clocks.lapse(clock, end)
        for name, clock in case.clocks.items()
        if _asks(clock) and (end := _end(clock, limits)) <= at
    }
    return case.model_copy(update={"clocks": {**case.clocks, **over}}) if over else case


def ended(before: Case | None, after: Case, context: Context) -> Iterator[CallbackEnded]:
    """The fact of each call-back that has ended on the way."""
    for name, clock in after.clocks.items():
        old = before.clocks.get(name) if before is not None else None
        if clock.stage is Stage.CALLBACK and clock.stopped_at is not None and old is not None and old.running:
            result = _result(after, clock)
            yield CallbackEnded(
                case_id=context.key,
                occurred_at=context.at,
                answer=len(after.answers),
                centre=clock.unit,
                result=result,
                started_at=clock.started_at,
                due_at=clock.due_at,
                ended_at=clock.stopped_at,
                on_time=clock.on_time if result == RATED else None,
            )


def _asks(clock: Clock) -> bool:
    return clock.running and clock.stage is Stage.CALLBACK


def _end(clock: Clock, limits: Limits) -> datetime:
    return reckon(Budget(clock.started_at, limits.callback_ends), limits).due_at


def _result(case: Case, clock: Clock) -> str:
    if clock.counts:
        return RATED
    return UNANSWERED if case.closed_at is not None else REOPENED
