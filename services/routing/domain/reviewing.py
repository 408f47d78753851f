"""Appeals against answers (复核): a unit above the one that answered decides whether the answer stands.

The case stays closed meanwhile. Rating remains possible.
"""

from __future__ import annotations

from contracts.channel import AppealAnswer
from contracts.codes import RefusalCode
from contracts.handling import DecideAnswerAppeal
from contracts.intake import AnswerAppealed
from contracts.posts import Acting, one_person
from contracts.refusals import Reason, reason
from contracts.routing import AnswerAppealDecided, AnswerAppealOpened, AnswerAppealRequested
from infra.decision import Context, Decision
from services.routing.domain.case import Case, GivenAnswer, Review
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.refusal import refuse
from services.routing.domain.reopening import APPEAL, is_past, reopened
from services.routing.domain.requests import refuse_request, request_fault


def reviewer_of(case: Case, answered_by: str, policy: DispatchPolicy) -> str:
    """The next superior of the unit that answered that is not recused; else the centre; at the root the unit itself.

    Wherever it is, another post decides than those that reported and verified the answer.
    """
    superiors = tuple(policy.organisation.superiors(answered_by))
    if answered_by in policy.organisation and not superiors:
        return answered_by
    centre = policy.present_centre(case.centre, case.area, case.about)
    return next((unit for unit in superiors if not policy.recused(unit, case.about)), centre)


def appeal(case: Case, appealed: AnswerAppealed, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The reviewer is asked, or the channel is answered with the rule that forbids the appeal."""
    answer, wrong = case.answer, _fault(case, appealed, policy.appeal_days)
    if answer is None or wrong is not None:  # without a fault: answered before answers were part of the state
        return refuse_request(case, appealed, AppealAnswer.TYPE, wrong or reason(RefusalCode.NOT_REOPENABLE), context)
    review = Review(reviewer=reviewer_of(case, answer.unit, policy), submission_id=appealed.submission_id)
    opened = AnswerAppealOpened(
        case_id=context.key,
        occurred_at=context.at,
        unit=answer.unit,
        reviewer=review.reviewer,
        reason=appealed.reason,
        submission_id=appealed.submission_id,
    )
    asked = _requested(case, answer, review.reviewer, appealed.reason, context)
    return Decision(case.model_copy(update={"review": review, "appealed": True}), (opened, asked))


def _fault(case: Case, appealed: AnswerAppealed, days: int | None) -> Reason | None:
    if days is None:
        return reason(RefusalCode.APPEALS_NOT_OFFERED)
    if fault := request_fault(case, appealed):
        return fault
    if is_past(case, days, appealed.occurred_at):
        return reason(RefusalCode.APPEAL_WINDOW_CLOSED, days=days)
    return reason(RefusalCode.ANSWER_APPEALED) if case.appealed else None


def _requested(case: Case, answer: GivenAnswer, reviewer: str, words: str, context: Context) -> AnswerAppealRequested:
    return AnswerAppealRequested(
        case_id=context.key,
        occurred_at=context.at,
        unit=reviewer,
        number=case.number,
        title=case.title,
        text=case.text,
        answered_by=answer.unit,
        result=answer.result,
        reply=answer.reply,
        reason=words,
    )


def decide_appeal(case: Case, command: DecideAnswerAppeal, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The answer stands, or the unit that answered handles the case again, regardless of earlier reopenings."""
    review, answer = case.review, case.answer
    if review is None or answer is None:
        return refuse(case, command, context, RefusalCode.NOTHING_APPEALED)
    reviewer = _present_reviewer(case, review, answer, policy)
    if context.speaker != reviewer:
        return refuse(case, command, context, RefusalCode.NOT_APPEAL_BODY)
    if command.actor is None:
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    earlier = [Acting(answer.unit, post) for post in answer.posts] + [Acting(unit) for unit in answer.unnamed]
    if fault := one_person(Acting(reviewer, command.actor), *earlier, approves=command.upheld):
        return refuse(case, command, context, fault, "actor")
    decided = AnswerAppealDecided(
        case_id=context.key,
        occurred_at=context.at,
        unit=answer.unit,
        reviewer=reviewer,
        upheld=command.upheld,
        reason=command.reason,
        by=command.actor,
    )
    if command.upheld:
        return Decision(case.model_copy(update={"review": None}), (decided,))
    again = reopened(
        case,
        command.reason,
        policy,
        context,
        by=command.actor,
        requested_by=APPEAL,
        submission_id=review.submission_id,
    )
    return Decision(again.state, (decided, *again.events))


def _present_reviewer(case: Case, review: Review, answer: GivenAnswer, policy: DispatchPolicy) -> str:
    """The reviewer that was asked; where it has left the tree since, the one that would be asked today."""
    return review.reviewer if review.reviewer in policy.organisation else reviewer_of(case, answer.unit, policy)
