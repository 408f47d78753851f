"""Supplements (补办): what is missing is told once and completely; else the case lapses. Source: S3, S1¶5 no. 10."""

from __future__ import annotations

from collections.abc import Collection

from contracts.channel import Attribute
from contracts.codes import Hold, RefusalCode
from contracts.instants import end_of_day_after
from contracts.intake import SupplementRequested
from contracts.message import StaffId
from contracts.refusals import Reason, reason
from contracts.text import is_visible
from infra.decision import Context
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.questions import Offer, Question
from services.intake.domain.registration import Registration

MOST_ROUNDS = 2
"""The complainant is asked so often at most; then the case goes on with what there is (S3, S1¶5 no. 10)."""


def missing_answers(offer: Offer | None, answered: Collection[str]) -> tuple[Reason, ...]:
    """Every question of the category that has to be answered and has not been."""
    questions = offer.questions if offer else ()
    return tuple(_asked(each) for each in questions if each.required and each.code not in answered)


def _asked(question: Question) -> Reason:
    """Each sentence with the question in its own language."""
    code, field = RefusalCode.ANSWER_MISSING, f"attributes.{question.code}"
    english = reason(code, field, question=question.en)
    return reason(code, field, question=question.zh).model_copy(update={"en": english.en})


def answers_of(offer: Offer | None, attributes: Collection[Attribute]) -> tuple[str, ...]:
    """The questions that these answer: an answer that is none does not count."""
    given: dict[str, list[str]] = {}
    for each in attributes:
        given.setdefault(each.code, []).append(each.value)
    questions = offer.questions if offer else ()
    return tuple(
        each.code
        for each in questions
        if any(is_visible(answer) for answer in given.get(each.code, ())) and each.fault(given[each.code]) is None
    )


def ask(
    case: Registration,
    missing: tuple[Reason, ...],
    catalogue: Catalogue,
    context: Context,
    by: StaffId | None = None,
) -> tuple[Registration, SupplementRequested]:
    """The complainant is asked; a second round counts against the centre, which is what its number says."""
    answer_by = end_of_day_after(context.at, catalogue.supplement_days, catalogue.timezone)
    asked = case.model_copy(
        update={"held": Hold.SUPPLEMENT, "missing": missing, "answer_by": answer_by, "round": case.round + 1}
    )
    told = SupplementRequested(
        case_id=context.key,
        occurred_at=context.at,
        missing=missing,
        answer_by=answer_by,
        round=asked.round,
        centre=case.centre,
        by=by,
        policy=catalogue.version,
    )
    return asked, told
