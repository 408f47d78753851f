"""Requests of the complainant after the answer: checked for form here and forwarded to routing, which decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.channel import MAX_TEXT, AppealAnswer, ReopenComplaint
from contracts.codes import RefusalCode
from contracts.intake import AnswerAppealed, ReopeningRequested
from contracts.refusals import Reason, reason
from infra.decision import Context
from services.intake.domain.submission import CLOCK_TOLERANCE

FromComplainant = ReopenComplaint | AppealAnswer


def request_faults(request: FromComplainant, at: datetime) -> tuple[Reason, ...]:
    """Everything that keeps a request from being forwarded."""
    found: list[Reason] = []
    if len(request.reason) > MAX_TEXT:
        found.append(reason(RefusalCode.TEXT_TOO_LONG, "reason", limit=MAX_TEXT))
    if request.requested_at > at + CLOCK_TOLERANCE:
        found.append(reason(RefusalCode.RECEIVED_IN_FUTURE, "requested_at"))
    return tuple(found)


def forwarded(request: FromComplainant, masked: str, context: Context) -> ReopeningRequested | AnswerAppealed:
    """The request for routing. `masked` is its reason without identity."""
    fields: dict[str, Any] = {
        "case_id": context.key,
        "occurred_at": context.at,
        "channel": context.speaker,
        "submission_id": context.message_id,
        "external_id": request.external_id,
        "reason": masked,
        "answer": request.answer,
    }
    return ReopeningRequested(**fields) if isinstance(request, ReopenComplaint) else AnswerAppealed(**fields)
