"""Something that has to be put right after an inspection (整改).

It is watched by a clock like that of a case, and struck off by the body that inspected (逐件销号). Source: S0, S1¶6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.codes import RefusalCode, Stage
from contracts.inspections import (
    RectificationClosed,
    RectificationCommand,
    RectificationEscalated,
    RectificationFact,
    RectificationMoved,
    RectificationOpened,
    RectificationOrdered,
    RectificationReported,
    RectificationReturned,
    RectificationRungReached,
    Rectify,
    ReportRectification,
    VerifyRectification,
)
from contracts.limits import TimeLimit
from contracts.posts import Acting
from contracts.refusals import Reason, reason
from infra.decision import Context, Decision, Due, Subject, Unreadable
from services.scoring.domain import clock as clocks
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case_rules import CalendarChanged
from services.scoring.domain.clock import Clock, Step
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record import concerning
from services.scoring.domain.conduct.refusing import refused, refused_unreadable

COMMANDS = (ReportRectification, VerifyRectification)
FACTS = (RectificationOpened,)


class Rectification(Aggregate):
    """One thing that has to be put right."""

    kind: Literal["rectification"] = "rectification"
    body: str
    reference: str
    visit: str
    number: int
    rectify: Rectify
    clock: Clock
    reported_at: datetime | None = None
    """Since when the body has to look; None when it has not been asked to."""
    reported_by: str | None = None
    """The unit's post that reported; None: its desk."""
    filed: tuple[str, ...] = ()
    """Under which it is found: the unit and the body."""


@dataclass(frozen=True)
class RectificationRules:
    """By the accountability and the calendar of one place."""

    policy: ConductPolicy | None

    def decide(self, state: Rectification | None, subject: Subject, context: Context) -> Decision[Rectification]:
        """Ordered, reported, struck off or returned; its cards fall; or refused with the rule."""
        match subject:
            case Unreadable():
                return Decision(state, (refused_unreadable(context, subject),))
            case RectificationOpened() if state is None and self.policy is not None:
                return _ordered(subject, context, self.policy)
            case ReportRectification() | VerifyRectification() if state is None or self.policy is None:
                return _refuse(state, subject, context, reason(RefusalCode.RECTIFICATION_UNKNOWN))
            case ReportRectification() if state is not None:
                return _report(state, subject, context)
            case VerifyRectification() if state is not None and self.policy is not None:
                return _verify(state, subject, context, self.policy)
            case Due() if state is not None and self.policy is not None and state.clock.running:
                return _to(state, clocks.reach(state.clock, context.at), context, self.policy)
            case CalendarChanged() if state is not None and self.policy is not None and state.clock.running:
                return _to(state, clocks.reckoned(state.clock, self.policy.limits), context, self.policy)
            case _:
                return Decision(state)

    @staticmethod
    def due(state: Rectification) -> datetime | None:
        """The instant of the next alarm."""
        return state.clock.next_at

    @staticmethod
    def is_open(state: Rectification) -> bool:
        """It is not struck off."""
        return state.clock.running


def _ordered(opened: RectificationOpened, context: Context, policy: ConductPolicy) -> Decision[Rectification]:
    limit = TimeLimit(amount=opened.rectify.amount, unit=opened.rectify.unit)
    clock = clocks.start(Stage.ITEM, opened.unit, opened.occurred_at, limit, "rectification", policy.limits)
    state = Rectification(
        body=opened.body,
        reference=opened.reference,
        visit=opened.visit,
        number=opened.number,
        rectify=opened.rectify,
        clock=clock,
        filed=tuple(map(concerning, dict.fromkeys((opened.unit, opened.body)))),
    )
    told = [
        RectificationOrdered(
            **_told(state, unit, context),
            rectify=state.rectify,
            due_at=clock.due_at,
            provisional=clock.provisional,
            calendar=clock.calendar,
            policy=policy.version,
        )
        for unit in _both(state)
    ]
    return Decision(state, tuple(told))


def _report(state: Rectification, command: ReportRectification, context: Context) -> Decision[Rectification]:
    if context.speaker != state.clock.unit:
        return _refuse(state, command, context, reason(RefusalCode.NOT_CONCERNED))
    if not state.clock.running:
        return _refuse(state, command, context, reason(RefusalCode.RECTIFICATION_CLOSED))
    if state.reported_at is not None:
        return _refuse(state, command, context, reason(RefusalCode.REPORT_PENDING))
    told = RectificationReported(**_told(state, state.body, context), done=command.done)
    return Decision(state.model_copy(update={"reported_at": context.at, "reported_by": command.actor}), (told,))


def _verify(
    state: Rectification, command: VerifyRectification, context: Context, policy: ConductPolicy
) -> Decision[Rectification]:
    if context.speaker != state.body:
        return _refuse(state, command, context, reason(RefusalCode.NOT_INSPECTION_BODY))
    if not state.clock.running:
        return _refuse(state, command, context, reason(RefusalCode.RECTIFICATION_CLOSED))
    reporter = Acting(state.clock.unit, state.reported_by)
    if code := policy.unfit(Acting(context.speaker, command.actor), None, reporter):
        return _refuse(state, command, context, reason(code, "actor"))
    if not command.accepted:
        if state.reported_at is None:
            return _refuse(state, command, context, reason(RefusalCode.NOT_REPORTED))
        returned = RectificationReturned(**_told(state, state.clock.unit, context), reason=command.reason)
        return Decision(state.model_copy(update={"reported_at": None}), (returned,))
    clock = clocks.stop(state.clock, state.reported_at or context.at, policy.limits)
    closed = [
        RectificationClosed(**_told(state, unit, context), on_time=clock.on_time, reason=command.reason)
        for unit in _both(state)
    ]
    return Decision(state.model_copy(update={"clock": clock}), tuple(closed))


def _to(state: Rectification, clock: Clock, context: Context, policy: ConductPolicy) -> Decision[Rectification]:
    """With that clock, and everything that has to be told of the change."""
    told: list[RectificationFact] = []
    for step in clock.fallen[len(state.clock.fallen) :]:
        told += _fallen(state, clock, step, context, policy)
    if (clock.due_at, clock.provisional) != (state.clock.due_at, state.clock.provisional):
        moved: dict[str, Any] = {"due_at": clock.due_at, "provisional": clock.provisional, "calendar": clock.calendar}
        told += [RectificationMoved(**_told(state, unit, context), **moved) for unit in _both(state)]
    return Decision(state.model_copy(update={"clock": clock}), tuple(told))


def _fallen(
    state: Rectification, clock: Clock, step: Step, context: Context, policy: ConductPolicy
) -> Iterator[RectificationFact]:
    if not step.level:
        for unit in _both(state):
            yield RectificationRungReached(
                **_told(state, unit, context), rung=step.rung, due_at=clock.due_at, task=state.rectify.what
            )
    elif to := policy.limits.superior(clock.unit, step.level, None):
        yield RectificationEscalated(
            **_told(state, to, context),
            about=clock.unit,
            level=step.level,
            due_at=clock.due_at,
            task=state.rectify.what,
        )


def _both(state: Rectification) -> tuple[str, ...]:
    return tuple(dict.fromkeys((state.clock.unit, state.body)))


def _told(state: Rectification, unit: str, context: Context) -> dict[str, Any]:
    return {
        "unit": unit,
        "occurred_at": context.at,
        "body": state.body,
        "reference": state.reference,
        "visit": state.visit,
        "number": state.number,
    }


def _refuse(
    state: Rectification | None, command: RectificationCommand, context: Context, why: Reason
) -> Decision[Rectification]:
    return Decision(state, (refused(context, command.TYPE, (why,)),))
