"""Ratings (满意度): by the person served, once per answer of a unit, for a while after it. Source: S2.

Who speaks is proven by the topic: a channel passes on what its own callers say. A rating by a link shows the case's
code, too: then not everybody who uses the channel may give it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from contracts.channel import RateCase, rating_code
from contracts.codes import RefusalCode
from contracts.message import ChannelId
from contracts.refusals import Reason, reason, unreadable
from contracts.score_tables import Ratings
from contracts.scoring import CaseRated, RatingRefused
from contracts.typed_codes import read_code
from infra.decision import Context, Decision, Unreadable, Wait
from services.scoring.domain.announcing import announce
from services.scoring.domain.case import Case, Rating
from services.scoring.domain.course import rated
from services.scoring.domain.limits import Limits

PATIENCE = timedelta(hours=1)
"""A rating may overtake the news that its case is closed by this much."""


@dataclass(frozen=True)
class RatingPolicy:
    """How a place takes ratings."""

    within_days: int = Ratings().within_days
    """Calendar days from the answer."""
    key: bytes | None = field(default=None, repr=False)
    """From which the codes of cases are made; None: no code is right."""

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]], key: bytes | None) -> RatingPolicy:
        """From the place's tables. Raises `pydantic.ValidationError`."""
        ratings = Ratings.model_validate(tables.get("scores", {}).get("ratings", {}))
        return cls(ratings.within_days, key)

    def admits(self, code: str | None, case_id: str) -> bool:
        """No code was shown, or that of the case."""
        if code is None:
            return True
        if self.key is None:
            return False
        return compare_digest(read_code(code).encode(), rating_code(self.key, case_id).encode())


def rate(
    case: Case | None, command: RateCase, context: Context, policy: RatingPolicy, limits: Limits
) -> Decision[Case] | Wait:
    """Counted, or refused with the rule; a rating of a case that is not known to be closed waits a while first."""
    channel = context.speaker
    if not policy.admits(command.code, context.key):
        return refuse(case, channel, context, RefusalCode.CODE_WRONG)
    if (case is None or case.closed_at is None) and not context.patience_over:
        return Wait(PATIENCE)
    if case is None:
        return refuse(None, channel, context, RefusalCode.CASE_UNKNOWN)
    if case.channel != channel:
        return refuse(case, channel, context, RefusalCode.NOT_YOUR_CASE)
    if case.closed_at is None:
        return refuse(case, channel, context, RefusalCode.NOT_CLOSED_YET)
    answer = len(case.answers)
    if case.answers[-1].ending is not None:
        return refuse(case, channel, context, RefusalCode.NOTHING_HANDLED)
    if any(rating.answer == answer for rating in case.ratings):
        return refuse(case, channel, context, RefusalCode.ALREADY_RATED)
    if context.at > case.closed_at + timedelta(days=policy.within_days):
        return refuse(case, channel, context, RefusalCode.RATING_WINDOW_CLOSED, days=policy.within_days)
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


def refuse(
    case: Case | None, channel: ChannelId, context: Context, code: RefusalCode, **figures: object
) -> Decision[Case]:
    """The channel learns why the rating was not counted."""
    return Decision(case, (_refused(channel, context, (reason(code, None, **figures),)),))


def refuse_unreadable(case: Case | None, subject: Unreadable, context: Context) -> Decision[Case]:
    """Refusal of a channel's record that does not match its contract."""
    refused = _refused(context.speaker, context, unreadable(subject))
    return Decision(case, (refused.model_copy(update={"record": subject.origin}),))


def _refused(channel: ChannelId, context: Context, reasons: tuple[Reason, ...]) -> RatingRefused:
    return RatingRefused(
        case_id=context.key, occurred_at=context.at, channel=channel, rating_id=context.message_id, reasons=reasons
    )
