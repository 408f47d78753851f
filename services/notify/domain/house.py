"""What notify knows of a case in the house: who answers for it, by when, its alarms; and which units are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from contracts.codes import Language, Rung
from contracts.message import Event
from contracts.notify import ComplaintScheduled
from contracts.refusals import Reason
from contracts.routing import (
    AnswerAppealOpened,
    CaseAssigned,
    CaseEscalated,
    CaseInstructed,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    ConsultationHeld,
    RedoOrdered,
)
from contracts.scoring import (
    CaseMeasured,
    CaseRated,
    ClockEscalated,
    ClockExtended,
    ClockPaused,
    ClockReckoned,
    ClockResumed,
    ClockRungReached,
    ClockStarted,
    ExtensionRefused,
)
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context
from services.notify.domain.case import OPEN, Card, Case, Limit, Outcome, Rating, Registered, Step
from services.notify.domain.handling_notices import owed_of_instruction, owed_of_return
from services.notify.domain.owing import of_case, staff_notice
from services.notify.domain.policy import Policy

OfRouting: TypeAlias = (
    CaseAssigned | CaseQueued | CaseJoined | RedoOrdered | CaseEscalated | CaseInstructed | ConsultationHeld
)
OfClock: TypeAlias = (
    ClockStarted
    | ClockRungReached
    | ClockEscalated
    | ClockPaused
    | ClockResumed
    | ClockExtended
    | ClockReckoned
    | ExtensionRefused
)
OfScore: TypeAlias = CaseMeasured | CaseRated
FROM_ROUTING = (
    *(CaseAssigned, CaseQueued, CaseJoined, RedoOrdered, CaseEscalated),
    *(CaseInstructed, ConsultationHeld),
)
FROM_CLOCKS = (
    ClockStarted,
    ClockRungReached,
    ClockEscalated,
    ClockPaused,
    ClockResumed,
    ClockExtended,
    ClockReckoned,
    ExtensionRefused,
)
WHOLE = re.compile(r"close(?:-([0-9]+))?")
"""The limit of the whole case, and of which of its answers where there was more than one."""
RUNGS = {Rung.REMINDER: "reminder", Rung.YELLOW: "yellow", Rung.RED: "red"}


def on_its_way(case: Case, subject: OfRouting) -> Case:
    """Who answers for the case now, and what stands on its forms."""
    at = subject.occurred_at
    match subject:
        case CaseAssigned():
            step = Step(
                what="assigned",
                at=at,
                unit=subject.unit,
                by=subject.by,
                form=subject.form,
                words=subject.why,
                rule=subject.rule,
                binding=subject.binding,
            )
            return case.model_copy(update={"owner": subject.responsible, "steps": (*case.steps, step)})
        case CaseQueued() if subject.proposed is not None:
            step = Step(
                what="proposed",
                at=at,
                unit=subject.proposed,
                by=subject.by,
                form=subject.form,
                co_handlers=subject.co_handlers,
            )
            return case.model_copy(update={"owner": subject.responsible, "steps": (*case.steps, step)})
        case CaseQueued():
            return case.model_copy(update={"owner": subject.responsible})
        case CaseJoined():
            joined = tuple(dict.fromkeys((*case.joined_at, at)))
            return case.model_copy(update={"owner": subject.responsible, "joined_at": joined})
        case RedoOrdered():
            step = Step(what="redo", at=at, unit=subject.unit, by=subject.by, words=subject.reason)
            return case.model_copy(update={"steps": (*case.steps, step)})
        case ConsultationHeld():
            step = Step(
                what="consulted",
                at=at,
                unit=subject.to,
                by=subject.by,
                words=subject.minutes,
                units=subject.participants,
            )
            return case.model_copy(update={"steps": (*case.steps, step)})
        case CaseEscalated() | CaseInstructed():
            return case


def limited(case: Case, subject: OfClock) -> Case:
    """By when the answer is expected; of the clocks of stages nothing is kept."""
    if not is_of_the_case(subject.clock):
        return case
    limit = case.limit
    if isinstance(subject, ClockStarted):
        if limit is not None and (answer_due(limit.clock) or 0) > (answer_due(subject.clock) or 0):
            return case
        limit = Limit(clock=subject.clock, due_at=subject.due_at, provisional=subject.provisional)
    elif limit is None or limit.clock != subject.clock:
        return case
    match subject:
        case ClockPaused():
            limit = limit.model_copy(update={"resting": (*limit.resting, str(subject.reason))})
        case ClockResumed():
            limit = limit.model_copy(
                update={"resting": (), "due_at": subject.due_at, "provisional": subject.provisional}
            )
        case ClockExtended() | ClockReckoned():
            limit = limit.model_copy(update={"due_at": subject.due_at, "provisional": subject.provisional})
        case ClockRungReached():
            limit = limit.model_copy(update={"card": str(subject.rung)})
        case _:
            pass
    return case.model_copy(update={"limit": limit})


def carded(case: Case, subject: OfClock, policy: Policy) -> Case:
    """Which cards its limits have drawn, those of stages too, and on which day."""
    if not isinstance(subject, ClockRungReached):
        return case
    if any((each.clock, each.rung) == (subject.clock, subject.rung) for each in case.cards):
        return case
    card = Card(clock=subject.clock, rung=subject.rung, on=policy.day(subject.occurred_at).isoformat())
    return case.model_copy(update={"cards": (*case.cards, card)})


def opened_again(case: Case, reopened: CaseReopened) -> Case:
    """It is handled anew; what scoring says of the new answer may have come before."""
    limit, outcome = case.limit, case.outcome
    new_limit = limit is not None and (answer_due(limit.clock) or 0) > reopened.count
    new_outcome = outcome is not None and outcome.answer > reopened.count
    return case.model_copy(
        update={
            "reopened": reopened.count,
            "owner": reopened.unit,
            "limit": limit if new_limit else None,
            "until": case.until if new_outcome else OPEN,
        }
    )


def scored(case: Case, subject: OfScore, policy: Policy) -> Case:
    """What scoring says of the last answer; from then on a report of those days tells of it."""
    if isinstance(subject, CaseRated):
        if subject.answer <= case.reopened:
            return case
        rating = Rating(answer=subject.answer, satisfaction=subject.satisfaction, solved=subject.solved)
        return _rated(case.model_copy(update={"rating": rating}))
    measures = subject.measures
    if measures.answer <= case.reopened:
        return case
    day = policy.day(measures.ended_at).isoformat()
    outcome = Outcome(
        answer=measures.answer,
        unit=measures.unit,
        centre=measures.centre,
        on_time=measures.on_time,
        answered=measures.result is not None,
        ended_on=day,
    )
    return _rated(case.model_copy(update={"outcome": outcome, "until": day}))


def _rated(case: Case) -> Case:
    """Answer and rating have met, in whatever order they came."""
    outcome, rating = case.outcome, case.rating
    if outcome is None or rating is None or rating.answer != outcome.answer:
        return case
    said = {"satisfaction": rating.satisfaction, "solved": rating.solved}
    return case.model_copy(update={"outcome": outcome.model_copy(update=said)})


def scheduled(case: Case, subject: OfClock, registered: Registered, context: Context) -> tuple[Event, ...]:
    """The channel hears by when an answer may be expected."""
    if not isinstance(subject, ClockStarted) or not is_of_the_case(subject.clock):
        return ()
    return (
        ComplaintScheduled(
            case_id=context.key,
            occurred_at=context.at,
            **registered.reply_fields(),
            number=registered.number,
            due_at=subject.due_at,
            provisional=subject.provisional,
        ),
    )


def owed_to_staff(
    case: Case,
    subject: OfRouting | OfClock | AnswerAppealOpened,
    registered: Registered,
    policy: Policy,
    context: Context,
) -> Iterator[StaffNoticeOwed]:
    """Which unit hears what of it, by its own ways."""
    match subject:
        case CaseAssigned():
            what = "ruling" if subject.binding else "assignment"
            yield from _owed(case, registered, what, subject.unit, subject, policy, context, why=subject.why)
        case RedoOrdered():
            more = {"reason": subject.reason, "count": subject.count}
            yield from _owed(case, registered, "redo", subject.unit, subject, policy, context, **more)
        case CaseQueued():
            yield from owed_of_return(subject, registered, policy, context)
        case CaseInstructed():
            yield from owed_of_instruction(case, subject, registered, policy, context)
        case CaseEscalated():
            more = {"why": subject.why, "count": subject.count}
            yield from _owed(case, registered, "supervision", subject.supervisor, subject, policy, context, **more)
        case AnswerAppealOpened():
            more = {"reason": subject.reason}
            yield from _owed(case, registered, "answer-appeal", subject.reviewer, subject, policy, context, **more)
        case _:
            yield from _owed_of_clocks(case, subject, registered, policy, context)


def _owed_of_clocks(
    case: Case,
    subject: OfRouting | OfClock | AnswerAppealOpened,
    registered: Registered,
    policy: Policy,
    context: Context,
) -> Iterator[StaffNoticeOwed]:
    match subject:
        case ClockRungReached():
            unit = subject.unit or case.owner or registered.centre
            yield from _owed(case, registered, RUNGS[subject.rung], unit, subject, policy, context)
        case ClockEscalated():
            yield from _owed(case, registered, "escalation", subject.to, subject, policy, context, level=subject.level)
        case ExtensionRefused():
            for to in dict.fromkeys((subject.unit, subject.approver)):
                why = {"working_days": subject.working_days, "reason": _words(subject.reasons, policy, to)}
                yield from _owed(case, registered, "extension-refused", to, subject, policy, context, **why)
        case _:
            pass


def is_of_the_case(clock: str) -> bool:
    """Whether it is the clock of the whole case (``close``, ``close-2``), not that of a stage."""
    return answer_due(clock) is not None


def answer_due(clock: str) -> int | None:
    """Which answer of the case has to be given by then, from 1; None for a stage of the work."""
    found = WHOLE.fullmatch(clock)
    return None if found is None else int(found[1] or 1)


def _owed(
    case: Case,
    registered: Registered,
    what: str,
    to: str,
    subject: OfRouting | OfClock | AnswerAppealOpened,
    policy: Policy,
    context: Context,
    **more: object,
) -> Iterator[StaffNoticeOwed]:
    if not policy.tells_staff(what):
        return
    language = Language(policy.receiver(to).language)
    due_at = getattr(subject, "due_at", None) or (case.limit.due_at if case.limit else None)
    clock = getattr(subject, "clock", None)
    facts = {
        **of_case(registered, policy, language),
        "unit_name": policy.names.unit(getattr(subject, "unit", None) or case.owner, language),
        "to_name": policy.names.unit(to, language),
        "clock": clock and stage_of(clock),
        "due_at": due_at,
        "urgent": registered.urgent or None,
        **more,
    }
    which = f"{clock or ''}/{more.get('level', '')}/{more.get('count', '')}"
    if isinstance(subject, CaseAssigned):
        which = subject.occurred_at.isoformat()
    elif isinstance(subject, AnswerAppealOpened):
        which = subject.submission_id
    elif isinstance(subject, ExtensionRefused):
        which = f"{clock}/{subject.requested_at.isoformat()}"
    yield staff_notice(to, what, which, facts, policy, context, registered.centre)


def _words(reasons: Iterable[Reason], policy: Policy, to: str) -> str:
    chinese = Language(policy.receiver(to).language) is Language.CHINESE
    return "\n".join(each.zh if chinese else each.en for each in reasons)


def stage_of(clock: str) -> str:
    """The stage that a clock measures: ``sign`` of ``sign-2``."""
    name, _, number = clock.rpartition("-")
    return name if name and number.isdigit() else clock
