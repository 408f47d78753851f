"""Which rules answer which message, and whose document it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from contracts.message import Message
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context, Decision, Internal, Subject, Wait
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.issue import IssueFallsDue, IssueRules
from services.notify.domain.kept import Kept
from services.notify.domain.oversight import OF_OVERSIGHT
from services.notify.domain.policy import Policy, Tables
from services.notify.domain.staff import StaffRules
from services.notify.domain.templates import Templates

_KIND_BY_TYPE: Mapping[str, str] = {
    StaffNoticeOwed.TYPE: "staff-notice",
    **{each.TYPE: "staff-notice" for each in OF_OVERSIGHT},
}
"""Of what each message begins a document; every other is about a case."""
_KIND_BY_INTERNAL: Mapping[type[Internal], str] = {IssueFallsDue: "issue"}
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
    kinds: Mapping[str, KindRules]

    @classmethod
    def from_tables(cls, version: str, tables: Tables, lease: timedelta) -> Rules:
        """From the place's tables. Raises `KeyError`, `ValidationError` and `TemplateError` for what does not fit."""
        policy = Policy.from_tables(version, tables)
        templates = Templates.from_tables(version, tables)
        kinds: dict[str, KindRules] = {
            "case": CaseRules(policy, lease),
            "staff-notice": StaffRules(policy, lease),
            "issue": IssueRules(policy),
        }
        return cls(policy, templates, kinds)

    def decide(self, state: Kept | None, subject: Subject, context: Context) -> Decision[Kept] | Wait:
        """The next state of whatever the key stands for, what is announced and what is to be sent."""
        return self.kinds[_kind_of(subject) if state is None else state.kind].decide(state, subject, context)

    def due(self, state: Kept) -> datetime | None:
        """When it wants to be looked at."""
        return self.kinds[state.kind].due(state)

    def is_open(self, state: Kept) -> bool:
        """Whether anything is still owed."""
        return self.kinds[state.kind].is_open(state)


def _kind_of(subject: Subject) -> str:
    if isinstance(subject, Internal):
        return _KIND_BY_INTERNAL.get(type(subject), "case")
    return _KIND_BY_TYPE.get(subject.TYPE, "case") if isinstance(subject, Message) else "case"
