"""What the bus tells of one case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from contracts.codes import NoticeKind
from contracts.intake import CaseEnded, CaseRegistered, SubmissionRefused
from contracts.message import Event
from contracts.notify import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintEnded,
    ComplaintRefused,
    NoticeFailed,
    NoticeSent,
    RatingAnswered,
)
from contracts.routing import (
    AssignmentOffered,
    CaseAssigned,
    CaseClosed,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    CaseSigned,
)
from contracts.scoring import CallbackRecorded, CaseRated, ClockRungReached, ClockStarted, ClockStopped

OPENED_AGAIN = "opened again"
ENDED = "ended by intake"
"""Also of a case that a department closes in the same moment: the complainant gets the answer that came first."""


def _why(refused: SubmissionRefused | ComplaintRefused | RatingAnswered) -> str:
    """Tells apart the refusals of different messages that a partner sends under one CloudEvents id."""
    codes = "".join(f", {reason.code} {reason.field or ''}".rstrip() for reason in refused.reasons)
    record = refused.record
    return codes if record is None else f"{codes}, {record.topic}/{record.partition}/{record.offset}"


_ONCE: dict[type[Event], Callable[..., str]] = {
    CaseRegistered: lambda _: "registered",
    CaseReopened: lambda said: f"{OPENED_AGAIN} no. {said.count}",
    SubmissionRefused: lambda said: f"refusal of submission {said.submission_id}{_why(said)}",
    CaseClosed: lambda _: "closed",
    CaseEnded: lambda _: ENDED,
    CaseRated: lambda _: "rated",
    CallbackRecorded: lambda said: f"record of call-back {said.record_id}",
    ClockStarted: lambda said: f"start of clock {said.clock}",
    ClockRungReached: lambda said: f"rung {said.rung} of clock {said.clock}",
    ClockStopped: lambda said: f"stop of clock {said.clock}",
    NoticeSent: lambda said: f"{said.notice} notice {said.notice_id} by {said.by}",
    NoticeFailed: lambda said: f"failure of notice {said.notice_id} by {said.by}",
    ComplaintAcknowledged: lambda _: "acknowledgement to the channel",
    ComplaintAnswered: lambda _: "answer to the channel",
    ComplaintEnded: lambda _: "answer to the channel",
    ComplaintRefused: lambda said: f"reply to submission {said.submission_id}{_why(said)}",
    RatingAnswered: lambda said: f"reply to rating {said.rating_id}{_why(said)}",
}
"""What each of these may say of a case only once, in words."""

_STAGES: dict[type[Event], str] = {
    CaseRegistered: "registered",
    CaseReopened: "reopened",
    SubmissionRefused: "refused",
    AssignmentOffered: "offered",
    CaseAssigned: "assigned",
    CaseQueued: "queued",
    CaseSigned: "signed",
    CaseClosed: "closed",
    CaseEnded: "closed",
    ClockStarted: "clocked",
    ClockStopped: "stopped",
    CaseRated: "rated",
}


@dataclass
class Story:
    """A case from its submission to its end, in whatever order the topics told of it."""

    registered: dict[str, str] = field(default_factory=dict)
    """Number by event id."""
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Reasons by event id."""
    owner: str | None = None
    """The responsible unit; who is told of last, since one topic tells of it."""
    told: set[str] = field(default_factory=set)
    """What the complainant was told by the way they chose."""
    channel_told: set[str] = field(default_factory=set)
    """What the channel was told on its own topic."""
    answers: set[str] = field(default_factory=set)
    """Answers that the complainant was told: one each time the case was closed."""
    stops: set[str] = field(default_factory=set)
    """Clocks that have stopped: a case that is opened again has another one."""
    ratings_owed: set[str] = field(default_factory=set)
    """Ratings and records of call-backs that the channel has sent."""
    ratings_answered: set[str] = field(default_factory=set)
    """Ratings of which the channel was told whether they count."""
    once: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Event ids by what may be said only once."""
    first_at: dict[str, datetime] = field(default_factory=dict)
    """When each stage was first reached."""

    @property
    def closed(self) -> bool:
        """The unit has answered the matter, each time it was opened again, too."""
        return len(self.once.get("closed", ())) + len(self.once.get(ENDED, ())) > self.reopened

    @property
    def reopened(self) -> int:
        """How often it was opened again."""
        return sum(what.startswith(OPENED_AGAIN) for what in self.once)

    @property
    def stopped(self) -> bool:
        """A clock has stopped for each end."""
        return len(self.stops) > self.reopened

    def may_be_said(self, what: str) -> int:
        """How often: an end and what follows it come again with each opening."""
        return self.reopened + 1 if what in {"closed", "rated", "answer to the channel"} else 1

    @property
    def settled(self) -> bool:
        """Nothing is owed any more."""
        if not self.registered:
            return bool(self.refused) and self.tells(NoticeKind.REFUSAL)
        told = self.tells(NoticeKind.ACKNOWLEDGEMENT) and self.tells(NoticeKind.ANSWER)
        rated = self.ratings_owed <= self.ratings_answered
        return self.closed and told and rated and "clocked" in self.first_at and self.stopped

    def tells(self, kind: NoticeKind) -> bool:
        """Both were told: the complainant by the way they chose, and the channel."""
        if kind == NoticeKind.ANSWER:
            return self.answered and self.channel_answered
        return kind in self.told and kind in self.channel_told

    @property
    def answered(self) -> bool:
        """The complainant was told every answer."""
        return len(self.answers) > self.reopened

    @property
    def channel_answered(self) -> bool:
        """The channel was told every answer."""
        return len(self.once.get("answer to the channel", ())) > self.reopened

    def see(self, id: str, event: Event) -> None:
        """One more event of this case, not seen before."""
        if (once := _ONCE.get(type(event))) is not None:
            self.once[once(event)].add(id)
        if (stage := _STAGES.get(type(event))) is not None and not _is_of_a_stage(event):
            self.first_at.setdefault(stage, event.occurred_at)
        self._units_side(event)
        self._citizens_side(id, event)

    def _units_side(self, event: Event) -> None:
        match event:
            case ClockStopped() if not _is_of_a_stage(event):
                self.stops.add(event.clock)
            case CaseRegistered() if event.held is not None:
                self.owner = self.owner or event.jurisdiction
            case CaseAssigned() | CaseQueued() | CaseJoined():
                self.owner = event.responsible
            case CaseSigned():
                self.owner = event.unit
            case _:
                pass

    def _citizens_side(self, id: str, event: Event) -> None:
        match event:
            case CaseRegistered():
                self.registered[id] = event.number
            case SubmissionRefused():
                self.refused[id] = tuple(str(reason.code) for reason in event.reasons)
            case NoticeSent():
                self._noticed(event)
            case ComplaintAcknowledged():
                self.channel_told.add(NoticeKind.ACKNOWLEDGEMENT)
            case ComplaintRefused():
                self.channel_told.add(NoticeKind.REFUSAL)
            case RatingAnswered():
                self.ratings_answered.add(event.rating_id)
            case CallbackRecorded():
                self.ratings_answered.add(event.record_id)
            case _:
                pass

    def _noticed(self, sent: NoticeSent) -> None:
        self.told.add(sent.notice)
        self.first_at.setdefault(str(sent.notice), sent.occurred_at)
        if sent.notice == NoticeKind.ANSWER:
            self.answers.add(sent.notice_id)


def _is_of_a_stage(event: Event) -> bool:
    """A clock beside that of the whole case (``close``, ``close-2``)."""
    return isinstance(event, ClockStarted | ClockStopped) and event.clock.partition("-")[0] != "close"
