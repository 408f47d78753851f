"""Migration: adds `received_at` to states saved by earlier versions, from their histories."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.intake import CaseRegistered
from infra.document import Entry
from infra.store import Store, chunks
from services.intake.status import NUMBER, RECEIVED_AT, REGISTERED_AT

DONE = f"{RECEIVED_AT}-complete"
"""Key of the stored flag that no state lacked the field when a service started."""
_SECONDS_BETWEEN = 0.05
"""Pause between two batches, to leave the event loop to other work."""


class Completer:
    """Writes `received_at` into registrations that were saved before the field existed.

    Such a case is missing from lists by date until then. Each start reads the whole collection until one start finds
    nothing to do, because instances of the earlier version may still run in parallel during an upgrade.
    """

    def __init__(self, store: Store) -> None:
        """Does not read yet."""
        self._store = store
        self._finished = False

    async def work(self) -> None:
        """Complete all states, then wait for ever. Raises `StoreError`; a repeated call resumes the work."""
        if self._finished or await self._store.fact(DONE):
            await asyncio.Event().wait()
        keys = [key async for key in self._store.keys_without(RECEIVED_AT, NUMBER)]
        for chunk in chunks(keys):
            registered = await self._store.fields_of(chunk, (REGISTERED_AT,))
            histories = await self._store.histories(chunk)
            values = {key: received_at_of(histories.get(key, ()), state) for key, state in registered.items()}
            await self._store.complete(RECEIVED_AT, values)
            await asyncio.sleep(_SECONDS_BETWEEN)
        if not keys:
            await self._store.remember(DONE, value=True)
        self._finished = True


def received_at_of(history: Iterable[Entry], state: Mapping[str, Any]) -> str:
    """The time of the complaint from the history, formatted as in a state; else the time of registration."""
    for entry in history:
        if entry.type == CaseRegistered.TYPE and entry.body:
            event = CaseRegistered.model_validate_json(entry.body)
            return _text(event.received_at)
    registered_at: str = state[REGISTERED_AT]
    return registered_at


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
