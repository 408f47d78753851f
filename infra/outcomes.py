"""The outcome of a client's command, read from the document of the aggregate that the command is about.

A decided message is in the document's ring of applied ids, with the topic that it came on, and the events that followed
name it as their cause. It is not decided while it waits for its cause or is a dead letter. Nothing is written for this:
a repetition that changes nothing leaves no trace in the document, so its id is in the memory of the process alone.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.dead_letters import DeadLettered, DeadLetterResolved
from contracts.message import Message
from infra.document import Entry, is_refusal
from infra.reading import Input

FIRST_PAUSE, MOST_PAUSE, GROWTH = 0.05, 0.5, 1.5
"""Seconds between two looks at a document, and how they grow."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided on a command."""

    accepted: bool
    reasons: tuple[Mapping[str, Any], ...] = ()
    """Why it was refused, as the event of the refusal states them."""


class CommandOfAnotherError(LookupError):
    """Another client sent the command."""


class Histories(Protocol):
    """The part of the store that is read here."""

    async def applied(self, key: str) -> tuple[list[str], list[str]]:
        """Ids of the messages that one document took last, and of those among them that wait in it."""

    async def history(self, key: str, start: int = 0) -> list[Entry]:
        """The decided events of one aggregate."""


class Outcomes:
    """Finds outcomes by polling the one document, by its key."""

    def __init__(self, store: Histories, inputs: Sequence[Input], unchanged: Container[str]) -> None:
        """`unchanged` has topic and id, ``handling.police:5f0c…``, of messages that this process found to change
        nothing.
        """
        self._store = store
        self._keys = {each.topic.name: each.key for each in inputs}
        self._unchanged = unchanged

    def key_of(self, command: Message, sender: str) -> str:
        """The key of the document in which a command of this sender is decided."""
        return self._keys[command.TOPIC](command, sender)

    async def wait(self, key: str, topic: str, command_id: str, seconds: float) -> Outcome | None:
        """Wait up to so many seconds for the outcome of a command that came on this topic; 0: look once.

        None: not decided by then. Raises `CommandOfAnotherError` and `StoreError`.
        """
        ends, pause = time.monotonic() + seconds, FIRST_PAUSE
        while True:
            left = ends - time.monotonic()
            found = await self._look(key, topic, command_id, last=left <= 0)
            if found is not None or left <= 0:
                return found
            await asyncio.sleep(min(pause, left))
            pause = min(pause * GROWTH, MOST_PAUSE)

    async def _look(self, key: str, topic: str, command_id: str, *, last: bool) -> Outcome | None:
        """Read the history only where the ring has the id, and at the last look: the ring may have dropped it."""
        applied, waiting = await self._store.applied(key)
        own = f"{topic}:{command_id}"
        known = _has(applied, own)
        if not known and own in self._unchanged:
            return Outcome(accepted=True)
        if not known and any(f":{command_id}:" in each for each in applied):
            raise CommandOfAnotherError
        if _has(waiting, own) or not (known or last):
            return None
        caused = [entry for entry in await self._store.history(key) if entry.cause == command_id]
        return _outcome(caused, topic.rpartition(".")[2], known=known)


def _has(ids: Sequence[str], own: str) -> bool:
    return any(each.startswith(f"{own}:") for each in ids)


def _outcome(caused: Sequence[Entry], sender: str, *, known: bool) -> Outcome | None:
    """The outcome by the events that name the command as their cause."""
    for entry in caused:
        if is_refusal(entry.type):
            if not known and entry.topic.rpartition(".")[2] != sender:
                raise CommandOfAnotherError
            return Outcome(accepted=False, reasons=tuple(json.loads(entry.body)["reasons"]))
    letters = [entry.type for entry in caused if entry.type in (DeadLettered.TYPE, DeadLetterResolved.TYPE)]
    if not known or letters[-1:] == [DeadLettered.TYPE]:
        return None
    return Outcome(accepted=True)
