"""The rules of a case in scoring: which message does what to it, when it is due, and whether anything is owed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import get_args

from contracts.channel import RateCase, RecordCallback
from contracts.codes import Stage
from contracts.intake import CaseRegistered
from contracts.routing import ExtensionDecided
from infra.decision import Context, Decision, Due, Internal, Subject, Unreadable, Wait
from services.scoring.domain import clock as clocks
from services.scoring.domain.announcing import announce
from services.scoring.domain.callback import given_up, given_up_at
from services.scoring.domain.callback_records import record_callback
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock
from services.scoring.domain.course import FromIntake, FromRouting, begin, go_on
from services.scoring.domain.extending import refusal
from services.scoring.domain.limits import Limits
from services.scoring.domain.rating import RatingPolicy, rate, refuse_unreadable

FROM_INTAKE = (CaseRegistered, *get_args(FromIntake))
FROM_ROUTING = get_args(FromRouting)

PATIENCE = timedelta(days=1)
"""How long what happens to a case waits for its registration before somebody is called to look."""


@dataclass(frozen=True, slots=True)
class CalendarChanged(Internal):
    """The limits of a case have to be reckoned anew: a calendar was published or corrected."""


@dataclass(frozen=True)
class CaseRules:
    """By the limits of one place, and how it takes ratings."""

    limits: Limits
    ratings: RatingPolicy = field(default_factory=RatingPolicy)

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """The next state of a case and what is announced."""
        if isinstance(subject, FromIntake | FromRouting):
            return self._go_on(case, subject, context)
        match subject:
            case CaseRegistered():
                return Decision(case) if case is not None else self._to(None, begin(subject, self.limits), context)
            case RateCase():
                return rate(case, subject, context, self.ratings, self.limits)
            case RecordCallback():
                return record_callback(case, subject, context, self.ratings, self.limits)
            case Unreadable():
                return refuse_unreadable(case, subject, context)
            case Due() | CalendarChanged():
                return Decision(None) if case is None else self._to(case, self._look(case, subject, context), context)
            case _:
                return Decision(case)

    def due(self, case: Case) -> datetime | None:
        """The instant of the next alarm, or of the end of a call-back that nobody answers."""
        wanted = [at for clock in case.clocks.values() if (at := clock.next_at) is not None]
        over_at = given_up_at(case, self.limits)
        return min([*wanted, over_at] if over_at is not None else wanted, default=None)

    @staticmethod
    def is_open(case: Case) -> bool:
        """It is not answered, or somebody is still asked how it went."""
        return case.closed_at is None or any(clock.running for clock in case.clocks.values())

    def _look(self, case: Case, subject: Due | CalendarChanged, context: Context) -> Case:
        if isinstance(subject, Due):
            case = given_up(case, context.at, self.limits)
            changed = {name: clocks.reach(clock, context.at) for name, clock in _running(case)}
        else:
            changed = {name: clocks.reckoned(clock, self.limits) for name, clock in _running(case)}
        return case.model_copy(update={"clocks": {**case.clocks, **changed}})

    def _go_on(self, case: Case | None, event: FromIntake | FromRouting, context: Context) -> Decision[Case] | Wait:
        if case is None:
            if context.patience_over:
                raise LookupError("something happened to a case that was never registered here")
            return Wait(PATIENCE)
        decision = self._to(case, go_on(case, event, self.limits), context)
        refused = refusal(case, event, context) if isinstance(event, ExtensionDecided) else None
        return decision if refused is None else Decision(decision.state, (*decision.events, refused))

    def _to(self, before: Case | None, after: Case, context: Context) -> Decision[Case]:
        open_ends = [clock.due_at for clock in after.clocks.values() if clock.running and clock.stage is Stage.CLOSE]
        due_at = min(open_ends).astimezone(UTC) if open_ends else None
        after = after.model_copy(update={"due_at": due_at})
        return Decision(after, announce(before, after, context, self.limits))


def _running(case: Case) -> list[tuple[str, Clock]]:
    return [(name, clock) for name, clock in case.clocks.items() if clock.running]
