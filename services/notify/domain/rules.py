"""Which rules answer which message, and whose document it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from contracts.conduct import MeasureDecided, MeasureReversed
from contracts.message import Message
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context, Decision, Internal, Subject, Unreadable, Wait
from services.notify.domain.board import Board, ShownCases
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.directory import Directory
from services.notify.domain.issue import IssueFallsDue, IssueRules
from services.notify.domain.kept import Kept
from services.notify.domain.measure import MeasureRules
from services.notify.domain.oversight import OF_OVERSIGHT
from services.notify.domain.paper import PaperPrinted, PaperRules
from services.notify.domain.policy import Policy, Tables
from services.notify.domain.publication_rules import ABOUT_PUBLICATION, PublicationRules
from services.notify.domain.staff import StaffRules
from services.notify.domain.templates import Templates
from services.notify.printing.forms import Forms

_KIND_BY_TYPE: Mapping[str, str] = {
    StaffNoticeOwed.TYPE: "staff-notice",
    **{each.TYPE: "staff-notice" for each in OF_OVERSIGHT},
    MeasureDecided.TYPE: "measure",
    MeasureReversed.TYPE: "measure",
    **{each.TYPE: "publication" for each in ABOUT_PUBLICATION},
}
"""Of what each message begins a document; every other is about a case."""
_KIND_BY_INTERNAL: Mapping[type[Internal], str] = {IssueFallsDue: "issue", PaperPrinted: "paper"}
"""Of what notify begins a document by itself."""


class KindRules(Protocol):
    """The rules of one kind of document."""

    def decide(self, state: Any, subject: Subject, context: Context) -> Decision[Any] | Wait:
        """The next state, what is announced and what is to be sent."""

    def due(self, state: Any) -> datetime | None:
        """When it wants to be looked at."""

    def is_open(self, state: Any) -> bool:
        """Whether anything is still owed."""


@dataclass(frozen=True)
class Rules:
    """The rules of one place, for every kind of document."""

    policy: Policy
    templates: Templates
    forms: Forms
    board: Board
    directory: Directory
    kinds: Mapping[str, KindRules]

    @classmethod
    def from_tables(cls, version: str, tables: Tables, lease: timedelta) -> Rules:
        """From the place's tables. Raises `KeyError` and `ValueError`, a `TemplateError` too, for what does not fit."""
        policy = Policy.from_tables(version, tables)
        templates = Templates.from_tables(version, tables)
        board = Board.from_tables(policy, tables)
        kinds: dict[str, KindRules] = {
            "case": ShownCases(CaseRules(policy, lease), board),
            "staff-notice": StaffRules(policy, lease),
            "issue": IssueRules(policy),
            "measure": MeasureRules.from_tables(policy, tables),
            "paper": PaperRules(),
            "publication": PublicationRules(policy),
        }
        return cls(policy, templates, Forms.from_tables(tables), board, Directory.from_tables(tables), kinds)

    def decide(self, state: Kept | None, subject: Subject, context: Context) -> Decision[Kept] | Wait:
        """The next state of whatever the key stands for, what is announced and what is to be sent."""
        kind = self._kind_of(subject, context) if state is None else state.kind
        return self.kinds[kind].decide(state, subject, context)

    def due(self, state: Kept) -> datetime | None:
        """When it wants to be looked at."""
        return self.kinds[state.kind].due(state)

    def is_open(self, state: Kept) -> bool:
        """Whether anything is still owed."""
        return self.kinds[state.kind].is_open(state)

    def _kind_of(self, subject: Subject, context: Context) -> str:
        match subject:
            case Message():
                return _KIND_BY_TYPE.get(subject.TYPE, "case")
            case Internal():
                return _KIND_BY_INTERNAL.get(type(subject), "case")
            case Unreadable() if subject.topic == "publicity.{unit}":
                return "publication"
        return "case"
