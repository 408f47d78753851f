"""Names and roles of accountability and of assessments, for forms of apps: what a body may choose from."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from contracts.accountability_tables import Step
from contracts.codes import AssessmentKind
from contracts.score_tables import Named
from services.scoring.domain.conduct.policy import CLASSIFIED_BY, ConductPolicy
from services.scoring.domain.scores.policy import ScorePolicy


class _Model(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class NamedCode(_Model):
    """A code with its names."""

    id: str
    zh: str
    en: str


class ShownStep(NamedCode):
    """A step of a ladder, with what it proposes."""

    ladder: str
    """`unit` or `post`."""
    count: int
    """From so many valid complaints on."""
    within: str
    measures: list[str]
    basis: str
    """Legal basis."""


class AccountabilityNames(_Model):
    """Who does what, and the names of all codes, by the tables in force."""

    policy: str
    finds: list[str]
    """Units that record findings."""
    inspects: list[str]
    """Units that inspect."""
    surveys: list[str]
    """Units that make surveys."""
    decides: list[str]
    """Units that decide on measures."""
    hears_appeals: list[str]
    """Units that may hear appeals, in the order in which they are asked."""
    measures: list[NamedCode]
    outcomes: list[NamedCode]
    steps: list[ShownStep]
    codes: dict[str, list[NamedCode]]
    """Code lists of a finding: `problem`, `rule`, `ban`, `cause`, `area`."""


class AssessedItem(NamedCode):
    """What may be entered into scores."""

    kind: AssessmentKind
    assessed_by: list[str]
    approved_by: str | None = None
    """Of a bonus: who approves it."""
    most: int
    """Points in one entry, at most."""


class AssessedItems(_Model):
    """Everything that bodies enter."""

    items: list[AssessedItem]


def accountability_names(policy: ConductPolicy) -> AccountabilityNames:
    """The names of the place's accountability."""
    table = policy.table
    return AccountabilityNames(
        policy=policy.version,
        finds=table.findings.by,
        inspects=table.inspections.by,
        surveys=table.surveys.by,
        decides=list(dict.fromkeys((table.decider.unit, table.decider.post, *table.findings.appeals_otherwise_to))),
        hears_appeals=[table.findings.appeals_to, *table.findings.appeals_otherwise_to],
        measures=_named(table.measure),
        outcomes=_named(table.outcome),
        steps=[_step(each) for each in table.step],
        codes={name: _named(getattr(table.codes, name)) for name in CLASSIFIED_BY},
    )


def assessed_items(policy: ScorePolicy) -> AssessedItems:
    """Components, deductions, bonuses and vetoes that bodies enter."""
    table = policy.table
    listed: tuple[tuple[AssessmentKind, Iterable[Named]], ...] = (
        (AssessmentKind.RATING, (each for each in table.component if each.assessed_by)),
        (AssessmentKind.DEDUCTION, (each for each in table.deduction if each.assessed_by)),
        (AssessmentKind.BONUS, table.bonus),
        (AssessmentKind.VETO, table.veto),
    )
    return AssessedItems(
        items=[
            AssessedItem(
                id=each.id,
                zh=each.zh,
                en=each.en,
                kind=kind,
                assessed_by=getattr(each, "assessed_by"),  # noqa: B009 - all of these have it
                approved_by=getattr(each, "approved_by", None),
                most=policy.most(kind, each.id),
            )
            for kind, items in listed
            for each in items
        ]
    )


def _named(codes: Iterable[Named]) -> list[NamedCode]:
    return [NamedCode(id=each.id, zh=each.zh, en=each.en) for each in codes]


def _step(step: Step) -> ShownStep:
    return ShownStep(
        id=step.id,
        zh=step.zh,
        en=step.en,
        ladder=step.ladder,
        count=step.count,
        within=step.within,
        measures=step.measures,
        basis=step.basis,
    )
