"""What another policy makes of the same facts: unit by unit, and because of which part of the score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from services.scoring.domain.scores.scorecard import Scorecard


@dataclass(frozen=True)
class Difference:
    """Of one unit; each pair is by the one policy and by the other."""

    unit: str
    totals: tuple[Fraction | None, Fraction | None]
    bands: tuple[str | None, str | None]
    ranks: tuple[int | None, int | None]
    because: tuple[str, ...]
    """Parts of the score that add something else, or are there in one alone."""


def differences(one: Iterable[Scorecard], other: Iterable[Scorecard]) -> list[Difference]:
    """Of every unit whose total, band or rank is another, by its id."""
    before, after = ({card.unit.id: card for card in cards} for cards in (one, other))
    found = [_between(unit, before.get(unit), after.get(unit)) for unit in sorted({*before, *after})]
    return [each for each in found if any(one != other for one, other in (each.totals, each.bands, each.ranks))]


def _between(unit: str, one: Scorecard | None, other: Scorecard | None) -> Difference:
    lines = [{line.id: line.adds for line in card.lines} if card is not None else {} for card in (one, other)]
    names = dict.fromkeys((*lines[0], *lines[1]))
    return Difference(
        unit=unit,
        totals=(one.total if one else None, other.total if other else None),
        bands=(one.band if one else None, other.band if other else None),
        ranks=(one.rank if one else None, other.rank if other else None),
        because=tuple(name for name in names if lines[0].get(name) != lines[1].get(name)),
    )
