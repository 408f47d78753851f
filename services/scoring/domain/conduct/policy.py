"""Who finds, who hears appeals, who decides, and what the ladders propose; the place's table, read for deciding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from contracts.accountability_tables import AccountabilityTable, Step
from contracts.codes import RefusalCode, SubjectKind, Verdict
from contracts.posts import Acting
from services.scoring.domain.limits import Limits, Tables

CLASSIFIED_BY = ("problem", "rule", "ban", "cause", "area")
"""Code lists of a finding."""


@dataclass(frozen=True)
class Post:
    """A post of the directory."""

    unit: str
    leads: bool


@dataclass(frozen=True)
class ConductPolicy:
    """Of one place, by one version of its tables."""

    version: str
    table: AccountabilityTable
    limits: Limits
    posts: Mapping[str, Post] = field(default_factory=dict)
    first_days: Mapping[str, date] = field(default_factory=dict)
    """Of units that have not always been there."""

    @classmethod
    def from_tables(cls, version: str, tables: Tables, limits: Limits) -> ConductPolicy | None:
        """From the place's tables; None where it has no accountability. Raises `pydantic.ValidationError`."""
        if "accountability" not in tables:
            return None
        posts: Iterable[Mapping[str, Any]] = tables.get("posts", {}).get("post", ())
        return cls(
            version,
            AccountabilityTable.model_validate(tables["accountability"]),
            limits,
            {post["id"]: Post(post["unit"], post["duty"] == "leader") for post in posts},
            {unit["id"]: unit["since"] for unit in tables["units"]["unit"] if "since" in unit},
        )

    def since(self, unit: str) -> date:
        """The first day of a unit."""
        return self.first_days.get(unit, date.min)

    @property
    def appeal_window(self) -> timedelta:
        """How long a finding or a measure may be appealed against."""
        return timedelta(days=self.table.findings.appeal_days)

    @property
    def time_to_decide(self) -> timedelta:
        """How long the body of appeal may take to decide about an appeal."""
        return timedelta(days=self.table.findings.appeal_decide_days)

    @property
    def expiry(self) -> timedelta | None:
        """After how long a proposal about which nobody has decided is dropped; None: never (一律追查到底, S4)."""
        pursuit = self.table.pursuit
        return None if pursuit.pursue_to_the_end else timedelta(days=pursuit.expires_days)

    def finds(self, unit: str) -> bool:
        """Whether it may make findings."""
        return unit in self.table.findings.by

    def hears_appeals(self, barred: Iterable[str]) -> str | None:
        """Who hears an appeal: the body of appeal, whoever is above it, or another that is named; never one of these.

        None where nobody is left. Barred are who is concerned, and who found or decided: nobody judges his own cause.
        """
        return self._first(self.table.findings.appeals_to, set(barred))

    def decides(self, kind: SubjectKind, unit: str) -> str:
        """Who decides about a unit or a post: never the unit itself, as long as anybody else is named."""
        body = self.table.decider.post if kind is SubjectKind.POST else self.table.decider.unit
        return self._first(body, {unit}) or body

    def _first(self, body: str, barred: set[str]) -> str | None:
        others = self.table.findings.appeals_otherwise_to
        return next((each for each in (body, *self.limits.above(body), *others) if each not in barred), None)

    def knows(self, code_list: str, code: str) -> bool:
        """Whether the code is in that list."""
        return code in {each.id for each in getattr(self.table.codes, code_list)}

    def counts(self, verdict: Verdict) -> bool:
        """Whether such a finding is a valid complaint (有效投诉) once it is final."""
        return verdict is Verdict.VALID or (verdict is Verdict.PARTLY and self.table.findings.partly_counts)

    def leader_of(self, unit: str) -> str | None:
        """The post that leads a unit; None where it names none."""
        return next((id for id, post in self.posts.items() if post.unit == unit and post.leads), None)

    def unfit(self, decider: Acting, recused: str | None, *took_part: Acting) -> RefusalCode | None:
        """Why somebody may not decide: no post of the unit, the one concerned, or one who took part before."""
        if decider.post is not None and decider.post == recused:
            return RefusalCode.ACTOR_RECUSED
        return self.limits.directory.unfit(decider, *took_part)

    def judges(self, units: Iterable[str], finder: str) -> frozenset[str]:
        """Units that may decide about measures against these units and their posts, or review them."""
        deciders = {(unit, self.decides(kind, unit)) for unit in units for kind in SubjectKind}
        reviewers = {self.hears_appeals(pair) for pair in deciders} | {self.hears_appeals((*units, finder))}
        return frozenset(filter(None, {decider for _, decider in deciders} | reviewers))

    def steps(self, kind: SubjectKind) -> tuple[Step, ...]:
        """The ladder, the hardest step first."""
        return tuple(step for step in reversed(self.table.step) if step.ladder == str(kind))


def first_day(step: Step, last: date) -> date:
    """The first day of the window in which findings count for a step, if the last of them happened then.

    “两年内累计” (S2) is the 24 months up to that day: the same day two years before is not in them any more.
    """
    if step.within == "year":
        return date(last.year, 1, 1)
    leap = (last.month, last.day) == (2, 29)
    return date(last.year - 2, last.month, 28 if leap else last.day) + timedelta(days=1)
