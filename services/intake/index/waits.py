"""What a case waits for: decisions and answers, each from the event that asks for it until the one that ends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import orjson

from services.intake.index.facts import Body, Fact, micros

What = Literal["verification", "extension", "review", "part", "dispatch", "approval", "supplement"]
WHATS: tuple[What, ...] = get_args(What)


@dataclass(frozen=True, slots=True)
class Wait:
    """One open decision or answer. Instants are microseconds since 1970."""

    what: str
    unit: str
    """Who decides; for a supplement the unit that asked, because the complainant answers."""
    since: int
    until: int | None = None
    """When the case goes on or lapses without it, where that is known."""


Waits = dict[tuple[str, str], Wait]
"""By kind and unit; several co-handlers may have a part at once."""

_BEGINS: Mapping[str, tuple[What, str]] = {
    "handling.reported": ("verification", "verifier"),
    "extension.requested": ("extension", "approver"),
    "review.opened": ("review", "reviewer"),
    "subtask.opened": ("part", "unit"),
    "complainant.asked": ("supplement", "unit"),
    "supplement.requested": ("supplement", "centre"),
    "case.queued": ("dispatch", "centre"),
}
"""What an event asks for, and its field with the unit; a queued case with a proposal waits for its approval."""

_EVERYTHING = frozenset(WHATS)
_HANDLING = _EVERYTHING - {"review"}
"""An appeal of an answer is reviewed while the case is closed."""
_ENDS: Mapping[str, frozenset[str]] = {
    "case.queued": frozenset({"dispatch", "approval"}),
    "case.assigned": frozenset({"dispatch", "approval"}),
    "case.signed": frozenset({"dispatch", "approval"}),
    "redo.ordered": frozenset({"verification"}),
    "extension.decided": frozenset({"extension"}),
    "review.decided": frozenset({"review"}),
    "asking.ended": frozenset({"supplement"}),
    "case.released": frozenset({"supplement"}),
    "case.joined": _HANDLING,
    "case.closed": _HANDLING,
    "case.ended": _HANDLING,
    "case.stored": _HANDLING,
    "case.reopened": _EVERYTHING,
}
_MOVED = frozenset({"transfer", "reassigned"})
"""Rules of an assignment by which an extension that the unit before asked for is dropped."""


def follow(waits: Waits, fact: Fact) -> None:
    """Apply one fact, in the order of the case: what it ends, then what it begins."""
    name, body = fact.name, fact.body
    for key in [key for key in waits if key[0] in _ENDS.get(name, ()) or _ends_one(name, body, *key)]:
        del waits[key]
    what, field = _BEGINS.get(name, ("", ""))
    if isinstance(unit := body.get(field), str):
        if name == "case.queued" and body.get("proposed"):
            what = "approval"
        until = body.get("answer_by")
        waits[what, unit] = Wait(what, unit, fact.at, micros(until) if until else None)


def _ends_one(name: str, body: Body, what: str, unit: str) -> bool:
    match name:
        case "subtask.ended":
            return (what, unit) == ("part", body.get("unit"))
        case "supplement.received":  # a unit's request ends with `asking.ended`
            return what == "supplement" and not body.get("asked_by")
        case "case.assigned":
            return what == "extension" and body.get("rule") in _MOVED
        case _:
            return False


def encode(waits: Iterable[Wait]) -> str | None:
    """The column of a case, oldest first; None where it waits for nothing."""
    found = sorted(waits, key=lambda each: (each.since, each.what, each.unit))
    return orjson.dumps([(each.what, each.unit, each.since, each.until) for each in found]).decode() if found else None


def decode(column: str | None) -> list[Wait]:
    """The waits of a column."""
    return [Wait(*each) for each in orjson.loads(column)] if column else []
