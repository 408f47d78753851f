"""Mergers (并案): one matter of several complainants is handled once, and answered to each of them."""

from __future__ import annotations

from contracts.clerking import MergeCase, UnmergeCase
from contracts.codes import RefusalCode
from contracts.intake import CaseMerged, CaseUnmerged, FollowerAdded, FollowerRemoved
from contracts.refusals import Reason, reason
from infra.decision import Context, Decision
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import Supplies


def merge(case: Registration, command: MergeCase, context: Context) -> Decision[Registration] | Reason:
    """The case follows the other one; or the rule that forbids it."""
    if case.held is not None:
        return reason(RefusalCode.CASE_HELD)
    if case.merged_into is not None:
        return reason(RefusalCode.CASE_MERGED)
    leading = context.supplies.leading.get(command.into) if isinstance(context.supplies, Supplies) else None
    if leading is None or command.into == context.key or not _may_lead(leading, case):
        return reason(RefusalCode.CANNOT_LEAD, "into")
    merged = CaseMerged(
        case_id=context.key,
        occurred_at=context.at,
        into=command.into,
        into_number=leading.number,
        by=command.actor,
    )
    added = FollowerAdded(case_id=command.into, occurred_at=context.at, follower=context.key)
    return Decision(case.model_copy(update={"merged_into": command.into}), (merged, added))


def unmerge(case: Registration, command: UnmergeCase, context: Context) -> Decision[Registration] | Reason:
    """The case is dispatched by itself again; or the rule that forbids it."""
    leading = case.merged_into
    if leading is None:
        return reason(RefusalCode.NOT_MERGED)
    unmerged = CaseUnmerged(case_id=context.key, occurred_at=context.at, out_of=leading, by=command.actor)
    removed = FollowerRemoved(case_id=leading, occurred_at=context.at, follower=context.key)
    return Decision(case.model_copy(update={"merged_into": None}), (unmerged, removed))


def _may_lead(leading: Registration, follower: Registration) -> bool:
    return (
        not leading.over and leading.held is None and leading.merged_into is None and leading.centre == follower.centre
    )
