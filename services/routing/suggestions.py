"""Suggestions: where dispatchers have sent such matters before. They rank what a dispatcher may choose; none decides.

`xn suggest train` learns the weights and writes them as JSON, so that reading them here needs no library for learning.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from services.routing.domain.case import Case

MOST = 3
"""So many units are suggested."""
MOST_CHARACTERS = 600
_WORDS = re.compile(r"[一-鿿]+|[a-z0-9]+")


class SuggestionsError(ValueError):
    """The file is not there, or is no file of weights."""


class Suggestion(BaseModel):
    """A unit, and how sure the past is of it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    unit: str
    share: float
    """Between 0 and 1, of all units that such matters have gone to."""
    because: tuple[str, ...] = ()
    """Terms of the case that speak most for the unit: ``category=…``, ``area=…``, ``<category>@<area>``, or a word."""


class Weights(BaseModel):
    """What was learned from the dispatchers of a place: a unit scores its bias and its weights of the case's terms."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    units: dict[str, float]
    """Bias by unit."""
    terms: dict[str, dict[str, float]]
    """Weights by term, then by unit; what is missing is nothing."""
    cases: int
    """Dispatches that it was learned from."""
    accuracy: float
    """Share of later dispatches whose unit came first, when it was measured."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """From the file that `xn suggest train` wrote. Raises `SuggestionsError`."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise SuggestionsError(f"{path}: {error.strerror}") from error
        except ValidationError as error:
            raise SuggestionsError(f"{path} was not written by `xn suggest train`") from error

    def scores(self, terms: Iterable[str]) -> dict[str, float]:
        """By unit, for a matter of these terms; the higher the likelier."""
        scores = dict(self.units)
        for term in terms:
            for unit, weight in self.terms.get(term, {}).items():
                scores[unit] += weight
        return scores

    def rank(self, case: Case, may_get: Callable[[str], bool]) -> tuple[Suggestion, ...]:
        """The likeliest units that may get the case and have not returned it, the likeliest first."""
        terms = terms_of(case.title, case.text, case.category, case.area)
        scores = self.scores(terms)
        highest = max(scores.values(), default=0.0)
        shares = {unit: math.exp(score - highest) for unit, score in scores.items()}
        whole = sum(shares.values())
        allowed = [unit for unit in shares if unit not in case.refusers and may_get(unit)]
        best = sorted(allowed, key=lambda unit: (-shares[unit], unit))[:MOST]
        return tuple(
            Suggestion(unit=unit, share=round(shares[unit] / whole, 3), because=self._because(unit, terms))
            for unit in best
        )

    def _because(self, unit: str, terms: Iterable[str]) -> tuple[str, ...]:
        """The terms that add most to the unit's score, the strongest first."""
        weighed = {term: self.terms.get(term, {}).get(unit, 0.0) for term in terms}
        return tuple(
            sorted((term for term in weighed if weighed[term] > 0), key=lambda term: (-weighed[term], term))[:MOST]
        )


def terms_of(title: str, text: str, category: str, area: str) -> frozenset[str]:
    """What a case is known by: its category, its area, both together, and the pairs of characters of its words."""
    return frozenset((f"category={category}", f"area={area}", f"{category}@{area}", *_pairs(f"{title}\n{text}")))


def _pairs(text: str) -> Iterator[str]:
    narrow = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower()
    for word in _WORDS.findall(narrow):
        if word.isascii():
            yield word
        else:
            yield from (word[n : n + 2] for n in range(max(1, len(word) - 1)))
