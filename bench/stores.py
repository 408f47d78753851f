"""`python -m bench.stores`: what a save costs the database, by the shape in which a service stores its aggregates.

Each aggregate lives through the same saves: a state of about 1 KB, one or two events of about 650 bytes a save, batches
of 200. The shapes are compared on the embedded database as it is started and with `--standalone` (no oplog). CPU
is what the database's process and this one have used: a busy machine distorts it less than the time on the wall.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import psutil
import typer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import InsertOne, UpdateOne, WriteConcern
from rich.console import Console
from rich.table import Table

from infra.document import Entry
from infra.local.secantusdb import SecantusDB
from infra.store import Intent, Store, chunks

DIRECTORY = Path("var/bench/stores")
BATCH = 200
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def state_of(key: str, turn: int) -> dict[str, Any]:
    """A state as large as one of routing."""
    texts = {f"field_{n}": f"{key}-{turn}-{n}" for n in range(12)}
    return {"kind": "case", "unit": "street-office", "received_at": AT.isoformat(), "turn": turn, **texts, "notes": []}


def entries_of(key: str, turn: int) -> list[Entry]:
    """The events of one save."""
    first = turn + turn // 2
    return [
        Entry(
            position=first + n,
            id=str(uuid5(NAMESPACE_URL, f"{key}/{first + n}")),
            type="cn.xiaoneng.case.assigned.v1",
            topic="routing.events",
            key=key,
            at=AT,
            body="{" + f'"case_id":"{key}","text":"{"x" * 580}"' + "}",
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            cause=f"{key}-{turn}",
            hash="0123456789abcdef0123456789abcdef",
        )
        for n in range(1 + turn % 2)
    ]


class DocumentShape:
    """State and whole history in one document, saved by a compare-and-set update."""

    name = "one document with its history (`Store`)"

    def __init__(self, uri: str, database: str) -> None:
        self._store = Store(uri, database, [("unit", "received_at")])

    async def prepare(self) -> None:
        """Indexes exist."""
        await self._store.prepare()

    async def save(self, keys: Sequence[str], turn: int) -> None:
        """One batch: load, open the intent, save, settle, close."""
        documents = await self._store.load(keys)
        write_id = uuid4().hex
        for key, document in documents.items():
            document.state, document.due_at, document.saved_at = state_of(key, turn), due_at(turn), AT
            document.entries = entries_of(key, turn)
            document.newly_applied = [f"routing.events/{key}/{turn}"]
        await self._store.open_intent(Intent(write_id, tuple(keys), AT))
        if await self._store.save(list(documents.values()), write_id, set()):
            raise RuntimeError("a conflict without a second writer")
        await self._store.settle(write_id)
        await self._store.close_intent(write_id)


class EventShape:
    """Events appended under (aggregate, version), a unique insert as compare-and-set; the state is a row beside."""

    name = "events appended, state row set at each save"
    with_state = False
    """Whether the state that follows is appended too; its row is then written later."""
    loads = True
    """Whether the state is read at each save; else the service has it in memory."""
    rows_every = 1
    """Saves for each write of the row."""

    def __init__(self, uri: str, database: str) -> None:
        client: Any = AsyncIOMotorClient(uri, tz_aware=True, retryWrites=False)
        found = client.get_database(database, write_concern=WriteConcern(w="majority", j=True))
        unjournaled = WriteConcern(w="majority")
        self._events = found.get_collection("events", write_concern=unjournaled)
        self._states = found.get_collection("states", write_concern=unjournaled)
        self._outbox = found.get_collection("outbox", write_concern=unjournaled)
        self._journaled = found["outbox"]

    async def prepare(self) -> None:
        """Indexes exist."""
        await self._states.create_index([("due_at", 1)], sparse=True)
        await self._states.create_index([("state.unit", 1), ("state.received_at", 1)], sparse=True)

    async def save(self, keys: Sequence[str], turn: int) -> None:
        """One batch: load unless it is in memory, open the intent, append, write rows, settle, close."""
        if self.loads:
            parts = (self._states.find({"_id": {"$in": chunk}}).to_list(None) for chunk in chunks(keys))
            await asyncio.gather(*parts)
        id = uuid4().hex
        await self._outbox.insert_one({"_id": id, "keys": list(keys), "at": AT})
        await self._events.bulk_write([InsertOne(self._appended(key, turn, id)) for key in keys], ordered=False)
        if (turn + 1) % self.rows_every == 0:
            await self._states.bulk_write([self._row(key, turn) for key in keys], ordered=False)
        await self._journaled.update_one({"_id": id}, {"$set": {"settled": True}})
        await self._outbox.delete_one({"_id": id})

    def _appended(self, key: str, turn: int, id: str) -> dict[str, Any]:
        applied = [f"routing.events/{key}/{turn}"]
        events = [entry.to_mongo() for entry in entries_of(key, turn)]
        found = {"_id": f"{key}/{turn + 1}", "write_id": id, "applied": applied, "events": events}
        return found | ({"state": state_of(key, turn), "due_at": due_at(turn)} if self.with_state else {})

    def _row(self, key: str, turn: int) -> UpdateOne:
        fields = {"due_at": due_at(turn), "saved_at": AT, "version": turn + 1, "open": True}
        return UpdateOne({"_id": key}, {"$set": fields | {"state": state_of(key, turn)}}, upsert=True)


class EventShapeInMemory(EventShape):
    """The same, with the states of the last batches in memory."""

    name = "the same, state in memory"
    loads = False


class StateInEvents(EventShapeInMemory):
    """The state is appended with the events; its row is written once for two saves."""

    name = "events and state appended, row for every 2nd save, in memory"
    with_state, rows_every = True, 2


class StateInEventsSeldom(StateInEvents):
    """The same, once for six saves: the least that a queryable state costs."""

    name = "the same, row for every 6th save"
    rows_every = 6


SHAPES = (DocumentShape, EventShape, EventShapeInMemory, StateInEvents, StateInEventsSeldom)


def due_at(turn: int) -> datetime:
    """The timer after a save."""
    return AT + timedelta(hours=turn + 1)


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one save of one aggregate."""

    shape: str
    standalone: bool
    database_cpu: float
    own_cpu: float
    wall: float


