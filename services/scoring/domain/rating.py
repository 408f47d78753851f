"""Ratings (满意度): by the person served, once per answer of a unit, for a while after it. Source: S2.

The topic proves which channel rates. A rating by link also carries the case's code, which proves that the link was
sent to the person who rates, and the number of the answer that the link came with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from contracts.channel import RateCase, rating_code
from contracts.codes import RefusalCode, Satisfaction
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
    """Count the rating, or refuse it; a rating of a case that is not known to be closed waits first."""
    if not policy.admits(command.code, context.key):
        return refuse(case, context, reason(RefusalCode.CODE_WRONG))
    found = answered_case(case, command.answer, context)
    if isinstance(found, Wait):
        return found
    if isinstance(found, RefusalCode):
        return refuse(case, context, reason(found))
    if (refusal := rating_refusal(found, context, policy)) is not None:
        return refuse(found, context, refusal)
    after, event = counted(found, command.satisfaction, command.solved, context, limits)
    return Decision(after, (event, *announce(found, after, context, limits)))


def answered_case(case: Case | None, answer: int | None, context: Context) -> Case | RefusalCode | Wait:
    """Return the case if its latest answer can be rated by this channel and is the one meant, else why not.

    Waits while the case, or the answer that is meant, is not known here yet.
    """
    if case is not None and case.channel == context.speaker and _superseded(case, answer):
        return RefusalCode.ANSWER_SUPERSEDED
    closed = case is not None and case.closed_at is not None and len(case.answers) >= (answer or 1)
    if not closed and not context.patience_over:
        return Wait(PATIENCE)
    if case is None:
        return RefusalCode.CASE_UNKNOWN
    if case.channel != context.speaker:
        return RefusalCode.NOT_YOUR_CASE
    if not closed:
        return RefusalCode.NOT_CLOSED_YET
    return RefusalCode.NOTHING_HANDLED if case.answers[-1].ending is not None else case


def rating_refusal(case: Case, context: Context, policy: RatingPolicy) -> Reason | None:
    """Why the latest answer cannot be rated now; None if it can."""
    if any(rating.answer == len(case.answers) for rating in case.ratings):
        return reason(RefusalCode.ALREADY_RATED)
    if case.closed_at is not None and context.at > case.closed_at + timedelta(days=policy.within_days):
        return reason(RefusalCode.RATING_WINDOW_CLOSED, days=policy.within_days)
    return None


def counted(
    case: Case, satisfaction: Satisfaction, solved: bool, context: Context, limits: Limits
) -> tuple[Case, CaseRated]:
    """The case with a rating of its latest answer, and the fact of it; the call-back ends."""
    answer = len(case.answers)
    event = CaseRated(
        case_id=context.key,
        occurred_at=context.at,
        channel=context.speaker,
        rating_id=context.message_id,
        answer=answer,
        satisfaction=satisfaction,
        solved=solved,
    )
    rating = Rating(answer=answer, rated_at=context.at, satisfaction=satisfaction, solved=solved)
    return rated(case.model_copy(update={"ratings": (*case.ratings, rating)}), context.at, limits), event


def refuse(case: Case | None, context: Context, why: Reason) -> Decision[Case]:
    """Refuse a rating or a record of a call-back; the channel gets the reason."""
    return Decision(case, (_refused(context.speaker, context, (why,)),))


def _superseded(case: Case, answer: int | None) -> bool:
    """Whether the case was answered, or reopened, after the answer that is meant."""
    given = len(case.answers)
    return answer is not None and (answer < given or (answer == given and case.closed_at is None))


def refuse_unreadable(case: Case | None, subject: Unreadable, context: Context) -> Decision[Case]:
    """Refusal of a channel's record that does not match its contract."""
    refused = _refused(context.speaker, context, unreadable(subject))
    return Decision(case, (refused.model_copy(update={"record": subject.origin}),))


def _refused(channel: ChannelId, context: Context, reasons: tuple[Reason, ...]) -> RatingRefused:
    return RatingRefused(
        case_id=context.key, occurred_at=context.at, channel=channel, rating_id=context.message_id, reasons=reasons
    )
