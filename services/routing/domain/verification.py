"""Verification (核查销号): where the policy wants it, nobody strikes their own case off the list. Source: S0, S1¶6.

Done again too often, a case is supervised one level up (提级督办).
"""

from __future__ import annotations

from contracts.codes import RefusalCode
from contracts.handling import VerifyReport
from contracts.message import Event, StaffId
from contracts.posts import Acting, one_person
from contracts.routing import (
    CaseClosed,
    HandlingReported,
    RedoOrdered,
    RedoRequested,
    VerificationRequested,
)
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.routing.domain.case import Case, GivenAnswer, Report
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.followers import answers
from services.routing.domain.refusal import refuse
from services.routing.domain.supervision import REDOS, escalate


def verifier_of(case: Case, policy: DispatchPolicy) -> str:
    """The centre; where the centre itself handled the case, its next superior that is not recused."""
    if case.asked != case.centre:
        return case.centre
    superiors = policy.organisation.superiors(case.centre)
    return next((unit for unit in superiors if not policy.recused(unit, case.about)), case.centre)


def wait_for_verifier(case: Case, report: Report, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The unit stays responsible; the complainant is told nothing yet."""
    verifier, unit = verifier_of(case, policy), case.responsible
    told: tuple[Event, ...] = (
        HandlingReported(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            verifier=verifier,
            result=report.result,
            reply=report.reply,
            by=report.by,
            adopted=report.adopted,
            evidence=report.evidence,
            evidence_shown=report.evidence_shown,
        ),
        VerificationRequested(
            case_id=context.key,
            occurred_at=context.at,
            unit=verifier,
            number=case.number,
            reported_by=unit,
            redos=case.redos,
            result=report.result,
            reply=report.reply,
            reported_by_post=report.by,
            adopted=report.adopted,
            title=case.title,
            text=case.text,
            attachments=case.attachments,
            evidence=report.evidence,
            evidence_shown=report.evidence_shown,
        ),
    )
    return Decision(case.model_copy(update={"reported": report}), told)


def verify(case: Case, command: VerifyReport, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The case is closed, or done again, or the refusal names the rule that forbids it."""
    if context.speaker != verifier_of(case, policy):
        return refuse(case, command, context, RefusalCode.NOT_VERIFIER)
    if case.reported is None:
        return refuse(case, command, context, RefusalCode.NOT_REPORTED)
    reporter, verifier = Acting(case.responsible, case.reported.by), Acting(context.speaker, command.actor)
    if fault := one_person(verifier, reporter, approves=command.accepted):
        return refuse(case, command, context, fault, "actor")
    if command.accepted:
        return close(case, case.reported, context, verified_by=context.speaker, by=command.actor)
    if not is_visible(command.reason):
        return refuse(case, command, context, RefusalCode.REASON_MISSING, "reason")
    return _redo(case, command, policy, context)


def close(
    case: Case, report: Report, context: Context, *, verified_by: str | None = None, by: StaffId | None = None
) -> Decision[Case]:
    """The matter is answered, and with it those of the cases that were merged into it."""
    closed = CaseClosed(
        case_id=context.key,
        occurred_at=context.at,
        unit=case.responsible,
        result=report.result,
        reply=report.reply,
        verified_by=verified_by,
        by=by,
        adopted=report.adopted,
        evidence=report.evidence,
        evidence_shown=report.evidence_shown,
    )
    given = GivenAnswer(
        unit=closed.unit,
        result=report.result,
        reply=report.reply,
        posts=tuple(dict.fromkeys(post for post in (report.by, by) if post is not None)),
        unnamed=tuple(unit for unit, post in ((closed.unit, report.by), (verified_by, by)) if unit and post is None),
        evidence=report.evidence,
        evidence_shown=report.evidence_shown,
    )
    end = {
        "closed": True,
        "reported": None,
        "extension": None,
        "question": None,
        "answered_at": context.at,
        "answer": given,
        "followers": (),
    }
    return Decision(case.model_copy(update=end), (closed, *answers(case, closed, context)))


def _redo(case: Case, command: VerifyReport, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    count = case.redos + 1
    again = case.model_copy(update={"reported": None, "redos": count})
    events: list[Event] = [
        RedoOrdered(
            case_id=context.key,
            occurred_at=context.at,
            unit=case.responsible,
            verifier=context.speaker,
            count=count,
            reason=command.reason,
            by=command.actor,
        ),
        RedoRequested(
            case_id=context.key,
            occurred_at=context.at,
            unit=case.responsible,
            number=case.number,
            title=case.title,
            count=count,
            reason=command.reason,
            appeal=case.appeal,
        ),
    ]
    if count >= policy.redos_before_escalation:
        again, told = escalate(again, REDOS, count, policy, context)
        events += told
    return Decision(again, tuple(events))
