"""Replies to a complainant's own requests: a supplement to a unit, a reopening, an appeal against the answer."""

from __future__ import annotations

from contracts.channel import AppealAnswer, ReopenComplaint, SupplementComplaint
from contracts.intake import SupplementReceived
from contracts.notify import RequestAnswered
from contracts.refusals import Reason
from contracts.routing import AnswerAppealOpened, CaseReopened, ComplainantRequestRefused
from infra.decision import Context
from services.notify.domain.case import Registered
from services.notify.domain.progress import OnTheWay


def request_answered(
    subject: OnTheWay | SupplementReceived | ComplainantRequestRefused, registered: Registered, context: Context
) -> tuple[RequestAnswered, ...]:
    """The reply to the channel, where the event follows from a request of the complainant; else nothing."""
    match subject:
        case ComplainantRequestRefused():
            return (_reply(subject.request, subject.submission_id, registered, context, subject.reasons),)
        case SupplementReceived() if subject.asked_by is not None:
            return (_reply(SupplementComplaint.TYPE, subject.submission_id, registered, context),)
        case CaseReopened() if subject.requested_by == "complainant":
            return (_reply(ReopenComplaint.TYPE, subject.submission_id, registered, context),)
        case AnswerAppealOpened():
            return (_reply(AppealAnswer.TYPE, subject.submission_id, registered, context),)
        case _:
            return ()


def _reply(
    request: str,
    submission_id: str | None,
    registered: Registered,
    context: Context,
    reasons: tuple[Reason, ...] = (),
) -> RequestAnswered:
    return RequestAnswered(
        case_id=context.key,
        occurred_at=context.at,
        **registered.reply_fields(submission_id),
        request=request,
        accepted=not reasons,
        reasons=reasons,
    )
