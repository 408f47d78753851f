"""Which rules answer which message, and whose document it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contracts.message import Message
from contracts.place_topics import bodies_in, systems_in
from infra.decision import Context, Decision, Subject, Unreadable, Wait
from services.scoring.domain import item_rules
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case_rules import CaseRules
from services.scoring.domain.conduct import deciding, finding, inspection, proposing, rectification, survey
from services.scoring.domain.conduct.finding import FindingRules
from services.scoring.domain.conduct.inspection import InspectionRules
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record_rules import ConductRules
from services.scoring.domain.conduct.rectification import RectificationRules
from services.scoring.domain.conduct.survey import SurveyRules
from services.scoring.domain.item_rules import ItemRules
from services.scoring.domain.item_steps import Procedures
from services.scoring.domain.item_types import ItemTypes
from services.scoring.domain.limits import Limits, Tables
from services.scoring.domain.rating import RatingPolicy
from services.scoring.domain.scores import assessment, handling
from services.scoring.domain.scores.assessment import AssessmentRules
from services.scoring.domain.scores.handling import HandlingRules
from services.scoring.domain.scores.policy import ScorePolicy

_KIND_BY_TYPE: Mapping[str, str] = {
    message.TYPE: kind
    for kind, messages in (
        ("item", item_rules.COMMANDS),
        ("handling", handling.MESSAGES),
        ("assessment", (*assessment.COMMANDS, *assessment.FACTS)),
        ("finding", finding.COMMANDS),
        ("conduct", (*deciding.COMMANDS, *proposing.FACTS)),
        ("inspection", inspection.COMMANDS),
        ("survey", survey.COMMANDS),
        ("rectification", (*rectification.COMMANDS, *rectification.FACTS)),
    )
    for message in messages
}
"""Of what each message begins a document; every other is about a case."""

_KIND_BY_TOPIC = {"items.{system}": "item", "assessments.{body}": "assessment", "oversight.{unit}": "conduct"}
"""The rules that refuse a message of an unknown type."""


class KindRules(Protocol):
    """The rules of one kind of document."""

    def decide(self, state: Any, subject: Subject, context: Context) -> Decision[Any] | Wait:
        """The next state, and what is announced."""

    def due(self, state: Any) -> datetime | None:
        """When it wants to be looked at."""

    def is_open(self, state: Any) -> bool:
        """Whether anything is still owed."""


@dataclass(frozen=True)
class Rules:
    """The rules of one place, for every kind of document. A key stands for one of a kind: they are named apart."""

    limits: Limits
    scores: ScorePolicy | None
    """None where the place makes no scores."""
    conduct: ConductPolicy | None
    """None where the place has no accountability."""
    kinds: Mapping[str, KindRules]
    bodies: Collection[str] = ()
    """Units that may enter assessments or approve them."""
    systems: Collection[str] = ()
    """Systems that may have items watched."""

    @classmethod
    def from_tables(cls, version: str, tables: Tables, *, rating_key: bytes | None = None) -> Rules:
        """From the place's tables, and that from which rating codes are made.

        Raises `KeyError` for what is missing, `ValidationError` for what does not fit.
        """
        limits, scores = Limits.from_tables(version, tables), ScorePolicy.from_tables(version, tables)
        conduct = ConductPolicy.from_tables(version, tables, limits)
        return cls(
            limits,
            scores,
            conduct,
            {
                "case": CaseRules(limits, RatingPolicy.from_tables(tables, rating_key)),
                "item": ItemRules(limits, ItemTypes.from_tables(tables), Procedures.from_tables(tables)),
                "handling": HandlingRules(limits.timezone),
                "assessment": AssessmentRules(scores),
                "finding": FindingRules(conduct),
                "conduct": ConductRules(conduct),
                "inspection": InspectionRules(conduct),
                "rectification": RectificationRules(conduct),
                "survey": SurveyRules(conduct, scores),
            },
            bodies_in(tables),
            systems_in(tables),
        )

    def decide(self, state: Aggregate | None, subject: Subject, context: Context) -> Decision[Aggregate] | Wait:
        """The next state of whatever the key stands for, and what is announced."""
        if state is None or isinstance(subject, Unreadable):  # a sender may name the key of another's document
            return self.kinds[_kind_of(subject)].decide(state, subject, context)
        return self.kinds[state.kind].decide(state, subject, context)

    def due(self, state: Aggregate) -> datetime | None:
        """When it wants to be looked at."""
        return self.kinds[state.kind].due(state)

    def is_open(self, state: Aggregate) -> bool:
        """Whether anything is still owed."""
        return self.kinds[state.kind].is_open(state)


def _kind_of(subject: Subject) -> str:
    match subject:
        case Message():
            return _KIND_BY_TYPE.get(subject.TYPE, "case")
        case Unreadable():
            return _KIND_BY_TYPE.get(subject.type) or _KIND_BY_TOPIC.get(subject.topic, "case")
        case _:
            return "case"
