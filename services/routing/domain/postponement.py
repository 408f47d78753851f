"""More time, or time that does not count: rests (挂账), extensions (延期), and what a late unit owes (S2)."""

from __future__ import annotations

from contracts.codes import RefusalCode
from contracts.handling import DecideExtension, ExplainDelay, RequestExtension, ResumeCase, SuspendCase
from contracts.instants import elapsed_after
from contracts.message import Event
from contracts.posts import Acting, needs_name, one_person
from contracts.routing import (
    CaseResumed,
    CaseSuspended,
    DelayExplained,
    ExtensionAnswered,
    ExtensionApprovalRequested,
    ExtensionDecided,
    ExtensionRequested,
    SuspensionEnded,
)
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.routing.domain.case import Case, Extension, Rest
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import works_on
from services.routing.domain.refusal import refuse
from services.routing.domain.verification import verifier_of


def suspend(case: Case, command: SuspendCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The case rests for a listed reason, with all its rests for that reason not longer than the list says."""
    if fault := works_on(case, context.speaker):
        return refuse(case, command, context, fault)
    most = policy.suspensions.get(command.reason)
    if most is None:
        return refuse(case, command, context, RefusalCode.SUSPENSION_NOT_LISTED, "reason")
    left = most - case.rested(command.reason)
    if left.total_seconds() <= 0:
        return refuse(case, command, context, RefusalCode.SUSPENSION_USED_UP, "reason", days=most.days)
    rest = Rest(reason=command.reason, since=context.at, until=elapsed_after(context.at, left, policy.timezone))
    told = CaseSuspended(
        case_id=context.key,
        occurred_at=context.at,
        unit=context.speaker,
        reason=rest.reason,
        note=command.note,
        until=rest.until,
        by=command.actor,
    )
    return Decision(case.model_copy(update={"rest": rest}), (told,))


def resume(case: Case, command: ResumeCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """Work goes on."""
    if context.speaker not in {case.asked, case.centre}:
        return refuse(case, command, context, RefusalCode.NOT_RESPONSIBLE)
    if case.rest is None:
        return refuse(case, command, context, RefusalCode.NOT_SUSPENDED)
    return Decision(*resumed(case, context, by=command.actor))


def lapse(case: Case, context: Context) -> Decision[Case]:
    """The longest time is over."""
    if case.closed or case.rest is None or case.rest.until > context.at:
        return Decision(case)
    return Decision(*resumed(case, context, lapsed=True))


def resumed(
    case: Case, context: Context, *, lapsed: bool = False, by: str | None = None
) -> tuple[Case, tuple[Event, ...]]:
    """The case that rested goes on. The unit is told unless it said so itself."""
    if case.rest is None:
        return case, ()
    unit = case.asked or case.responsible
    ended = case.rest.model_copy(update={"until": min(context.at, case.rest.until)})
    events: list[Event] = [CaseResumed(case_id=context.key, occurred_at=context.at, unit=unit, lapsed=lapsed, by=by)]
    if context.speaker != unit:
        events.append(
            SuspensionEnded(case_id=context.key, occurred_at=context.at, unit=unit, number=case.number, lapsed=lapsed)
        )
    return case.model_copy(update={"rest": None, "rests": (*case.rests, ended)}), tuple(events)


def request_extension(
    case: Case, command: RequestExtension, policy: DispatchPolicy, context: Context
) -> Decision[Case]:
    """Another role is asked; the clock runs on meanwhile."""
    if fault := works_on(case, context.speaker):
        return refuse(case, command, context, fault)
    if case.extension is not None:
        return refuse(case, command, context, RefusalCode.EXTENSION_PENDING)
    room = policy.extension_room.get(case.category)
    if room is None and case.extensions >= policy.extension_times:
        return refuse(case, command, context, RefusalCode.EXTENSIONS_USED_UP, times=policy.extension_times)
    limit = policy.extension_working_days if room is None else room - case.extended_working_days
    if command.working_days > limit:
        return refuse(case, command, context, RefusalCode.EXTENSION_TOO_LONG, "working_days", limit=limit)
    approver = verifier_of(case, policy)
    if needs_name(Acting(context.speaker, command.actor), (approver,)):
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    asked = Extension(
        working_days=command.working_days, requested_at=context.at, reason=command.reason, by=command.actor
    )
    told = (
        ExtensionRequested(
            case_id=context.key,
            occurred_at=context.at,
            unit=context.speaker,
            approver=approver,
            working_days=asked.working_days,
            reason=asked.reason,
            by=command.actor,
        ),
        ExtensionApprovalRequested(
            case_id=context.key,
            occurred_at=context.at,
            unit=approver,
            number=case.number,
            title=case.title,
            asked_by=context.speaker,
            working_days=asked.working_days,
            reason=asked.reason,
        ),
    )
    return Decision(case.model_copy(update={"extension": asked}), told)


def decide_extension(case: Case, command: DecideExtension, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """Granted or declined, by another role than the unit that asked."""
    if context.speaker != verifier_of(case, policy):
        return refuse(case, command, context, RefusalCode.NOT_APPROVER)
    if case.extension is None:
        return refuse(case, command, context, RefusalCode.EXTENSION_NOT_ASKED)
    asked, unit = case.extension, case.asked or case.responsible
    decider = Acting(context.speaker, command.actor)
    if fault := one_person(decider, Acting(unit, asked.by), approves=command.granted):
        return refuse(case, command, context, fault, "actor")
    if not command.granted and not is_visible(command.reason):
        return refuse(case, command, context, RefusalCode.REASON_MISSING, "reason")
    told = (
        ExtensionDecided(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            approver=context.speaker,
            granted=command.granted,
            working_days=asked.working_days,
            requested_at=asked.requested_at,
            reason=asked.reason if command.granted else command.reason,
            by=command.actor,
        ),
        ExtensionAnswered(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            granted=command.granted,
            working_days=asked.working_days,
            reason=command.reason,
        ),
    )
    granted = {
        "extensions": case.extensions + command.granted,
        "extended_working_days": case.extended_working_days + asked.working_days * command.granted,
    }
    return Decision(case.model_copy(update={"extension": None, **granted}), told)


def explain_delay(case: Case, command: ExplainDelay, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The complainant is told why it takes longer, and until when."""
    if fault := works_on(case, context.speaker):
        return refuse(case, command, context, fault)
    if command.promised_at <= context.at:
        return refuse(case, command, context, RefusalCode.PROMISE_IN_PAST, "promised_at")
    told = DelayExplained(
        case_id=context.key,
        occurred_at=context.at,
        unit=context.speaker,
        reason=command.reason,
        promised_at=command.promised_at,
        by=command.actor,
    )
    return Decision(case, (told,))
