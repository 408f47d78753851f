"""Supervision one level up (提级督办): done again, sent on or brought again too often, somebody above watches."""

from __future__ import annotations

from contracts.message import Event
from contracts.routing import CaseEscalated, SupervisionRequested
from infra.decision import Context
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy

REDOS = "redos"
TRANSFERS = "transfers"
REPEATS = "repeats"


def escalate(
    case: Case, why: str, count: int, policy: DispatchPolicy, context: Context
) -> tuple[Case, tuple[Event, ...]]:
    """The next superior that is not recused supervises the case; where there is none, the centre. Once per case."""
    if case.supervisor is not None:
        return case, ()
    superiors = policy.organisation.superiors(case.responsible)
    supervisor = next((unit for unit in superiors if not policy.recused(unit, case.about)), case.centre)
    told = (
        CaseEscalated(case_id=context.key, occurred_at=context.at, supervisor=supervisor, why=why, count=count),
        SupervisionRequested(
            case_id=context.key,
            occurred_at=context.at,
            unit=supervisor,
            number=case.number,
            responsible=case.responsible,
            title=case.title,
            why=why,
            count=count,
        ),
    )
    return case.model_copy(update={"supervisor": supervisor}), told
