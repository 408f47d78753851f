"""The time that a score is about: a month, a quarter, half a year or a year, in the place's own days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from contracts.instants import wall_instant

KINDS = {12: "year", 6: "half", 3: "quarter", 1: "month"}
"""By length in months."""

_TEXT = re.compile(r"(20[0-9]{2})(?:-(?:(0[1-9]|1[0-2])|([QH])([1-4])))?")


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """So many months from the first of one."""

    year: int
    month: int
    length: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """From ``2026``, ``2026-H2``, ``2026-Q4`` or ``2026-11``. Raises `ValueError`."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no period: write such as 2026-11, 2026-Q4, 2026-H2 or 2026")
        year, month, part, number = found.groups()
        if month is not None:
            return cls(int(year), int(month), 1)
        if part is None:
            return cls(int(year), 1, 12)
        length = 3 if part == "Q" else 6
        if int(number) * length > 12:
            raise ValueError(f"{text!r} is no period: a year has two halves")
        return cls(int(year), (int(number) - 1) * length + 1, length)

    def __str__(self) -> str:
        match self.length:
            case 12:
                return str(self.year)
            case 1:
                return f"{self.year}-{self.month:02}"
            case 3:
                return f"{self.year}-Q{(self.month + 2) // 3}"
            case _:
                return f"{self.year}-H{(self.month + 5) // 6}"

    @property
    def kind(self) -> str:
        """``month``, ``quarter``, ``half`` or ``year``."""
        return KINDS[self.length]

    @property
    def months(self) -> tuple[str, ...]:
        """Such as ``2026-11``, in order."""
        return tuple(f"{self.year}-{self.month + n:02}" for n in range(self.length))

    @property
    def year_before(self) -> Period:
        """The same part of the year before."""
        return Period(self.year - 1, self.month, self.length)

    def within(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it."""
        end = self.month + self.length
        first = date(self.year, self.month, 1)
        after = date(self.year + (end > 12), end - 12 if end > 12 else end, 1)
        return wall_instant(first, time.min, zone), wall_instant(after, time.min, zone)

    def parts(self) -> Iterator[Period]:
        """Every period that lies in it, itself included: what is entered for one of them counts."""
        for length in KINDS:
            for month in range(1, 13, length):
                if self.month <= month and month + length <= self.month + self.length:
                    yield Period(self.year, month, length)


def month_of(instant: datetime, zone: ZoneInfo) -> str:
    """Such as ``2026-11``, in the place's own days."""
    return f"{instant.astimezone(zone):%Y-%m}"


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Every month from one to the other, both included; that one alone where the other is earlier."""
    year, month = (int(part) for part in first.split("-"))
    found = [first]
    while found[-1] < last:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        found.append(f"{year}-{month:02}")
    return tuple(found)
