"""The fields of each event that the index stores, and an order of events that no order of topics changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson

Body = Mapping[str, Any]

PREFIX, SUFFIX = "cn.xiaoneng.", ".v1"
TOPICS = ("cases.events", "routing.events", "scoring.events")
"""Topics that are read. The position of a topic here orders events of one instant."""
STORED = len(TOPICS)
"""Rank of what intake's database knows of a case whose events the topics no longer have."""

_BY = "by"
FIELDS: Mapping[str, tuple[str, ...]] = {
    "case.registered": (
        *("number", "channel", "appeal", "category", "area", "jurisdiction", "title", "text", "address", "received_at"),
        *("about", "urgent", "held", "complainant", "confidential", "by_agent", "external_id", "instruction"),
    ),
    "case.released": ("added_text", "address"),
    "case.ended": ("ending", "reasons", "reply", "authority", _BY),
    "supplement.requested": ("missing", "answer_by", "round", "centre", _BY),
    "supplement.received": ("complete", "round", "added_text", "address", "asked_by"),
    "repeat.linked": ("first_case_id", "first_number", "count", _BY),
    "case.merged": ("into", "into_number", _BY),
    "case.unmerged": ("out_of", _BY),
    "follower.added": ("follower",),
    "follower.removed": ("follower",),
    "identity.erased": (_BY,),
    "reopening.requested": ("reason", "answer"),
    "answer.appealed": ("reason", "answer"),
    "case.assigned": ("unit", "responsible", "rule", "binding", "why", "leader", _BY),
    "case.queued": ("centre", "responsible", "why", "returned_by", "return_reason", "proposed", "reported_to", _BY),
    "case.signed": ("unit", _BY),
    "handling.reported": ("unit", "verifier", "result", "reply", "adopted", _BY),
    "redo.ordered": ("unit", "verifier", "count", "reason", _BY),
    "case.escalated": ("supervisor", "why", "count"),
    "case.suspended": ("unit", "reason", "note", "until", _BY),
    "case.resumed": ("unit", "lapsed", _BY),
    "extension.requested": ("unit", "approver", "working_days", "reason", _BY),
    "extension.decided": ("unit", "approver", "granted", "working_days", "reason", _BY),
    "delay.explained": ("unit", "reason", "promised_at", _BY),
    "subtask.opened": ("unit", "lead", "task", _BY),
    "subtask.ended": ("unit", "ending", "words", "lead", _BY),
    "case.closed": ("unit", "result", "reply", "verified_by", "adopted", _BY),
    "case.reopened": ("unit", "count", "reason", "requested_by", _BY),
    "case.joined": ("leading", "responsible"),
    "case.instructed": ("instruction", "unit", "responsible"),
    "note.added": ("unit", "text", _BY),
    "consultation.held": ("centre", "participants", "minutes", "held_on", "to", _BY),
    "complainant.asked": ("unit", "missing", "answer_by", _BY),
    "asking.ended": ("unit", "answered"),
    "review.opened": ("unit", "reviewer", "reason"),
    "review.decided": ("unit", "reviewer", "upheld", "reason", _BY),
    "clock.started": ("clock", "due_at", "provisional", "limit"),
    "clock.rung-reached": ("clock", "rung", "unit"),
    "clock.paused": ("clock", "reason"),
    "clock.resumed": ("clock", "due_at", "provisional"),
    "clock.extended": ("clock", "due_at", "provisional", "working_days"),
    "clock.reckoned": ("clock", "due_at", "provisional"),
    "clock.escalated": ("clock", "level", "unit", "to"),
    "clock.stopped": ("clock", "on_time"),
    "extension.refused": ("clock", "unit", "reasons"),
    "case.measured": ("answer", "unit", "started_at", "ended_at", "ending", "on_time", "returned_by"),
    "callback.ended": ("answer", "result"),
    "callback.recorded": ("answer", "attempt", "outcome", "note"),
    "case.rated": ("answer", "satisfaction", "solved"),
}
"""Fields that are stored of each type, by its name without prefix and version."""

