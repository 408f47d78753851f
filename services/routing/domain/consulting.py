"""Consultations (会商): units in dispute about a case are consulted before a ruling binds one of them. Source: S3."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.codes import RefusalCode
from contracts.handling import Consultation
from contracts.message import Event
from contracts.routing import ConsultationHeld, ConsultationRecorded
from infra.decision import Context
from services.routing.domain.case import Case, Consulted
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import is_recused


@dataclass(frozen=True)
class Fault:
    """Why a consultation does not do, and in which field of the command."""

    code: RefusalCode
    path: str = "consultation"
    figures: dict[str, object] = field(default_factory=dict)


def consultation_fault(
    case: Case, given: Consultation | None, policy: DispatchPolicy, context: Context, *, ruling: bool
) -> Fault | None:
    """The rule that a dispatch breaks by its consultation, or by having none."""
    if given is None:
        return Fault(RefusalCode.CONSULTATION_MISSING) if ruling and policy.consultation_required else None
    for n, unit in enumerate(given.participants):
        if unit not in policy.organisation:
            return Fault(RefusalCode.UNIT_UNKNOWN, f"consultation.participants.{n}")
        if is_recused(case, unit, policy):
            return Fault(RefusalCode.RECUSED, f"consultation.participants.{n}")
    absent = next((unit for unit in _parties(case, policy) if unit not in given.participants), None)
    if absent is not None:
        return Fault(RefusalCode.CONSULTATION_INCOMPLETE, "consultation.participants", {"unit": absent})
    if given.held_on is not None and given.held_on > policy.local_date(context.at):
        return Fault(RefusalCode.HAPPENED_IN_FUTURE, "consultation.held_on")
    return None


def _parties(case: Case, policy: DispatchPolicy) -> tuple[str, ...]:
    """Units that returned the case and must be named: not the centre, and none that has left the tree or is recused."""
    tree = policy.organisation
    others = (unit for unit in case.refusers if unit in tree and unit != case.centre)
    return tuple(unit for unit in others if not is_recused(case, unit, policy))


def consulted(given: Consultation | None, to: str, policy: DispatchPolicy, context: Context) -> Consulted | None:
    """The consultation as the case records it, with the date of the command where none is given."""
    if given is None:
        return None
    return Consulted(
        participants=tuple(dict.fromkeys(given.participants)),
        minutes=given.minutes,
        held_on=given.held_on or policy.local_date(context.at),
        to=to,
    )


def recorded(case: Case, held: Consulted | None, by: str | None, context: Context) -> tuple[Case, tuple[Event, ...]]:
    """The minutes are announced when the ruling goes out, and each participant receives them."""
    if held is None:
        return case, ()
    announced = ConsultationHeld(
        case_id=context.key,
        occurred_at=context.at,
        centre=case.centre,
        participants=held.participants,
        minutes=held.minutes,
        held_on=held.held_on,
        to=held.to,
        by=by,
    )
    received = (
        ConsultationRecorded(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            number=case.number,
            title=case.title,
            participants=held.participants,
            minutes=held.minutes,
            held_on=held.held_on,
            to=held.to,
        )
        for unit in held.participants
    )
    return case.model_copy(update={"consultation": held}), (announced, *received)
