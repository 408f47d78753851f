"""Releases a held case to be dispatched, with everything that the complainant has added at the reception."""

from __future__ import annotations

from contracts.intake import CaseReleased
from contracts.message import StaffId
from infra.decision import Context, Decision
from services.intake.domain.registration import Registration, let_go


def release(case: Registration, policy: str, context: Context, by: StaffId | None = None) -> Decision[Registration]:
    """The case may be dispatched; the event has the words and attachments of every supplement."""
    released = CaseReleased(
        case_id=context.key,
        occurred_at=context.at,
        added_text="\n".join(case.words.texts),
        address="；".join(case.words.addresses),
        attributes=case.words.answers,
        attachments=case.added,
        by=by,
        policy=policy,
    )
    return Decision(let_go(case), (released,))
