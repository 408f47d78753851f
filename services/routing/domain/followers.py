"""What the cases are told that were merged into one (并案): its answer, or that there is none."""

from __future__ import annotations

from contracts.message import Event
from contracts.routing import CaseClosed, LeadingCaseClosed, LeadingCaseEnded
from infra.decision import Context
from services.routing.domain.case import Case


def answers(case: Case, closed: CaseClosed, context: Context) -> tuple[Event, ...]:
    """The answer of a case, to each that was merged into it."""
    return tuple(
        LeadingCaseClosed(
            case_id=follower,
            occurred_at=context.at,
            leading=context.key,
            unit=closed.unit,
            result=closed.result,
            reply=closed.reply,
            verified_by=closed.verified_by,
            adopted=closed.adopted,
        )
        for follower in case.followers
    )


def released(case: Case, context: Context) -> tuple[Event, ...]:
    """The case ends without an answer: each that was merged into it goes on by itself."""
    return tuple(sent_back(follower, context) for follower in case.followers)


def sent_back(follower: str, context: Context) -> LeadingCaseEnded:
    """There is no answer to share."""
    return LeadingCaseEnded(case_id=follower, occurred_at=context.at, leading=context.key)
