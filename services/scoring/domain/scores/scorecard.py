"""The score of a unit for a period: components by their weights, less deductions, and approved bonuses.

Every part keeps what it was made of, so that it can be opened. All is exact. Source: S2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from contracts.codes import AssessmentKind
from contracts.score_tables import Component, Named
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.counting import RATES, Rate, Tallies
from services.scoring.domain.scores.items import ItemTallies
from services.scoring.domain.scores.policy import Member, ScorePolicy, number_of, part_of


@dataclass(frozen=True)
class ScoreLine:
    """One part of a score."""

    id: str
    does: str
    """``component``, ``deduction``, ``bonus`` or ``veto``."""
    zh: str
    en: str
    value: Fraction | None
    """Points of a hundred of a component, points of the others; None where nothing is known."""
    weight: int = 0
    """Of a component, in percent."""
    adds: Fraction = Fraction(0)
    """To the score; negative for a deduction."""
    numerator: int | None = None
    denominator: int | None = None
    small_sample: bool = False
    entries: tuple[Assessment, ...] = ()
    """What bodies have entered for it, approved or not."""


@dataclass(frozen=True)
class Scorecard:
    """The score of one unit."""

    unit: Member
    lines: tuple[ScoreLine, ...]
    total: Fraction | None
    """None as long as a component is missing."""
    missing: tuple[str, ...] = ()
    """Components of which nothing is known."""
    vetoed: tuple[str, ...] = ()
    band: str | None = None
    rank: int | None = None
    """Among its peers, 1 is the best; the same for equal scores."""
    award: str = "no"
    """``yes``, ``no``, or ``tied`` where more are equal than may be honoured."""
    consequences: tuple[str, ...] = field(default=())

    @property
    def small_sample(self) -> bool:
        """Some component rests on few."""
        return any(line.small_sample for line in self.lines)


def scorecard(
    unit: Member,
    tallies: Tallies,
    entries: Iterable[Assessment],
    policy: ScorePolicy,
    items: ItemTallies | None = None,
) -> Scorecard:
    """Of a unit of a peer group, before it is compared. Raises `KeyError` for one that is in none."""
    own = [each for each in entries if each.about == unit.id and not each.withdrawn]
    weights = policy.groups[unit.group or ""].weights
    components = [
        _component(component, weights[component.id], _rate(component, unit.id, tallies, items), own, policy)
        for component in policy.table.component
        if weights.get(component.id)
    ]
    components, missing = _weighed(components, reweigh=policy.table.missing == "reweigh")
    others = [*_deductions(own, policy), *_of_items(unit.id, items, policy), *_bonuses(own, policy)]
    vetoes = [_veto(each, own) for each in policy.table.veto]
    known = [line for line in components if line.value is not None]
    complete = bool(known) and (not missing or policy.table.missing == "reweigh")
    total = sum((line.adds for line in (*known, *others)), Fraction(0)) if complete else None
    return Scorecard(
        unit=unit,
        lines=(*components, *others, *(line for line in vetoes if line.entries)),
        total=total,
        missing=missing,
        vetoed=tuple(line.id for line in vetoes if line.entries),
    )


def _rate(component: Component, unit: str, tallies: Tallies, items: ItemTallies | None) -> Rate | None:
    if component.items is not None:
        return Rate() if items is None else items.rate(unit, component.items, component.systems)
    return None if component.rate is None else tallies.rate(unit, part_of(component))


def _component(
    component: Component, weight: int, rate: Rate | None, entries: Sequence[Assessment], policy: ScorePolicy
) -> ScoreLine:
    if rate is not None:
        value = rate.value(RATES[component.rate].scale if component.rate is not None else 100)
        return _line(
            component,
            "component",
            value,
            weight=weight,
            numerator=rate.numerator,
            denominator=rate.denominator,
            small_sample=policy.is_small(rate),
        )
    own = _of(entries, AssessmentKind.RATING, component.id)
    mean = sum((Fraction(each.points) for each in own), Fraction(0)) / len(own) if own else None
    return _line(component, "component", mean, weight=weight, entries=own)


def _weighed(lines: Sequence[ScoreLine], *, reweigh: bool) -> tuple[list[ScoreLine], tuple[str, ...]]:
    """With what each adds. Where others stand in for what is missing, the weights of those that are there make 100."""
    missing = tuple(line.id for line in lines if line.value is None)
    whole = sum(line.weight for line in lines if line.value is not None) if reweigh else 100
    weighed = [
        line if line.value is None else replace(line, adds=line.value * line.weight / (whole or 100)) for line in lines
    ]
    return weighed, missing


def _deductions(entries: Sequence[Assessment], policy: ScorePolicy) -> list[ScoreLine]:
    return [
        _line(each, "deduction", points, adds=-points, entries=own)
        for each in policy.table.deduction
        if (own := _of(entries, AssessmentKind.DEDUCTION, each.id))
        for points in [min(_sum(own), Fraction(each.most))]
    ]


def _of_items(unit: str, items: ItemTallies | None, policy: ScorePolicy) -> list[ScoreLine]:
    """Red cards (电子监察扣分, S2) and errors in steps (差错扣分, S2): counted, not entered."""
    return [
        _line(each, "deduction", points, adds=-points, numerator=times)
        for each in policy.table.deduction
        if items is not None and (number := number_of(each)) is not None
        if (times := items.count(unit, number, each.systems))
        for points in [Fraction(min(times * (each.red_card or each.step_error or 0), each.most))]
    ]


def _bonuses(entries: Sequence[Assessment], policy: ScorePolicy) -> list[ScoreLine]:
    return [
        _line(each, "bonus", points, adds=points, entries=own)
        for each in policy.table.bonus
        if (own := _of(entries, AssessmentKind.BONUS, each.id))
        for points in [min(_sum([entry for entry in own if entry.counts]), Fraction(each.most))]
    ]


def _veto(veto: Named, entries: Sequence[Assessment]) -> ScoreLine:
    return _line(veto, "veto", None, entries=_of(entries, AssessmentKind.VETO, veto.id))


def _of(entries: Sequence[Assessment], kind: AssessmentKind, item: str) -> tuple[Assessment, ...]:
    return tuple(each for each in entries if each.does is kind and each.item == item)


def _sum(entries: Iterable[Assessment]) -> Fraction:
    return sum((Fraction(each.points) for each in entries), Fraction(0))


def _line(named: Named, does: str, value: Fraction | None, **more: object) -> ScoreLine:
    made: Mapping[str, object] = {"id": named.id, "does": does, "zh": named.zh, "en": named.en, "value": value, **more}
    return ScoreLine(**made)  # type: ignore[arg-type]
