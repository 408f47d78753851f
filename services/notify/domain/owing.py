"""What staff are owed a notice of, and its facts as they travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid5

from contracts.codes import Language
from contracts.staff_notices import NoticeFact, StaffNoticeOwed
from infra.decision import Context
from services.notify.domain.attached import summary_of
from services.notify.domain.case import Registered
from services.notify.domain.occasion import Facts, known_there
from services.notify.domain.policy import Policy


def of_case(registered: Registered, policy: Policy, language: Language) -> Facts:
    """What every notice about a case tells a unit, in its language."""
    return {
        "number": registered.number,
        "title": registered.title or policy.names.category(registered.category, language),
        "category_name": policy.names.category(registered.category, language),
        "attachments": summary_of(registered.attachments, language),
    }


def staff_notice(
    to: str,
    what: str,
    which: str,
    facts: Mapping[str, object],
    policy: Policy,
    context: Context,
    centre: str | None = None,
) -> StaffNoticeOwed:
    """A notice about a case of that centre; `which` tells it apart from every other of the case."""
    return StaffNoticeOwed(
        notice_id=str(uuid5(UUID(context.key), f"{what}/{which}/{to}")),
        owed_at=context.at,
        to=to,
        what=what,
        about=context.key,
        facts=told_as(known_there(what, facts)),
        centre=centre,
    )


def told_as(facts: Mapping[str, object]) -> tuple[NoticeFact, ...]:
    """Facts as they travel: text by name; what is absent is left out."""
    return tuple(
        NoticeFact(name=name.replace("_", "-"), value=_text(value))
        for name, value in facts.items()
        if value is not None and value != ""
    )


def _text(value: object) -> str:
    match value:
        case date():
            return value.isoformat()
        case bool():
            return "true" if value else "false"
        case [{}, *_]:
            return json.dumps(value, ensure_ascii=False, default=_text)
        case list() | tuple():
            return "\n".join(map(str, value))
        case _:
            return str(value)
