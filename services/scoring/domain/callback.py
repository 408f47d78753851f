"""The call-back (回访): the person served is asked how it went, until the case is rated or the call-back ends without.

It ends without a rating when the person declines or cannot be reached, when the case is reopened, or when the place's
time for it is over. Such a call-back is neither on time nor late, and counted apart. Source: S2 (即时测评).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.codes import CallbackOutcome, Stage
from contracts.scoring import CallbackEnded
from infra.decision import Context
from services.scoring.domain import clock as clocks
from services.scoring.domain.case import Attempt, Case
from services.scoring.domain.clock import Clock
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import Budget, reckon

RATED, UNANSWERED, REOPENED = "rated", "unanswered", "reopened"
FINAL = frozenset({CallbackOutcome.DECLINED, CallbackOutcome.UNREACHABLE})
"""Outcomes of an attempt after which nobody calls again."""


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


def cut_short(case: Case, at: datetime) -> Case:
    """The case after an attempt with a final outcome: its call-back has ended without a rating."""
    over = {name: clocks.lapse(clock, at) for name, clock in case.clocks.items() if _asks(clock)}
    return case.model_copy(update={"clocks": {**case.clocks, **over}})


def attempts_of(case: Case) -> tuple[Attempt, ...]:
    """The attempts for the latest answer."""
    return tuple(each for each in case.attempts if each.answer == len(case.answers))


def ended(before: Case | None, after: Case, context: Context) -> Iterator[CallbackEnded]:
    """The fact of each call-back that has ended on the way."""
    for name, clock in after.clocks.items():
        old = before.clocks.get(name) if before is not None else None
        if clock.stage is Stage.CALLBACK and clock.stopped_at is not None and old is not None and old.running:
            result, attempts = _result(after, clock), attempts_of(after)
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
                attempts=attempts[-1].number if attempts else 0,
                reached=any(each.outcome is CallbackOutcome.REACHED for each in attempts),
            )


def _asks(clock: Clock) -> bool:
    return clock.running and clock.stage is Stage.CALLBACK


def _end(clock: Clock, limits: Limits) -> datetime:
    return reckon(Budget(clock.started_at, limits.callback_ends), limits).due_at


def _result(case: Case, clock: Clock) -> str:
    if clock.counts:
        return RATED
    if case.closed_at is None:
        return REOPENED
    attempts = attempts_of(case)
    return str(attempts[-1].outcome) if attempts and attempts[-1].outcome in FINAL else UNANSWERED
