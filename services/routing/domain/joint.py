"""Joint handling (联办): the lead answers for the case, co-handlers for parts of it, side by side (并联). S1¶4."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.handling import CancelSubtask, DeclineSubtask, InviteCoHandler, ReportSubtask
from contracts.message import Event
from contracts.routing import SubtaskAnswered, SubtaskEnded, SubtaskOpened, SubtaskRequested, SubtaskWithdrawn
from infra.decision import Context, Decision
from services.routing.domain.case import Case, Subtask
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.evidence import evidence_fault, evidence_of, with_evidence
from services.routing.domain.guards import may_help, works_on
from services.routing.domain.refusal import refuse

REPORTED = "reported"
DECLINED = "declined"
CANCELLED = "cancelled"


def invite(case: Case, command: InviteCoHandler, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The unit is asked for its part; the case cannot be reported before it has answered."""
    fault = None if context.speaker == case.centre and case.asked else works_on(case, context.speaker)
    if fault is None and case.reported is not None:
        fault = RefusalCode.REPORT_PENDING
    if fault is not None:
        return refuse(case, command, context, fault)
    if fault := may_help(case, case.asked, command.to, policy):
        return refuse(case, command, context, fault, "to")
    return Decision(*opened(case, case.asked or case.responsible, [command.to], command.task, command.actor, context))


def opened(
    case: Case, lead: str, units: Iterable[str], task: str, by: str | None, context: Context
) -> tuple[Case, tuple[Event, ...]]:
    """Each unit has its part."""
    events: list[Event] = []
    added = tuple(Subtask(unit=unit, task=task) for unit in units)
    for each in added:
        events += [
            SubtaskOpened(
                case_id=context.key, occurred_at=context.at, unit=each.unit, lead=lead, task=each.task, by=by
            ),
            SubtaskRequested(
                case_id=context.key,
                occurred_at=context.at,
                unit=each.unit,
                lead=lead,
                number=case.number,
                title=case.title,
                text=case.text,
                task=each.task,
                attachments=case.attachments,
            ),
        ]
    return case.model_copy(update={"subtasks": (*case.subtasks, *added)}), tuple(events)


def report_subtask(case: Case, command: ReportSubtask, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The lead reads what the co-handler did."""
    if not _has_part(case, context.speaker):
        return refuse(case, command, context, RefusalCode.NOT_CO_HANDLER)
    if wrong := evidence_fault(command.evidence, context):
        return refuse(case, command, context, *wrong)
    files = evidence_of(command.evidence, context)
    return _answer(with_evidence(case, files, context, command.actor), command, REPORTED, command.reply, context, files)


def decline_subtask(case: Case, command: DeclineSubtask, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The lead reads why not (否定报备)."""
    return _answer(case, command, DECLINED, command.reason, context)


def cancel_subtask(case: Case, command: CancelSubtask, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The co-handler is told that its part is not needed any more."""
    if context.speaker != case.centre and (fault := works_on(case, context.speaker)):
        return refuse(case, command, context, fault)
    if not _has_part(case, command.of):
        return refuse(case, command, context, RefusalCode.NOT_CO_HANDLER, "of")
    withdrawn = SubtaskWithdrawn(case_id=context.key, occurred_at=context.at, unit=command.of, reason=command.reason)
    left, ended = _ended(case, command.of, CANCELLED, command.reason, command.actor, context)
    return Decision(left, (ended, withdrawn))


def withdrawn(case: Case, context: Context) -> tuple[Event, ...]:
    """Every open part falls with its case."""
    return tuple(
        SubtaskWithdrawn(case_id=context.key, occurred_at=context.at, unit=task.unit, reason="")
        for task in case.subtasks
    )


def _has_part(case: Case, unit: str) -> bool:
    return any(task.unit == unit for task in case.subtasks)


def _answer(
    case: Case,
    command: ReportSubtask | DeclineSubtask,
    ending: str,
    words: str,
    context: Context,
    evidence: tuple[Attachment, ...] = (),
) -> Decision[Case]:
    if not _has_part(case, context.speaker):
        return refuse(case, command, context, RefusalCode.NOT_CO_HANDLER)
    left, ended = _ended(case, context.speaker, ending, words, command.actor, context)
    told = SubtaskAnswered(
        case_id=context.key,
        occurred_at=context.at,
        unit=case.asked or case.responsible,
        of=context.speaker,
        reported=ending == REPORTED,
        words=words,
        open_subtasks=len(left.subtasks),
        evidence=evidence,
    )
    return Decision(left, (ended, told))


def _ended(
    case: Case, unit: str, ending: str, words: str, by: str | None, context: Context
) -> tuple[Case, SubtaskEnded]:
    ended = SubtaskEnded(
        case_id=context.key,
        occurred_at=context.at,
        unit=unit,
        ending=ending,
        words=words,
        lead=case.asked or case.responsible,
        by=by,
    )
    left = tuple(task for task in case.subtasks if task.unit != unit)
    return case.model_copy(update={"subtasks": left}), ended
