"""Saved searches of each person, in an SQLite file: they survive restarts and may be shared within the unit.

A view holds the query of the search page and nothing of any case or complainant: a telephone number is no part of it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

MOST_OF_PERSON = 100
MOST_NAME = 60
_SCHEMA = """
CREATE TABLE IF NOT EXISTS view (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    unit TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person, unit, name)
);
CREATE INDEX IF NOT EXISTS view_of_unit ON view (unit, shared);
"""


class SavedViewsError(Exception):
    """The person has as many views as there may be."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A search with a name."""

    id: int
    person: str
    name: str
    query: str
    shared: bool


class SavedViews:
    """The file. Several processes of the desk may share it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def of(self, person: str, unit: str) -> list[SavedView]:
        """The person's views in this unit and those that others of the unit share, by name."""
        return await asyncio.to_thread(self._of, person, unit)

    async def save(self, person: str, unit: str, name: str, query: str, *, shared: bool) -> None:
        """Store a view; one of the same name is replaced. Raises `SavedViewsError`."""
        await asyncio.to_thread(self._save, person, unit, name, query, shared)

    async def delete(self, person: str, id: int) -> bool:
        """Delete a view of the person; False where it is not theirs."""
        return await asyncio.to_thread(self._delete, person, id)

    def _of(self, person: str, unit: str) -> list[SavedView]:
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT id, person, name, query, shared FROM view WHERE unit = ? AND (person = ? OR shared)"
                " ORDER BY person <> ?, name",
                (unit, person, person),
            ).fetchall()
        return [SavedView(id, owner, name, query, bool(shared)) for id, owner, name, query, shared in rows]

    def _save(self, person: str, unit: str, name: str, query: str, shared: bool) -> None:
        with self._opened() as connection, connection:
            others = "SELECT count(*) FROM view WHERE person = ? AND NOT (unit = ? AND name = ?)"
            (count,) = connection.execute(others, (person, unit, name)).fetchone()
            if count >= MOST_OF_PERSON:
                raise SavedViewsError
            connection.execute(
                "INSERT INTO view (person, unit, name, query, shared) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (person, unit, name) DO UPDATE SET query = excluded.query, shared = excluded.shared",
                (person, unit, name, query, shared),
            )

    def _delete(self, person: str, id: int) -> bool:
        with self._opened() as connection, connection:
            return connection.execute("DELETE FROM view WHERE id = ? AND person = ?", (id, person)).rowcount > 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=5.0)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
            yield connection
