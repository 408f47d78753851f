"""Requests to the complainant after the dispatch (补办): once per handling, while the clock pauses.

Source: S3, 一次性告知.

A request belongs to the case, not to the unit: transfers, returns, reassignments and rests leave it open, and the
answer goes to the unit that has the case then. It ends with the answer, at `answer_by`, with the unit's report, and
when the case is merged, withdrawn or closed. Without an answer the case goes on with what there is.
"""

from __future__ import annotations

from contracts.codes import RefusalCode
from contracts.handling import AskComplainant
from contracts.instants import end_of_day_after
from contracts.intake import CaseReleased, SupplementReceived
from contracts.message import Event
from contracts.refusals import reason
from contracts.routing import AskingEnded, ComplainantAsked, SupplementArrived
from infra.decision import Context, Decision
from services.routing.domain.case import Case, Question
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.refusal import refuse


def ask_complainant(case: Case, command: AskComplainant, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The complainant has until the end of the last day to answer, or the refusal names the rule that forbids it."""
    if fault := _may_ask(case, context.speaker):
        return refuse(case, command, context, fault)
    answer_by = end_of_day_after(context.at, policy.question_days, policy.timezone)
    asked = case.model_copy(
        update={
            "question": Question(unit=context.speaker, answer_by=answer_by),
            "questions": case.questions + 1,
            "questioned": True,
        }
    )
    event = ComplainantAsked(
        case_id=context.key,
        occurred_at=context.at,
        unit=context.speaker,
        missing=tuple(reason(RefusalCode.CLERK_ASKS, question=each) for each in command.missing),
        answer_by=answer_by,
        round=asked.questions,
        by=command.actor,
    )
    return Decision(asked, (event,))


def supplement(case: Case, received: SupplementReceived, context: Context) -> Decision[Case]:
    """The case with what the complainant added, which the unit that handles it gets.

    An answer to the reception comes with `CaseReleased`. One that was under way while the request ended is taken, too:
    a closed case has it when it is reopened.
    """
    if received.asked_by is None:
        return Decision(case)
    known = with_supplement(case, received)
    if case.closed:
        return Decision(known)
    receivers = _receivers(case, received.asked_by)
    ended: tuple[Event, ...] = ()
    if received.round == case.questions:
        known, ended = question_ended(known, context, answered=True)
    return Decision(known, (*ended, *_arrived(case, receivers, received, context)))


def lapse_question(case: Case, context: Context) -> Decision[Case]:
    """The complainant's time is over: the unit goes on with what there is."""
    question = case.question
    if case.closed or question is None or question.answer_by > context.at:
        return Decision(case)
    over, ended = question_ended(case, context)
    return Decision(over, (*ended, *_arrived(case, _receivers(case, question.unit), None, context)))


def question_ended(case: Case, context: Context, *, answered: bool = False) -> tuple[Case, tuple[Event, ...]]:
    """Nothing is asked any more."""
    if case.question is None:
        return case, ()
    ended = AskingEnded(case_id=context.key, occurred_at=context.at, unit=case.question.unit, answered=answered)
    return case.model_copy(update={"question": None}), (ended,)


def with_supplement(case: Case, added: CaseReleased | SupplementReceived) -> Case:
    """The case with what the complainant added: text under a new line, a better address, answers and attachments."""
    return case.model_copy(
        update={
            "text": f"{case.text}\n{added.added_text}" if added.added_text else case.text,
            "address": added.address or case.address,
            "attributes": (*case.attributes, *added.attributes),
            "attachments": (*case.attachments, *added.attachments),
        }
    )


def _may_ask(case: Case, unit: str) -> RefusalCode | None:
    """The unit that has signed and not reported; the centre as long as no unit has signed."""
    if case.held:
        return RefusalCode.CASE_HELD
    if unit != (case.asked if case.signed else case.centre):
        return RefusalCode.NOT_SIGNED if unit == case.asked else RefusalCode.NOT_RESPONSIBLE
    if case.reported is not None:
        return RefusalCode.REPORT_PENDING
    if case.question is not None:
        return RefusalCode.SUPPLEMENT_PENDING
    return RefusalCode.SUPPLEMENT_ASKED if case.questioned else None


def _receivers(case: Case, asker: str) -> tuple[str, ...]:
    """The unit that has the case, else the centre; and the unit that asked, unless it has lost the case."""
    concerned = asker in {case.asked, case.responsible, case.centre}
    return tuple(dict.fromkeys((case.asked or case.centre, *((asker,) if concerned else ()))))


def _arrived(
    case: Case, receivers: tuple[str, ...], received: SupplementReceived | None, context: Context
) -> tuple[Event, ...]:
    return tuple(
        SupplementArrived(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            number=case.number,
            title=case.title,
            answered=received is not None,
            added_text=received.added_text if received else "",
            address=received.address if received else "",
            attributes=received.attributes if received else (),
            attachments=received.attachments if received else (),
        )
        for unit in receivers
    )
