"""Endings without a department: declined, diverted, lapsed, withdrawn. Each is answered (件件有回音)."""

from __future__ import annotations

from contracts.codes import Authority, Ending, RefusalCode
from contracts.intake import CaseEnded
from contracts.message import StaffId
from contracts.refusals import Reason, reason
from infra.decision import Context
from services.intake.domain.registration import AddedWords, Registration

WHY = {Ending.LAPSED: RefusalCode.SUPPLEMENT_LAPSED, Ending.WITHDRAWN: RefusalCode.WITHDRAWN}
"""The sentence that is told where no rule of the place has its own."""


def end(
    case: Registration,
    ending: Ending,
    policy: str,
    context: Context,
    *,
    why: Reason | None = None,
    reply: str = "",
    authority: Authority | None = None,
    by: StaffId | None = None,
) -> tuple[Registration, CaseEnded]:
    """The case is over, and this is why."""
    if why is None and ending in WHY:
        why = reason(WHY[ending])
    over = {
        "ended": ending,
        "ended_at": context.at,
        "reasons": (why,) if why else (),
        "reply": reply,
        "held": None,
        "missing": (),
        "answer_by": None,
        "question": None,
        "added": (),
        "words": AddedWords(),
        "traces": (),
    }
    ended = case.model_copy(update=over)
    told = CaseEnded(
        case_id=context.key,
        occurred_at=context.at,
        ending=ending,
        reasons=(why,) if why else (),
        reply=reply,
        authority=authority,
        by=by,
        policy=policy,
    )
    return ended, told