async def live(uri: str, shape: Any, cases: int, saves: int) -> None:
    """Every aggregate through all its saves."""
    store = shape(uri, shape.__name__.lower())
    await store.prepare()
    keys = [str(uuid5(NAMESPACE_URL, f"case {n}")) for n in range(cases)]
    for turn in range(saves):
        for batch in chunks(keys, BATCH):
            await store.save(batch, turn)


def measure(shape: Any, standalone: bool, cases: int, saves: int) -> Cost:
    """The cost on a fresh database."""
    directory = DIRECTORY / f"{shape.__name__}-{'standalone' if standalone else 'default'}"
    database = SecantusDB(directory, standalone=standalone)
    database.launch()
    try:
        database.wait_ready()
        theirs, ours = psutil.Process(database.process.pid), psutil.Process(os.getpid())
        before, began = (cpu_seconds(theirs), cpu_seconds(ours)), time.perf_counter()
        asyncio.run(live(database.uri, shape, cases, saves))
        wall = time.perf_counter() - began
        used = cpu_seconds(theirs) - before[0], cpu_seconds(ours) - before[1]
    finally:
        database.process.stop()
    each = 1_000 / (cases * saves)
    return Cost(shape.name, standalone, used[0] * each, used[1] * each, wall * each)


def cpu_seconds(process: psutil.Process) -> float:
    """CPU that the process has used."""
    used = process.cpu_times()
    return float(used.user + used.system)


def main(
    cases: Annotated[int, typer.Option(help="aggregates")] = 2_000,
    saves: Annotated[int, typer.Option(help="of each")] = 6,
) -> None:
    """Compare the shapes."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    costs = [measure(shape, standalone, cases, saves) for standalone in (False, True) for shape in SHAPES]
    table = Table("shape", "database", "its CPU ms", "our CPU ms", "ms on the wall", title=f"one of {saves} saves")
    for cost in costs:
        numbers = (f"{each:.2f}" for each in (cost.database_cpu, cost.own_cpu, cost.wall))
        table.add_row(cost.shape, "--standalone" if cost.standalone else "with oplog", *numbers)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
