"""Who works on a case beside the unit that has it (联办, S1¶4): what each is asked for, by when, and how it ended.

All of it follows from what was heard, whatever came first. A part is over when it is reported, declined or cancelled;
when the case is merged into another; or with the answer, to which it belongs from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from contracts.codes import Language, Stage
from contracts.routing import SubtaskEnded, SubtaskOpened
from contracts.scoring import ClockExtended, ClockReckoned, ClockResumed, ClockStarted
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context, Wait
from services.notify.domain.case import Case, PartLimit, Registered, Turn
from services.notify.domain.house import OfClock, stage_of
from services.notify.domain.owing import of_case, staff_notice
from services.notify.domain.policy import Policy

OfPart: TypeAlias = SubtaskOpened | SubtaskEnded
OF_PARTS = (SubtaskOpened, SubtaskEnded)

REPORTED, DECLINED, CANCELLED = "reported", "declined", "cancelled"
FELL = "fell"
"""Nobody said that it ended: it was over with its case."""
PATIENCE = timedelta(seconds=10)
"""How long a co-handler that is asked waits for scoring's word of its limit, and is told without it then."""


@dataclass(frozen=True, slots=True)
class CoHandler:
    """A unit and its part of the case."""

    unit: str
    lead: str | None
    """Who had the case when it was asked."""
    task: str
    opened_at: datetime
    due_at: datetime | None = None
    ending: str | None = None
    """None while it works on it."""
    words: str = ""
    """What it reported, or why it did not."""
    ended_at: datetime | None = None

    @property
    def helps(self) -> bool:
        """It works on it, or did; it has not declined, and was not told that it is not needed."""
        return self.ending not in (DECLINED, CANCELLED)


def heard(case: Case, subject: OfPart, policy: Policy) -> Case:
    """It is remembered, once."""
    at = subject.occurred_at
    ending, words = (subject.ending, subject.words) if isinstance(subject, SubtaskEnded) else (None, subject.task)
    turn = Turn(
        at=at,
        on=policy.day(at).isoformat(),
        unit=subject.unit,
        lead=subject.lead,
        ending=ending,
        words=words,
    )
    return case if turn in case.turns else case.model_copy(update={"turns": (*case.turns, turn)})


def part_limited(case: Case, subject: OfClock) -> Case:
    """By when each part has to be reported."""
    if stage_of(subject.clock) != Stage.PART:
        return case
    limits = {each.clock: each for each in case.part_limits}
    known = limits.get(subject.clock)
    match subject:
        case ClockStarted() if known is None and subject.unit is not None:
            begun = subject.started_on.isoformat()
            limit = PartLimit(clock=subject.clock, unit=subject.unit, on=begun, due_at=subject.due_at)
        case ClockResumed() | ClockExtended() | ClockReckoned() if known is not None:
            limit = known.model_copy(update={"due_at": subject.due_at})
        case _:
            return case
    return case.model_copy(update={"part_limits": tuple({**limits, limit.clock: limit}.values())})


def co_handlers(case: Case) -> tuple[CoHandler, ...]:
    """Every part that there was, in the order in which they were asked for. A unit has one at a time."""
    turns = sorted(case.turns, key=lambda turn: (turn.at, turn.ending is not None))
    endings = [turn for turn in turns if turn.ending is not None]
    falls = sorted((*case.joined_at, *(answer.at for answer in case.answers)))
    found = []
    for turn in turns:
        if turn.ending is not None:
            continue
        own = next((each for each in endings if each.unit == turn.unit and each.at >= turn.at), None)
        fell = next((at for at in falls if at >= turn.at), None)
        if own is not None and (fell is None or own.at <= fell):
            endings.remove(own)
            found.append(_part(case, turn, own.ending, own.at, own.words))
        else:
            found.append(_part(case, turn, FELL if fell else None, fell))
    return tuple(found)


def helping_at(case: Case, begins: datetime, ends: datetime | None) -> tuple[CoHandler, ...]:
    """Who helps, or did, while one unit has the case: until it is assigned to the next, if it is."""
    return tuple(
        each
        for each in co_handlers(case)
        if each.helps
        and (ends is None or each.opened_at < ends)
        and (each.opened_at >= begins or each.ended_at is None or each.ended_at > begins)
    )


