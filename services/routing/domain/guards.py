"""What several commands must hold to: each guard gives the rule that forbids it, or None."""

from __future__ import annotations

from contracts.codes import RefusalCode
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy


def works_on(case: Case, unit: str) -> RefusalCode | None:
    """Only the unit that has signed for the case, and has not reported yet."""
    if unit != case.asked:
        return RefusalCode.NOT_RESPONSIBLE
    if not case.signed:
        return RefusalCode.NOT_SIGNED
    return RefusalCode.REPORT_PENDING if case.reported is not None else None


def may_get(case: Case, unit: str, policy: DispatchPolicy) -> RefusalCode | None:
    """A unit of the tree that is not recused and has no part of it; the centre may take what nobody else may (自办)."""
    if unit not in policy.organisation:
        return RefusalCode.UNIT_UNKNOWN
    if unit != case.centre and policy.recused(unit, case.about):
        return RefusalCode.RECUSED
    return RefusalCode.ALREADY_CO_HANDLER if any(task.unit == unit for task in case.subtasks) else None


def is_recused(case: Case, unit: str, policy: DispatchPolicy) -> bool:
    """A unit complained about, or one below it (回避). The centre is exempt, because a unit must be responsible."""
    return unit in policy.organisation and unit != case.centre and policy.recused(unit, case.about)


def has_to_do_with(case: Case, unit: str, policy: DispatchPolicy) -> bool:
    """A unit that is asked, responsible, the centre, supervises or helps, or is above one of these; not recused."""
    if is_recused(case, unit, policy):
        return False
    concerned = {case.asked, case.responsible, case.centre, case.supervisor, *(task.unit for task in case.subtasks)}
    if case.review is not None:
        concerned.add(case.review.reviewer)
    known = (each for each in concerned if each is not None and each in policy.organisation)
    return unit in concerned or any(policy.organisation.is_under(each, unit) for each in known)


def may_help(case: Case, lead: str | None, unit: str, policy: DispatchPolicy) -> RefusalCode | None:
    """A co-handler is not the lead."""
    return may_get(case, unit, policy) or (RefusalCode.ALREADY_CO_HANDLER if unit == lead else None)
