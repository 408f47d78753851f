"""Which steps of a ladder are reached by what counts, and of which of them nothing was made yet.

A step has a window: so many findings within a year, or within 24 months. Findings are heard of in any order, so a
window is looked at for each day on which something happened, and not for the last of them alone. Source: S2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from contracts.accountability_tables import Step
from services.scoring.domain.conduct.policy import ConductPolicy, first_day
from services.scoring.domain.conduct.record import ConductRecord, Counted, Stage

STANDING: frozenset[Stage] = frozenset({"open", "decided", "expired"})
"""Stages in which something is made, or was, of the findings behind a proposal."""


@dataclass(frozen=True)
class Reached:
    """A step that is reached, and what counts in the window that reaches it."""

    step: Step
    hardness: int
    since: date
    counted: tuple[Counted, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """Their keys, in order of days."""
        return tuple(each.finding for each in self.counted)


def reached(record: ConductRecord, policy: ConductPolicy) -> list[Reached]:
    """The hardest step in each window that ends on a day on which something happened.

    The hardest first; of the same step that with the most findings, then the latest.
    """
    days = sorted({each.happened_on for each in record.counted})
    found = [each for day in days if (each := _reached_on(day, record, policy)) is not None]
    return sorted(found, key=lambda each: (each.hardness, len(each.counted), each.since), reverse=True)


def left_out(record: ConductRecord, touched: Collection[str], policy: ConductPolicy) -> Iterator[Reached]:
    """Steps reached with one of the findings touched, of which nothing stands.

    Something does where the same step, or a harder one, was proposed for all of these findings and all behind it still
    count; also where it was proposed by a step that the place does not have any more.
    """
    hardness = {step.id: _hardness(n, policy.steps(record.of)) for n, step in enumerate(policy.steps(record.of))}
    counting = {each.finding for each in record.counted}
    standing = [
        (hardness.get(each.step, len(hardness)), frozenset(each.findings))
        for each in record.proposals
        if each.stage in STANDING and counting.issuperset(each.findings)
    ]
    for each in reached(record, policy):
        own = frozenset(each.findings)
        if own.isdisjoint(touched) or any(hard >= each.hardness and own <= behind for hard, behind in standing):
            continue
        standing.append((each.hardness, own))
        yield each


def _reached_on(day: date, record: ConductRecord, policy: ConductPolicy) -> Reached | None:
    steps = policy.steps(record.of)
    for n, step in enumerate(steps):
        since = first_day(step, day)
        own = tuple(each for each in record.counted if since <= each.happened_on <= day)
        if len(own) >= step.count or any(str(each.source) in step.sources for each in own):
            return Reached(step, _hardness(n, steps), since, own)
    return None


def _hardness(place: int, steps: Collection[Step]) -> int:
    """The first of a ladder is the hardest."""
    return len(steps) - place
