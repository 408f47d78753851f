"""MongoDB, behind this one module: nothing else imports Motor.

Written with the calls that Motor shares with `pymongo.AsyncMongoClient`, its successor, so that moving is a change of
this file alone. Reads and writes have the shapes that every Mongo-wire engine does well: finds by `_id` in small
chunks, inserts, and conditional single-document updates in bulk; never `findAndModify`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bson import Binary, Int64
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import ASCENDING, DESCENDING, InsertOne, UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from infra.crowds import Crowds
from infra.document import APPLIED_KEPT, Document, Entry, Ready, digest_of
from infra.files import Files
from infra.uploads import Uploads

DUPLICATE_KEY = 11000
CHUNK = 32
"""Keys per find: some engines match each found document against the whole `$in` list."""
CHUNKS_AT_ONCE = 4
"""Chunks of a file in one command."""
STREAMED = 1_000
"""Documents fetched at once where many are read."""

LISTED = {"version": 1, "length": 1, "state": 1}
"""Fields of a `Listed`."""
StoreError = PyMongoError
"""The database is away or refused: broken infrastructure, to be retried."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A batch that was going to be saved and published; while it exists, its events may not have been published."""

    id: str
    keys: tuple[str, ...]
    at: datetime
    settled: bool = False
    """All documents of the batch are saved; or else its owner may still be about to save some."""


