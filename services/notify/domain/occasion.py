"""What a notice tells: the variables of its template (see `vocabulary`), from what is known of the case."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.codes import Ending, Language
from services.notify.domain.case import Answer, Asked, Case, Kind, Progress, Registered
from services.notify.domain.notice import Notice
from services.notify.domain.policy import Policy
from services.notify.domain.vocabulary import VARIABLES

Facts = Mapping[str, object]


def facts_of(case: Case, notice: Notice, what: str, policy: Policy) -> Facts:
    """For the complainant; what only their contact tells (name, receipt code) is added when that is opened.

    Raises `LookupError` when what is told about has not happened.
    """
    registered = case.registered
    if registered is None:
        raise LookupError("nothing is known of the case")
    facts = dict(of_complaint(case, registered, policy))
    if notice.kind == Kind.SUPPLEMENT and case.asked is not None:
        facts |= _of_asked(case.asked, policy)
    elif notice.kind == Kind.PROGRESS:
        facts |= _of_progress(case.progress[notice.nth - 1], policy)
    elif notice.kind == Kind.ANSWER:
        facts |= _of_answer(case.answers[notice.nth - 1], policy, registered.language)
    return known_there(what, facts)


def of_complaint(case: Case, registered: Registered, policy: Policy) -> Facts:
    """What every notice about a case may tell."""
    return {
        "number": registered.number,
        "title": registered.title or policy.names.category(registered.category, registered.language),
        "registered_on": policy.day(registered.registered_at),
        "due_on": policy.last_day(case.limit.due_at) if case.limit else None,
        "centre": policy.names.unit(registered.centre, registered.language),
        "name": None,
        "receipt_code": None,
    }


def _of_asked(asked: Asked, policy: Policy) -> Facts:
    return {"missing": list(asked.missing), "answer_by": policy.last_day(asked.answer_by)}


def _of_progress(progress: Progress, policy: Policy) -> Facts:
    until = policy.last_day(progress.until) if progress.until else None
    return {
        "reason": progress.reason,
        "note": progress.reason or None,
        "working_days": progress.working_days,
        "cause": progress.cause,
        "until": until,
        "promised_on": until,
    }


def _of_answer(answer: Answer, policy: Policy, language: Language) -> Facts:
    if isinstance(answer.result, Ending):
        return {
            "ending": answer.result,
            "reasons": list(answer.reasons),
            "authority": answer.authority,
            "reply": answer.reply or None,
        }
    return {
        "result": answer.result,
        "reply": answer.reply,
        "reasons": list(answer.reasons) or None,
        "unit_name": policy.names.unit(answer.unit, language),
        "rating_code": None,
        "reopen_days": policy.reopen_days,
    }


def known_there(what: str, facts: Facts) -> Facts:
    """Of these facts, those that the occasion knows."""
    return {name: value for name, value in facts.items() if name in VARIABLES[what]}
