"""Why a case went where it did: every step of every service, and the rule behind each dispatch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.intake import IdentityErased
from contracts.message import Event
from contracts.roles import SERVICES
from contracts.routing import CaseAssigned, CaseQueued
from contracts.topics import REGISTRY
from contracts.typed_codes import read_number
from infra.document import Entry, verify_chain
from infra.store import Store
from services.intake.domain.erasure import FORGETTABLE

_TOLD_ELSEWHERE = {"case_id", "occurred_at", "policy", "text", "title", "box", "key_id"}
"""Fields that a line of the list does not repeat, and what is sealed."""


@dataclass(frozen=True)
class Step:
    """One thing that was decided."""

    at: datetime
    service: str
    what: str
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Explanation:
    """All that is known of one case."""

    case_id: str
    steps: tuple[Step, ...]
    dispatches: tuple[CaseAssigned | CaseQueued, ...]
    broken: tuple[str, ...]
    """Services whose history of the case is not what they wrote."""


async def case_of(uri: str, prefix: str, asked: str) -> str | None:
    """The id of the case with this id or number, as people type it."""
    store = Store(uri, f"{prefix}_intake")
    try:
        case_id = asked.strip().lower()
        if await store.state_of(case_id) is not None:
            return case_id
        found = await store.states({"number": read_number(asked)}, limit=1)
        return found[0][0] if found else None
    finally:
        await store.close()


async def explain(uri: str, prefix: str, case_id: str) -> Explanation:
    """What the four services have written down about it. Raises `StoreError`."""
    steps: list[Step] = []
    dispatches: list[CaseAssigned | CaseQueued] = []
    broken: list[str] = []
    for service in SERVICES:
        store = Store(uri, f"{prefix}_{service}")
        try:
            history = await store.history(case_id)
        finally:
            await store.close()
        erased = any(entry.type == IdentityErased.TYPE for entry in history)
        if verify_chain(history, FORGETTABLE if erased else ()) is not None:
            broken.append(service)
        steps += [Step(entry.at, service, _short(entry.type), _said(entry)) for entry in history]
        dispatches += [event for event in _events(history) if isinstance(event, CaseAssigned | CaseQueued)]
    steps.sort(key=lambda step: (step.at, SERVICES.index(step.service)))
    return Explanation(case_id, tuple(steps), tuple(dispatches), tuple(broken))


def because(event: CaseAssigned | CaseQueued, tables: Mapping[str, Mapping[str, Any]] | None) -> str:
    """A sentence: which rule of which version sent it there. `tables` are those of that version, if they are known."""
    place = f"to {event.unit}" if isinstance(event, CaseAssigned) else f"into the queue of {event.centre}"
    rule = event.rule if isinstance(event, CaseAssigned) else event.why
    sentence = f"{place}: {_RULES.get(rule, f'rule `{rule}`')}, version {event.policy}"
    if isinstance(event, CaseAssigned) and event.by:
        sentence += f", by {event.by}"
    given = event.why if isinstance(event, CaseAssigned) else event.return_reason
    sentence += f" (“{given}”)" if given else ""
    name, _, recusal = rule.partition("/")
    found = next((each for each in (tables or {}).get("dispatch", {}).get("rule", ()) if each["id"] == name), None)
    if found is not None:
        conditions = "; ".join(f"{field} {', '.join(found[field])}" for field in _CONDITIONS if found.get(field))
        sentence += f" — {conditions} → the lowest unit at or below {found['to']} that covers the area"
    return sentence + (", or the next above it that is not complained about" if recusal else "")


_CONDITIONS = ("categories", "areas", "appeals")
_RULES = {
    "dispatcher": "the dispatcher's choice",
    "ruling": "a ruling of the centre, which binds",
    "transfer": "passed on by the unit that had it",
    "reassigned": "taken elsewhere by the centre",
    "reopened": "opened again",
    "approval": "somebody has to approve where it goes",
    "not-approved": "the proposal was not approved",
    "returned": "a unit returned it",
    "no-rule": "no rule covers it",
}


def _short(type: str) -> str:
    return type.removeprefix("cn.xiaoneng.").removesuffix(".v1")


def _said(entry: Entry) -> dict[str, Any]:
    """What tells one step from another, and nothing that stands on every line."""
    body = json.loads(entry.body or "{}")  # nothing is left of what was forgotten
    return {
        name: value
        for name, value in body.items()
        if name not in _TOLD_ELSEWHERE and value not in ("", None, [], False)
    }


def _events(history: Iterable[Entry]) -> Iterator[Event]:
    for entry in history:
        kind = REGISTRY.messages.get(entry.type)
        if kind is not None and issubclass(kind, Event) and entry.digest is None:
            yield kind.model_validate_json(entry.body)
