"""What a unit asks the complainant for after the dispatch (补办): routing decides it, intake takes the answer."""

from __future__ import annotations

from contracts.channel import SupplementComplaint
from contracts.codes import RefusalCode
from contracts.refusals import Reason, reason
from contracts.routing import AskingEnded, ComplainantAsked
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.intake.domain.registration import Question, Registration


def followed(case: Registration, subject: ComplainantAsked | AskingEnded) -> Decision[Registration]:
    """The case waits for its complainant, or waits no more. One that has ended meanwhile stays as it is."""
    if case.over or isinstance(subject, AskingEnded):
        return Decision(case.model_copy(update={"question": None}))
    question = Question(unit=subject.unit, round=subject.round, missing=subject.missing, answer_by=subject.answer_by)
    return Decision(case.model_copy(update={"question": question}))


def is_awaited(case: Registration, context: Context) -> bool:
    """Whether a unit waits for the complainant's answer."""
    return case.question is not None and context.at < case.question.answer_by


def empty_fault(given: SupplementComplaint) -> tuple[Reason, ...]:
    """A supplement with nothing in it answers no question."""
    something = given.attributes or given.attachments or given.contact is not None
    if something or is_visible(given.text) or is_visible(given.address):
        return ()
    return (reason(RefusalCode.TEXT_MISSING, "text"),)
