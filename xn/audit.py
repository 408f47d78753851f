"""The audit: 件件有回音、事事有着落. What was submitted against what stands on the bus; all is counted.

Delivery is at least once, so an event counts by its id. Two *different* events that say a thing which may be said only
once, such as two registrations of one case, are duplicates.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contracts.codes import NoticeKind
from contracts.dead_letters import DeadLettered
from contracts.intake import CaseRegistered, SubmissionRefused
from contracts.message import Message
from contracts.notify import NoticeSent
from contracts.routing import AssignmentOffered, CaseAssigned, CaseClosed, CaseQueued, CaseSigned
from contracts.scoring import CaseRated, ClockStarted, ClockStopped


@dataclass
class Story:
    """What the bus tells of one case."""

    registered: dict[str, str] = field(default_factory=dict)
    """Number by event id."""
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Reasons by event id."""
    owner: str | None = None
    """The responsible unit, as last told."""
    queued: bool = False
    closed: set[str] = field(default_factory=set)
    rated: set[str] = field(default_factory=set)
    clocks: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    """Clocks that ended with the case."""
    told: dict[NoticeKind, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Event ids by kind of notice."""
    first_at: dict[str, datetime] = field(default_factory=dict)
    """When each stage was first reached."""

    @property
    def settled(self) -> bool:
        """Nothing is owed any more."""
        if not self.registered:
            return bool(self.refused)
        told = self.told[NoticeKind.ACKNOWLEDGEMENT] and self.told[NoticeKind.ANSWER]
        return bool(self.closed and told and self.clocks and self.stopped)


@dataclass(frozen=True)
class Audit:
    """The figures. It passes when nothing was lost, nothing was done twice, and every sum is right."""

    submitted: int
    registered: int
    refused: int
    assigned: int
    closed: int
    open_with_owner: int
    acknowledged: int
    answered: int
    rated: int
    lost: int
    duplicated: int
    dead_letters: int
    reasons: Mapping[str, int]
    """How often each reason of refusal was given."""
    faults: tuple[str, ...]
    """Every loss and duplicate by name, at most the first hundred."""

    @property
    def passed(self) -> bool:
        """The promise was kept."""
        return (
            not self.lost
            and not self.duplicated
            and self.submitted == self.registered + self.refused
            and self.registered == self.closed + self.open_with_owner
        )


class Ledger:
    """Takes what is seen on the topics, in any order and any number of times."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = defaultdict(Story)
        self.submitted: dict[str, datetime] = {}
        self.dead_letters: set[str] = set()
        self._seen: set[str] = set()

    def submit(self, case_id: str, at: datetime) -> None:
        """The broker has acknowledged this complaint."""
        self.submitted.setdefault(case_id, at)

    def see(self, id: str, message: Message) -> bool:
        """Notes an event; False when it was seen before."""
        if id in self._seen:
            return False
        self._seen.add(id)
        match message:
            case DeadLettered():
                self.dead_letters.add(message.letter_id)
            case CaseRegistered() | SubmissionRefused() | NoticeSent() | CaseRated() | ClockStarted() | ClockStopped():
                self._citizens_side(id, message)
            case CaseAssigned() | CaseQueued() | CaseSigned() | CaseClosed() | AssignmentOffered():
                self._units_side(id, message)
            case _:
                return True
        return True

    def _citizens_side(
        self,
        id: str,
        message: CaseRegistered | SubmissionRefused | NoticeSent | CaseRated | ClockStarted | ClockStopped,
    ) -> None:
        story, stage = self.stories[message.case_id], ""
        match message:
            case CaseRegistered():
                story.registered[id] = message.number
                stage = "registered"
            case SubmissionRefused():
                story.refused[id] = tuple(str(reason.code) for reason in message.reasons)
                stage = "refused"
            case NoticeSent():
                story.told[message.notice].add(id)
                stage = str(message.notice)
            case CaseRated():
                story.rated.add(id)
                stage = "rated"
            case ClockStarted():
                story.clocks.add(id)
                stage = "clocked"
            case ClockStopped():
                story.stopped.add(id)
                stage = "stopped"
        story.first_at.setdefault(stage, message.occurred_at)

    def _units_side(
        self, id: str, message: CaseAssigned | CaseQueued | CaseSigned | CaseClosed | AssignmentOffered
    ) -> None:
        story, stage = self.stories[message.case_id], ""
        match message:
            case CaseAssigned():
                story.owner, story.queued, stage = message.responsible, False, "assigned"
            case CaseQueued():
                story.owner, story.queued, stage = message.responsible, True, "queued"
            case CaseSigned():
                story.owner, stage = message.unit, "signed"
            case CaseClosed():
                story.closed.add(id)
                stage = "closed"
            case AssignmentOffered():
                stage = "offered"
        story.first_at.setdefault(stage, message.occurred_at)

    def unsettled(self) -> list[str]:
        """Submitted cases to which something is still owed."""
        return [case_id for case_id in self.submitted if not self.stories[case_id].settled]

    def audit(self) -> Audit:
        """The figures of this moment."""
        stories = {case_id: self.stories[case_id] for case_id in self.submitted}
        registered = [story for story in stories.values() if story.registered]
        refused = [story for story in stories.values() if story.refused and not story.registered]
        lost = list(losses(stories))
        twice = list(duplicates(stories))
        return Audit(
            submitted=len(stories),
            registered=len(registered),
            refused=len(refused),
            assigned=sum("assigned" in story.first_at for story in registered),
            closed=sum(bool(story.closed) for story in registered),
            open_with_owner=sum(not story.closed and story.owner is not None for story in registered),
            acknowledged=sum(bool(story.told[NoticeKind.ACKNOWLEDGEMENT]) for story in registered),
            answered=sum(bool(story.told[NoticeKind.ANSWER]) for story in registered),
            rated=sum(bool(story.rated) for story in registered),
            lost=len(lost),
            duplicated=len(twice),
            dead_letters=len(self.dead_letters),
            reasons=Counter(code for story in refused for codes in story.refused.values() for code in codes),
            faults=tuple([*lost, *twice][:100]),
        )


def losses(stories: Mapping[str, Story]) -> Iterable[str]:
    """Each case that was lost, or that ended in silence, and how."""
    for case_id, story in stories.items():
        loss = loss_of(story) if story.registered else loss_before_registration(story)
        if loss:
            yield f"{case_id}: {loss}"


def loss_before_registration(story: Story) -> str | None:
    """What became of a submission that is no case; None when it was refused in good order."""
    if not story.refused:
        return "submitted, neither registered nor refused"
    if not all(story.refused.values()):
        return "refused without a reason"
    return None if story.told[NoticeKind.REFUSAL] else "refused, and nobody told"


def loss_of(story: Story) -> str | None:
    """The first thing that a registered case is owed and has not been given; None when there is none."""
    owed = {
        "registered, without an owner": bool(story.closed) or story.owner is not None,
        "registered, never acknowledged": bool(story.told[NoticeKind.ACKNOWLEDGEMENT]),
        "registered, without a deadline": bool(story.clocks),
        "closed, never answered": not story.closed or bool(story.told[NoticeKind.ANSWER]),
        "closed, and its clock still runs": not story.closed or bool(story.stopped),
    }
    return next((loss for loss, given in owed.items() if not given), None)


def duplicates(stories: Mapping[str, Story]) -> Iterable[str]:
    """Each thing that was done twice though it may be done once."""
    holders: dict[str, str] = {}
    for case_id, story in stories.items():
        once = {
            "registered": len(story.registered),
            "closed": len(story.closed),
            "rated": len(story.rated),
            "clock started": len(story.clocks),
            "clock stopped": len(story.stopped),
            "acknowledged": len(story.told[NoticeKind.ACKNOWLEDGEMENT]),
            "answered": len(story.told[NoticeKind.ANSWER]),
        }
        yield from (f"{case_id}: {what} {count} times" for what, count in once.items() if count > 1)
        for number in set(story.registered.values()):
            if number in holders:
                yield f"{case_id}: has the number of {holders[number]}"
            holders[number] = case_id


def quantiles(seconds: Iterable[float]) -> tuple[float, float] | None:
    """Median and 99th percentile; None of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