ANSWERS: Mapping[str, tuple[str, bool]] = {
    "case.registered": ("submission_id", True),
    "submission.refused": ("submission_id", False),
    "supplement.received": ("submission_id", True),
    "case.ended": ("submission_id", True),
    "case.reopened": ("submission_id", True),
    "review.opened": ("submission_id", True),
    "complainant.request-refused": ("submission_id", False),
    "case.rated": ("rating_id", True),
    "rating.refused": ("rating_id", False),
    "callback.recorded": ("record_id", True),
}
"""Events that answer a complainant's message: the field with its CloudEvents id, and whether it was accepted."""

NAMES = {f"{PREFIX}{name}{SUFFIX}": name for name in {*FIELDS, *ANSWERS}}
"""Short name by CloudEvents type; every other type is skipped without decoding."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One stored event of a case."""

    name: str
    at: int
    """Microseconds since 1970."""
    rank: int
    """Position of its topic in `TOPICS`."""
    sequence: int
    """Order of arrival, which within one topic is the order of publication."""
    body: Body

    @property
    def order(self) -> tuple[int, int, int]:
        """Sorts the facts of a case; topics that arrive in another order change nothing."""
        return self.at, self.rank, self.sequence


@dataclass(frozen=True, slots=True)
class Reported:
    """An event as it was read from a topic or a history."""

    id: bytes
    name: str
    case_id: bytes
    at: int
    rank: int
    fields: bytes | None
    """Fields for the index as JSON; None for an event that only answers a message."""
    answers: tuple[str, bool, bytes] | None = None
    """Id of the answered message, whether it was accepted, and the reasons as JSON."""


def read_fact(type: str | None, id: str, key: str, rank: int, value: bytes | None) -> Reported | None:
    """Decode one record; None for a type that the index does not keep, and for what is not an event of a case."""
    name = NAMES.get(type or "")
    if name is None or not value:
        return None
    try:
        body = orjson.loads(value)
        at, case_id = micros(body["occurred_at"]), UUID(key).bytes
    except (ValueError, KeyError, TypeError):
        return None
    if "clock" in body and not is_close(body["clock"]):
        return None
    fields = orjson.dumps(_fields(name, body)) if name in FIELDS else None
    return Reported(event_key(id), name, case_id, at, rank, fields, _answers(name, body))


def is_close(clock: str) -> bool:
    """Whether a clock limits the whole case: ``close``, or ``close-2`` after the case was reopened."""
    return clock == "close" or clock.startswith("close-")


def event_key(id: str) -> bytes:
    """An event id in as few bytes as possible."""
    try:
        return UUID(id).bytes
    except ValueError:
        return id.encode()


def micros(text: str) -> int:
    """An RFC 3339 timestamp as microseconds since 1970. Raises `ValueError`."""
    return of_instant(datetime.fromisoformat(text))


def of_instant(at: datetime) -> int:
    """An aware instant as microseconds since 1970."""
    return round(at.timestamp() * 1_000_000)


def instant(at: int) -> datetime:
    """Microseconds since 1970 as an instant."""
    seconds, rest = divmod(at, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def _fields(name: str, body: Body) -> dict[str, Any]:
    if name == "case.measured":
        body = _measured(body["measures"])
    return {field: body[field] for field in FIELDS[name] if body.get(field)}


def _measured(measures: Body) -> dict[str, Any]:
    """With the start of the handling, as scoring has it."""
    closes = [clock["started_at"] for clock in measures.get("clocks", ()) if clock.get("stage") == "close"]
    first = measures["answer"] == 1 or not closes
    return {**measures, "started_at": measures["received_at"] if first else closes[0]}


def _answers(name: str, body: Body) -> tuple[str, bool, bytes] | None:
    field, accepted = ANSWERS.get(name, ("", False))
    id = body.get(field) if field else None
    return (id, accepted, orjson.dumps(body.get("reasons") or [] if not accepted else [])) if id else None


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """The facts of one case in their order."""
    return sorted(facts, key=attrgetter("order"))
