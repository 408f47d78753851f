"""Reopening (重办): a case that was answered is handled again, within a window; see `requests` and `reviewing`, too."""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.codes import RefusalCode
from contracts.handling import ReopenCase
from contracts.routing import AssignmentWithdrawn, CaseReopened
from infra.decision import Context, Decision
from services.routing.domain.assignment import dispatch_by_rule, offer
from services.routing.domain.case import Case, Proposal
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import may_get
from services.routing.domain.refusal import refuse

REOPENED = "reopened"
COMPLAINANT, APPEAL = "complainant", "appeal"
"""Who wanted it reopened, where it was not the centre: `CaseReopened.requested_by`."""


def reopen(case: Case, command: ReopenCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The centre has the case handled again, however often."""
    if context.speaker != policy.present_centre(case.centre, case.area, case.about):
        return refuse(case, command, context, RefusalCode.NOT_DISPATCHER)
    if fault := not_answered(case):
        return refuse(case, command, context, fault)
    if is_past(case, policy.reopen_days, context.at):
        return refuse(case, command, context, RefusalCode.REOPEN_WINDOW_CLOSED, days=policy.reopen_days)
    return reopened(case, command.reason, policy, context, by=command.actor)


def not_answered(case: Case) -> RefusalCode | None:
    """Only what a unit has answered can be reopened or appealed."""
    if not case.closed:
        return RefusalCode.NOT_CLOSED
    return RefusalCode.NOT_REOPENABLE if case.answered_at is None else None


def is_past(case: Case, days: int, at: datetime) -> bool:
    """Whether more than so many days have passed since the answer."""
    return case.answered_at is not None and at > case.answered_at + timedelta(days=days)


def reopened(
    case: Case,
    reason: str,
    policy: DispatchPolicy,
    context: Context,
    *,
    by: str | None = None,
    requested_by: str | None = None,
    submission_id: str | None = None,
) -> Decision[Case]:
    """The unit that answered is asked again; where it is gone, the rules say who. An open appeal ends with it.

    Where the centre has left the tree since the answer, the area's present centre takes its place.
    """
    obsolete = case.review if requested_by != APPEAL else None
    again = case.model_copy(
        update={
            "closed": False,
            "centre": policy.present_centre(case.centre, case.area, case.about),
            "answered_at": None,
            "answer": None,
            "review": None,
            "appealed": False,
            "questioned": False,
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
    event = CaseReopened(
        case_id=context.key,
        occurred_at=context.at,
        unit=case.responsible,
        count=again.reopened,
        reason=reason,
        by=by,
        requested_by=requested_by,
        submission_id=submission_id,
    )
    if may_get(again, case.responsible, policy) is None:
        sent = offer(again, Proposal(to=case.responsible, rule=REOPENED), policy, context, by=by)
    else:
        sent = dispatch_by_rule(again, policy, context)
    withdrawn = (
        [AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=obsolete.reviewer)]
        if obsolete is not None and obsolete.reviewer != again.responsible
        else []
    )
    return Decision(sent.state, (event, *withdrawn, *sent.events))
