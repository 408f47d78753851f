"""What scores are made of, read from scoring's state: one pass over the handlings of a period, never a counter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.score_tables import Component, Deduction, Named
from contracts.scoring import CaseMeasured, CaseRated
from infra.document import Entry
from infra.store import Store
from infra.yielding import in_slices
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.scores.assessment import Assessment, entered_for
from services.scoring.domain.scores.counting import (
    COUNTS,
    RATES,
    Addend,
    Count,
    Part,
    RateRule,
    Tallies,
    Tally,
    addends,
)
from services.scoring.domain.scores.grading import graded, needs_the_year_before, with_consequences
from services.scoring.domain.scores.handling import COUNTED, DRAWERS, Handling, filed, open_handling
from services.scoring.domain.scores.items import ITEM_COUNTS, ITEM_RATES, ItemAddend, ItemCount, ItemRate
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy, counts_items, number_of, part_of
from services.scoring.domain.scores.scorecard import Scorecard, scorecard
from services.scoring.item_views import ItemViews

INDEXES = (("filed",),)
"""The one field by which handlings, assessments and records of conduct are looked up: each index costs every write."""
BREATH = 200
"""Handlings after which others are let have a turn."""

Cards = dict[str, list[Scorecard]]
"""By peer group, the best first."""
DIMENSIONS: Mapping[str, Callable[[Handling], str]] = {
    "channel": lambda each: each.channel,
    "category": lambda each: each.category,
    "appeal": lambda each: each.appeal,
    "area": lambda each: each.area,
    "centre": lambda each: each.centre,
    "all": lambda _: "all",
}
"""Of what every case has one."""
BY = ("unit", "level", *DIMENSIONS)
"""By what cases may be counted. Some rates of a case are of several units, and so of several levels."""


@dataclass(frozen=True)
class Result:
    """Everything that one pass over a period has come to."""

    period: Period
    policy: ScorePolicy
    cards: Cards
    tallies: Tallies


@dataclass(frozen=True)
class MadeOf:
    """What a number of a unit is made of."""

    number: str
    unit: str
    period: Period
    policy: str
    zh: str
    en: str
    scale: int | None
    """None for a count, and for what bodies have entered."""
    addends: list[Addend]
    entries: list[Assessment]
    items: list[ItemAddend] = field(default_factory=list)


class ScoreViews:
    """Scores as they follow from what is kept now."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.items = ItemViews(store)

    async def scores(self, period: Period, policy: ScorePolicy) -> Result:
        """The scores of all units for a period, by that policy. Raises `StoreError`."""
        tallies = await self._tallies(period, policy)
        cards = graded(await self._cards(period, policy, tallies), policy)
        before: Cards = {}
        if needs_the_year_before(policy, period):
            old = period.year_before
            before = graded(await self._cards(old, policy, await self._tallies(old, policy)), policy)
        return Result(period, policy, with_consequences(cards, before, policy, period), tallies)

    async def numbers(
        self, period: Period, policy: ScorePolicy, by: str, units: Iterable[str] | None = None
    ) -> dict[str, Tally]:
        """Numbers of cases and rates by a dimension; of these units' cases only. Raises `KeyError`, `StoreError`."""
        wanted = None if units is None else set(units)
        if by in {"unit", "level"}:
            own = (await self._tallies(period, policy)).by_unit
            seen = {unit: tally for unit, tally in own.items() if wanted is None or unit in wanted}
            return dict(sorted((seen if by == "unit" else by_level(seen, policy)).items()))
        key, span, found = DIMENSIONS[by], policy.span(period), dict[str, Tally]()
        async for each in self._handlings(period, policy):
            if wanted is None or not wanted.isdisjoint(each.concerns):
                found.setdefault(key(each), Tally()).add(each, span)
        return dict(sorted(found.items()))

    async def made_of(self, number: str, unit: str, period: Period, policy: ScorePolicy) -> MadeOf:
        """What a count, a rate or a part of the score of a unit is made of. Raises `KeyError`, `StoreError`."""
        part = policy.part(number)
        if number in ITEM_COUNTS or number in ITEM_RATES or counts_items(part):
            return await self._made_of_items(number, part, unit, period, policy)
        if part is not None and not (isinstance(part, Component) and part.rate):
            entries = [each for each in await self.entries(period) if (each.about, each.item) == (unit, number)]
            return MadeOf(number, unit, period, policy.version, part.zh, part.en, None, [], entries)
        rate, channels = part_of(part) if isinstance(part, Component) else (number, frozenset[str]())
        rule = RATES.get(rate)
        named: Count | RateRule | Named = part or rule or COUNTS[rate]
        handlings = [each async for each in self._handlings(period, policy, unit)]
        found = sorted(addends(rate, unit, policy.span(period), handlings, channels), key=lambda each: each.case_id)
        scale = rule.scale if rule is not None else None
        return MadeOf(number, unit, period, policy.version, named.zh, named.en, scale, found, [])

    async def _made_of_items(
        self, number: str, part: Named | None, unit: str, period: Period, policy: ScorePolicy
    ) -> MadeOf:
        name = (number_of(part) or number) if isinstance(part, Deduction) else number
        if isinstance(part, Component):
            name = part.items or number
        systems = part.systems if isinstance(part, Component | Deduction) else ()
        named: ItemCount | ItemRate | Named = part or ITEM_RATES.get(name) or ITEM_COUNTS[name]
        items = await self.items.addends(name, unit, period, policy, systems)
        scale = 100 if name in ITEM_RATES else None
        return MadeOf(number, unit, period, policy.version, named.zh, named.en, scale, [], [], items)

    async def events(self, found: Iterable[Addend]) -> dict[tuple[str, int], list[str]]:
        """CloudEvents ids of what measured and rated these handlings, by case and answer. Raises `StoreError`."""
        wanted = list(found)
        histories = await self._store.histories(list({each.case_id for each in wanted}))
        found_events: dict[tuple[str, int], list[str]] = {(each.case_id, each.answer): [] for each in wanted}
        for case_id, entries in histories.items():
            for entry in entries:
                answer = _answer_of(entry)
                if answer is not None and (case_id, answer) in found_events:
                    found_events[case_id, answer].append(entry.id)
        return found_events

    async def _tallies(self, period: Period, policy: ScorePolicy) -> Tallies:
        parts: tuple[Part, ...] = policy.parts
        tallies = Tallies(policy.span(period), parts)
        async for each in self._handlings(period, policy):
            tallies.add(each)
        return tallies

    async def _cards(self, period: Period, policy: ScorePolicy, tallies: Tallies) -> list[Scorecard]:
        entries = await self.entries(period)
        items = await self.items.tallies(period, policy) if policy.counts_items else None
        members = [member for member in policy.members.values() if member.group is not None]
        return [scorecard(member, tallies, entries, policy, items) for member in members]

    async def entries(self, period: Period) -> list[Assessment]:
        """What bodies have entered for the period or a part of it, in order of time. Raises `StoreError`."""
        wanted = {"filed": {"$in": [entered_for(str(part)) for part in period.parts()]}}
        rows = [state async for _, state in self._store.every(wanted)]
        return sorted((Assessment.model_validate(state, strict=False) for state in rows), key=lambda e: e.recorded_at)

    async def _handlings(self, period: Period, policy: ScorePolicy, unit: str | None = None) -> AsyncIterator[Handling]:
        """Those that were open, ended or rated in it; with `unit`, those that concern it."""
        async for each in self._kept(period, DRAWERS if unit is None else (unit,)):
            yield each
        end = policy.span(period).end
        for whose in (unit,) if unit is not None else policy.members:
            async for key, state in self._store.every({"unit": whose, "due_at": {"$gt": ""}}):
                case = Aggregate.model_validate(state)
                opened = open_handling(key, case) if isinstance(case, Case) else None
                if opened is not None and opened.started_at < end:
                    yield opened

    async def _kept(self, period: Period, places: Sequence[str]) -> AsyncIterator[Handling]:
        """Those that ended. The database looks for the next part while one is counted."""
        ahead = asyncio.ensure_future(self._part(period, places[0]))
        try:
            for place in (*places[1:], None):
                states = await ahead
                if place is not None:
                    ahead = asyncio.ensure_future(self._part(period, place))
                async for state in in_slices(states, BREATH):
                    yield Handling.of_kept(state)
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _part(self, period: Period, place: str) -> list[dict[str, Any]]:
        months = [filed(month, place) for month in period.months]
        wanted = {"filed": {"$in": months} if len(months) > 1 else months[0]}
        return [state async for _, state in self._store.every(wanted, COUNTED)]


def by_level(tallies: Mapping[str, Tally], policy: ScorePolicy) -> dict[str, Tally]:
    """The numbers of all units of a level together; of units that are no longer in the tree under an empty name."""
    found: dict[str, Tally] = {}
    for unit, tally in tallies.items():
        level = policy.members[unit].level if unit in policy.members else ""
        found.setdefault(level, Tally()).take_in(tally)
    return found


def _answer_of(entry: Entry) -> int | None:
    """Which answer of a case an event measured or rated; None for any other event."""
    if entry.type == CaseMeasured.TYPE:
        return CaseMeasured.model_validate_json(entry.body).measures.answer
    return CaseRated.model_validate_json(entry.body).answer if entry.type == CaseRated.TYPE else None
