"""A whole unit's cases go to another one (机构改革): one command for each, in the name of the case's own centre.

Asking again is safe: a command has the same id whenever it is about the same case at the same unit.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from contracts.envelope import Record, encode
from contracts.handling import ReassignCase
from infra.publisher import Publisher
from infra.store import Store

SOURCE = "/operators/redispatch"
AT_ONCE = 500
FIELDS = ("asked", "asked_at", "centre", "reported", "sent_to")


@dataclass(frozen=True)
class Move:
    """What is wanted."""

    unit: str
    to: str
    reason: str
    actor: str | None = None


@dataclass(frozen=True)
class Moved:
    """What became of it."""

    found: int
    left: Counter[str]
    """Cases that are still with the unit, by why: ``reported``, or ``refused``."""


async def with_unit(store: Store, unit: str) -> dict[str, dict[str, object]]:
    """Open cases that the unit was sent, with what a command needs to know."""
    return {case_id: state async for case_id, state in store.open_states({"asked": unit}, FIELDS)}


def command(case_id: str, state: dict[str, object], move: Move, at: datetime) -> Record:
    """To take one case from the unit."""
    centre = str(state["centre"])
    said = ReassignCase(case_id=case_id, issued_at=at, unit=centre, actor=move.actor, to=move.to, reason=move.reason)
    id = uuid5(UUID(case_id), f"redispatch/{move.unit}/{state['asked_at']}/{move.to}")
    return encode(said, id=str(id), source=SOURCE)


async def redispatch(
    store: Store, bootstrap: str, move: Move, at: datetime, *, seconds: float, progress: Callable[[int, int], None]
) -> Moved:
    """All commands are with the broker, and routing has carried them out as far as it may.

    `progress` is told how many have left the unit, of how many. Returns when none is left, or when for `seconds`
    nothing has changed any more. Raises `KafkaError` and `StoreError`.
    """
    found = await with_unit(store, move.unit)
    records = [command(case_id, state, move, at) for case_id, state in found.items() if not state.get("reported")]
    publisher = Publisher(bootstrap, SOURCE)
    try:
        for begin in range(0, len(records), AT_ONCE):
            await publisher.send(records[begin : begin + AT_ONCE])
    finally:
        await publisher.stop()
    left, changed = found, time.monotonic()
    while left and time.monotonic() - changed < seconds:
        now = {case_id: state for case_id, state in (await with_unit(store, move.unit)).items() if case_id in found}
        if len(now) != len(left):
            changed = time.monotonic()
        left = now
        progress(len(found) - len(left), len(found))
        if all(state.get("reported") for state in left.values()):
            break
        await asyncio.sleep(0.2)
    why = Counter("reported" if state.get("reported") else "refused" for state in left.values())
    return Moved(len(found), why)
