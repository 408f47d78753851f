"""The public screen (大屏, S0): what everybody may see of a case, and where that is too little to hide somebody in.

Never a word of what was said or answered, never an address. Nothing of a confidential case, nothing of one that is
still examined. An area is named where at least so many cases come from it within so many days, this one among them;
else the area around it is, and where that has too few, too, none. What would give away the smaller area goes with it:
a unit that answers only for that is called by the one above it, and the letters of its centre are masked in the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.board import BoardEntryPosted, entry_id_for
from contracts.codes import Satisfaction
from infra.decision import Context, Decision, Subject, Wait
from services.notify.domain.case import Case, Registered
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.policy import Policy, Tables

_LAST, _FIRST = re.compile(r"[0-9A-Za-z]{1,4}$"), re.compile(r"^[0-9A-Za-z]+(?=-)")
"""Of a number: what is masked always, and what names its centre."""


class Crowds(Protocol):
    """From where many cases come, as far as that is known."""

    def many(self, area: str, at: datetime) -> bool:
        """Whether so many come from the area, or from within it, that none stands out."""


@dataclass(frozen=True)
class Line:
    """What of a case changes on the screen."""

    stage: str
    unit: str | None = None
    answer: int = 0
    """Which."""
    result: str | None = None
    satisfaction: Satisfaction | None = None


def line_of(case: Case | None) -> Line | None:
    """Where the case stands for everybody; None while nobody is to see it."""
    if case is None or case.registered is None or case.registered.confidential:
        return None
    unit = next((step.unit for step in reversed(case.steps) if step.what == "assigned"), None)
    if case.answer is None:
        if unit is None and case.registered.held:
            return None
        return Line("registered" if unit is None else "assigned", unit)
    if case.answer.unit is None and unit is None and case.registered.held:
        return None
    satisfaction = case.outcome.satisfaction if case.outcome and case.outcome.answer == len(case.answers) else None
    stage = "answered" if satisfaction is None else "rated"
    return Line(stage, case.answer.unit or unit, len(case.answers), str(case.answer.result), satisfaction)


def masked(number: str, *, centre: bool = False) -> str:
    """A number whose last four characters nobody can read; with `centre`, the letters of its centre neither."""
    hidden = _LAST.sub(lambda last: "*" * len(last[0]), number)
    return _FIRST.sub(lambda first: "*" * len(first[0]), hidden) if centre else hidden


@dataclass(frozen=True)
class Board:
    """The screen of one place."""

    policy: Policy
    parents: Mapping[str, str]
    """The area around each area that lies in one."""
    centres: Mapping[str, str]
    """Who answers for each area."""
    covered: Mapping[str, frozenset[str]]
    """The areas of each unit."""

    @classmethod
    def from_tables(cls, policy: Policy, tables: Tables) -> Board:
        """From the place's areas and units."""
        areas = tables["areas"]["area"]
        return cls(
            policy=policy,
            parents={area["code"]: area["parent"] for area in areas if area.get("parent")},
            centres={area["code"]: area["jurisdiction"] for area in areas},
            covered={unit["id"]: frozenset(unit["areas"]) for unit in tables["units"]["unit"]},
        )

    def around(self, area: str) -> Iterator[str]:
        """The area, and each around it, the smallest first."""
        seen: set[str] = set()
        at: str | None = area
        while at is not None and at not in seen:
            yield at
            seen.add(at)
            at = self.parents.get(at)

    def area(self, area: str, at: datetime, crowds: object) -> str | None:
        """The smallest area around the matter that may be named; none where it is not known how many come from it."""
        if not hasattr(crowds, "many"):
            return None
        return next((each for each in self.around(area) if crowds.many(each, at)), None)

    def unit(self, unit: str | None, area: str | None) -> str | None:
        """The unit, or the nearest above it that tells no more of where than the area does; None where none does."""
        wanted = frozenset(self.centres) if area is None else {area}
        line = () if unit is None else self.policy.line(unit)
        return next((each for each in line if wanted <= self.covered.get(each, frozenset())), None)

    def posted(self, before: Case | None, now: Case | None, context: Context) -> tuple[BoardEntryPosted, ...]:
        """A line where one has changed that everybody may see."""
        line = line_of(now)
        if not self.policy.table.board.cases or now is None or line is None or line == line_of(before):
            return ()
        return () if now.registered is None else (self._entry(line, now.registered, context),)

    def _entry(self, line: Line, registered: Registered, context: Context) -> BoardEntryPosted:
        on = self.policy.day(registered.registered_at)
        area = self.area(registered.area, context.at, context.supplies)
        return BoardEntryPosted(
            entry_id=entry_id_for(context.key),
            occurred_at=context.at,
            stage=line.stage,
            number=masked(registered.number, centre=self.centres.get(area or "") != registered.centre),
            channel=registered.channel,
            category=registered.category,
            area=area,
            unit=self.unit(line.unit, area),
            registered_on=on,
            days=max(0, (self.policy.day(context.at) - on).days),
            result=line.result,
            satisfaction=line.satisfaction,
        )


@dataclass(frozen=True)
class ShownCases:
    """The rules of cases, and beside whatever they decide the line of the screen that follows."""

    cases: CaseRules
    board: Board

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """As the rules of cases, and posted where everybody sees it."""
        decision = self.cases.decide(case, subject, context)
        if isinstance(decision, Wait):
            return decision
        shown = self.board.posted(case, decision.state, context)
        return Decision(decision.state, (*decision.events, *shown), decision.effects) if shown else decision

    def due(self, case: Case) -> datetime | None:
        """As the rules of cases."""
        return self.cases.due(case)

    def is_open(self, case: Case) -> bool:
        """As the rules of cases."""
        return self.cases.is_open(case)
