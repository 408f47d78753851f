"""Notices to units: a leader's instruction on a case (批示), and a return reported to the superior (否定报备)."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.codes import Language
from contracts.routing import CaseInstructed, CaseQueued
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context
from services.notify.domain.case import Case, Registered
from services.notify.domain.owing import of_case, staff_notice
from services.notify.domain.policy import Policy


def owed_of_instruction(
    case: Case, instructed: CaseInstructed, registered: Registered, policy: Policy, context: Context
) -> Iterator[StaffNoticeOwed]:
    """To each unit that routing informs: the unit that handles the case, and the centre."""
    if not policy.tells_staff("instruction"):
        return
    instruction = instructed.instruction
    for to in instructed.informed:
        language = Language(policy.receiver(to).language)
        facts = {
            **of_case(registered, policy, language),
            "unit_name": policy.names.unit(instructed.responsible, language),
            "to_name": policy.names.unit(to, language),
            "leader": instruction.by,
            "leader_unit_name": policy.names.unit(instructed.unit, language),
            "instruction": instruction.text,
            "working_days": instruction.working_days,
            "due_at": case.limit.due_at if case.limit else None,
        }
        which = f"{instruction.by}/{instructed.occurred_at.isoformat()}/{instruction.text}"
        yield staff_notice(to, "instruction", which, facts, policy, context, registered.centre)


def owed_of_return(
    queued: CaseQueued, registered: Registered, policy: Policy, context: Context
) -> Iterator[StaffNoticeOwed]:
    """To the superior of the unit that returned the case; none where it has no superior."""
    to = queued.reported_to
    if to is None or not policy.tells_staff("return-reported"):
        return
    language = Language(policy.receiver(to).language)
    facts = {
        **of_case(registered, policy, language),
        "unit_name": policy.names.unit(queued.returned_by, language),
        "to_name": policy.names.unit(to, language),
        "reason": queued.return_reason,
    }
    which = f"{queued.returned_by}/{queued.occurred_at.isoformat()}/{queued.return_reason}"
    yield staff_notice(to, "return-reported", which, facts, policy, context, registered.centre)
