"""The SQLite file of the index: its tables, how it is opened, and when it is made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path

from services.intake.index.rows import CaseRow

VERSION = 3
"""Of the tables and of everything derived from events. A file of another version is made anew."""

COLUMNS = tuple(each.name for each in fields(CaseRow))
"""Columns of `cases` after its number and id, in the order of `CaseRow`."""
HANDLING_COLUMNS = (
    *("n", "answer", "unit", "centre", "channel", "appeal", "category", "area", "started", "ended"),
    *("answered", "on_time", "rated", "satisfaction", "solved", "returned_by", "due", "about", "hidden"),
)

_LISTED = ("channel", "category", "area", "centre", "responsible", "asked", "stage", "appeal")
_SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE positions (topic TEXT, partition INTEGER, next INTEGER, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE events (
    case_id BLOB, id BLOB, name TEXT, at INTEGER, rank INTEGER, sequence INTEGER, body BLOB,
    PRIMARY KEY (case_id, id)
) WITHOUT ROWID;
CREATE TABLE cases (n INTEGER PRIMARY KEY, case_id BLOB UNIQUE, {", ".join(COLUMNS)});
CREATE TABLE texts (n INTEGER PRIMARY KEY, words TEXT);
CREATE VIRTUAL TABLE words USING fts5 (tokens, content='', tokenize="unicode61 remove_diacritics 2");
CREATE TABLE concerned (n INTEGER, unit TEXT, PRIMARY KEY (n, unit)) WITHOUT ROWID;
CREATE INDEX concerned_unit ON concerned (unit, n);
CREATE TABLE waits (
    n INTEGER, what TEXT, unit TEXT, since INTEGER, until INTEGER, PRIMARY KEY (n, what, unit)
) WITHOUT ROWID;
CREATE INDEX waits_unit ON waits (unit, what, since);
CREATE TABLE handlings ({", ".join(HANDLING_COLUMNS)}, PRIMARY KEY (n, answer)) WITHOUT ROWID;
CREATE TABLE outcomes (
    case_id BLOB, id TEXT, accepted INTEGER, reasons BLOB, at INTEGER, PRIMARY KEY (case_id, id)
) WITHOUT ROWID;
CREATE INDEX outcomes_at ON outcomes (at);
CREATE INDEX cases_number ON cases (number);
CREATE INDEX cases_complainant ON cases (complainant) WHERE complainant IS NOT NULL;
CREATE INDEX cases_received ON cases (received);
CREATE INDEX cases_updated ON cases (updated);
CREATE INDEX cases_closed ON cases (closed) WHERE closed IS NOT NULL;
CREATE INDEX cases_due ON cases (due);
CREATE INDEX cases_open ON cases (due) WHERE open = 1;
CREATE INDEX cases_load ON cases (responsible, due, paused, card, about) WHERE open = 1;
CREATE INDEX cases_rated ON cases (satisfaction) WHERE satisfaction IS NOT NULL;
CREATE INDEX cases_urgent ON cases (received) WHERE urgent = 1;
{"".join(f"CREATE INDEX cases_{name} ON cases ({name}, received);" for name in _LISTED)}
CREATE INDEX handlings_started ON handlings (started);
CREATE INDEX handlings_ended ON handlings (ended) WHERE ended IS NOT NULL;
CREATE INDEX handlings_rated ON handlings (rated) WHERE rated IS NOT NULL;
CREATE INDEX handlings_open ON handlings (started, unit, about, due) WHERE ended IS NULL;
"""

FLOW_MINUTES = 120
"""Minutes for which `flow` has events."""
_ADDED = """
CREATE TABLE IF NOT EXISTS flow (
    at INTEGER, case_id BLOB, what TEXT, PRIMARY KEY (at, case_id, what)
) WITHOUT ROWID
"""
"""A table that files of the same version may lack: it has recent events alone, and fills by itself."""
AWAY: Mapping[str, str] = {
    "code": "index-away",
    "zh": "查询索引暂不可用，其他功能不受影响。",
    "en": "The search index is not available now; everything else works.",
}


class IndexAway(Exception):
    """The file cannot be read or written now."""


class IndexReplaced(Exception):
    """The file was deleted and made anew since its positions were read."""


def opened(file: str, database: str) -> sqlite3.Connection:
    """The file for writing; made anew when it is of another version or another database. Raises `sqlite3.Error`."""
    if file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    connection = _connection(file)
    if _identity(connection) not in {None, (str(VERSION), database)}:
        connection.close()
        remove(file)
        connection = _connection(file)
    if _identity(connection) is None:
        with transaction(connection):
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            rows = (("version", str(VERSION)), ("database", database))
            connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
    connection.execute(_ADDED)
    return connection


def reader(file: str) -> sqlite3.Connection:
    """The file for reading alone. Raises `sqlite3.Error`."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA cache_size = -8000")
    connection.execute("PRAGMA query_only = 1")
    return connection


def remove(file: str) -> None:
    """Delete the file and what SQLite has beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{file}{suffix}").unlink()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it is committed, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _connection(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # a crash may lose the last batch with its positions
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException:
        connection.close()
        raise
    return connection


def _identity(connection: sqlite3.Connection) -> tuple[str, str] | None:
    """Version and database of a file; None for an empty one. Raises `sqlite3.Error`."""
    if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        return None
    try:
        found = dict(connection.execute("SELECT name, value FROM meta WHERE name IN ('version', 'database')"))
    except sqlite3.OperationalError:
        return "", ""
    return found.get("version", ""), found.get("database", "")
