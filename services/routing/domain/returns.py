"""Returns (退单): a unit says a case is not its to handle. Source: S3 职责交叉, 否定报备制."""

from __future__ import annotations

from datetime import timedelta

from contracts.codes import RefusalCode
from contracts.handling import RequestReturn
from contracts.instants import elapsed_between
from contracts.posts import Acting, needs_name
from infra.decision import Context, Decision
from services.routing.domain.assignment import queue
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.refusal import refuse


def request_return(case: Case, command: RequestReturn, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The case waits for the dispatcher, or the refusal names the rule that forbids the return.

    The unit stays responsible meanwhile (首问负责制).
    """
    unit = context.speaker
    if case.queued and unit in case.refusers:
        return refuse(case, command, context, RefusalCode.RETURN_PENDING)
    if unit != case.asked or case.asked_at is None:
        return refuse(case, command, context, RefusalCode.NOT_RESPONSIBLE)
    if case.reported is not None:
        return refuse(case, command, context, RefusalCode.REPORT_PENDING)
    if case.binding:
        return refuse(case, command, context, RefusalCode.RULING_BINDS)
    if elapsed_between(case.asked_at, context.at) > timedelta(hours=policy.return_window_hours):
        return refuse(case, command, context, RefusalCode.RETURN_WINDOW_CLOSED, hours=policy.return_window_hours)
    if needs_name(Acting(unit, command.actor), (case.centre,)):
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    returned = case.model_copy(update={"refusers": (*case.refusers, unit), "returned_by": command.actor})
    return queue(
        returned,
        policy,
        context,
        why="returned",
        returned_by=unit,
        return_reason=command.reason,
        by=command.actor,
    )
