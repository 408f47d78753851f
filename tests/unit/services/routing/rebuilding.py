"""A case as it stands, rebuilt from the facts on the bus alone: what anybody knows who has heard them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contracts.intake import CaseEnded, CaseRegistered, CaseReleased, FollowerAdded, FollowerRemoved
from contracts.message import Message
from contracts.routing import (
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    CaseResumed,
    CaseSigned,
    CaseSuspended,
    ExtensionDecided,
    ExtensionRequested,
    HandlingReported,
    RedoOrdered,
    SubtaskEnded,
    SubtaskOpened,
)
from services.routing.domain.case import Case


@dataclass
class Rebuilt:
    """The fields that decide what may happen next."""

    held: bool = False
    closed: bool = False
    responsible: str = ""
    asked: str | None = None
    signed: bool = False
    binding: bool = False
    proposed: str | None = None
    refusers: list[str] = field(default_factory=list)
    returned_by: str | None = None
    reported: bool = False
    reported_by: str | None = None
    redos: int = 0
    supervisor: str | None = None
    resting: str | None = None
    extension: int | None = None
    extension_by: str | None = None
    extensions: int = 0
    subtasks: list[str] = field(default_factory=list)
    merged_into: str | None = None
    followers: list[str] = field(default_factory=list)
    reopened: int = 0

    @classmethod
    def of(cls, case: Case) -> Rebuilt:
        """The same fields of the state that routing keeps."""
        return cls(
            held=case.held,
            closed=case.closed,
            responsible=case.responsible,
            asked=case.asked,
            signed=case.signed,
            binding=case.binding,
            proposed=case.proposal.to if case.proposal else None,
            refusers=list(case.refusers),
            returned_by=case.returned_by,
            reported=case.reported is not None,
            reported_by=case.reported.by if case.reported else None,
            redos=case.redos,
            supervisor=case.supervisor,
            resting=str(case.rest.reason) if case.rest else None,
            extension=case.extension.working_days if case.extension else None,
            extension_by=case.extension.by if case.extension else None,
            extensions=case.extensions,
            subtasks=[task.unit for task in case.subtasks],
            merged_into=case.merged_into,
            followers=list(case.followers),
            reopened=case.reopened,
        )

    def hear(self, said: Message) -> None:
        """One more fact, in the order of the case."""
        self._intakes(said)
        self._whereabouts(said)
        self._work(said)

    def _intakes(self, said: Message) -> None:
        match said:
            case CaseRegistered() if not self.responsible:
                self.held, self.responsible = said.held is not None, said.jurisdiction
            case CaseReleased():
                self.held = False
            case CaseEnded() if not self.closed:
                self._over()
            case FollowerAdded() if not self.closed and self.merged_into is None:
                self.followers = list(dict.fromkeys([*self.followers, said.follower]))
            case FollowerRemoved():
                self.followers = [each for each in self.followers if each != said.follower]
            case _:
                pass

    def _whereabouts(self, said: Message) -> None:
        match said:
            case CaseAssigned():
                self.asked, self.responsible, self.binding = said.unit, said.responsible, said.binding
                self.signed, self.proposed, self.merged_into = False, None, None
            case CaseQueued():
                self.asked, self.responsible, self.binding = None, said.responsible, False
                self.signed, self.proposed, self.merged_into = False, said.proposed, None
                self.refusers += [said.returned_by] if said.returned_by else []
                self.returned_by = said.by if said.returned_by else self.returned_by
            case CaseSigned():
                self.signed, self.responsible = True, said.unit
            case CaseJoined():
                self.merged_into, self.responsible, self.asked = said.leading, said.responsible, None
                self.signed = self.binding = self.reported = False
                self.proposed = self.resting = self.extension = None
                self.reported_by = self.extension_by = None
                self.subtasks = []
            case CaseClosed():
                self._over()
                self.responsible = said.unit
            case CaseReopened():
                self.closed, self.asked, self.reopened = False, None, said.count
                self.redos = self.extensions = 0
                self.refusers = []
            case _:
                pass

    def _work(self, said: Message) -> None:
        match said:
            case HandlingReported():
                self.reported, self.reported_by = True, said.by
            case RedoOrdered():
                self.reported, self.reported_by, self.redos = False, None, said.count
            case CaseEscalated():
                self.supervisor = said.supervisor
            case CaseSuspended():
                self.resting = str(said.reason)
            case CaseResumed():
                self.resting = None
            case ExtensionRequested():
                self.extension, self.extension_by = said.working_days, said.by
            case ExtensionDecided():
                self.extension = self.extension_by = None
                self.extensions += said.granted
            case SubtaskOpened():
                self.subtasks.append(said.unit)
            case SubtaskEnded():
                self.subtasks.remove(said.unit)
            case _:
                pass

    def _over(self) -> None:
        self.closed, self.held, self.reported = True, False, False
        self.proposed = self.resting = self.extension = self.merged_into = None
        self.reported_by = self.extension_by = None
        self.subtasks, self.followers = [], []

    def differs(self, case: Case) -> dict[str, tuple[Any, Any]]:
        """What is otherwise in the state: field, rebuilt, kept."""
        kept = Rebuilt.of(case)
        return {name: (mine, theirs) for name, mine in vars(self).items() if mine != (theirs := getattr(kept, name))}
