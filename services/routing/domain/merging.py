"""Mergers (并案): the leading case is handled; those merged into it rest with the centre and get its answer.

Whatever becomes of the leading case, each of the others is told: none is forgotten with it.
"""

from __future__ import annotations

from datetime import timedelta

from contracts.codes import AppealType
from contracts.intake import CaseMerged, CaseUnmerged, FollowerAdded, FollowerRemoved
from contracts.routing import CaseJoined, LeadingCaseClosed, LeadingCaseEnded
from infra.decision import Context, Decision, Wait
from services.routing.domain.asking import question_ended
from services.routing.domain.assignment import dispatch_by_rule, withdrawn
from services.routing.domain.case import Case, Report
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.followers import sent_back
from services.routing.domain.postponement import resumed
from services.routing.domain.verification import close

PATIENCE = timedelta(days=1)
"""How long an answer waits for the merger that it follows from."""


def join(case: Case, merged: CaseMerged, context: Context) -> Decision[Case]:
    """No unit works on it any more; it does not rest and nothing is asked: its limit runs on, for the centre to keep.

    Two cases that were merged into each other at once both stay as they are.
    """
    if case.closed or case.held or case.merged_into is not None or merged.into in case.followers:
        return Decision(case)
    awake, woken = resumed(case, context)
    awake, unasked = question_ended(awake, context)
    joined = awake.model_copy(
        update={
            "merged_into": merged.into,
            "responsible": case.centre,
            "asked": None,
            "asked_at": None,
            "sent_to": None,
            "signed": False,
            "binding": False,
            "reported": None,
            "proposal": None,
            "extension": None,
            "subtasks": (),
        }
    )
    told = CaseJoined(case_id=context.key, occurred_at=context.at, leading=merged.into, responsible=joined.responsible)
    return Decision(joined, (*woken, *unasked, told, *withdrawn(case, context)))


def part(
    case: Case, subject: CaseUnmerged | LeadingCaseEnded, policy: DispatchPolicy, context: Context
) -> Decision[Case]:
    """It is dispatched by itself again."""
    leading = subject.out_of if isinstance(subject, CaseUnmerged) else subject.leading
    if case.closed or case.merged_into != leading:
        return Decision(case)
    return dispatch_by_rule(case.model_copy(update={"merged_into": None}), policy, context)


def follow(case: Case, subject: LeadingCaseClosed, policy: DispatchPolicy, context: Context) -> Decision[Case] | Wait:
    """Closed with the answer of the leading case, which may come before intake's word that it leads.

    Who is recused in this case answers it in no other either: then it goes on by itself.
    """
    if case.closed:
        return Decision(case)
    if case.merged_into != subject.leading:
        return Decision(case) if context.patience_over else Wait(PATIENCE)
    if policy.recused(subject.unit, case.about):
        return dispatch_by_rule(case.model_copy(update={"merged_into": None}), policy, context)
    adopted = subject.adopted if case.appeal is AppealType.SUGGESTION else None
    answer = Report(result=subject.result, reply=subject.reply, adopted=adopted)
    alone = case.model_copy(update={"merged_into": None, "responsible": subject.unit})
    return close(alone, answer, context, verified_by=subject.verified_by)


def add_follower(case: Case, added: FollowerAdded, context: Context) -> Decision[Case]:
    """Its answer will be the other's, too; what has no answer to give sends the other back at once."""
    if case.closed or case.merged_into is not None:
        return Decision(case, (sent_back(added.follower, context),))
    followers = tuple(dict.fromkeys((*case.followers, added.follower)))
    return Decision(case.model_copy(update={"followers": followers}))


def remove_follower(case: Case, removed: FollowerRemoved) -> Decision[Case]:
    """Its answer is this one's no more."""
    left = tuple(each for each in case.followers if each != removed.follower)
    return Decision(case.model_copy(update={"followers": left}))
