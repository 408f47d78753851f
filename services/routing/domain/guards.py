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


def may_help(case: Case, lead: str | None, unit: str, policy: DispatchPolicy) -> RefusalCode | None:
    """A co-handler is not the lead."""
    return may_get(case, unit, policy) or (RefusalCode.ALREADY_CO_HANDLER if unit == lead else None)
