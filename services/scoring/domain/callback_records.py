"""Records of calling the person served back (回访): one for each attempt; one with a rating counts as a rating, too.

Source: S2 (即时测评).
"""

from __future__ import annotations

from contracts.channel import RecordCallback
from contracts.codes import CallbackOutcome, RefusalCode
from contracts.message import Event
from contracts.refusals import reason
from contracts.scoring import CallbackRecorded
from infra.decision import Context, Decision, Wait
from services.scoring.domain.announcing import announce
from services.scoring.domain.callback import FINAL, attempts_of, cut_short
from services.scoring.domain.case import Attempt, Case
from services.scoring.domain.limits import Limits
from services.scoring.domain.rating import RatingPolicy, answered_case, counted, rating_refusal, refuse

MOST_ATTEMPTS = 20
"""Attempts in the state of a case; older ones are in its history."""


def record_callback(
    case: Case | None, command: RecordCallback, context: Context, policy: RatingPolicy, limits: Limits
) -> Decision[Case] | Wait:
    """Record the attempt, and its rating where there is one; both or neither.

    An attempt after the call-back has ended is recorded, too, and changes no clock.
    """
    if _incomplete(command):
        return refuse(case, context, reason(RefusalCode.RATING_INCOMPLETE))
    found = answered_case(case, command.answer, context)
    if isinstance(found, Wait):
        return found
    if isinstance(found, RefusalCode):
        return refuse(case, context, reason(found))
    after, events = _recorded(found, command, context)
    if command.satisfaction is not None and command.solved is not None:
        if (refusal := rating_refusal(found, context, policy)) is not None:
            return refuse(found, context, refusal)
        after, rated = counted(after, command.satisfaction, command.solved, context, limits)
        events = (*events, rated)
    elif command.outcome in FINAL:
        after = cut_short(after, context.at)
    return Decision(after, (*events, *announce(found, after, context, limits)))


def _incomplete(command: RecordCallback) -> bool:
    """Whether half a rating is given, or one by a person who was not reached."""
    given = [each is not None for each in (command.satisfaction, command.solved)]
    return any(given) and not (all(given) and command.outcome is CallbackOutcome.REACHED)


def _recorded(case: Case, command: RecordCallback, context: Context) -> tuple[Case, tuple[Event, ...]]:
    earlier = attempts_of(case)
    attempt = Attempt(
        answer=len(case.answers),
        number=earlier[-1].number + 1 if earlier else 1,
        outcome=command.outcome,
        at=context.at,
    )
    event = CallbackRecorded(
        case_id=context.key,
        occurred_at=context.at,
        channel=context.speaker,
        record_id=context.message_id,
        answer=attempt.answer,
        attempt=attempt.number,
        outcome=attempt.outcome,
        note=command.note,
    )
    return case.model_copy(update={"attempts": (*case.attempts, attempt)[-MOST_ATTEMPTS:]}), (event,)
