"""What may be told of a case to whoever submitted it: read from intake's state, nothing of who they are.

The one place that knows how intake's state says these things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any

from contracts.attachments import Attachment
from contracts.codes import Ending, Hold
from contracts.refusals import Reason
from infra.store import Store

INDEXES = (("number",), ("channel", "received_at"), ("complainant",))
"""Fields of the state by which cases are looked up."""
CHANNEL, NUMBER, RECEIVED_AT, CATEGORY = "channel", "number", "received_at", "category"
REGISTERED_AT = "registered_at"
COMPLAINANT = "complainant"
_OPEN: tuple[Mapping[str, Any], ...] = ({"ended": None, "closed_at": None},)
_CLOSED: tuple[Mapping[str, Any], ...] = ({"ended": {"$ne": None}}, {"ended": None, "closed_at": {"$ne": None}})
"""Conditions of a query, each met by other cases: together they find what `Standing.open` is true or false of."""


class Stage(StrEnum):
    """Where a case stands, as far as intake knows."""

    IN_HAND = "in-hand"
    """With a department, or on its way to one."""
    SCOPE = "scope"
    """A clerk looks whether it is in scope."""
    AWAITS_COMPLAINANT = "awaits-complainant"
    """Something is missing that only the complainant can give: see `awaited`."""
    ENDED = "ended"
    """Without a department's answer: see `ending`, `reasons` and `reply`."""
    CLOSED = "closed"
    """Answered by a department: see `result` and `reply`."""


@dataclass(frozen=True)
class Standing:
    """One case, as it may be told."""

    case_id: str
    number: str
    stage: Stage
    registered_at: datetime
    updated_at: datetime
    received_at: datetime
    channel: str = ""
    category: str = ""
    ending: str | None = None
    awaited: tuple[Reason, ...] = ()
    answer_by: datetime | None = None
    receipt: str | None = None
    fingerprint: str = ""
    result: str | None = None
    adopted: bool | None = None
    """Whether a suggestion is adopted; None for any other appeal, and until it is answered."""
    reasons: tuple[Reason, ...] = ()
    reply: str = ""
    files: tuple[str, ...] = ()
    """Ids of the case's stored files; empty after an erasure."""
    evidence: tuple[Attachment, ...] = ()
    """Evidence that is part of the answer; empty after an erasure."""

    @property
    def open(self) -> bool:
        """Whether anything is still to come."""
        return self.stage not in {Stage.ENDED, Stage.CLOSED}


def standing_of(case_id: str, state: Mapping[str, Any] | None) -> Standing | None:
    """The standing that a saved state tells; None where nothing is registered."""
    if not state or not state.get("number"):
        return None
    registered_at = _instant(state.get("registered_at"))
    if registered_at is None:
        return None
    ending = _code(state.get("ended"), "ending")
    asked = state.get("question") or state
    changes = (
        _instant(state.get(name)) for name in ("updated_at", "closed_at", "ended_at", "held_at", "registered_at")
    )
    return Standing(
        case_id=case_id,
        number=state["number"],
        stage=_stage(state, ending),
        registered_at=registered_at,
        updated_at=max(change for change in changes if change is not None),
        received_at=_instant(state.get(RECEIVED_AT)) or registered_at,
        channel=state.get(CHANNEL) or "",
        category=state.get(CATEGORY) or "",
        ending=ending if ending in set(Ending) else None,
        awaited=tuple(Reason.model_validate(each) for each in asked.get("missing") or ()),
        answer_by=_instant(asked.get("answer_by")),
        receipt=state.get("receipt"),
        result=state.get("result"),
        adopted=state.get("adopted"),
        reasons=tuple(Reason.model_validate(each) for each in state.get("reasons") or ()),
        reply=state.get("reply") or "",
        fingerprint=state.get("fingerprint") or "",
        files=tuple(state.get("files") or ()),
        evidence=tuple(Attachment.model_validate(each) for each in state.get("evidence") or ()),
    )


async def listed_of(
    store: Store,
    channel: str,
    span: tuple[datetime, datetime],
    *,
    categories: Sequence[str] = (),
    only_open: bool | None = None,
    limit: int,
) -> list[Standing]:
    """The channel's cases that were received in the span, its end included, the latest first.

    Every condition is part of the query, so that the limit leaves out nothing but the oldest. Raises `StoreError`.
    """
    wanted: dict[str, Any] = {CHANNEL: channel, **({CATEGORY: {"$in": list(categories)}} if categories else {})}
    between = (RECEIVED_AT, _bound(span[0]), _bound(span[1] + timedelta(seconds=1)))
    conditions: Sequence[Mapping[str, Any]] = ({},) if only_open is None else _OPEN if only_open else _CLOSED
    rows = [await store.states({**wanted, **each}, between=between, limit=limit) for each in conditions]
    found = [standing for key, state in chain(*rows) if (standing := standing_of(key, state))]
    return sorted(found, key=lambda each: each.received_at, reverse=True)[:limit]


def _bound(instant: datetime) -> str:
    """Sorts among the instants of a state, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _stage(state: Mapping[str, Any], ending: str | None) -> Stage:
    if ending is not None:
        return Stage.ENDED
    if state.get("closed_at") or state.get("status") == "closed":
        return Stage.CLOSED
    match _code(state.get("held"), "hold"):
        case Hold.SUPPLEMENT:
            return Stage.AWAITS_COMPLAINANT
        case Hold.SCOPE:
            return Stage.SCOPE
        case _:
            return Stage.AWAITS_COMPLAINANT if state.get("question") else Stage.IN_HAND


def _code(said: Any, field: str) -> str | None:
    """A code that stands there itself or as a field of what stands there."""
    if isinstance(said, Mapping):
        said = said.get(field)
    return said if isinstance(said, str) and said else None


def _instant(said: Any) -> datetime | None:
    if isinstance(said, datetime):
        return said
    return datetime.fromisoformat(said) if isinstance(said, str) and said else None