@dataclass(frozen=True, slots=True)
class StateQuery:
    """Asks for states whose fields have these values. The fields should be indexed."""

    wanted: Mapping[str, Any]
    between: tuple[str, str | None, str | None] | None = None
    """Field, from, before: bounds of one more field, and the order of the list, the greatest value first."""
    skip: int = 0
    limit: int = 100
    least_first: bool = False
    """The least value first instead."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A saved state in a list."""

    key: str
    version: int
    """Changes with every save."""
    length: int = 0
    """Number of its events; 0 where the state was not read."""
    state: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A saved aggregate with its history."""

    state: dict[str, Any]
    applied: tuple[str, ...]
    """Ids of the messages that it took last."""
    history: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class PartialIndex:
    """An index of the few states that have text in one field; other documents cost a write nothing.

    MongoDB uses it for a query that demands text in that field: a value, or `{"$gt": ""}`.
    """

    fields: tuple[str, ...]
    with_text_in: str

    @property
    def options(self) -> dict[str, Any]:
        """Its options for MongoDB."""
        return {"partialFilterExpression": {f"state.{self.with_text_in}": {"$gt": ""}}}


def _selection(uri: str) -> dict[str, Any]:
    """How long a usable server is looked for, where the URI does not say it."""
    return {} if "serverselectiontimeoutms" in uri.lower() else {"serverSelectionTimeoutMS": 5_000}


class Store:
    """The documents of one service in its own database.

    A batch is written without waiting for the journal at each document, then one journaled write (`settle`) makes it
    and all before it durable: the journal is sequential, so what was settled survives a killed process.
    """

    def __init__(self, uri: str, database: str, indexes: Sequence[Sequence[str] | PartialIndex] = ()) -> None:
        """Nothing is connected yet. `indexes` name the fields of states that are looked up or sorted by."""
        self._indexes = indexes
        self._client: Any = AsyncIOMotorClient(
            uri,
            tz_aware=True,
            appname=database,
            **_selection(uri),
            retryWrites=False,  # the loop tries again itself; the embedded database searches all it keeps for each
        )
        self._database = self._client.get_database(database, write_concern=WriteConcern(w="majority", j=True))
        unjournaled = WriteConcern(w="majority")
        self._documents = self._database.get_collection("documents", write_concern=unjournaled)
        self._outbox = self._database.get_collection("outbox", write_concern=unjournaled)
        self._journaled_outbox = self._database["outbox"]
        self._counters = self._database["counters"]
        self._facts = self._database["facts"]
        self.files = Files(self._database["files"])
        self.uploads = Uploads(self._database["uploads"])
        self.crowds = Crowds(
            self._database.get_collection("crowds", write_concern=unjournaled), self._database["crowds"]
        )

    async def prepare(self) -> None:
        """Indexes exist afterwards."""
        await self._documents.create_index([("due_at", ASCENDING)], sparse=True)
        for each in self._indexes:
            fields = each.fields if isinstance(each, PartialIndex) else each
            options: dict[str, Any] = each.options if isinstance(each, PartialIndex) else {"sparse": True}
            await self._documents.create_index([(f"state.{field}", ASCENDING) for field in fields], **options)

    async def ping(self) -> None:
        """Raises `StoreError` when the database does not answer."""
        await self._database.command("ping")

    async def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ---- documents

    async def load(self, keys: Sequence[str]) -> dict[str, Document]:
        """The documents of these keys, without their histories; a new one for each key not seen before."""
        documents = {raw["_id"]: Document.from_mongo(raw) for raw in await self._find(keys, {"history": 0})}
        return {key: documents.get(key) or Document(key) for key in keys}

    async def _find(self, keys: Sequence[str], fields: Mapping[str, int], **wanted: str) -> list[dict[str, Any]]:
        """These fields of the documents of these keys, where they also have what is wanted."""
        found = await asyncio.gather(
            *(self._documents.find({"_id": {"$in": chunk}} | wanted, fields).to_list(None) for chunk in chunks(keys))
        )
        return [row for part in found for row in part]

    async def save(self, documents: Sequence[Document], write_id: str, outstanding: set[str]) -> set[str]:
        """Each document is saved if nobody has saved it since it was loaded; the keys of the others are returned.

        `outstanding` holds the write ids whose events may not have been published: their tails stay in the outbox.
        Durable only after `settle`.
        """
        if not documents:
            return set()
        writes = [self._write(document, write_id, outstanding) for document in documents]
        conflicts: set[str] = set()
        try:
            result = await self._documents.bulk_write(writes, ordered=False)
            matched = result.matched_count
        except BulkWriteError as error:
            details = error.details or {}
            for failure in details.get("writeErrors", ()):
                if failure.get("code") != DUPLICATE_KEY:
                    raise
                conflicts.add(documents[failure["index"]].key)
            if details.get("writeConcernErrors"):
                raise
            matched = details.get("nMatched", 0)
        updates = [document.key for document in documents if document.version]
        if matched < len(updates):
            conflicts |= set(updates) - await self._written(updates, write_id)
        return conflicts

    async def _written(self, keys: Sequence[str], write_id: str) -> set[str]:
        return {row["_id"] for row in await self._find(keys, {"_id": 1}, write_id=write_id)}

    async def fence(self, documents: Sequence[Document]) -> None:
        """Whoever has loaded one of these documents and not saved it yet will meet a conflict."""
        blank: dict[str, Any] = {"applied": [], "history": []}
        writes: list[InsertOne[Any] | UpdateOne] = [
            UpdateOne({"_id": document.key, "version": document.version}, {"$inc": {"version": 1}})
            if document.version
            else InsertOne({"_id": document.key, **Document(document.key, open=False).fields("", tail_from=0), **blank})
            for document in documents
        ]
        try:
            await self._documents.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            if details.get("writeConcernErrors") or any(
                failure.get("code") != DUPLICATE_KEY for failure in details.get("writeErrors", ())
            ):
                raise

    def _write(self, document: Document, write_id: str, outstanding: set[str]) -> InsertOne[Any] | UpdateOne:
        fields = document.fields(write_id, tail_from=tail_start(document, outstanding))
        entries = [entry.to_mongo() for entry in document.entries]
        if not document.version:
            applied = document.newly_applied[-APPLIED_KEPT:]
            return InsertOne({"_id": document.key, **fields, "applied": applied, "history": entries})
        change: dict[str, Any] = {"$set": fields, "$push": {}}
        gone = {"due_at": "due_at" not in fields, "ready": document.resolved}
        if any(gone.values()):
            change["$unset"] = {name: "" for name, is_gone in gone.items() if is_gone}
        if document.newly_applied:
            change["$push"]["applied"] = {"$each": document.newly_applied, "$slice": -APPLIED_KEPT}
        if entries:
            change["$push"]["history"] = {"$each": entries}
        if not change["$push"]:
            del change["$push"]
        return UpdateOne({"_id": document.key, "version": document.version}, change)

    # ---- decided ahead

    async def stand_ready(self, documents: Sequence[Document], crowd: str) -> set[str]:
        """What each document holds now stands ready in it, if nobody has saved it since it was loaded.

        Returns the keys of those in which it does. Until that is resolved they are not due.
        """
        await self._documents.bulk_write(
            [
                UpdateOne(
                    {"_id": document.key, "version": document.version},
                    {
                        "$set": {
                            "version": document.version + 1,
                            "ready": Ready(crowd, document.state or {}, tuple(document.entries)).to_mongo(),
                        },
                        "$unset": {"due_at": ""},
                    },
                )
                for document in documents
            ],
            ordered=False,
        )
        return set(await self.standing_ready([document.key for document in documents], crowd))

    async def standing_ready(self, keys: Sequence[str], crowd: str) -> list[str]:
        """Those of the keys in whose documents something stands ready for this crowd."""
        return [row["_id"] for row in await self._find(keys, {"_id": 1}, **{"ready.crowd": crowd})]

    async def ready(self, keys: Sequence[str], crowd: str) -> dict[str, Ready]:
        """What stands ready for this crowd in the documents of these keys."""
        rows = await self._find(keys, {"ready": 1}, **{"ready.crowd": crowd})
        return {row["_id"]: Ready.from_mongo(row["ready"]) for row in rows}

    async def soon(self, after: datetime, until: datetime) -> list[tuple[datetime, str]]:
        """Instants and keys of documents that will be due after the one and until the other, earliest first."""
        query = {"due_at": {"$gt": after, "$lte": until}}
        rows = await self._documents.find(query, {"due_at": 1}).sort("due_at", ASCENDING).to_list(None)
        return [(row["due_at"], row["_id"]) for row in rows]

    async def history(self, key: str, start: int = 0) -> list[Entry]:
        """The decided events of one aggregate from a position on, in order."""
        raw = await self._documents.find_one({"_id": key}, {"history": 1})
        return [Entry.from_mongo(entry) for entry in raw["history"] if entry["n"] >= start] if raw else []

    async def forget(self, key: str, types: Collection[str]) -> int:
        """The bodies of these events are gone from a history for good; their digests stay. Safe to repeat.

        Returns how many there were.
        """
        raw = await self._documents.find_one({"_id": key}, {"history": 1})
        change: dict[str, str] = {}
        for place, entry in enumerate(raw["history"] if raw else ()):
            if entry["type"] in types and entry["body"]:
                change |= {f"history.{place}.body": "", f"history.{place}.digest": digest_of(entry["body"])}
        if change:
            await self._documents.update_one({"_id": key}, {"$set": change})
        return len(change) // 2

    # ---- reading for others than the loop

    async def applied(self, key: str) -> tuple[list[str], list[str]]:
        """Ids of the messages that one document took last, and of those among them that wait in it."""
        raw = await self._documents.find_one({"_id": key}, {"applied": 1, "waiting": 1})
        return (raw["applied"], [held["id"] for held in raw["waiting"]]) if raw else ([], [])

    async def state_of(self, key: str) -> dict[str, Any] | None:
        """The saved state of one aggregate; None when there is none."""
        raw = await self._documents.find_one({"_id": key}, {"state": 1})
        return raw["state"] if raw else None

    async def states_of(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The saved states of these aggregates, as far as there are any."""
        return {row["_id"]: row["state"] for row in await self._find(keys, {"state": 1}) if row.get("state")}

    async def state_and_length(self, key: str) -> tuple[dict[str, Any], int] | None:
        """The saved state of one aggregate and the number of its events; None when there is no state."""
        raw = await self._documents.find_one({"_id": key}, {"state": 1, "length": 1})
        return (raw["state"], raw["length"]) if raw and raw["state"] is not None else None

    async def whole(self, key: str) -> Whole | None:
        """State and history of one aggregate, from one moment; None when there is no state."""
        raw = await self._documents.find_one({"_id": key}, {"state": 1, "applied": 1, "history": 1})
        if raw is None or raw["state"] is None:
            return None
        return Whole(raw["state"], tuple(raw["applied"]), tuple(Entry.from_mongo(each) for each in raw["history"]))

    async def states(
        self,
        wanted: Mapping[str, Any],
        *,
        between: tuple[str, str | None, str | None] | None = None,
        skip: int = 0,
        limit: int = 100,
        least_first: bool = False,
    ) -> list[tuple[str, dict[str, Any]]]:
        """Keys and states that the `StateQuery` of these values finds."""
        rows = await self._read(StateQuery(wanted, between, skip, limit, least_first), {"state": 1})
        return [(row["_id"], row["state"]) for row in rows]

    async def listed(self, query: StateQuery, *, with_state: bool = True) -> list[Listed]:
        """The states with their versions, or the versions alone."""
        return [_listed(row) for row in await self._read(query, LISTED if with_state else {"version": 1})]

    async def listed_of(self, keys: Sequence[str]) -> list[Listed]:
        """The states of these keys with their versions, as far as there are any."""
        return [_listed(row) for row in await self._find(keys, LISTED)]

    async def _read(self, query: StateQuery, fields: Mapping[str, int]) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {f"state.{field}": value for field, value in query.wanted.items()}
        order: list[tuple[str, int]] = []
        if query.between is not None:
            field, start, end = query.between
            bounds = {op: bound for op, bound in (("$gte", start), ("$lt", end)) if bound is not None}
            wanted |= {f"state.{field}": bounds} if bounds else {}
            order = [(f"state.{field}", ASCENDING if query.least_first else DESCENDING)]
        found = self._documents.find(wanted, fields)
        cursor = found.sort(order) if order else found
        asked = cursor.skip(query.skip).limit(query.limit).batch_size(max(query.limit, 2))  # one round trip
        rows: list[dict[str, Any]] = await asked.to_list(None)
        return rows

    async def count(self, wanted: Mapping[str, Any]) -> int:
        """How many states have these values. To be asked by fields that are indexed."""
        query = {f"state.{field}": value for field, value in wanted.items()}
        return int(await self._documents.count_documents(query))

    async def open_states(
        self, wanted: Mapping[str, Any], fields: Sequence[str], *, closed_too: bool = False
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Keys and these fields of every open state whose fields have these values.

        May read the whole collection: for rare questions only.
        """
        query = {
            **({} if closed_too else {"open": True}),
            **{f"state.{field}": value for field, value in wanted.items()},
        }
        async for row in self._documents.find(query, {f"state.{field}": 1 for field in fields}):
            yield row["_id"], row["state"]

    async def every(
        self, wanted: Mapping[str, Any], fields: Sequence[str] = ()
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Keys and states, or these fields of them, of all whose fields have these values; one after another.

        To be asked by fields that are indexed.
        """
        query = {f"state.{field}": value for field, value in wanted.items()}
        async for row in self._streamed(query, fields):
            yield row["_id"], row["state"]

    async def keys_without(self, field: str, other: str) -> AsyncIterator[str]:
        """Keys of states that have text in `other` and nothing in `field`, and no event decided ahead.

        Reads the whole collection: for rare questions only.
        """
        query = {f"state.{field}": None, f"state.{other}": {"$gt": ""}, "ready": {"$exists": False}}
        async for row in self._documents.find(query, {"_id": 1}):
            yield row["_id"]

    async def complete(self, field: str, values: Mapping[str, Any]) -> None:
        """Sets a field in these states, by key, where it is still empty. A decision under way is taken again."""
        writes = [
            UpdateOne(
                {"_id": key, f"state.{field}": None, "ready": {"$exists": False}},
                {"$set": {f"state.{field}": value}, "$inc": {"version": 1}},
            )
            for key, value in values.items()
        ]
        await self._documents.bulk_write(writes, ordered=False)

    async def every_since(
        self, field: str, value: str, fields: Sequence[str] = ()
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The same, of all where an indexed field has this value or a greater one."""
        async for row in self._streamed({f"state.{field}": {"$gte": value}}, fields):
            yield row["_id"], row["state"]

    def _streamed(self, query: Mapping[str, Any], fields: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
        projection = {f"state.{field}": 1 for field in fields} or {"state": 1}
        found: AsyncIterator[dict[str, Any]] = self._documents.find(query, projection, batch_size=STREAMED)
        return found

    async def histories(self, keys: Sequence[str]) -> dict[str, list[Entry]]:
        """The decided events of several aggregates."""
        rows = await self._find(keys, {"history": 1})
        return {row["_id"]: [Entry.from_mongo(entry) for entry in row["history"]] for row in rows}

    async def due(self, at: datetime, limit: int) -> list[str]:
        """Keys of documents that are due, earliest first. Costs what is due, not what is open."""
        cursor = self._documents.find({"due_at": {"$lte": at}}, {"_id": 1}).sort("due_at", ASCENDING).limit(limit)
        return [row["_id"] for row in await cursor.to_list(None)]

    async def open_keys(self, saved_since: datetime) -> AsyncIterator[str]:
        """Every document to which something is still owed, and every one saved since then.

        Reads the whole collection: for recovery only.
        """
        either = {"$or": [{"open": True}, {"saved_at": {"$gte": saved_since}}]}
        async for row in self._documents.find(either, {"_id": 1}):
            yield row["_id"]

    async def open_keys_after(self, key: str, limit: int) -> list[str]:
        """The next keys of open documents, in their order; some engines read the whole collection for it."""
        query = {"_id": {"$gt": key}, "open": True}
        cursor = self._documents.find(query, {"_id": 1}).sort("_id", ASCENDING).limit(limit)
        return [row["_id"] for row in await cursor.to_list(None)]

    async def fields_of(self, keys: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, Any]]:
        """These fields of the states of these documents, as far as they have one."""
        rows = await self._find(keys, {f"state.{field}": 1 for field in fields})
        return {row["_id"]: row["state"] for row in rows if row.get("state")}

    async def open_with_others(self, fields: Collection[str], known: Sequence[str]) -> set[str]:
        """Values of these fields of open states that are none of the known ones; ten documents' at most.

        Reads the whole collection: for rare questions only.
        """
        either = [{f"state.{name}": {"$nin": [*known, None]}} for name in sorted(fields)]
        projection = {f"state.{name}": 1 for name in fields}
        rows = await self._documents.find({"open": True, "$or": either}, projection).limit(10).to_list(None)
        found = {(row.get("state") or {}).get(name) for row in rows for name in fields}
        return {value for value in found if value is not None} - set(known)

    async def documents(self) -> AsyncIterator[dict[str, Any]]:
        """Every document, whole. For audits and tests."""
        async for row in self._documents.find({}):
            yield row

    # ---- outbox: one intent per batch

    async def open_intent(self, intent: Intent) -> None:
        """From here on, until `close_intent`, events of this batch count as unpublished."""
        await self._outbox.insert_one({"_id": intent.id, "keys": list(intent.keys), "at": intent.at})

    async def settle(self, id: str) -> None:
        """Everything written before, by this batch and others, is in the journal: it survives from here on."""
        await self._journaled_outbox.update_one({"_id": id}, {"$set": {"settled": True}})

    async def close_intent(self, id: str) -> None:
        """All events of this batch are published."""
        await self._outbox.delete_one({"_id": id})

    async def outstanding(self, write_ids: Iterable[str]) -> set[str]:
        """Those of these batches whose events may not have been published."""
        wanted = list(write_ids)
        if not wanted:
            return set()
        rows = await asyncio.gather(
            *(self._outbox.find({"_id": {"$in": list(chunk)}}, {"_id": 1}).to_list(None) for chunk in chunks(wanted))
        )
        return {row["_id"] for part in rows for row in part}

    async def intents_before(self, at: datetime) -> list[Intent]:
        """Batches that were begun before `at` and have not been closed."""
        rows = await self._outbox.find({"at": {"$lte": at}}).to_list(None)
        return [Intent(row["_id"], tuple(row["keys"]), row["at"], row.get("settled", False)) for row in rows]

    # ---- counters and facts

    async def reserve(self, counter: str, count: int) -> int:
        """The first of `count` successive numbers that nobody else gets; a crash may leave a gap, never a twin."""
        while True:
            row = await self._counters.find_one({"_id": counter})
            if row is None:
                try:
                    await self._counters.insert_one({"_id": counter, "next": 1 + count})
                    return 1
                except DuplicateKeyError:
                    continue
            first: int = row["next"]
            result = await self._counters.update_one({"_id": counter, "next": first}, {"$set": {"next": first + count}})
            if result.modified_count:
                return first

    async def fact(self, name: str) -> Any:
        """A remembered value about the surroundings, such as the broker's cluster id; None when never set."""
        row = await self._facts.find_one({"_id": name})
        return row["value"] if row else None

    async def remember(self, name: str, value: Any) -> None:
        """Sets what `fact` returns."""
        await self._facts.update_one({"_id": name}, {"$set": {"value": value}}, upsert=True)


class GridFs:
    """The GridFS bucket of one database."""

    def __init__(self, uri: str, database: str, chunk_bytes: int) -> None:
        """Nothing is connected yet."""
        self._client: Any = AsyncIOMotorClient(uri, appname=database, **_selection(uri), retryWrites=False)
        self._database = self._client.get_database(database, write_concern=WriteConcern(w="majority", j=True))
        self._chunk_bytes = chunk_bytes
        self._indexed = False

    @cached_property
    def bucket(self) -> Any:
        """First to be asked for inside the event loop, to which it belongs from then on."""
        return AsyncIOMotorGridFSBucket(self._database, chunk_size_bytes=self._chunk_bytes)

    async def write(self, id: str, pieces: Sequence[memoryview], metadata: Mapping[str, Any], at: datetime) -> None:
        """Insert a file by the GridFS specification, with its document in `fs.files` last.

        The driver's own upload stream encodes a file of 10 MB as one command, which holds the interpreter's lock for
        tens of milliseconds and its memory several times; here `CHUNKS_AT_ONCE` chunks go at a time.
        """
        chunks_of, files = self._database["fs.chunks"], self._database["fs.files"]
        if not self._indexed:
            await chunks_of.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)
            self._indexed = True
        for first in range(0, len(pieces), CHUNKS_AT_ONCE):
            batch = pieces[first : first + CHUNKS_AT_ONCE]
            await chunks_of.insert_many(
                [{"files_id": id, "n": first + n, "data": Binary(piece)} for n, piece in enumerate(batch)]
            )
        await files.insert_one(
            {
                "_id": id,
                "filename": id,
                "length": Int64(sum(map(len, pieces))),
                "chunkSize": self._chunk_bytes,
                "uploadDate": at,
                "metadata": dict(metadata),
            }
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _listed(row: Mapping[str, Any]) -> Listed:
    return Listed(row["_id"], row["version"], row.get("length", 0), row.get("state"))


def tail_start(document: Document, outstanding: set[str]) -> int:
    """Position of the first event of a document that may not have been published."""
    return document.tail_from if document.write_id in outstanding else document.length + document.told


def chunks(keys: Iterable[str], size: int = CHUNK) -> Iterator[list[str]]:
    """The keys in lists of at most `size`."""
    listed = list(keys)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