def answered_with(case: Case, nth: int) -> tuple[CoHandler, ...]:
    """Whose word stands behind one answer of the case: what was reported for it, and what was declined."""
    after = case.answers[nth - 2].at if nth > 1 else None
    return tuple(
        each
        for each in co_handlers(case)
        if each.ending not in (None, CANCELLED, FELL)
        and (after is None or each.opened_at > after)
        and each.opened_at <= case.answers[nth - 1].at
    )


def limit_awaited(case: Case, opened: SubtaskOpened, policy: Policy, context: Context) -> Wait | None:
    """The co-handler is told in a moment, with its limit; None where it is told now.

    Scoring hears of the part when notify does, and its word of the limit comes a little later.
    """
    left = opened.occurred_at + PATIENCE - context.at
    if context.patience_over or left <= timedelta(0) or not policy.tells_staff("subtask"):
        return None
    known = _due_at(case, opened.unit, policy.day(opened.occurred_at).isoformat())
    return Wait(min(left, PATIENCE)) if known is None else None


def owed_of_part(
    case: Case, subject: OfPart, registered: Registered, policy: Policy, context: Context
) -> Iterator[StaffNoticeOwed]:
    """The co-handler hears of its part; whoever has the case, what became of it. Who cancels a part knows."""
    if isinstance(subject, SubtaskOpened):
        what, to = "subtask", subject.unit
    elif subject.ending in (REPORTED, DECLINED):
        what, to = "subtask-ended", _lead_of(case, subject) or case.owner or registered.centre
    else:
        return
    if not policy.tells_staff(what):
        return
    language = Language(policy.receiver(to).language)
    facts = {
        **of_case(registered, policy, language),
        "unit_name": policy.names.unit(subject.unit, language),
        **(_of_opened(case, subject) if isinstance(subject, SubtaskOpened) else _of_ended(case, subject)),
        "lead_name": policy.names.unit(subject.lead, language),
        "to_name": policy.names.unit(to, language),
        "due_at": case.limit.due_at if case.limit else None,
        "urgent": registered.urgent or None,
    }
    which = f"{subject.unit}/{subject.occurred_at.isoformat()}"
    yield staff_notice(to, what, which, facts, policy, context, registered.centre)


def _of_opened(case: Case, opened: SubtaskOpened) -> dict[str, object]:
    part = next(each for each in co_handlers(case) if (each.unit, each.opened_at) == (opened.unit, opened.occurred_at))
    return {"task": part.task, "part_due_at": part.due_at}


def _of_ended(case: Case, ended: SubtaskEnded) -> dict[str, object]:
    part = _ended_part(case, ended)
    return {
        "outcome": ended.ending,
        "words": ended.words,
        "task": part.task if part else None,
        "open_parts": sum(1 for each in co_handlers(case) if each.ending is None),
    }


def _lead_of(case: Case, ended: SubtaskEnded) -> str | None:
    """As routing says; what it said before it named the lead is told to whoever asked for the part."""
    part = _ended_part(case, ended)
    return ended.lead or (part.lead if part else None)


def _ended_part(case: Case, ended: SubtaskEnded) -> CoHandler | None:
    ends = ((each, (each.unit, each.ended_at)) for each in co_handlers(case))
    return next((each for each, end in ends if end == (ended.unit, ended.occurred_at)), None)


def _part(
    case: Case, asked: Turn, ending: str | None = None, ended_at: datetime | None = None, words: str = ""
) -> CoHandler:
    return CoHandler(
        unit=asked.unit,
        lead=asked.lead,
        task=asked.words,
        opened_at=asked.at,
        due_at=_due_at(case, asked.unit, asked.on),
        ending=ending,
        words=words,
        ended_at=ended_at,
    )


def _due_at(case: Case, unit: str, on: str) -> datetime | None:
    """Of the unit's part that began on that day; asked twice on one day, it has the same limit."""
    return next((each.due_at for each in reversed(case.part_limits) if (each.unit, each.on) == (unit, on)), None)
