"""Evidence (佐证材料) of a unit's report: uploaded for a case by a unit that works on it, then cited by its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.handling import ReportHandling, ReportSubtask
from infra.decision import Context, Decision, Forget, Subject
from services.routing.domain.case import Case, Evidence


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """The record of a file that a unit has uploaded for a case."""

    unit: str
    case_id: str | None
    file: Attachment


UploadedFiles = Mapping[str, UploadedFile]
"""By their ids."""


def may_upload(case: Case, unit: str, post: str | None) -> RefusalCode | None:
    """The rule that forbids this post to upload evidence; None for the units that work on the case."""
    if post is not None and post == case.about_person:
        return RefusalCode.ACTOR_RECUSED
    if case.closed:
        return RefusalCode.CASE_CLOSED
    if case.merged_into is not None:
        return RefusalCode.CASE_MERGED
    if unit != case.asked and all(task.unit != unit for task in case.subtasks):
        return RefusalCode.NOT_RESPONSIBLE
    return None


def cites_files(subject: Subject) -> bool:
    """Whether a command cites uploads, which are fetched before it is decided upon."""
    return isinstance(subject, ReportHandling | ReportSubtask) and bool(subject.evidence)


def evidence_fault(cited: Sequence[str], context: Context) -> tuple[RefusalCode, str] | None:
    """The first reason against the cited ids, with its field: not uploaded by this unit, or for another case."""
    files = _files(context)
    for n, id in enumerate(cited):
        found = files.get(id)
        if found is None or found.unit != context.speaker:
            return RefusalCode.ATTACHMENT_UNKNOWN, f"evidence.{n}"
        if found.case_id != context.key:
            return RefusalCode.ATTACHMENT_TAKEN, f"evidence.{n}"
    return None


def evidence_of(cited: Sequence[str], context: Context) -> tuple[Attachment, ...]:
    """The cited files, each once."""
    return tuple(_files(context)[id].file for id in dict.fromkeys(cited))


def with_evidence(
    case: Case, files: Sequence[Attachment], context: Context, by: str | None, *, shown: bool = False
) -> Case:
    """The case with these files among its evidence. A file that was cited before has its last report alone."""
    if not files:
        return case
    ids = {each.file_id for each in files}
    before = tuple(each for each in case.evidence if each.file.file_id not in ids)
    added = (Evidence(unit=context.speaker, at=context.at, by=by, file=each, shown=shown) for each in files)
    return case.model_copy(update={"evidence": (*before, *added)})


def without_evidence(case: Case, context: Context) -> Decision[Case]:
    """The complainant was forgotten: a photograph may show who it was, so stored evidence is deleted, too."""
    if not case.evidence:
        return Decision(case)
    reported, answer = case.reported, case.answer
    blank = {"evidence": (), "evidence_shown": False}
    update = {
        "evidence": (),
        "forgetting_since": context.at,
        "reported": reported.model_copy(update=blank) if reported else None,
        "answer": answer.model_copy(update=blank) if answer else None,
    }
    return Decision(case.model_copy(update=update), effects=(Forget(context.key),))


def _files(context: Context) -> UploadedFiles:
    return context.supplies if isinstance(context.supplies, Mapping) else {}
