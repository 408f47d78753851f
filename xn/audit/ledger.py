"""The ledger: what was submitted, and every event seen since."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from contracts.channel import RateCase, RecordCallback
from contracts.codes import NoticeKind
from contracts.dead_letters import DeadLettered
from contracts.message import Event, Message
from xn.audit.carried import Carried
from xn.audit.story import Story
from xn.audit.verdict import Audit, duplicates, losses


class Ledger:
    """Takes what is seen on the topics, in any order and any number of times."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = defaultdict(Story)
        self.submitted: dict[str, datetime] = {}
        self.dead_letters: set[tuple[str, str, str]] = set()
        """Service, case and letter."""
        self.carried = Carried()
        self._unsettled: dict[str, None] = {}
        self._seen: dict[str, int] = {}
        self._contradictions: list[str] = []

    def submit(self, case_id: str, at: datetime) -> None:
        """This complaint is on its way to the broker."""
        self.submitted.setdefault(case_id, at)
        self._settle(case_id)

    def withdraw(self, case_id: str) -> None:
        """It never reached the broker, and whoever wanted to submit it knows."""
        self.submitted.pop(case_id, None)
        self._settle(case_id)

    def see(self, id: str, message: Message) -> bool:
        """Take one message; False if seen before. Of commands, ratings and records of call-backs need an answer."""
        content = hash(message)
        if id in self._seen:
            if self._seen[id] != content and isinstance(message, Event):
                self._contradictions.append(f"{message.case_id}: two contents under the id {id} of {message.TYPE}")
            return False
        self._seen[id] = content
        self.carried.see(message)
        if isinstance(message, DeadLettered):
            self.dead_letters.add((message.service, message.case_id, message.letter_id))
        elif isinstance(message, Event):
            self.stories[message.case_id].see(id, message)
            self._settle(message.case_id)
        elif isinstance(message, RateCase | RecordCallback):
            self.stories[message.case_id].ratings_owed.add(id)
            self._settle(message.case_id)
        return True

    def _settle(self, case_id: str) -> None:
        """Kept at every event, so that asking costs nothing: a refused case that is mended is open again."""
        if case_id in self.submitted and not self.stories[case_id].settled:
            self._unsettled[case_id] = None
        else:
            self._unsettled.pop(case_id, None)

    def unsettled(self) -> list[str]:
        """Submitted cases to which something is still owed."""
        return list(self._unsettled)

    def audit(self, taken: Mapping[str, Collection[str]] | None = None) -> Audit:
        """The figures of this moment; what providers took, by way, is judged one by one where it is known."""
        stories = {case_id: self.stories[case_id] for case_id in self.submitted}
        registered = [story for story in stories.values() if story.registered]
        refused = [story for story in stories.values() if story.refused and not story.registered]
        lost = [*losses(stories), *self.carried.never_came(taken or {})]
        twice = [*duplicates(self.stories), *self._contradictions]
        twice += [*self.carried.told_twice(), *self.carried.nobody_owed(taken or {})]
        return Audit(
            submitted=len(stories),
            registered=len(registered),
            refused=len(refused),
            assigned=sum("assigned" in story.first_at for story in registered),
            queued=sum("queued" in story.first_at for story in registered),
            closed=sum(story.closed for story in registered),
            open_with_owner=sum(not story.closed and story.owner is not None for story in registered),
            acknowledged=sum(story.tells(NoticeKind.ACKNOWLEDGEMENT) for story in registered),
            answered=sum(story.tells(NoticeKind.ANSWER) for story in registered),
            rated=sum("rated" in story.first_at for story in registered),
            lost=len(lost),
            duplicated=len(twice),
            dead_letters=len(self.dead_letters),
            reasons=Counter(code for story in refused for codes in story.refused.values() for code in codes),
            notices=self.carried.by_way,
            missed=self.carried.failures,
            staff_owed=len(self.carried.owed),
            staff_told=len(self.carried.told),
            faults=tuple([*lost, *twice][:100]),
        )
