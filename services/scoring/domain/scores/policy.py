"""How a place makes scores of facts (考核办法): its table, read for reckoning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts.codes import AssessmentKind, RefusalCode
from contracts.posts import Acting, PostDirectory
from contracts.score_tables import Band, Bonus, Component, Consequence, Deduction, Entered, Group, Named, ScoresTable
from services.scoring.domain.scores.counting import Part, Rate, Span
from services.scoring.domain.scores.naming import DimensionNames
from services.scoring.domain.scores.period import Period

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Member:
    """A unit whose score is made."""

    id: str
    zh: str
    en: str
    level: str
    group: str | None
    """None: it is counted, and compared with nobody."""


@dataclass(frozen=True)
class ScorePolicy:
    """The scores of one place, by one version of its tables."""

    version: str
    zone: ZoneInfo
    table: ScoresTable
    members: Mapping[str, Member]
    names: DimensionNames
    directory: PostDirectory = field(default_factory=PostDirectory)

    @classmethod
    def from_tables(cls, version: str, tables: Tables) -> ScorePolicy | None:
        """From the place's tables; None where it makes no scores. Raises `pydantic.ValidationError`."""
        if "scores" not in tables:
            return None
        table = ScoresTable.model_validate(tables["scores"])
        groups = {each: group.id for group in table.group for each in group.classes}
        members = {
            unit["id"]: Member(unit["id"], unit["zh"], unit["en"], unit["level"], groups.get(unit.get("class", "")))
            for unit in tables["units"]["unit"]
        }
        zone, names = ZoneInfo(tables["place"]["timezone"]), DimensionNames.from_tables(tables)
        return cls(version, zone, table, members, names, PostDirectory.from_tables(tables))

    def span(self, period: Period) -> Span:
        """What is asked of the handlings."""
        start, end = period.within(self.zone)
        return self.span_of(start, end)

    def span_of(self, start: datetime, end: datetime) -> Span:
        """The same for any two instants."""
        ratings = self.table.ratings
        return Span(
            start,
            end,
            frozenset(ratings.satisfied),
            {str(grade): points for grade, points in ratings.points.items()},
            by_rating=ratings.counted_in == "month-of-rating",
            signed_in_time=ratings.response == "signed-in-time",
        )

    @property
    def groups(self) -> Mapping[str, Group]:
        """Peer groups by id."""
        return {group.id: group for group in self.table.group}

    @property
    def bands(self) -> tuple[Band, ...]:
        """The best first."""
        return tuple(self.table.band)

    @property
    def consequences(self) -> tuple[Consequence, ...]:
        """What follows for the first and the last."""
        return tuple(self.table.consequence)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Rates of some channels alone that components ask for."""
        return tuple(dict.fromkeys(part_of(each) for each in self.table.component if each.channels))

    def is_small(self, rate: Rate) -> bool:
        """It rests on too few to be compared; on none, too."""
        return rate.denominator < self.table.ratings.enough

    def awards(self, group: str, units: int) -> int:
        """How many of so many units may be honoured; a share is rounded down, for it is never exceeded."""
        found = self.groups[group]
        return found.awards if found.awards_percent is None else units * found.awards_percent // 100

    @property
    def counts_items(self) -> bool:
        """Some part of a score is made of items that other systems have watched."""
        return any(counts_items(each) for each in (*self.table.component, *self.table.deduction))

    def part(self, id: str) -> Named | None:
        """The component, deduction, bonus or veto of that id."""
        table = self.table
        parts: list[Named] = [*table.component, *table.deduction, *table.bonus, *table.veto]
        return next((each for each in parts if each.id == id), None)

    def entered(self, kind: AssessmentKind, item: str) -> Component | Deduction | Entered | None:
        """What may be entered under that name; None: nothing."""
        lists: Mapping[AssessmentKind, list[Any]] = {
            AssessmentKind.RATING: [each for each in self.table.component if each.assessed_by],
            AssessmentKind.DEDUCTION: [each for each in self.table.deduction if each.assessed_by],
            AssessmentKind.BONUS: self.table.bonus,
            AssessmentKind.VETO: self.table.veto,
        }
        return next((each for each in lists[kind] if each.id == item), None)

    def most(self, kind: AssessmentKind, item: str) -> int:
        """How many points may be entered at once. Raises `KeyError` for what is not listed."""
        listed = self.entered(kind, item)
        match kind:
            case AssessmentKind.RATING:
                return 100
            case AssessmentKind.VETO:
                return 0
            case _ if listed is not None:
                return int(getattr(listed, "most"))  # noqa: B009 - deductions and bonuses alone have it
            case _:
                raise KeyError(item)

    def unfit(self, actor: Acting, *took_part: Acting) -> RefusalCode | None:
        """Why somebody may not enter or approve something: no post of the body, or one who took part before."""
        return self.directory.unfit(actor, *took_part)

    def approver(self, item: str) -> str | None:
        """Who approves a bonus."""
        listed = self.entered(AssessmentKind.BONUS, item)
        return listed.approved_by if isinstance(listed, Bonus) else None


def counts_items(part: Named | None) -> bool:
    """It is made of items, not of cases or of what bodies enter."""
    match part:
        case Component():
            return part.items is not None
        case Deduction():
            return part.red_card is not None or part.step_error is not None
        case _:
            return False


def number_of(deduction: Deduction) -> str | None:
    """The number of items that determines the points; None when bodies enter them."""
    if deduction.red_card is not None:
        return "item.red"
    return "item.step-errors" if deduction.step_error is not None else None


def part_of(component: Component) -> Part:
    """The rate behind a component. Raises `ValueError` for one that bodies rate."""
    if component.rate is None:
        raise ValueError(f"{component.id} is entered by bodies")
    return component.rate, frozenset(component.channels)
