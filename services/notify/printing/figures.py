"""The figures of a period, as they are reported: counted elsewhere, printed here. Nothing of anybody's identity."""

from __future__ import annotations

from datetime import date, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.codes import Language, Satisfaction

Count = Annotated[int, Field(ge=0)]


class Frozen(BaseModel):
    """Base of what is reported."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class Totals(Frozen):
    """Cases of a period. What was carried over is closed, too: more may be closed than was received (S2)."""

    received: Count
    closed: Count
    on_time: Count
    """Of those closed."""
    open: Count
    """At the end of the period."""
    overdue: Count
    """Of those open."""

    @property
    def closing(self) -> str:
        """办结率: closed of all that was to be handled. 158 closed, 3 open: 98.14 % (S1¶4)."""
        return percent(self.closed, self.closed + self.open)

    @property
    def punctual(self) -> str:
        """按期办结率: of those closed."""
        return percent(self.on_time, self.closed)


class UnitFigures(Totals):
    """Of one unit, by its name in the language of the report."""

    unit: str


class CategoryFigures(Frozen):
    """Of one category."""

    category: str
    received: Count
    closed: Count


class ChannelFigures(Frozen):
    """Of one channel, by its name in the language of the report."""

    channel: str
    received: Count
    closed: Count


class DayFigures(Frozen):
    """Of one day of the period."""

    day: date
    received: Count
    closed: Count


class OverdueCase(Frozen):
    """An open case whose limit is over."""

    number: str
    unit: str
    due_on: date
    days: Count
    """Since, every day counted."""


class Ratings(Frozen):
    """How many chose which grade; not answered is no grade (S2)."""

    grades: dict[Satisfaction, Count] = Field(default_factory=dict)
    unanswered: Count = 0

    @property
    def answered(self) -> int:
        """All that chose a grade."""
        return sum(self.grades.values())

    @property
    def satisfied(self) -> str:
        """满意率: 基本满意 and better, of those answered."""
        content = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED)
        return percent(sum(self.grades.get(grade, 0) for grade in content), self.answered)


class Figures(Totals):
    """Everything a digest or a bulletin tells, of a period from its first to its last day."""

    first_day: date
    last_day: date
    before: Totals | None = None
    """The period before, of the same length."""
    units: tuple[UnitFigures, ...] = ()
    categories: tuple[CategoryFigures, ...] = ()
    channels: tuple[ChannelFigures, ...] = ()
    days: tuple[DayFigures, ...] = Field(default=(), max_length=60)
    ratings: Ratings = Ratings()
    yellow_cards: Count = 0
    red_cards: Count = 0
    overdue_cases: tuple[OverdueCase, ...] = ()

    @model_validator(mode="after")
    def _the_period_does_not_end_before_it_begins(self) -> Figures:
        if self.last_day < self.first_day:
            raise ValueError("the period ends before it begins")
        return self


class Issuer(BaseModel):
    """Who issues a paper, in which language, and by which clock its instants are read."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    zone: tzinfo
    language: Language = Language.CHINESE
    verified_at: str = ""
    """Where a code is verified, such as `https://…/verify`; empty: the QR code holds the code alone."""

    def says(self, zh: str, en: str) -> str:
        """The one of the two that is in its language."""
        return zh if self.language is Language.CHINESE else en

    def day(self, day: date) -> str:
        """A date in words."""
        return self.says(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}")

    def period(self, first: date, last: date) -> str:
        """From one day to another, in words."""
        if first == last:
            return self.day(first)
        return self.says(f"{self.day(first)}至{self.day(last)}", f"{self.day(first)} to {self.day(last)}")


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def percent(part: int, whole: int) -> str:
    """With two decimals, half rounded up; a dash of nothing."""
    if whole == 0:
        return "—"
    return f"{(Decimal(100 * part) / Decimal(whole)).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"
