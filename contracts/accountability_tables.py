"""`accountability.toml`: who makes findings, who hears appeals, what is proposed when (问责). Source: S2, S4, S1¶4."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.message import UnitId
from contracts.score_tables import Named
from contracts.tables import Name, Table

Days = Annotated[int, Field(ge=1, le=366)]
Times = Annotated[int, Field(ge=1, le=100)]
SourceName = Literal["complaint", "superior", "media", "e-supervision", "inspection"]


class Findings(Table):
    """Who makes findings, and how they become final."""

    by: list[UnitId] = Field(min_length=1)
    appeals_to: UnitId
    """Hears appeals against findings and measures; what it finds itself is appealed against with its superior alone."""
    appeal_days: Days = 15
    """Calendar days in which a finding, or a measure, may be appealed against."""
    partly_counts: bool = False
    """Whether 部分属实 counts as a valid complaint (有效投诉), which no source defines."""


class Inspections(Table):
    """Who inspects (明察暗访)."""

    by: list[UnitId] = Field(default_factory=list)


class Surveys(Table):
    """Who makes surveys (问卷测评), and when a result counts."""

    by: list[UnitId] = Field(default_factory=list)
    enough_percent: Annotated[int, Field(ge=0, le=100)] = 60
    """Valid papers of those issued."""


class CodeLists(Table):
    """What a finding may be classified by; an empty list: not at all."""

    problem: list[Named] = Field(default_factory=list)
    rule: list[Named] = Field(default_factory=list)
    ban: list[Named] = Field(default_factory=list)
    cause: list[Named] = Field(default_factory=list)
    area: list[Named] = Field(default_factory=list)


class Step(Named):
    """A step of a ladder: from so many valid complaints on, until the next begins."""

    ladder: Literal["post", "unit"]
    count: Times
    within: Literal["year", "24 months"] = "year"
    """In which they have to lie: the calendar year of the last one, or the 24 months before it."""
    sources: list[SourceName] = Field(default_factory=list)
    """Also whatever came to light in one of these ways, however few there are (S2: 曝光、明察暗访)."""
    measures: list[str] = Field(min_length=1)
    basis: Name
    """Legal basis."""


class Decider(Table):
    """Who decides about what is proposed."""

    post: UnitId
    unit: UnitId


class Pursuit(Table):
    """四个一律 (S4), as far as a system can keep to them."""

    pursue_to_the_end: bool = True
    """一律追究到底: what is proposed stays open until somebody has decided."""
    hold_the_leader: bool = False
    """一律追究领导责任: what counts against a unit counts against the post of its leader, too."""


class AccountabilityTable(Table):
    """`accountability.toml`."""

    findings: Findings
    inspections: Inspections = Inspections()
    surveys: Surveys = Surveys()
    codes: CodeLists = CodeLists()
    decider: Decider
    measure: list[Named] = Field(min_length=1)
    outcome: list[Named] = Field(default_factory=list)
    step: list[Step] = Field(min_length=1)
    """By ladder, in order of their counts."""
    pursuit: Pursuit = Pursuit()
