"""What each event does to the clocks of a case: which start, stop, stand still or pass to another unit.

The clocks run beside each other: that of the whole case from the day the citizen spoke, those of its stages within it.
A stage without a limit in the policy has no clock. Source: S1¶4 (当日报批), S2, S3 (首问负责制).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from contracts.channel import Instruction
from contracts.codes import PauseReason, Stage, TimeUnit
from contracts.intake import (
    CaseEnded,
    CaseRegistered,
    CaseReleased,
    RepeatLinked,
    SupplementReceived,
    SupplementRequested,
)
from contracts.limits import TimeLimit
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    AskingEnded,
    CaseAssigned,
    CaseClosed,
    CaseInstructed,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    CaseResumed,
    CaseSigned,
    CaseSuspended,
    ComplainantAsked,
    DelayExplained,
    ExtensionDecided,
    HandlingReported,
    RedoOrdered,
    SubtaskEnded,
    SubtaskOpened,
)
from services.scoring.domain import clock as clocks
from services.scoring.domain.case import Case, Counts
from services.scoring.domain.clock import Clock
from services.scoring.domain.extending import extended
from services.scoring.domain.limits import Limits
from services.scoring.domain.measuring import measured

WHOLE = frozenset({Stage.CLOSE, Stage.INSTRUCTION})
"""Clocks of the whole case, which whoever is responsible has to keep."""
WORK = frozenset({Stage.SIGN, Stage.REPLY, Stage.VERIFY})
"""Clocks of a unit that has the case; they are over when it has not."""
AFTERWARDS = frozenset({Stage.CALLBACK, Stage.REVIEW})
"""Clocks that run after the answer."""
OTHER_PAUSES = (PauseReason.THIRD_PARTY, PauseReason.SHELVED)

FromIntake = CaseReleased | SupplementRequested | SupplementReceived | RepeatLinked | CaseEnded
FromRouting = (
    CaseQueued
    | CaseAssigned
    | CaseSigned
    | HandlingReported
    | RedoOrdered
    | SubtaskOpened
    | SubtaskEnded
    | CaseSuspended
    | CaseResumed
    | ExtensionDecided
    | DelayExplained
    | CaseJoined
    | CaseInstructed
    | CaseClosed
    | CaseReopened
    | ComplainantAsked
    | AskingEnded
    | AnswerAppealOpened
    | AnswerAppealDecided
)
MoreTime = (
    SupplementRequested
    | SupplementReceived
    | ComplainantAsked
    | AskingEnded
    | CaseSuspended
    | CaseResumed
    | ExtensionDecided
)
"""Events that pause clocks, resume them or add to their limits."""


def begin(registered: CaseRegistered, limits: Limits) -> Case:
    """The case is known: its limit runs from the day the citizen spoke, and that of a leader's instruction."""
    case = Case(
        channel=registered.channel,
        appeal=registered.appeal,
        category=registered.category,
        area=registered.area,
        centre=registered.jurisdiction,
        unit=registered.jurisdiction,
        about=registered.about,
        urgent=registered.urgent,
        received_at=registered.received_at,
    )
    case = _start(case, Stage.CLOSE, case.unit, case.received_at, limits, limits.of_case(case.appeal, case.category))
    if registered.instruction is not None:
        case = _instruct(case, registered.instruction, case.received_at, limits)
    if registered.held is None:
        case = _start(case, Stage.DISPATCH, case.centre, registered.occurred_at, limits)
    return case


def _instruct(case: Case, instruction: Instruction, at: datetime, limits: Limits) -> Case:
    """A clock of its own for each instruction, with the leader's limit or that of the place."""
    own = instruction.working_days
    limit = (TimeLimit(amount=own, unit=TimeUnit.WORKING_DAYS), "instruction") if own else None
    return _start(case, Stage.INSTRUCTION, case.unit, at, limits, limit)


