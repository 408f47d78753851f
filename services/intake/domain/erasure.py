"""Erasure: a complainant wants to be forgotten. What tells who they are is destroyed, the matter goes on.

Source: 个人信息保护法 (PIPL) Article 47.
"""

from __future__ import annotations

from typing import Any

from contracts.intake import ContactErased, ContactSealed, IdentityErased
from contracts.message import StaffId
from infra.decision import Context, Decision, Forget
from services.intake.domain.registration import Registration

FORGETTABLE = frozenset({ContactSealed.TYPE})
"""Events whose bodies may be taken out of a history, where it tells of an erasure."""


def erase(case: Registration, by: StaffId, context: Context) -> Decision[Registration]:
    """Announce the erasure once; repeat the deletion of encrypted data and stored files until it is confirmed.

    A photo or a recording may show who sent it. A web address stays: what is there is not ours to delete.
    """
    if case.erased_at is not None:
        return Decision(case.model_copy(update={"forgetting": True, "files": ()}), effects=(Forget(context.key),))
    blank: dict[str, Any] = {
        "complainant": None,
        "matter": "",
        "traces": (),
        "erased_at": context.at,
        "forgetting": True,
    }
    blank |= {"files": (), "evidence": (), "added": tuple(each for each in case.added if each.url)}
    told = (
        ContactErased(case_id=context.key, occurred_at=context.at),
        IdentityErased(case_id=context.key, occurred_at=context.at, by=by),
    )
    return Decision(case.model_copy(update=blank), told, (Forget(context.key),))


def forget(case: Registration, context: Context) -> Decision[Registration]:
    """Wanted again: an effect may be lost in a crash."""
    return Decision(case, effects=(Forget(context.key),))


def forgotten(case: Registration) -> Decision[Registration]:
    """Nothing more to do."""
    return Decision(case.model_copy(update={"forgetting": False}))
