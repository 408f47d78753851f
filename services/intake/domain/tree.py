"""A tree of codes: units with their superiors, or areas with the areas they lie in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tree:
    """Codes with their superiors."""

    parents: Mapping[str, str | None] = field(default_factory=dict)

    def above(self, code: str) -> tuple[str, ...]:
        """The code and everything above it, nearest first; the code alone where the tree does not have it."""
        found, at = [code], self.parents.get(code)
        while at is not None and at not in found:
            found.append(at)
            at = self.parents.get(at)
        return tuple(found)

    def below(self, code: str) -> frozenset[str]:
        """The code and everything below it."""
        return frozenset({code, *(each for each in self.parents if code in self.above(each))})
