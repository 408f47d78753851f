"""Which bodies have inspected in a period, as often as the place wants it (S1¶4 每月度, S2 每季度至少一次)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.scoring.domain.conduct.inspection import Inspection
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.scores.period import Period


@dataclass(frozen=True)
class Duty:
    """Of one body, in one period."""

    body: str
    visited_on: tuple[date, ...]
    """The days of its visits that count for it, in order."""

    @property
    def done(self) -> bool:
        """It has inspected."""
        return bool(self.visited_on)


def current(policy: ConductPolicy, on: date) -> Period | None:
    """The month or the quarter in which each body has to inspect, by that day; None where the place wants neither."""
    match policy.table.inspections.every:
        case "month":
            return Period(on.year, on.month, 1)
        case "quarter":
            return Period(on.year, on.month - (on.month - 1) % 3, 3)
        case None:
            return None


def duties(policy: ConductPolicy, period: Period, inspections: Iterable[Inspection]) -> list[Duty]:
    """Of each body that inspects, in the order of the table."""
    days: dict[str, list[date]] = {body: [] for body in policy.table.inspections.by}
    for each in inspections:
        if each.body in days and (each.covert or not policy.table.inspections.covert_only):
            days[each.body] += [
                visit.visited_on for visit in each.visits if f"{visit.visited_on:%Y-%m}" in period.months
            ]
    return [Duty(body, tuple(sorted(visits))) for body, visits in days.items()]
