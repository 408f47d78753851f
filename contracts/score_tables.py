"""`scores.toml`: how a place makes scores of facts (考核办法). Points are whole numbers, of a hundred. Source: S2."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.message import Code, UnitId
from contracts.tables import Name, Table

RateName = Literal[
    "response", "on-time", "resolution", "satisfaction", "points", "return", "redo", "repeat", "supplement"
]
ItemRateName = Literal["item.finished-rate", "item.on-time"]
Grade = Literal["very-satisfied", "satisfied", "fairly-satisfied", "dissatisfied", "very-dissatisfied"]
Percent = Annotated[int, Field(ge=0, le=100)]
Most = Annotated[int, Field(ge=1, le=1_000)]
Count = Annotated[int, Field(ge=1, le=1_000)]


class Ratings(Table):
    """How answers of the people served are counted."""

    counted_in: Literal["month-of-rating", "month-of-answer"] = "month-of-rating"
    """S2: 即时测评, 每月统计. By the month of the rating, a month that is over never changes."""
    satisfied: list[Grade] = Field(default=["very-satisfied", "satisfied", "fairly-satisfied"], min_length=1)
    """Grades that count for 满意率: the best ones, down to one of them."""
    points: dict[Grade, Percent] = Field(
        default={
            "very-satisfied": 100,
            "satisfied": 85,
            "fairly-satisfied": 70,
            "dissatisfied": 40,
            "very-dissatisfied": 0,
        }
    )
    """What each grade is worth where a component counts points."""
    enough: Count = 30
    """Whatever rests on fewer, or on none, is flagged as a small sample."""
    within_days: Annotated[int, Field(ge=1, le=366)] = 30
    """So long after an answer it may be rated."""
    response: Literal["signed-in-time", "answered"] = "signed-in-time"
    """What 响应率 counts: answered cases that were signed in time, or closed cases that a unit answered at all."""


class Named(Table):
    """Something that is shown under a name."""

    id: Code
    zh: Name
    en: Name


class Component(Named):
    """A part of the score: a rate of the unit's own cases or of its items, or ratings entered by bodies."""

    rate: RateName | None = None
    channels: list[Code] = Field(default_factory=list)
    """Of the rate: cases of these channels alone (S2: the six platforms)."""
    items: ItemRateName | None = None
    """Instead of a rate of cases: one of the items that other systems have watched (电子监察)."""
    systems: list[UnitId] = Field(default_factory=list)
    """Of the items: those of these systems alone."""
    assessed_by: list[UnitId] = Field(default_factory=list)
    """Instead of a rate: whose ratings are averaged."""


class Entered(Named):
    """What bodies enter beside the components."""

    assessed_by: list[UnitId] = Field(min_length=1)


class Deduction(Named):
    """扣分: points that bodies enter, or points per red card or per error in a step of the unit's items."""

    assessed_by: list[UnitId] = Field(default_factory=list)
    red_card: Annotated[int, Field(ge=1, le=100)] | None = None
    """Instead of bodies: points for each red card that fell in the period (电子监察扣分, S2)."""
    step_error: Annotated[int, Field(ge=1, le=100)] | None = None
    """Points per error in a step of the unit's items, instead of entries by bodies (ISO9000 差错扣分, S2)."""
    systems: list[UnitId] = Field(default_factory=list)
    """Counts only red cards or errors in items of these systems."""
    most: Most = 100
    """However much comes together in a period."""


class Bonus(Entered):
    """加分: counts once that unit has approved it."""

    most: Most = 10
    approved_by: UnitId


class Group(Named):
    """Units that are compared with each other, and what counts how much (分类考核)."""

    classes: list[Code] = Field(min_length=1)
    """Classes of `units.toml`."""
    weights: dict[Code, Percent]
    """By component; 100 together."""
    awards: Annotated[int, Field(ge=0)] = 0
    """How many may be honoured."""
    awards_percent: Percent | None = None
    """Instead, which share of its units, rounded down (按比例评优评先, S2)."""


class Band(Named):
    """A grade: from so many points up to the next band."""

    points: Percent


class Consequence(Named):
    """What follows for the first or last of a group; it is proposed, a person decides."""

    basis: Name
    """What it rests on, in words of the source."""
    groups: list[Code] = Field(default_factory=list)
    """For which groups; none: for each."""
    top: Count | None = None
    bottom: Count | None = None
    """The so many first, or last."""
    band_at_most: Code | None = None
    """And only in this band or a worse one."""
    years: Annotated[int, Field(ge=1, le=2)] = 1
    """2: and in the year before, too."""
    growth_below: Percent | None = None
    """And only if the score has grown by less than this share of what it was, in percent."""
    periods: list[Literal["month", "quarter", "half", "year"]] = Field(default=["year"], min_length=1)


class ScoresTable(Table):
    """`scores.toml`."""

    grading: Literal["bands", "ranking"] = "bands"
    """Whether there are ranks beside the bands: 国办函〔2025〕66号 warns against one-sided ranking."""
    missing: Literal["incomplete", "reweigh"] = "incomplete"
    """A component of which nothing is known: no score, or the others weigh more."""
    ratings: Ratings = Ratings()
    component: list[Component] = Field(min_length=1)
    deduction: list[Deduction] = Field(default_factory=list)
    bonus: list[Bonus] = Field(default_factory=list)
    veto: list[Entered] = Field(default_factory=list)
    group: list[Group] = Field(min_length=1)
    band: list[Band] = Field(min_length=1)
    """The best first, down to 0 points."""
    consequence: list[Consequence] = Field(default_factory=list)
