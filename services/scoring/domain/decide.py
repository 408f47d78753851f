"""Which rules answer which message, and whose document it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.items import ItemCommand
from infra.decision import Context, Decision, Subject, Unreadable, Wait
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.case_rules import CaseRules
from services.scoring.domain.item import COMMANDS, Item, ItemRules
from services.scoring.domain.limits import Limits, Tables

_OF_ITEMS = {command.TYPE for command in COMMANDS}


@dataclass(frozen=True)
class Rules:
    """The rules of one place, for every kind of document. A key stands for one of a kind: they are named apart."""

    cases: CaseRules
    items: ItemRules

    @classmethod
    def from_tables(cls, version: str, tables: Tables) -> Rules:
        """From the place's tables. Raises `KeyError` for what is missing."""
        limits = Limits.from_tables(version, tables)
        return cls(CaseRules(limits), ItemRules(limits))

    @property
    def limits(self) -> Limits:
        """The clock configuration."""
        return self.cases.limits

    def decide(self, state: Aggregate | None, subject: Subject, context: Context) -> Decision[Aggregate] | Wait:
        """The next state of whatever the key stands for, and what is announced."""
        if isinstance(state, Item) or (state is None and _is_of_items(subject)):
            return self.items.decide(state, subject, context)
        if state is None or isinstance(state, Case):
            return self.cases.decide(state, subject, context)
        raise TypeError(f"nothing decides on {state.kind}")

    def due(self, state: Aggregate) -> datetime | None:
        """When it wants to be looked at."""
        match state:
            case Case():
                return self.cases.due(state)
            case Item():
                return self.items.due(state)
            case _:
                return None

    def is_open(self, state: Aggregate) -> bool:
        """Whether anything is still owed."""
        match state:
            case Case():
                return self.cases.is_open(state)
            case Item():
                return self.items.is_open(state)
            case _:
                return False


def _is_of_items(subject: Subject) -> bool:
    return isinstance(subject, ItemCommand) or (isinstance(subject, Unreadable) and subject.type in _OF_ITEMS)
