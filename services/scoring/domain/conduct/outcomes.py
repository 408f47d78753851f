"""What was done, summed (S1¶4): how many times by outcome, about people and about units, and how much money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import SubjectKind
from services.scoring.domain.conduct.record import ConductRecord, Outcome


@dataclass(frozen=True)
class Sum:
    """Of one outcome. Money in fen."""

    posts: int = 0
    """How many times about a post (人次)."""
    units: int = 0
    """How many times about a unit (个)."""
    amount_fen: int = 0
    unlawful_fen: int = 0
    """How much of it had been taken unlawfully (其中查处违规金额)."""

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.posts + other.posts,
            self.units + other.units,
            self.amount_fen + other.amount_fen,
            self.unlawful_fen + other.unlawful_fen,
        )


Sums = dict[str, dict[str, Sum]]
"""By unit, then by outcome."""


def summed(records: Iterable[ConductRecord], start: datetime, end: datetime) -> Sums:
    """What was recorded from the one instant until before the other, by the unit concerned: for a post, its own."""
    found: Sums = {}
    for record in records:
        for done in (each for proposal in record.proposals for each in proposal.outcomes if start <= each.at < end):
            of_unit = found.setdefault(record.unit, {})
            of_unit[done.outcome] = of_unit.get(done.outcome, Sum()) + _one(record.of, done)
    return found


def together(sums: Sums) -> dict[str, Sum]:
    """Of all units, by outcome."""
    found: dict[str, Sum] = {}
    for of_unit in sums.values():
        for outcome, each in of_unit.items():
            found[outcome] = found.get(outcome, Sum()) + each
    return found


def _one(of: SubjectKind, done: Outcome) -> Sum:
    return Sum(
        posts=int(of is SubjectKind.POST),
        units=int(of is SubjectKind.UNIT),
        amount_fen=done.amount_fen or 0,
        unlawful_fen=done.unlawful_fen or 0,
    )
