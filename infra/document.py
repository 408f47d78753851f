"""The one document a service keeps per aggregate: its state, and the history of every event it has decided.

State and announcement are saved in one atomic write. The outbox is the history's tail: entries from `tail_from` on are
published before anything newer of the same aggregate is. The history is hash-chained: an entry that was altered or
removed breaks the chain. What must be forgotten by law leaves its digest behind, so that the chain holds all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from contracts.message import Fact, event_id

APPLIED_KEPT = 64
"""Ids of applied messages that are kept; a duplicate that is older than so many messages is decided again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decided event, ready to be published any number of times."""

    position: int
    id: str
    type: str
    topic: str
    key: str
    at: datetime
    body: str
    traceparent: str | None
    cause: str
    hash: str
    digest: str | None = None
    """Of the body, where the body has been forgotten."""

    def to_mongo(self) -> dict[str, Any]:
        """As it stands in the history."""
        forgotten = {} if self.digest is None else {"digest": self.digest}
        return forgotten | {
            "n": self.position,
            "id": self.id,
            "type": self.type,
            "topic": self.topic,
            "key": self.key,
            "at": self.at,
            "body": self.body,
            "traceparent": self.traceparent,
            "cause": self.cause,
            "hash": self.hash,
        }

    @classmethod
    def from_mongo(cls, raw: Mapping[str, Any]) -> Entry:
        """The inverse of `to_mongo`."""
        return cls(
            raw["n"],
            raw["id"],
            raw["type"],
            raw["topic"],
            raw["key"],
            raw["at"],
            raw["body"],
            raw["traceparent"],
            raw["cause"],
            raw["hash"],
            raw.get("digest"),
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A message that came before its cause and waits in the document."""

    id: str
    topic: str
    message_id: str
    type: str
    body: str
    speaker: str | None
    traceparent: str | None
    expires_at: datetime

    def to_mongo(self) -> dict[str, Any]:
        """As it stands in `waiting`."""
        return {
            "id": self.id,
            "topic": self.topic,
            "message_id": self.message_id,
            "type": self.type,
            "body": self.body,
            "speaker": self.speaker,
            "traceparent": self.traceparent,
            "expires_at": self.expires_at,
        }


@dataclass(frozen=True, slots=True)
class Ready:
    """What follows when a document's instant comes, decided ahead: it counts once its crowd is claimed."""

    crowd: str
    state: dict[str, Any]
    entries: tuple[Entry, ...]

    def to_mongo(self) -> dict[str, Any]:
        """As it stands in `ready`."""
        return {"crowd": self.crowd, "state": self.state, "entries": [entry.to_mongo() for entry in self.entries]}

    @classmethod
    def from_mongo(cls, raw: Mapping[str, Any]) -> Ready:
        """The inverse of `to_mongo`."""
        return cls(raw["crowd"], raw["state"], tuple(Entry.from_mongo(each) for each in raw["entries"]))


