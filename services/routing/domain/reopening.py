"""Reopening (重办): the centre has a case handled again that was answered, within a window."""

from __future__ import annotations

from datetime import timedelta

from contracts.codes import RefusalCode
from contracts.handling import ReopenCase
from contracts.routing import CaseReopened
from infra.decision import Context, Decision
from services.routing.domain.assignment import dispatch_by_rule, offer
from services.routing.domain.case import Case, Proposal
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import may_get
from services.routing.domain.refusal import refuse

REOPENED = "reopened"


def reopen(case: Case, command: ReopenCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The unit that answered is asked again; where it is gone, the rules say who."""
    if context.speaker != case.centre:
        return refuse(case, command, context, RefusalCode.NOT_DISPATCHER)
    if not case.closed:
        return refuse(case, command, context, RefusalCode.NOT_CLOSED)
    if case.answered_at is None:
        return refuse(case, command, context, RefusalCode.NOT_REOPENABLE)
    if context.at > case.answered_at + timedelta(days=policy.reopen_days):
        return refuse(case, command, context, RefusalCode.REOPEN_WINDOW_CLOSED, days=policy.reopen_days)
    again = case.model_copy(
        update={
            "closed": False,
            "answered_at": None,
            "reopened": case.reopened + 1,
            "asked": None,
            "asked_at": None,
            "sent_to": None,
            "transfers": 0,
            "redos": 0,
            "refusers": (),
            "rests": (),
            "extensions": 0,
            "extended_working_days": 0,
        }
    )
    told = CaseReopened(
        case_id=context.key,
        occurred_at=context.at,
        unit=case.responsible,
        count=again.reopened,
        reason=command.reason,
        by=command.actor,
    )
    if may_get(again, case.responsible, policy) is None:
        sent = offer(again, Proposal(to=case.responsible, rule=REOPENED), policy, context, by=command.actor)
    else:
        sent = dispatch_by_rule(again, policy, context)
    return Decision(sent.state, (told, *sent.events))
