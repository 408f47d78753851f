"""The index of one instance: one thread writes the file, others read it, and the event loop only waits."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import orjson

from contracts.refusals import Reason
from services.intake.index.facts import Reported
from services.intake.index.projection import Positions, Projection
from services.intake.index.schema import IndexAway, IndexReplaced, opened, reader
from services.intake.outcomes import Outcome

log = logging.getLogger(__name__)

T = TypeVar("T")
SLOWEST_SECONDS = 8.0
"""A query that runs longer is interrupted, where its caller does not give it longer."""
_STEPS_BETWEEN_LOOKS = 20_000


class Lane(StrEnum):
    """Kinds of queries; each has its own threads, so that slow ones do not delay quick ones."""

    LOOKUP = "lookup"
    """Of one case or outcome."""
    SEARCH = "search"
    """Searches and figures."""
    EXPORT = "export"
    """Lists as files."""


READERS = {Lane.LOOKUP: 1, Lane.SEARCH: 2, Lane.EXPORT: 1}
"""Threads of each kind."""


@dataclass
class CaseIndex:
    """The index file with its threads. Nothing is opened before it is used."""

    file: str
    database: str
    """Name of the database of the deployment; a file of another one is made anew."""
    read_until: float | None = None
    """When everything published so far had been read last, by the clock of `time.time`; None: not yet."""
    generation: int = 0
    """How many times the file was opened; 0: not yet."""
    lag: int = 0
    """Events that are not read yet, at the last look."""
    _projection: Projection | None = field(default=None, repr=False)
    _inode: int | None = None
    _fault: str | None = None
    _waiting: dict[str, list[asyncio.Future[None]]] = field(default_factory=dict, repr=False)
    _local: threading.local = field(default_factory=threading.local, repr=False)
    _connections: list[sqlite3.Connection] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="index-writer")
        self._readers = {
            lane: ThreadPoolExecutor(count, thread_name_prefix=f"index-{lane}") for lane, count in READERS.items()
        }

    # ---- writing

    async def apply(
        self, events: Sequence[Reported], positions: Positions, *, generation: int | None = None, **meta: str
    ) -> None:
        """Write a batch, then wake up who waits for an outcome in it. Raises `IndexAway`.

        With `generation`, raises `IndexReplaced` when the file is another: its positions are not those of the batch.
        """

        def write(projection: Projection) -> list[str]:
            if generation not in {None, self.generation}:
                raise IndexReplaced
            return projection.apply(events, positions, **meta)

        for id in await self.on_projection(write):
            for waiting in self._waiting.pop(id, ()):
                if not waiting.done():
                    waiting.set_result(None)

    async def on_projection(self, work: Callable[[Projection], T]) -> T:
        """Run something in the writer's thread. Raises `IndexAway`."""
        return await self._in(self._writer, lambda: work(self._opened()))

    def _opened(self) -> Projection:
        if self._projection is not None and self._inode != _inode(self.file):
            self._projection.close()
            self._projection = None
        if self._projection is None:
            self._projection = Projection(opened(self.file, self.database))
            self._inode = _inode(self.file)
            self.read_until, self.generation = None, self.generation + 1
        return self._projection

    # ---- reading

    async def read(
        self, work: Callable[[sqlite3.Connection], T], seconds: float = SLOWEST_SECONDS, lane: Lane = Lane.LOOKUP
    ) -> T:
        """Run a query in a reader's thread; it is interrupted after that time. Raises `IndexAway`."""
        return await self._in(self._readers[lane], lambda: self._timed(work, seconds))

    def _timed(self, work: Callable[[sqlite3.Connection], T], seconds: float) -> T:
        connection, ends = self._reader(), time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS_BETWEEN_LOOKS)
        return work(connection)

    def _reader(self) -> sqlite3.Connection:
        if not self.generation:
            raise IndexAway("not opened yet")
        inode = _inode(self.file)
        if getattr(self._local, "inode", None) != inode:
            if (before := getattr(self._local, "connection", None)) is not None:
                self._connections.remove(before)
                before.close()
                self._local.connection = self._local.inode = None
            self._local.connection = reader(self.file)
            self._local.inode = inode
            self._connections.append(self._local.connection)
        found: sqlite3.Connection = self._local.connection
        return found

    async def outcome(self, command_id: str, case_id: str, seconds: float) -> Outcome | None:
        """Wait so long for the outcome of a message about this case; None when it is not known by then."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(command_id, []).append(waiting)
        try:
            if (found := await self._outcome(command_id, case_id)) is not None:
                return found
            async with asyncio.timeout(seconds):
                await waiting
            return await self._outcome(command_id, case_id)
        except (TimeoutError, IndexAway):
            return None
        finally:
            others = [each for each in self._waiting.get(command_id, ()) if each is not waiting]
            self._waiting.pop(command_id, None)
            if others:
                self._waiting[command_id] = others

    async def _outcome(self, command_id: str, case_id: str) -> Outcome | None:
        query = "SELECT accepted, reasons FROM outcomes WHERE case_id = ? AND id = ?"
        wanted = (UUID(case_id).bytes, command_id)
        row = await self.read(lambda connection: connection.execute(query, wanted).fetchone())
        if row is None:
            return None
        return Outcome(bool(row[0]), tuple(Reason.model_validate(each, strict=False) for each in orjson.loads(row[1])))

    # ---- life

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            done: Awaitable[T] = loop.run_in_executor(threads, work)
            return await done
        except (sqlite3.Error, OSError) as error:
            if str(error) != "interrupted":
                self._report(error)
            raise IndexAway(type(error).__name__) from None
        except RuntimeError:
            raise IndexAway("closed") from None

    def _report(self, error: Exception) -> None:
        """One line in the log for each kind of fault, not for each request."""
        fault = f"{type(error).__name__}: {error}"
        if fault != self._fault:
            self._fault = fault
            log.error("the case index cannot be used; searches answer 503", extra={"fields": {"error": fault}})

    def healthy(self) -> None:
        """The file can be used again."""
        if self._fault is not None:
            log.warning("the case index can be used again")
        self._fault = None

    def age_seconds(self) -> float:
        """How long ago everything published had been read; infinite before the first time."""
        return float("inf") if self.read_until is None else max(0.0, time.time() - self.read_until)

    async def close(self) -> None:
        """End the threads and close the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown(wait=True, cancel_futures=True)
        for threads in self._readers.values():
            threads.shutdown(wait=True, cancel_futures=True)
        if self._projection is not None:
            self._projection.close()
            self._projection = None
        for connection in self._connections:
            connection.close()
        self._connections.clear()


def _inode(file: str) -> int | None:
    try:
        return Path(file).stat().st_ino
    except OSError:
        return None
