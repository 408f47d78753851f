"""Requests of the complainant after the answer: to have the case reopened (申请重办). For appeals see `reviewing`."""

from __future__ import annotations

from typing import Any

from contracts.channel import ReopenComplaint
from contracts.codes import RefusalCode
from contracts.intake import ComplainantRequested, ReopeningRequested
from contracts.refusals import Reason, malformed, reason
from contracts.routing import ComplainantRequestRefused
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.reopening import COMPLAINANT, is_past, not_answered, reopened


def request_reopening(
    case: Case, asked: ReopeningRequested, policy: DispatchPolicy, context: Context
) -> Decision[Case]:
    """The case is handled again, or the channel is answered with the rule that forbids it.

    The window is measured at the moment in which intake took the request.
    """
    if wrong := request_fault(case, asked) or _reopening_fault(case, asked, policy):
        return refuse_request(case, asked, ReopenComplaint.TYPE, wrong, context)
    counted = case.model_copy(update={"reopened_on_request": case.reopened_on_request + 1})
    return reopened(counted, asked.reason, policy, context, requested_by=COMPLAINANT, submission_id=asked.submission_id)


def _reopening_fault(case: Case, asked: ReopeningRequested, policy: DispatchPolicy) -> Reason | None:
    if is_past(case, policy.reopen_days, asked.occurred_at):
        return reason(RefusalCode.REOPEN_WINDOW_CLOSED, days=policy.reopen_days)
    if case.reopened_on_request >= policy.reopenings_on_request:
        return reason(RefusalCode.REOPENINGS_USED_UP, times=policy.reopenings_on_request)
    return None


def request_fault(case: Case, asked: ComplainantRequested) -> Reason | None:
    """What forbids every request: there is no answer, another one is meant, or no reason is given."""
    if fault := not_answered(case):
        return reason(fault)
    if asked.answer is not None and asked.answer != case.answers:
        older = asked.answer < case.answers
        return reason(RefusalCode.ANSWER_SUPERSEDED, "answer") if older else malformed("answer", "unknown")
    return None if is_visible(asked.reason) else reason(RefusalCode.REASON_MISSING, "reason")


def refuse_request(
    case: Case, asked: ComplainantRequested, request: str, why: Reason, context: Context
) -> Decision[Case]:
    """The channel learns the rule; the case stays as it is."""
    fields: dict[str, Any] = {"channel": asked.channel, "submission_id": asked.submission_id, "request": request}
    event = ComplainantRequestRefused(case_id=context.key, occurred_at=context.at, reasons=(why,), **fields)
    return Decision(case, (event,))
