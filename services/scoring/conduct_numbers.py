"""Numbers of accountability as they are shown: what was done in a period, and who has inspected in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from services.scoring.domain.conduct.inspecting import Duty
from services.scoring.domain.conduct.outcomes import Sum, Sums, together
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.scores.period import Period


class OutcomeRow(BaseModel):
    """One outcome (S1¶4)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    outcome: str
    zh: str
    en: str
    posts: int
    """How many times about a post (人次)."""
    units: int
    """How many times about a unit (个)."""
    amount_fen: int
    unlawful_fen: int
    """How much of it had been taken unlawfully."""


class UnitOutcomes(BaseModel):
    """What was done about one unit and its posts."""

    unit: str
    outcomes: list[OutcomeRow]


class OutcomeNumbers(BaseModel):
    """What was done in a period, of each unit and of all together."""

    period: str
    units: list[UnitOutcomes]
    together: list[OutcomeRow]


class ShownDuty(BaseModel):
    """Whether a body has inspected in the current period."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    body: str
    visits: int
    last_visited_on: date | None
    done: bool
    """False: it still has to."""


class ShownDuties(BaseModel):
    """Who has to inspect in the current period, and who has."""

    period: str
    bodies: list[ShownDuty]


def outcome_numbers(period: Period, policy: ConductPolicy, sums: Sums) -> OutcomeNumbers:
    """In the order of the place's outcomes; those that it does not name any more come last."""
    return OutcomeNumbers(
        period=str(period),
        units=[UnitOutcomes(unit=unit, outcomes=_rows(of_unit, policy)) for unit, of_unit in sorted(sums.items())],
        together=_rows(together(sums), policy),
    )


def shown_duties(period: Period, found: Iterable[Duty]) -> ShownDuties:
    """In the order of the place's bodies."""
    return ShownDuties(
        period=str(period),
        bodies=[
            ShownDuty(
                body=each.body,
                visits=len(each.visited_on),
                last_visited_on=max(each.visited_on, default=None),
                done=each.done,
            )
            for each in found
        ],
    )


def _rows(sums: Mapping[str, Sum], policy: ConductPolicy) -> list[OutcomeRow]:
    named = {each.id: (each.zh, each.en) for each in policy.table.outcome}
    ordered = (*(id for id in named if id in sums), *sorted(sums.keys() - named.keys()))
    return [_row(id, *named.get(id, (id, id)), sums[id]) for id in ordered]


def _row(id: str, zh: str, en: str, each: Sum) -> OutcomeRow:
    return OutcomeRow(
        outcome=id,
        zh=zh,
        en=en,
        posts=each.posts,
        units=each.units,
        amount_fen=each.amount_fen,
        unlawful_fen=each.unlawful_fen,
    )
