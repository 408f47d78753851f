"""What a unit does with its case: sign (签收), report (办结)."""

from __future__ import annotations

from contracts.codes import AppealType, RefusalCode
from contracts.handling import ReportHandling, SignCase
from contracts.message import Event
from contracts.posts import Acting, needs_name
from contracts.routing import AssignmentWithdrawn, CaseSigned
from infra.decision import Context, Decision
from services.routing.domain.asking import question_ended
from services.routing.domain.case import Case, Report
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.evidence import evidence_fault, evidence_of, with_evidence
from services.routing.domain.refusal import refuse
from services.routing.domain.verification import close, verifier_of, wait_for_verifier


def sign(case: Case, command: SignCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The unit is responsible from now on; the one before it is released (首问负责制, S3)."""
    unit = context.speaker
    if case.queued and unit in case.refusers:
        return refuse(case, command, context, RefusalCode.RETURN_PENDING)
    if unit != case.asked:
        return refuse(case, command, context, RefusalCode.NOT_RESPONSIBLE)
    if case.signed:
        return refuse(case, command, context, RefusalCode.ALREADY_SIGNED)
    events: list[Event] = [CaseSigned(case_id=context.key, occurred_at=context.at, unit=unit, by=command.actor)]
    if case.responsible in case.refusers and case.responsible != unit:  # others were told when another was asked
        events.append(AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=case.responsible))
    return Decision(case.model_copy(update={"signed": True, "responsible": unit, "transfers": 0}), tuple(events))


def report(case: Case, command: ReportHandling, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The case is closed with an answer, or waits to be verified; only the unit that signed for it may report.

    The unit does not have to wait for the complainant: with the report nothing is asked any more.
    """
    unit = context.speaker
    if case.queued and unit in case.refusers:
        return refuse(case, command, context, RefusalCode.RETURN_PENDING)
    if unit != case.asked:
        return refuse(case, command, context, RefusalCode.NOT_RESPONSIBLE)
    if not case.signed:
        return refuse(case, command, context, RefusalCode.NOT_SIGNED)
    if case.reported is not None:
        return refuse(case, command, context, RefusalCode.REPORT_PENDING)
    if case.subtasks:
        return refuse(case, command, context, RefusalCode.SUBTASKS_OPEN, count=len(case.subtasks))
    if fault := _adoption_fault(case, command):
        return refuse(case, command, context, fault, "adopted")
    if wrong := evidence_fault(command.evidence, context):
        return refuse(case, command, context, *wrong)
    found = _reported(command, context)
    verified = policy.verified(case.category, case.appeal)
    if verified and needs_name(Acting(unit, command.actor), (verifier_of(case, policy),)):
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    ready, ended = question_ended(case, context)
    ready = with_evidence(ready, found.evidence, context, command.actor, shown=found.evidence_shown)
    if verified:
        done = wait_for_verifier(ready, found, policy, context)
    else:
        done = close(ready, found, context, by=command.actor)
    return Decision(done.state, (*ended, *done.events))


def _reported(command: ReportHandling, context: Context) -> Report:
    files = evidence_of(command.evidence, context)
    return Report(
        result=command.result,
        reply=command.reply,
        adopted=command.adopted,
        by=command.actor,
        evidence=files,
        evidence_shown=command.evidence_shown and bool(files),
    )


def _adoption_fault(case: Case, command: ReportHandling) -> RefusalCode | None:
    """`adopted` is required in the answer to a suggestion, and refused in any other answer (S2)."""
    if case.appeal is AppealType.SUGGESTION:
        return RefusalCode.ADOPTION_MISSING if command.adopted is None else None
    return RefusalCode.ADOPTION_NOT_EXPECTED if command.adopted is not None else None
