"""What papers tell of a place beyond its notices: posts, what units do, where one complains, who hears appeals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.notify.domain.policy import Tables


@dataclass(frozen=True)
class Directory:
    """Of one place."""

    posts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By unit; never a name."""
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By unit: what the rules of dispatch send to the lowest competent unit at or below it."""
    complaint_line: str | None = None
    appeals_to: str | None = None
    appeal_days: int | None = None

    def duties(self, line: Sequence[str]) -> Sequence[str]:
        """The categories that reach a unit, from it and the units above it."""
        return next((self.categories[each] for each in line if each in self.categories), ())

    @classmethod
    def from_tables(cls, tables: Tables) -> Directory:
        """From the place's tables."""
        posts: dict[str, list[str]] = {}
        for post in tables.get("posts", {}).get("post", ()):
            posts.setdefault(post["unit"], []).append(post["id"])
        categories: dict[str, list[str]] = {}
        for rule in tables["dispatch"].get("rule", ()):
            if named := rule.get("categories"):
                known = categories.setdefault(rule["to"], [])
                known += [each for each in named if each not in known]
        findings = tables.get("accountability", {}).get("findings", {})
        return cls(
            posts=posts,
            categories=categories,
            complaint_line=tables["place"].get("open311", {}).get("contact"),
            appeals_to=findings.get("appeals_to"),
            appeal_days=findings.get("appeal_days"),
        )
