"""Fills in what states of an earlier version lack, from their histories."""

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
"""The fact that no state lacked it when a service began."""
_SECONDS_BETWEEN = 0.05
"""Between two batches: the loop goes first."""


class Completer:
    """Writes `received_at` into registrations saved before it was part of the state.

    Until then such a case is not listed by date. The whole collection is read once at each start, until a start finds
    nothing: an instance of the earlier version may have worked beside this one before that.
    """

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self._store = store
        self._finished = False

    async def work(self) -> None:
        """Every state is complete; after that it waits for ever. Raises `StoreError`, and goes on when called again."""
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
    """When the citizen spoke, as a state has it; when it was registered, where the history does not have that."""
    for entry in history:
        if entry.type == CaseRegistered.TYPE and entry.body:
            event = CaseRegistered.model_validate_json(entry.body)
            return _text(event.received_at)
    registered_at: str = state[REGISTERED_AT]
    return registered_at


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