def go_on(case: Case, event: FromIntake | FromRouting, limits: Limits) -> Case:
    """The case after the event. One that is closed changes only when its answer is appealed or it is opened again."""
    if isinstance(event, CaseReopened | AnswerAppealOpened | AnswerAppealDecided):
        return _answered(case, event, limits) if case.closed_at is not None else case
    if case.closed_at is not None:
        return case
    if isinstance(event, MoreTime):
        return _more_time(case, event, limits)
    match event:
        case CaseClosed() | CaseEnded():
            return _close(case, event, limits)
        case RepeatLinked():
            return _count(case, repeats=event.count)
        case CaseInstructed():
            return _instruct(case, event.instruction, event.occurred_at, limits)
        case DelayExplained():
            return case.model_copy(update={"promised_at": event.promised_at})
        case CaseReleased():
            begun = case.asked or any(clock.stage is Stage.DISPATCH for clock in case.clocks.values())
            return case if begun else _start(case, Stage.DISPATCH, case.centre, event.occurred_at, limits)
        case _:
            return _work(case, event, limits)


def _work(
    case: Case,
    event: CaseQueued
    | CaseAssigned
    | CaseSigned
    | HandlingReported
    | RedoOrdered
    | SubtaskOpened
    | SubtaskEnded
    | CaseJoined,
    limits: Limits,
) -> Case:
    at = event.occurred_at
    match event:
        case CaseQueued():
            return _queue(case, event, limits)
        case CaseAssigned():
            return _assign(case, event, limits)
        case CaseSigned():
            case = _stop(case, {Stage.SIGN, Stage.REPLY}, at, limits)
            return _start(_responsible(case, event.unit), Stage.REPLY, event.unit, at, limits)
        case HandlingReported():
            return _start(_stop(case, {Stage.REPLY}, at, limits), Stage.VERIFY, event.verifier, at, limits)
        case RedoOrdered():
            case = _count(_stop(case, {Stage.VERIFY}, at, limits), redos=event.count)
            return _start(case, Stage.REPLY, event.unit, at, limits)
        case SubtaskOpened():
            return _start(case, Stage.PART, event.unit, at, limits)
        case SubtaskEnded():
            return _stop(case, {Stage.PART}, at, limits, unit=event.unit)
        case CaseJoined():  # whatever it rested for was the matter of the unit that had it
            case = _each(case, lambda clock: clocks.resume(clock, OTHER_PAUSES, at, limits))
            return _responsible(_stop(case, set(Stage) - WHOLE, at, limits), event.responsible)


def _queue(case: Case, queued: CaseQueued, limits: Limits) -> Case:
    """It waits for the dispatcher, and perhaps for somebody's approval of where it is to go (呈批)."""
    at = queued.occurred_at
    case = _stop(case, WORK | {Stage.APPROVE}, at, limits)
    if queued.returned_by is not None:
        case = _count(case, returned_by=(*case.counts.returned_by, queued.returned_by))
    case = _responsible(case, queued.responsible)
    if not any(clock.running and clock.stage is Stage.DISPATCH for clock in case.clocks.values()):
        case = _start(case, Stage.DISPATCH, queued.centre, at, limits)
    return case if queued.proposed is None else _start(case, Stage.APPROVE, queued.centre, at, limits)


def _assign(case: Case, assigned: CaseAssigned, limits: Limits) -> Case:
    """A unit is asked. Whoever was at work goes on being measured as long as it is responsible (首问负责制)."""
    at = assigned.occurred_at
    case = _stop(case, {Stage.DISPATCH, Stage.APPROVE, Stage.SIGN, Stage.VERIFY}, at, limits)
    at_work = {clock.unit for clock in case.clocks.values() if clock.running and clock.stage is Stage.REPLY}
    if assigned.responsible not in at_work:
        case = _stop(case, {Stage.REPLY}, at, limits)
    if assigned.rule == "transfer":
        case = _count(case, transfers=case.counts.transfers + 1)
    case = _responsible(case, assigned.responsible).model_copy(update={"asked": True})
    return _start(case, Stage.SIGN, assigned.unit, at, limits)


