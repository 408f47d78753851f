"""A panel of the cockpit: a title, a chart, and a table with the same figures for screen readers and for paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from urllib.parse import urlencode

from apps.board.charts import Option
from apps.web.language import Language
from apps.web.place import Place


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str
    href: str = ""
    number: bool = False
    tone: str = ""
    """``bad``, ``warn``, ``good`` or empty."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What one region of the cockpit shows."""

    id: str
    title: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    """The first cell of each is its heading."""
    option: Option | None = None
    """Of the chart; None: the table alone."""
    note: str = ""
    """A sentence on what is counted."""
    waits: bool = False
    """The figures have not come yet."""
    problem: str = ""
    """Why there are none, in words."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at the head of the cockpit."""

    label: str
    text: str
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Seen:
    """What panels are made of: the answers of the services for one unit, and who reads them."""

    answers: Mapping[str, Any]
    problems: Mapping[str, Any]
    place: Place
    language: Language
    now: datetime
    unit: str
    months: Sequence[str] = field(default=())
    """Periods such as ``2026-11``, the present one last."""

    def t(self, zh: str, en: str) -> str:
        """The text in the reader's language."""
        return en if self.language == "en" else zh

    def named(self, row: Mapping[str, Any]) -> str:
        """The name that a service gave beside a code."""
        zh, en = str(row.get("zh", "")), str(row.get("en", ""))
        code = str(row.get("of") or row.get("unit") or row.get("id") or "")
        return (en or zh or code) if self.language == "en" else (zh or en or code)

    def absent(self, id: str, title: str, source: str, *answers: str) -> Panel | None:
        """The panel without figures, where an answer of this source is missing. `answers`: their names, if others."""
        if all(name in self.answers for name in answers or (source,)):
            return None
        problem = self.problems.get(source)
        text = "" if problem is None else self.t(problem.zh, problem.en)
        return Panel(id, title, waits=problem is None, problem=text)

    @property
    def today(self) -> date:
        """The place's day."""
        return self.now.astimezone(self.place.zone).date()

    def clock(self, at: datetime | str) -> str:
        """Hour and minute in the place."""
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{found.astimezone(self.place.zone):%H:%M}"


def number(value: int, href: str = "", tone: str = "") -> Cell:
    """A cell with a number; a link only where there is something to list."""
    return Cell(f"{value:,}", href if value else "", number=True, tone=tone if value else "")


def cases(**criteria: str | int | None) -> str:
    """The address of a list of cases."""
    return "/cases?" + urlencode({name: value for name, value in criteria.items() if value not in (None, "")})


def percent(numerator: int, denominator: int) -> Decimal | None:
    """In percent with two decimals, halves up, as scoring shows rates; None of nothing."""
    if not denominator:
        return None
    hundredths = (Decimal(numerator) * 10_000 / denominator + Decimal("0.5")).to_integral_value(ROUND_FLOOR)
    return hundredths / 100


def shown_percent(value: Decimal | None) -> str:
    """With its sign; a dash where there is none."""
    return "–" if value is None else f"{value:.2f}%"


def months_until(today: date, count: int) -> list[str]:
    """So many months, this one last."""
    at = today.year * 12 + today.month - 1
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(at - count + 1, at + 1)]