@dataclass(slots=True)
class Document:
    """One aggregate as loaded, with what the current batch adds to it. Version 0 is not in the database yet."""

    key: str
    version: int = 0
    state: dict[str, Any] | None = None
    applied: list[str] = field(default_factory=list)
    waiting: list[Held] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    """Ids of dead letters that must be redriven, in order, before anything else of this key is applied."""
    length: int = 0
    """Entries in the saved history."""
    head: str = ""
    """Hash of the last entry."""
    tail_from: int = 0
    write_id: str | None = None
    due_at: datetime | None = None
    open: bool = True
    """Whether anything is still owed: an open document is announced again when the broker lost its data. One that has
    no state, where nothing came of what was asked, owes nothing."""
    saved_at: datetime | None = None
    """When it was last decided upon: what was said lately may not have been heard, though nothing is owed any more."""
    traceparent: str | None = None
    """Of the last decision: a timer that it set, and what came of its effects, belong to the same trace."""
    ready: Ready | None = None
    """Nothing is decided about a document that holds it before it is known whether it counts."""

    entries: list[Entry] = field(default_factory=list)
    newly_applied: list[str] = field(default_factory=list)
    touched: bool = False
    told: int = 0
    """How many of the first entries are known to be published."""
    resolved: bool = False
    """It held something ready as it was loaded."""

    @classmethod
    def from_mongo(cls, raw: Mapping[str, Any]) -> Document:
        """A loaded document; its history stays in the database."""
        return cls(
            key=raw["_id"],
            version=raw["version"],
            state=raw["state"],
            applied=list(raw["applied"]),
            waiting=[Held(**held) for held in raw["waiting"]],
            parked=list(raw["parked"]),
            length=raw["length"],
            head=raw["head"],
            tail_from=raw["tail_from"],
            write_id=raw["write_id"],
            due_at=raw.get("due_at"),
            open=raw["open"],
            traceparent=raw.get("traceparent"),
            ready=Ready.from_mongo(raw["ready"]) if raw.get("ready") else None,
        )

    def resolve(self, *, counts: bool, told: bool) -> None:
        """What stood ready has become history, whose events may be with the broker already; or it never was."""
        ready, self.ready = self.ready, None
        self.resolved = self.touched = True
        if ready is not None and counts:
            self.state = ready.state
            self.entries = list(ready.entries)
            self.told = len(self.entries) if told else 0

    def has_applied(self, id: str) -> bool:
        """Whether this message was decided before, in this batch or an earlier one."""
        return id in self.applied or id in self.newly_applied

    def mark_applied(self, id: str) -> None:
        """The message with this id is done with: applied, refused, held or put aside."""
        if not self.has_applied(id):
            self.newly_applied.append(id)
        self.touched = True

    def announce(
        self, publisher: str, events: Iterable[Fact], *, at: datetime, traceparent: str | None, cause: str
    ) -> None:
        """Append events to the history; they get their deterministic ids here."""
        for event in events:
            position = self.length + len(self.entries)
            body = event.model_dump_json()
            previous = self.entries[-1].hash if self.entries else self.head
            id = event_id(publisher, self.key, position)
            self.entries.append(
                Entry(
                    position=position,
                    id=id,
                    type=event.TYPE,
                    topic=event.topic,
                    key=event.key,
                    at=at,
                    body=body,
                    traceparent=traceparent,
                    cause=cause,
                    hash="",
                )
            )
            self.entries[-1] = replace(self.entries[-1], hash=chain(previous, self.entries[-1]))
            self.touched = True

    def fields(self, write_id: str, *, tail_from: int) -> dict[str, Any]:
        """The fields a save sets. `due_at` is left out when nothing is due, so that a sparse index stays small."""
        values: dict[str, Any] = {
            "version": self.version + 1,
            "state": self.state,
            "waiting": [held.to_mongo() for held in self.waiting],
            "parked": self.parked,
            "length": self.length + len(self.entries),
            "head": self.entries[-1].hash if self.entries else self.head,
            "tail_from": tail_from,
            "write_id": write_id,
            "open": self.open,
            "saved_at": self.saved_at,
            "traceparent": self.traceparent,
        }
        if self.due_at is not None:
            values["due_at"] = self.due_at
        return values


def chain(previous: str, entry: Entry) -> str:
    """The hash of an entry over the hash before it, the digest of its body and everything else that it says."""
    said = {
        **entry.to_mongo(),
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "body": "",
        "digest": entry.digest or digest_of(entry.body),
        "hash": previous,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def is_refusal(type: str) -> bool:
    """Whether events of this CloudEvents type refuse a message: ``cn.xiaoneng.command.refused.v1``."""
    return type.split(".")[-2:-1] == ["refused"]


def digest_of(body: str) -> str:
    """What stays of a body that is forgotten."""
    return hashlib.sha256(body.encode()).hexdigest()


def verify_chain(entries: Sequence[Entry], forgettable: Collection[str] = ()) -> int | None:
    """Position of the first entry that was altered or follows a gap; None when the history is whole.

    An entry without its body counts as altered, but for the types that may have been forgotten.
    """
    previous = ""
    for expected, entry in enumerate(entries):
        if entry.digest is not None and (entry.body or entry.type not in forgettable):
            return expected
        if entry.position != expected or entry.hash != chain(previous, entry):
            return expected
        previous = entry.hash
    return None