def _more_time(
    case: Case,
    event: MoreTime,
    limits: Limits,
) -> Case:
    """Pauses hold for the case as a whole: for each of its clocks.

    Of a supplement that a unit has asked for, routing alone announces when the pause ends.
    """
    at = event.occurred_at
    match event:
        case SupplementRequested() | ComplainantAsked():
            case = _count(case, supplements=case.counts.supplements + 1)
            return _each(case, lambda clock: clocks.pause(clock, PauseReason.SUPPLEMENT, at))
        case CaseSuspended():
            return _each(case, lambda clock: clocks.pause(clock, event.reason, at))
        case SupplementReceived() if event.asked_by is not None:
            return case
        case SupplementReceived() | AskingEnded():
            return _each(case, lambda clock: clocks.resume(clock, (PauseReason.SUPPLEMENT,), at, limits))
        case CaseResumed():
            return _each(case, lambda clock: clocks.resume(clock, OTHER_PAUSES, at, limits))
        case ExtensionDecided():
            return extended(case, event, limits)


def _close(case: Case, closed: CaseClosed | CaseEnded, limits: Limits) -> Case:
    """Every clock has stopped, and the fact of this answer stands for good."""
    at = closed.occurred_at
    case = _each(case, lambda clock: clocks.stop(clock, at, limits))
    case = case.model_copy(update={"closed_at": at})
    case = case.model_copy(update={"answers": (*case.answers, measured(case, closed))})
    return _start(case, Stage.CALLBACK, case.centre, at, limits) if isinstance(closed, CaseClosed) else case


def _answered(case: Case, event: CaseReopened | AnswerAppealOpened | AnswerAppealDecided, limits: Limits) -> Case:
    """What happens after the answer: it is reviewed, or the case is handled again."""
    match event:
        case CaseReopened():
            return _reopen(case, event, limits)
        case AnswerAppealOpened():
            return _start(case, Stage.REVIEW, event.reviewer, event.occurred_at, limits)
        case AnswerAppealDecided():
            return _stop(case, {Stage.REVIEW}, event.occurred_at, limits)


def _reopen(case: Case, reopened: CaseReopened, limits: Limits) -> Case:
    """A new limit from the day on which it was opened again, a new answer, and a new rating."""
    at = reopened.occurred_at
    case = _each(case, lambda clock: clocks.lapse(clock, at) if clock.stage in AFTERWARDS else clock)
    case = case.model_copy(
        update={"closed_at": None, "counts": Counts(), "promised_at": None, "unit": reopened.unit, "asked": False}
    )
    return _start(case, Stage.CLOSE, reopened.unit, at, limits, limits.of_case(case.appeal, case.category))


def rated(case: Case, at: datetime, limits: Limits) -> Case:
    """Somebody has asked, and been told: the call-back is done."""
    return _stop(case, {Stage.CALLBACK}, at, limits)


# ---- moves


def _start(
    case: Case, stage: Stage, unit: str, at: datetime, limits: Limits, own: tuple[TimeLimit, str] | None = None
) -> Case:
    """One more clock of that stage, if anything limits it; it stands still when the case does."""
    found = own or limits.of_stage(stage, urgent=case.urgent)
    if found is None:
        return case
    clock = clocks.start(stage, unit, at, *found, limits)
    for reason in {pause.reason for each in case.clocks.values() if each.running for pause in each.open_pauses}:
        clock = clocks.pause(clock, reason, at)
    before = sum(1 for each in case.clocks.values() if each.stage is stage)
    name = str(stage) if not before else f"{stage}-{before + 1}"
    return case.model_copy(update={"clocks": {**case.clocks, name: clock}})


def _stop(case: Case, stages: Collection[Stage], at: datetime, limits: Limits, unit: str | None = None) -> Case:
    """Running clocks of these stages have stopped; with `unit`, only its own."""

    def change(clock: Clock) -> Clock:
        mine = clock.stage in stages and unit in (None, clock.unit)
        return clocks.stop(clock, at, limits) if mine else clock

    return _each(case, change)


def _responsible(case: Case, unit: str) -> Case:
    """That unit answers for the case now, and has to keep the limits of the whole."""
    moved = _each(case, lambda clock: clocks.hand_over(clock, unit) if clock.stage in WHOLE else clock)
    return moved.model_copy(update={"unit": unit})


def _each(case: Case, change: Callable[[Clock], Clock]) -> Case:
    changed = {name: change(clock) if clock.running else clock for name, clock in case.clocks.items()}
    return case.model_copy(update={"clocks": changed})


def _count(case: Case, **counts: object) -> Case:
    return case.model_copy(update={"counts": case.counts.model_copy(update=counts)})
