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
    """Hears appeals against findings and measures, but for what it has found or decided itself, or is concerned in."""
    appeals_otherwise_to: list[UnitId] = Field(default_factory=list)
    """Who hears or decides where neither that body nor anybody above it may: the first of them that may."""
    appeal_days: Days = 15
    """Calendar days in which a finding, or a measure, may be appealed against."""
    appeal_decide_days: Days = 30
    """Calendar days in which the appeal has to be decided."""
    partly_counts: bool = False
    """Whether 部分属实 counts as a valid complaint (有效投诉), which no source defines."""


class Inspections(Table):
    """Who inspects (明察暗访), and how often each of them has to."""

    by: list[UnitId] = Field(default_factory=list)
    every: Literal["month", "quarter"] | None = None
    """Once in each, at least (S1¶4 每月度安排一次, S2 每季度至少一次); absent: as often as it likes."""
    covert_only: bool = False
    """Only covert visits (暗查) count for that, as in S2."""


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
    """一律追查到底: what is proposed stays open until somebody has decided."""
    expires_days: Days = 90
    """Where it is not: calendar days after which a proposal about which nobody has decided is dropped."""
    deal_severely: bool = False
    """一律严肃处理: leaving out a proposed measure needs the consent of a second post."""
    hold_the_leader: bool = False
    """一律追究领导责任: what counts against a unit counts against the post of its leader, too."""
    publish: bool = False
    """一律向社会公开: each measure that is taken is put up for publication, which is reviewed first."""


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
