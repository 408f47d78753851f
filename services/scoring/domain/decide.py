"""Which rule answers which message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.channel import RateCase
from contracts.codes import PauseReason, Rung
from contracts.intake import CaseEnded, CaseRegistered, SupplementReceived, SupplementRequested
from contracts.routing import CaseClosed, CaseReopened, CaseResumed, CaseSuspended, ExtensionDecided
from contracts.scoring import ClockExtended, ClockPaused, ClockResumed, ClockRungReached, ClockStarted, ClockStopped
from infra.decision import Context, Decision, Due, Subject, Unreadable, Wait
from services.scoring.domain import clock as clocks
from services.scoring.domain.case import Case
from services.scoring.domain.limits import Limits
from services.scoring.domain.rating import rate, refuse_unreadable

GoesOn = (
    CaseClosed
    | CaseEnded
    | SupplementRequested
    | SupplementReceived
    | CaseSuspended
    | CaseResumed
    | ExtensionDecided
    | CaseReopened
)
"""What happens to a case that is registered here."""

PATIENCE = timedelta(days=1)
"""How long the end of a case waits for its beginning before somebody is called to look."""


@dataclass(frozen=True)
class Rules:
    """The rules of one place."""

    limits: Limits

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """The next state of a case and what is announced."""
        match subject:
            case CaseRegistered():
                return self._start(case, subject, context)
            case (
                CaseClosed()
                | CaseEnded()
                | SupplementRequested()
                | SupplementReceived()
                | CaseSuspended()
                | CaseResumed()
                | ExtensionDecided()
                | CaseReopened()
            ):
                return self._go_on(case, subject, context)
            case RateCase():
                return rate(case, subject, context)
            case Due():
                return self._reach(case, context)
            case Unreadable():
                return refuse_unreadable(case, subject, context)
            case _:
                return Decision(case)

    def due(self, case: Case) -> datetime | None:
        """The instant of the next rung."""
        return case.clock.steps[0].at if case.clock.steps and not case.clock.paused else None

    def _start(self, case: Case | None, registered: CaseRegistered, context: Context) -> Decision[Case]:
        if case is not None:
            return Decision(case)
        category = registered.category
        clock = clocks.start(registered.appeal, registered.received_at, self.limits, category)
        known = Case(channel=registered.channel, appeal=registered.appeal, category=category, clock=clock)
        return Decision(known, (self._started(known, context),))

    def _started(self, case: Case, context: Context) -> ClockStarted:
        return ClockStarted(
            case_id=context.key,
            occurred_at=context.at,
            clock=case.clock_name,
            started_on=case.clock.started_on,
            budget_working_days=case.clock.budget_working_days,
            due_at=case.clock.due_at,
            provisional=case.clock.provisional,
            calendar=case.clock.calendar,
            basis=case.clock.basis,
            policy=self.limits.version,
        )

    def _reach(self, case: Case | None, context: Context) -> Decision[Case]:
        if case is None:
            return Decision(None)
        clock, rungs = clocks.reach(case.clock, context.at)
        return Decision(case.model_copy(update={"clock": clock}), _reached(rungs, case, context))

    def _go_on(self, case: Case | None, subject: GoesOn, context: Context) -> Decision[Case] | Wait:
        if case is None:
            if context.patience_over:
                raise LookupError("something happened to a case that was never registered here")
            return Wait(PATIENCE)
        if isinstance(subject, CaseReopened):
            return self._start_again(case, subject, context)
        if case.closed_at is not None:
            return Decision(case)
        match subject:
            case SupplementRequested():
                return self._pause(case, PauseReason.SUPPLEMENT, subject.occurred_at, context)
            case CaseSuspended():
                return self._pause(case, subject.reason, subject.occurred_at, context)
            case SupplementReceived() | CaseResumed():
                return self._resume(case, subject.occurred_at, context)
            case ExtensionDecided():
                return self._extend(case, subject, context)
            case CaseClosed() | CaseEnded():
                return self._stop(case, subject, context)

    def _start_again(self, case: Case, reopened: CaseReopened, context: Context) -> Decision[Case]:
        """A new limit from the day on which it was opened again, and a new rating."""
        if case.closed_at is None:
            return Decision(case)
        again = case.model_copy(
            update={
                "clock": clocks.start(case.appeal, reopened.occurred_at, self.limits, case.category),
                "clock_name": f"close-{reopened.count + 1}",
                "closed_at": None,
                "satisfaction": None,
                "solved": None,
            }
        )
        return Decision(again, (self._started(again, context),))

    def _extend(self, case: Case, decided: ExtensionDecided, context: Context) -> Decision[Case]:
        """More time counts only when it was asked for before the end."""
        if not decided.granted or decided.requested_at >= case.clock.due_at:
            return Decision(case)
        reached, rungs = clocks.reach(case.clock, min(context.at, decided.requested_at))
        clock = clocks.extend(reached, decided.working_days, self.limits)
        told = ClockExtended(
            case_id=context.key,
            occurred_at=context.at,
            clock=case.clock_name,
            working_days=decided.working_days,
            budget_working_days=clock.budget_working_days,
            due_at=clock.due_at,
            provisional=clock.provisional,
        )
        return Decision(case.model_copy(update={"clock": clock}), (*_reached(rungs, case, context), told))

    def _pause(self, case: Case, reason: PauseReason, at: datetime, context: Context) -> Decision[Case]:
        clock, rungs = clocks.reach(case.clock, at)
        paused = clocks.pause(clock, reason, at)
        if paused == clock:
            return Decision(case)
        told = ClockPaused(
            case_id=context.key, occurred_at=context.at, clock=case.clock_name, reason=reason, paused_at=at
        )
        return Decision(case.model_copy(update={"clock": paused}), (*_reached(rungs, case, context), told))

    def _resume(self, case: Case, at: datetime, context: Context) -> Decision[Case]:
        clock = clocks.resume(case.clock, at, self.limits)
        if clock == case.clock:
            return Decision(case)
        told = ClockResumed(
            case_id=context.key,
            occurred_at=context.at,
            clock=case.clock_name,
            resumed_at=at,
            paused_working_days=clocks.paused_working_days(clock.pauses[-1], self.limits),
            due_at=clock.due_at,
            provisional=clock.provisional,
        )
        return Decision(case.model_copy(update={"clock": clock}), (told,))

    def _stop(self, case: Case, closed: CaseClosed | CaseEnded, context: Context) -> Decision[Case]:
        case = case.model_copy(update={"clock": clocks.resume(case.clock, closed.occurred_at, self.limits)})
        clock, rungs = clocks.reach(case.clock, closed.occurred_at)  # what fell before the end counts, fired or not
        closed_on = closed.occurred_at.astimezone(self.limits.timezone).date()
        stopped = ClockStopped(
            case_id=context.key,
            occurred_at=context.at,
            clock=case.clock_name,
            stopped_at=closed.occurred_at,
            on_time=closed.occurred_at < case.clock.due_at,
            working_days_used=self.limits.calendar.working_days_between(case.clock.started_on, closed_on)
            - sum(clocks.paused_working_days(pause, self.limits) for pause in case.clock.pauses),
        )
        ended = case.model_copy(
            update={"clock": clocks.stop(clock, closed.occurred_at), "closed_at": closed.occurred_at}
        )
        return Decision(ended, (*_reached(rungs, case, context), stopped))


def _reached(rungs: tuple[Rung, ...], case: Case, context: Context) -> tuple[ClockRungReached, ...]:
    return tuple(
        ClockRungReached(
            case_id=context.key, occurred_at=context.at, clock=case.clock_name, rung=rung, due_at=case.clock.due_at
        )
        for rung in rungs
    )
