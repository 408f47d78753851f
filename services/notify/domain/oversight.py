"""What scoring tells systems and bodies, and a unit has to hear by its own ways: cards of items and of what has to be
put right, findings against it, and what is proposed to whoever decides.

Each begins a notice of its own: another one for each receiver, the same whenever it is said.
"""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID, uuid5

from contracts.codes import Language, SubjectKind
from contracts.conduct import FindingRecorded, MeasureProposed
from contracts.inspections import RectificationEscalated, RectificationOrdered, RectificationRungReached
from contracts.items import ItemEscalated, ItemRungReached
from contracts.message import Message
from contracts.staff_notices import StaffNoticeOwed
from services.notify.domain.owing import told_as
from services.notify.domain.policy import Policy

OfItem: TypeAlias = ItemRungReached | ItemEscalated
OfRectification: TypeAlias = RectificationOrdered | RectificationRungReached | RectificationEscalated
OfOversight: TypeAlias = OfItem | OfRectification | MeasureProposed | FindingRecorded
FROM_ITEMS = (ItemRungReached, ItemEscalated)
FROM_CONDUCT = (
    RectificationOrdered,
    RectificationRungReached,
    RectificationEscalated,
    MeasureProposed,
    FindingRecorded,
)
OF_OVERSIGHT = (*FROM_ITEMS, *FROM_CONDUCT)


def key_of_oversight(message: Message, _parameter: str | None) -> str:
    """The notice that a fact begins: another one for each receiver, the same however often it is said."""
    return str(uuid5(UUID(message.key), "/".join((_what(message), _which(message), _receiver(message)))))


def owed_of(fact: OfOversight, policy: Policy) -> StaffNoticeOwed | None:
    """What a unit is owed; None where the place does not tell it, or where only whoever inspected hears of it."""
    what, to = _what(fact), _receiver(fact)
    if not policy.tells_staff(what) or _is_copy(fact):
        return None
    language = Language(policy.receiver(to).language)
    match fact:
        case FindingRecorded():
            facts = _of_finding(fact, policy, language)
        case MeasureProposed():
            facts = _of_proposal(fact, policy, language)
        case ItemRungReached() | ItemEscalated():
            facts = _of_item(fact, policy, language)
        case _:
            facts = _of_rectification(fact, policy, language)
    return StaffNoticeOwed(
        notice_id=key_of_oversight(fact, None), owed_at=fact.time, to=to, what=what, facts=told_as(facts)
    )


def _what(message: Message) -> str:
    match message:
        case ItemRungReached() | ItemEscalated():
            return "item"
        case MeasureProposed():
            return "proposal"
        case FindingRecorded():
            return "finding"
        case _:
            return "rectification"


def _which(message: Message) -> str:
    match message:
        case ItemRungReached() | RectificationRungReached():
            return message.rung
        case ItemEscalated() | RectificationEscalated():
            return f"level-{message.level}"
        case MeasureProposed():
            return message.proposal_id
        case _:
            return "begun"


def _receiver(message: Message) -> str:
    unit: str = message.to if isinstance(message, ItemEscalated) else getattr(message, "unit", "")
    return unit


def _is_copy(fact: OfOversight) -> bool:
    """Whoever inspected or found hears of it on its own topic; it is not the one that has to act."""
    if isinstance(fact, FindingRecorded):
        return fact.unit not in fact.units
    return isinstance(fact, RectificationOrdered | RectificationRungReached) and fact.unit == fact.body


def _of_item(fact: OfItem, policy: Policy, language: Language) -> dict[str, object]:
    names = policy.names
    return {
        "unit_name": names.unit(fact.unit, language),
        "system_name": names.systems.get(fact.system, {}).get(language, fact.system),
        "item_number": fact.external_id,
        "due_at": fact.due_at,
        "rung": fact.rung if isinstance(fact, ItemRungReached) else None,
        "level": fact.level if isinstance(fact, ItemEscalated) else None,
    }


def _of_rectification(fact: OfRectification, policy: Policy, language: Language) -> dict[str, object]:
    about = fact.about if isinstance(fact, RectificationEscalated) else fact.unit
    task = fact.rectify.what if isinstance(fact, RectificationOrdered) else fact.task
    return {
        "unit_name": policy.names.unit(about, language),
        "body_name": policy.names.unit(fact.body, language),
        "task": task or f"{fact.visit} ({fact.number})",
        "reference": fact.reference,
        "due_at": fact.due_at,
        "rung": fact.rung if isinstance(fact, RectificationRungReached) else None,
        "level": fact.level if isinstance(fact, RectificationEscalated) else None,
    }


def _of_finding(fact: FindingRecorded, policy: Policy, language: Language) -> dict[str, object]:
    return {
        "unit_name": policy.names.unit(fact.unit, language),
        "body_name": policy.names.unit(fact.body, language),
        "reference": fact.reference,
        "verdict": fact.verdict,
        "found": fact.facts,
        "happened_on": fact.happened_on.isoformat(),
        "appeal_until": fact.appeal_until,
        "post": fact.post,
    }


def _of_proposal(fact: MeasureProposed, policy: Policy, language: Language) -> dict[str, object]:
    names = policy.names
    is_unit = fact.kind is SubjectKind.UNIT
    return {
        "subject_name": names.unit(fact.subject, language) if is_unit else fact.subject,
        "step_name": names.steps.get(fact.step, {}).get(language, fact.step),
        "measures": [names.measures.get(each, {}).get(language, each) for each in fact.measures],
        "basis": fact.basis,
        "findings": len(fact.findings),
        "since": fact.since.isoformat(),
        "decider_name": names.unit(fact.unit, language),
    }
