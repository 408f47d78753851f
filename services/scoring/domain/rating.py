"""Ratings (满意度): by the person served, once per answer, when the case is closed. Source: S2."""

from __future__ import annotations

from datetime import timedelta

from contracts.channel import RateCase
from contracts.codes import Channel, RefusalCode
from contracts.refusals import Reason, malformed, reason
from contracts.scoring import CaseRated, RatingRefused
from infra.decision import Context, Decision, Unreadable, Wait
from services.scoring.domain.announcing import announce
from services.scoring.domain.case import Case, Rating
from services.scoring.domain.course import rated
from services.scoring.domain.limits import Limits

PATIENCE = timedelta(hours=1)
"""A rating may overtake the news that its case is closed by this much."""


def rate(case: Case | None, command: RateCase, context: Context, limits: Limits) -> Decision[Case] | Wait:
    """Counted, or refused with the rule; a rating of a case that is not known to be closed waits a while first."""
    channel = Channel(context.speaker)
    if (case is None or case.closed_at is None) and not context.patience_over:
        return Wait(PATIENCE)
    if case is None:
        return refuse(None, channel, context, RefusalCode.CASE_UNKNOWN)
    if case.channel != channel:
        return refuse(case, channel, context, RefusalCode.NOT_YOUR_CASE)
    if case.closed_at is None:
        return refuse(case, channel, context, RefusalCode.NOT_CLOSED_YET)
    answer = len(case.answers)
    if any(rating.answer == answer for rating in case.ratings):
        return refuse(case, channel, context, RefusalCode.ALREADY_RATED)
    told = CaseRated(
        case_id=context.key,
        occurred_at=context.at,
        channel=channel,
        rating_id=context.message_id,
        answer=answer,
        satisfaction=command.satisfaction,
        solved=command.solved,
    )
    rating = Rating(answer=answer, rated_at=context.at, satisfaction=command.satisfaction, solved=command.solved)
    after = rated(case.model_copy(update={"ratings": (*case.ratings, rating)}), context.at, limits)
    return Decision(after, (told, *announce(case, after, context, limits)))


def refuse(case: Case | None, channel: Channel, context: Context, code: RefusalCode) -> Decision[Case]:
    """The channel learns why the rating was not counted."""
    return Decision(case, (_refused(channel, context, (reason(code),)),))


def refuse_unreadable(case: Case | None, subject: Unreadable, context: Context) -> Decision[Case]:
    """The channel learns which fields do not fit the contract."""
    reasons = tuple(malformed(each.field, each.kind) for each in subject.problems)
    return Decision(case, (_refused(Channel(context.speaker), context, reasons),))


def _refused(channel: Channel, context: Context, reasons: tuple[Reason, ...]) -> RatingRefused:
    return RatingRefused(
        case_id=context.key, occurred_at=context.at, channel=channel, rating_id=context.message_id, reasons=reasons
    )
