"""Whether a client may give commands of a type now, by examples that the rules decide. Nothing is applied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.message import Message
from infra.decision import Decision, Wait
from infra.document import is_refusal
from infra.reasons import ProblemReason


class Possible(BaseModel):
    """Whether the post of the key may give commands of one type about the case now."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    type: str
    """CloudEvents type of the command."""
    why_not: ProblemReason | None = None
    """The rule that refuses every such command of this post at this moment; absent: it may be given."""


def by_examples(kind: type[Message], decisions: Iterable[Decision[Any] | Wait]) -> Possible:
    """By decisions on commands that differ in what a sender may choose: one that is accepted suffices.

    The reason is that of the first.
    """
    first: ProblemReason | None = None
    for decision in decisions:
        refusal = _refusal(decision)
        if refusal is None:
            return Possible(type=kind.TYPE)
        first = first or refusal
    return Possible(type=kind.TYPE, why_not=first)


def _refusal(decision: Decision[Any] | Wait) -> ProblemReason | None:
    events = decision.events if isinstance(decision, Decision) else ()
    reasons = (getattr(event, "reasons", ()) for event in events if is_refusal(event.TYPE))
    first = next((each[0] for each in reasons if each), None)
    return None if first is None else ProblemReason.model_validate(first, from_attributes=True)
