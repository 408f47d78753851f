"""The centre sends a case (派单), approves the sending (呈批) or takes it elsewhere (改派); units pass it on (移交)."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.codes import RefusalCode
from contracts.handling import ApproveDispatch, DispatchCase, ReassignCase, RequestTransfer
from contracts.posts import Acting, one_person
from contracts.routing import AssignmentWithdrawn
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.routing.domain.assignment import needs_approval, offer, propose, queue
from services.routing.domain.case import Case, Proposal
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import may_get, may_help, works_on
from services.routing.domain.postponement import resumed
from services.routing.domain.refusal import refuse

DISPATCHER = "dispatcher"
RULING = "ruling"
TRANSFER = "transfer"
REASSIGNED = "reassigned"
NOT_APPROVED = "not-approved"


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
    if fault := _rules_alone(case, command, context):
        return refuse(case, command, context, fault, "actor")
    if fault := may_get(case, command.to, policy):
        return refuse(case, command, context, fault, "to")
    if found := _co_handlers_fault(case, command.to, command.co_handlers, policy):
        return refuse(case, command, context, found[1], f"co_handlers.{found[0]}")
    binding = command.binding or len(case.refusers) >= policy.returns_before_ruling
    proposal = Proposal(
        to=command.to,
        rule=RULING if binding else DISPATCHER,
        binding=binding,
        co_handlers=command.co_handlers,
        by=command.actor,
    )
    if not needs_approval(case, policy):
        return offer(case, proposal, policy, context, by=command.actor)
    if command.actor is None:
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    gone = (
        [AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=case.asked)]
        if case.asked is not None
        else []
    )
    return propose(case, proposal, policy, context, gone)


def _rules_alone(case: Case, command: DispatchCase, context: Context) -> RefusalCode | None:
    """Whether the post that returned the case would rule about its own return."""
    if case.asked is not None or not case.refusers:
        return None
    return one_person(Acting(context.speaker, command.actor), Acting(case.refusers[-1], case.returned_by))


def _co_handlers_fault(
    case: Case, lead: str, units: Sequence[str], policy: DispatchPolicy
) -> tuple[int, RefusalCode] | None:
    for n, unit in enumerate(units):
        fault = RefusalCode.ALREADY_CO_HANDLER if unit in units[:n] else may_help(case, lead, unit, policy)
        if fault is not None:
            return n, fault
    return None


def approve(case: Case, command: ApproveDispatch, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """Another post than the one that proposed it lets the dispatch go out, or sends it back with a reason."""
    if context.speaker != case.centre:
        return refuse(case, command, context, RefusalCode.NOT_DISPATCHER)
    if case.proposal is None:
        return refuse(case, command, context, RefusalCode.NOTHING_TO_APPROVE)
    if command.actor is None:
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    proposers = [Acting(case.centre, case.proposal.by)] if case.proposal.by is not None else []  # else a rule proposed
    if fault := one_person(Acting(context.speaker, command.actor), *proposers):
        return refuse(case, command, context, fault, "actor")
    if not command.approved:
        if not is_visible(command.reason):
            return refuse(case, command, context, RefusalCode.REASON_MISSING, "reason")
        form, why_not = case.proposal.form, command.reason
        return queue(case, policy, context, why=NOT_APPROVED, return_reason=why_not, form=form, by=command.actor)
    if fault := may_get(case, case.proposal.to, policy):
        return refuse(case, command, context, fault)
    rule_sent = case.proposal.by is None
    sent = case.model_copy(update={"responsible": case.proposal.to}) if rule_sent else case
    return offer(sent, case.proposal, policy, context, by=command.actor)


def reassign(case: Case, command: ReassignCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """Whoever has the case loses it; it stays responsible until the other has signed (首问负责制)."""
    if context.speaker != case.centre:
        return refuse(case, command, context, RefusalCode.NOT_DISPATCHER)
    if case.held:
        return refuse(case, command, context, RefusalCode.CASE_HELD)
    if case.asked is None:
        return refuse(case, command, context, RefusalCode.NOT_ASSIGNED)
    if case.reported is not None:
        return refuse(case, command, context, RefusalCode.REPORT_PENDING)
    if fault := _may_move(case, command.to, policy):
        return refuse(case, command, context, fault, "to")
    awake, told = resumed(case, context, by=command.actor)
    to = Proposal(to=command.to, rule=REASSIGNED, binding=command.binding)
    moved = offer(_without_plans(awake), to, policy, context, by=command.actor, why=command.reason)
    return Decision(moved.state, (*told, *moved.events))


def transfer(case: Case, command: RequestTransfer, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The unit that signed passes the case on, unless a ruling binds it."""
    if fault := works_on(case, context.speaker):
        return refuse(case, command, context, fault)
    if case.binding:
        return refuse(case, command, context, RefusalCode.RULING_BINDS)
    if fault := _may_move(case, command.to, policy):
        return refuse(case, command, context, fault, "to")
    to = Proposal(to=command.to, rule=TRANSFER)
    return offer(_without_plans(case), to, policy, context, by=command.actor, why=command.reason)


def _may_move(case: Case, to: str, policy: DispatchPolicy) -> RefusalCode | None:
    return RefusalCode.ALREADY_THERE if to == case.asked else may_get(case, to, policy)


def _without_plans(case: Case) -> Case:
    """What one unit has asked for is not the next one's."""
    return case.model_copy(update={"extension": None})
