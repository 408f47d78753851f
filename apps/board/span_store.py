"""The spans of recent traces in an SQLite file, bounded by age and size; found by case."""

from __future__ import annotations

import asyncio
import json
import math
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

MOST_TRACES, MOST_SPANS = 200, 2_000
"""Of one case that are read."""
MOST_WAITING = 32
"""Exports that wait for the file; more are refused, and the exporter sends them again or drops them."""
_TIDY_SECONDS = 10.0
_PAGE_BYTES = 4_096
_SCHEMA = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = OFF",  # what a power failure takes were traces of the last minutes
    """
    CREATE TABLE IF NOT EXISTS spans (
        trace BLOB, span BLOB, parent BLOB, service TEXT, name TEXT, start INTEGER, micros INTEGER,
        failed INTEGER, details TEXT, case_id BLOB, PRIMARY KEY (trace, span)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS spans_start ON spans (start)",
    "CREATE INDEX IF NOT EXISTS spans_case ON spans (case_id) WHERE case_id IS NOT NULL",
)


@dataclass(frozen=True, slots=True)
class Span:
    """One span: what a service did for how long, without any content of a message or request."""

    trace: bytes
    id: bytes
    parent: bytes
    """Empty for the root."""
    service: str
    name: str
    start: int
    """Microseconds since 1970."""
    micros: int
    """Duration."""
    failed: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    case_id: str | None = None


class Busy(Exception):
    """More spans arrive than the file takes."""


class SpanStore:
    """The file. One thread writes and reads it; nothing is opened before it is used."""

    def __init__(self, file: Path, *, hours: float, most_bytes: int, wall: Callable[[], float] = time.time) -> None:
        self._file = file
        self._age_micros = round(hours * 3_600_000_000)
        self._most_pages = max(64, most_bytes // _PAGE_BYTES)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spans")
        self._waiting = 0
        self._wall = wall
        self._tidied = -math.inf
        self._connection: sqlite3.Connection | None = None

    async def add(self, spans: Sequence[Span]) -> None:
        """They are in the file. Raises `Busy`, and `sqlite3.Error` when the file cannot be used."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._add, spans)
        finally:
            self._waiting -= 1

    async def of_case(self, case_id: str) -> list[Span]:
        """All spans of the traces of a case, by start. Raises `sqlite3.Error`."""
        key = UUID(case_id).bytes
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._of_case, key)

    async def close(self) -> None:
        """The file is closed."""
        await asyncio.to_thread(self._close)

    # ---- in the thread

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
            for statement in _SCHEMA:
                self._connection.execute(statement)
        return self._connection

    def _add(self, spans: Sequence[Span]) -> None:
        connection = self._opened()
        connection.execute("BEGIN")
        connection.executemany("INSERT OR IGNORE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row_of, spans))
        connection.execute("COMMIT")
        if time.monotonic() - self._tidied > _TIDY_SECONDS:
            self._tidied = time.monotonic()
            self.tidy(round(self._wall() * 1_000_000))

    def tidy(self, now: int) -> None:
        """Delete what is too old, and while the file is too large the oldest tenth."""
        connection = self._opened()
        connection.execute("DELETE FROM spans WHERE start < ?", (now - self._age_micros,))
        while (count := self._too_many(connection)) > 0:
            oldest = "SELECT start FROM spans ORDER BY start LIMIT 1 OFFSET ?"
            (until,) = connection.execute(oldest, (count // 10,)).fetchone()
            connection.execute("DELETE FROM spans WHERE start <= ?", (until,))

    def _too_many(self, connection: sqlite3.Connection) -> int:
        """Number of spans when their pages are more than the limit; 0 when they fit."""
        (pages,), (free,) = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count")
        )
        if pages - free <= self._most_pages:
            return 0
        (count,) = connection.execute("SELECT count(*) FROM spans").fetchone()
        return int(count)

    def _of_case(self, key: bytes) -> list[Span]:
        query = """
        SELECT * FROM spans WHERE trace IN (SELECT DISTINCT trace FROM spans WHERE case_id = ? LIMIT ?)
        ORDER BY start LIMIT ?
        """
        return [_span_of(row) for row in self._opened().execute(query, (key, MOST_TRACES, MOST_SPANS))]

    def _close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _row_of(span: Span) -> tuple[object, ...]:
    details = json.dumps(dict(span.details), ensure_ascii=False) if span.details else None
    case_id = UUID(span.case_id).bytes if span.case_id else None
    plain = (span.trace, span.id, span.parent, span.service, span.name, span.start, span.micros)
    return (*plain, span.failed, details, case_id)


def _span_of(row: tuple[Any, ...]) -> Span:
    trace, id, parent, service, name, start, micros, failed, details, case_id = row
    found = json.loads(details) if details else {}
    case = str(UUID(bytes=case_id)) if case_id else None
    return Span(trace, id, parent, service, name, start, micros, bool(failed), found, case)
