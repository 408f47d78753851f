"""Assignments: a case is offered to a unit, or put into the dispatcher's queue; every move goes through here."""

from __future__ import annotations

from contracts.codes import RefusalCode
from contracts.handling import DispatchCase
from contracts.intake import CaseRegistered, CaseReleased
from contracts.message import Event
from contracts.routing import (
    AssignmentOffered,
    AssignmentWithdrawn,
    CaseAssigned,
    CaseQueued,
    DispatchRequested,
)
from infra.decision import Context, Decision
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy, Matter
from services.routing.domain.refusal import refuse


def open_case(registered: CaseRegistered, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The case has a responsible unit from this moment: the one a rule names, or the centre, which also answers for
    what intake still holds.
    """
    centre = policy.centre_for(registered.jurisdiction, registered.about)
    case = Case(
        number=registered.number,
        channel=registered.channel,
        appeal=registered.appeal,
        category=registered.category,
        area=registered.area,
        title=registered.title,
        text=registered.text,
        received_at=registered.received_at,
        urgent=registered.urgent,
        about=registered.about,
        address=registered.address,
        latitude=registered.latitude,
        longitude=registered.longitude,
        attributes=registered.attributes,
        confidential=registered.confidential,
        problem=registered.problem,
        instruction=registered.instruction,
        centre=centre,
        responsible=centre,
        held=registered.held is not None,
    )
    return Decision(case) if case.held else dispatch_by_rule(case, policy, context)


def release(case: Case, released: CaseReleased, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """A held case is dispatched, with what the complainant has added."""
    if not case.held or case.closed:
        return Decision(case)
    known = case.model_copy(
        update={
            "held": False,
            "text": f"{case.text}\n{released.added_text}" if released.added_text else case.text,
            "address": released.address or case.address,
            "attributes": (*case.attributes, *released.attributes),
        }
    )
    return dispatch_by_rule(known, policy, context)


def end(case: Case, context: Context) -> Decision[Case]:
    """Intake has ended the case: nobody works on it any more."""
    if case.closed:
        return Decision(case)
    units = {case.asked, case.responsible if case.signed else None} - {None}
    withdrawn = tuple(
        AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=unit)
        for unit in sorted(units, key=str)
        if unit
    )
    return Decision(case.model_copy(update={"closed": True, "held": False}), withdrawn)


def dispatch_by_rule(case: Case, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The first rule that fits names the unit; where none does, the case waits for the dispatcher."""
    route = policy.route(Matter(case.category, case.area, case.appeal, case.about))
    sent = case.model_copy(update={"responsible": route.unit or case.centre})
    if route.unit is None:
        return queue(sent, policy, context, why=route.rule)
    return offer(sent, route.unit, policy, context, rule=route.rule)


def offer(
    case: Case, unit: str, policy: DispatchPolicy, context: Context, *, rule: str, binding: bool = False
) -> Decision[Case]:
    """The unit is asked. Who was responsible stays so until it signs."""
    asked = case.model_copy(
        update={"asked": unit, "asked_at": context.at, "rule": rule, "signed": False, "binding": binding}
    )
    events: list[Event] = [
        CaseAssigned(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            responsible=asked.responsible,
            rule=rule,
            binding=binding,
            policy=policy.version,
        ),
        AssignmentOffered(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            number=case.number,
            channel=case.channel,
            appeal=case.appeal,
            category=case.category,
            area=case.area,
            title=case.title,
            text=case.text,
            received_at=case.received_at,
            urgent=case.urgent,
            address=case.address,
            latitude=case.latitude,
            longitude=case.longitude,
            attributes=case.attributes,
            confidential=case.confidential,
            problem=case.problem,
            instruction=case.instruction,
            rule=rule,
            binding=binding,
        ),
    ]
    if case.asked is not None and case.asked != unit:
        events.append(AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=case.asked))
    return Decision(asked, tuple(events))


def queue(
    case: Case,
    policy: DispatchPolicy,
    context: Context,
    *,
    why: str,
    returned_by: str | None = None,
    return_reason: str | None = None,
) -> Decision[Case]:
    """The case waits for the centre's dispatcher; never for a default unit."""
    waiting = case.model_copy(update={"asked": None, "asked_at": None, "signed": False, "binding": False, "rule": why})
    return Decision(
        waiting,
        (
            CaseQueued(
                case_id=context.key,
                occurred_at=context.at,
                centre=case.centre,
                responsible=case.responsible,
                why=why,
                returned_by=returned_by,
                return_reason=return_reason,
                policy=policy.version,
            ),
            DispatchRequested(
                case_id=context.key,
                occurred_at=context.at,
                unit=case.centre,
                number=case.number,
                category=case.category,
                area=case.area,
                title=case.title,
                text=case.text,
                why=why,
                about=case.about,
                returned_by=returned_by,
                return_reason=return_reason,
            ),
        ),
    )


def dispatch(case: Case, command: DispatchCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The dispatcher sends a case to a unit, or the refusal names the rule that forbids it.

    After as many returns as the policy allows the dispatch is a ruling, whether it says so or not (会商, S3).
    """
    if context.speaker != case.centre:
        return refuse(case, command, context, RefusalCode.NOT_DISPATCHER)
    if case.held:
        return refuse(case, command, context, RefusalCode.CASE_HELD)
    if case.signed:
        return refuse(case, command, context, RefusalCode.ALREADY_SIGNED)
    if command.to not in policy.organisation:
        return refuse(case, command, context, RefusalCode.UNIT_UNKNOWN, "to")
    if command.to != case.centre and policy.recused(command.to, case.about):
        return refuse(case, command, context, RefusalCode.RECUSED, "to")
    binding = command.binding or len(case.refusers) >= policy.returns_before_ruling
    return offer(case, command.to, policy, context, rule="ruling" if binding else "dispatcher", binding=binding)
