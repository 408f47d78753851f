"""Internal notes of the units that have to do with a case. No complainant and no unit complained about reads them."""

from __future__ import annotations

from datetime import timedelta

from contracts.codes import RefusalCode
from contracts.handling import AddNote
from contracts.routing import NoteAdded
from infra.decision import Context, Decision
from services.routing.domain.case import Case, Note
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import has_to_do_with, is_recused
from services.routing.domain.refusal import refuse

MOST_NOTES = 200
"""Notes of one case. A note has at most 2,000 characters, so the notes of a case stay far below a document's size."""


def add_note(case: Case, command: AddNote, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The note is added to the case, also while it rests or is verified; numbers in it are masked by the contract.

    After the answer a note is possible for as long as the case may be reopened.
    """
    if is_recused(case, context.speaker, policy):
        return refuse(case, command, context, RefusalCode.RECUSED)
    if not has_to_do_with(case, context.speaker, policy):
        return refuse(case, command, context, RefusalCode.NOT_RESPONSIBLE)
    if case.closed and not _may_be_reopened(case, policy, context):
        return refuse(case, command, context, RefusalCode.CASE_CLOSED)
    if len(case.notes) >= MOST_NOTES:
        return refuse(case, command, context, RefusalCode.NOTES_FULL, most=MOST_NOTES)
    note = Note(unit=context.speaker, text=command.text, at=context.at, by=command.actor)
    added = NoteAdded(
        case_id=context.key, occurred_at=context.at, unit=context.speaker, text=command.text, by=command.actor
    )
    return Decision(case.model_copy(update={"notes": (*case.notes, note)}), (added,))


def _may_be_reopened(case: Case, policy: DispatchPolicy, context: Context) -> bool:
    return case.answered_at is not None and context.at <= case.answered_at + timedelta(days=policy.reopen_days)
