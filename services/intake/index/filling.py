"""What intake's own database adds to an index that is built after the topics have dropped their oldest events.

Events of routing and scoring that are older than the topics' retention are in those services' databases, which intake
does not read. Of such cases the index has the registration, what followed at the reception, and how they were closed;
it lacks the units, clocks and ratings of that time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson

from infra.store import Store
from services.intake.index.facts import STORED, Reported, event_key, micros, read_fact


async def stored_facts(store: Store) -> AsyncIterator[list[Reported]]:
    """The events of every case that intake decided, case by case, and its closing. Raises `StoreError`."""
    async for document in store.documents():
        state = document.get("state") or {}
        if state.get("number"):
            yield list(_of_document(str(document["_id"]), state, document.get("history") or ()))


def _of_document(case_id: str, state: Mapping[str, Any], history: Any) -> Iterator[Reported]:
    for entry in history:
        if entry["topic"] == "cases.events" and entry["body"]:
            found = read_fact(entry["type"], entry["id"], case_id, 0, entry["body"].encode())
            if found is not None:
                yield found
    if (closed_at := state.get("closed_at")) and state.get("result"):
        text = closed_at if isinstance(closed_at, str) else closed_at.isoformat()
        body = orjson.dumps({"result": state["result"], "reply": state.get("reply") or ""})
        id = event_key(f"stored/{case_id}")
        yield Reported(id, "case.stored", UUID(case_id).bytes, micros(text), STORED, body)
