"""The scope test (受理范围): in, out, another authority's, or for a clerk to judge. Source: S3, 28.83% in scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.channel import SubmitComplaint
from contracts.codes import Authority
from contracts.refusals import Reason


class Verdict(StrEnum):
    """What becomes of a matter."""

    IN = "in"
    OUT = "out"
    DIVERTED = "diverted"
    REVIEW = "review"
    """A clerk of the centre has to say."""


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """One rule; its two sentences are the complainant's reply. Empty sets fit everything."""

    id: str
    verdict: Verdict
    zh: str
    en: str
    authority: Authority | None = None
    """Where a diverted matter has to go."""
    categories: frozenset[str] = frozenset()
    appeals: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    """One of them stands in title or text."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> ScopeRule:
        """From a `[[scope]]` of the place's file `intake`. Raises `KeyError` and `ValueError` for a broken one."""
        verdict, authority = Verdict(raw["verdict"]), raw.get("authority")
        if (verdict is Verdict.DIVERTED) != (authority is not None):
            raise ValueError(f"scope rule {raw['id']}: a diverted matter, and no other, names its authority")
        return cls(
            id=raw["id"],
            verdict=verdict,
            zh=raw["zh"],
            en=raw["en"],
            authority=Authority(authority) if authority else None,
            categories=frozenset(raw.get("categories", ())),
            appeals=frozenset(raw.get("appeals", ())),
            channels=frozenset(raw.get("channels", ())),
            areas=frozenset(raw.get("areas", ())),
            words=tuple(raw.get("words", ())),
        )

    def fits(self, submission: SubmitComplaint) -> bool:
        """Whether this rule speaks about the matter."""
        return (
            (not self.categories or submission.category in self.categories)
            and (not self.appeals or submission.appeal in self.appeals)
            and (not self.channels or submission.channel in self.channels)
            and (not self.areas or submission.area in self.areas)
            and (not self.words or any(word in f"{submission.title}\n{submission.text}" for word in self.words))
        )

    @property
    def reason(self) -> Reason:
        """The rule as it is told."""
        return Reason(code=f"scope.{self.id}", zh=self.zh, en=self.en)


def scope_of(submission: SubmitComplaint, rules: tuple[ScopeRule, ...]) -> ScopeRule | None:
    """The first rule that fits; None where no rule does: the matter is in scope."""
    return next((rule for rule in rules if rule.fits(submission)), None)
