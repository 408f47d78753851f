"""One handling of a case, from its receipt, or from its being opened again, until its answer: what scores are made of.

It is kept apart from the case, small, and is never changed once it has its answer, its rating and the end of its
call-back: a month that is over stays what it was. A case that is opened again begins another handling, which counts in
its own months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from contracts.codes import Satisfaction, Stage
from contracts.message import Message
from contracts.scoring import CallbackEnded, CaseMeasured, CaseRated, Measures
from infra.decision import Context, Decision, Subject, Wait
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.scores.period import month_of, months_between

MESSAGES = (CaseMeasured, CaseRated, CallbackEnded)
PATIENCE = timedelta(days=1)
DRAWERS = "0123456789abcdef"
"""First letters of the keys: in so many parts the handlings of a month can be read."""


def handling_key(case_id: str, answer: int) -> str:
    """The key under which the handling is kept that ended with that answer."""
    return str(uuid5(UUID(case_id), f"handling/{answer}"))


def key_of_handling(message: Message, _speaker: str | None) -> str:
    """The handling that a fact of scoring is about."""
    match message:
        case CaseMeasured():
            return handling_key(message.case_id, message.measures.answer)
        case CaseRated() | CallbackEnded():
            return handling_key(message.case_id, message.answer)
        case _:
            raise TypeError(f"{type(message).__name__} is about no handling")


class Handling(Aggregate):
    """One handling. An open one is made of its case when it is asked for; only those that ended are kept."""

    kind: Literal["handling"] = "handling"
    case_id: str
    answer: int
    """Which of the case, from 1."""
    unit: str
    """Who answered; who answers for it now where it is open."""
    centre: str
    channel: str
    appeal: str
    category: str
    area: str
    started_at: datetime
    """When it was received, or opened again."""
    ended_at: datetime | None = None
    answered: bool = False
    """By a unit; otherwise it ended without one: withdrawn, lapsed, out of scope."""
    on_time: bool = False
    signed_on_time: bool | None = None
    """By that unit, each time that it had to; None where it had not."""
    returned_by: tuple[str, ...] = ()
    transfers: int = 0
    redos: int = 0
    supplements: int = 0
    extensions: int = 0
    repeats: int = 0
    rated_at: datetime | None = None
    satisfaction: Satisfaction | None = None
    solved: bool | None = None
    called_back_at: datetime | None = None
    """When the call-back ended; None where nobody is asked, or still is."""
    callback: str | None = None
    """Its result, as in `CallbackEnded`."""
    attempts: int = 0
    """Attempts to call the person served, recorded before the call-back ended."""
    reached: bool = False
    """Whether the person was reached by one of them."""
    filed: tuple[str, ...] = ()
    """Under which it is found: each month in which it was open, rated or called back, with a drawer and with each unit
    concerned.
    """

    @classmethod
    def of_kept(cls, state: Mapping[str, Any]) -> Handling:
        """From a state that was written by `HandlingRules`: not looked at again, for there are very many."""
        instants = {
            name: _instant(state.get(name)) for name in ("started_at", "ended_at", "rated_at", "called_back_at")
        }
        return cls.model_construct(None, **{**state, **instants})

    @property
    def concerns(self) -> tuple[str, ...]:
        """Units in whose scores it counts, each once."""
        return tuple(dict.fromkeys((self.unit, self.centre, *self.returned_by)))


COUNTED = tuple(name for name in Handling.model_fields if name not in {"kind", "filed", "transfers", "extensions"})
"""Fields that something is counted by."""


@dataclass(frozen=True)
class HandlingRules:
    """In the days of one place."""

    zone: ZoneInfo

    def decide(self, state: Handling | None, subject: Subject, context: Context) -> Decision[Handling] | Wait:
        """It is kept when it ends, when it is rated, and when its call-back has ended. Nothing is announced."""
        match subject:
            case CaseMeasured() if state is None:
                return Decision(self.filed(_ended(subject.case_id, subject.measures)))
            case CaseRated() | CallbackEnded() if state is None:
                if context.patience_over:
                    raise LookupError("an answer was rated or called back that was never measured here")
                return Wait(PATIENCE)
            case CaseRated() if state is not None and state.rated_at is None:
                rated = {
                    "rated_at": subject.occurred_at,
                    "satisfaction": subject.satisfaction,
                    "solved": subject.solved,
                }
                return Decision(self.filed(state.model_copy(update=rated)))
            case CallbackEnded() if state is not None and state.callback is None:
                end = {
                    "called_back_at": subject.ended_at,
                    "callback": subject.result,
                    "attempts": subject.attempts,
                    "reached": subject.reached,
                }
                return Decision(self.filed(state.model_copy(update=end)))
            case _:
                return Decision(state)

    @staticmethod
    def due(_state: Handling) -> datetime | None:
        """Never."""
        return None

    @staticmethod
    def is_open(_state: Handling) -> bool:
        """Nothing is owed."""
        return False

    def filed(self, handling: Handling) -> Handling:
        """With every month and unit under which it is found."""
        first = month_of(handling.started_at, self.zone)
        months = months_between(first, month_of(handling.ended_at, self.zone)) if handling.ended_at else (first,)
        later = [at for at in (handling.rated_at, handling.called_back_at) if at is not None]
        months = tuple(dict.fromkeys((*months, *(month_of(at, self.zone) for at in later))))
        return handling.model_copy(
            update={
                "filed": tuple(
                    filed(month, place)
                    for place in (handling_key(handling.case_id, handling.answer)[0], *handling.concerns)
                    for month in months
                )
            }
        )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def filed(month: str, place: str) -> str:
    """Under which handlings of a month are found: those that concern a unit, or those in one of the `DRAWERS`."""
    return f"{month}/{place}"


def open_handling(case_id: str, case: Case) -> Handling | None:
    """The handling of a case that waits for its answer; None where it has it."""
    if case.closed_at is not None:
        return None
    started = [clock.started_at for clock in case.clocks.values() if clock.running and clock.stage is Stage.CLOSE]
    return Handling(
        case_id=case_id,
        answer=len(case.answers) + 1,
        unit=case.unit,
        centre=case.centre,
        channel=case.channel,
        appeal=case.appeal,
        category=case.category,
        area=case.area,
        started_at=started[0] if case.answers and started else case.received_at,
        returned_by=case.counts.returned_by,
    )


def _ended(case_id: str, measures: Measures) -> Handling:
    closes = [clock.started_at for clock in measures.clocks if clock.stage == Stage.CLOSE]
    signs = [each.on_time for each in measures.clocks if each.stage == Stage.SIGN and each.unit == measures.unit]
    return Handling(
        case_id=case_id,
        answer=measures.answer,
        unit=measures.unit,
        centre=measures.centre,
        channel=measures.channel,
        appeal=measures.appeal,
        category=measures.category,
        area=measures.area,
        started_at=measures.received_at if measures.answer == 1 or not closes else closes[0],
        ended_at=measures.ended_at,
        answered=measures.ending is None,
        on_time=measures.on_time,
        signed_on_time=all(signs) if signs else None,
        returned_by=measures.returned_by,
        transfers=measures.transfers,
        redos=measures.redos,
        supplements=measures.supplements,
        extensions=measures.extensions,
        repeats=measures.repeats,
    )
