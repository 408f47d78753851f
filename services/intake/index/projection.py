"""Writes events into the index: each batch is one transaction with the positions up to which it was read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from uuid import UUID

import orjson

from services.intake.index.facts import Fact, Reported
from services.intake.index.fold import fold
from services.intake.index.rows import CaseRow, Folded, Handling
from services.intake.index.schema import COLUMNS, FLOW_MINUTES, HANDLING_COLUMNS, transaction
from services.intake.index.waits import decode
from services.intake.index.words import tokens_of

Positions = Mapping[tuple[str, int], int]
"""Next offset by topic and partition."""

DAY, MINUTE = 86_400_000_000, 60_000_000
FLOW: Mapping[str, str] = {"case.registered": "registered", "case.assigned": "assigned", "case.closed": "answered"}
"""Events that are counted by the minute."""
OUTCOMES_AGE = 7 * DAY
"""Age at which outcomes of requests are deleted, in microseconds."""

_FIND_CASE = f"SELECT n, {', '.join(COLUMNS)} FROM cases WHERE case_id = ?"
_ADD_CASE = f"INSERT INTO cases (case_id, {', '.join(COLUMNS)}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
_VALUES = attrgetter(*COLUMNS)
_PUT_HANDLING = f"INSERT INTO handlings VALUES ({', '.join('?' * len(HANDLING_COLUMNS))})"
_PUT_OUTCOME = """
INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)
ON CONFLICT (case_id, id) DO UPDATE SET accepted = 1, reasons = excluded.reasons
WHERE excluded.accepted = 1 AND accepted = 0
"""


class Projection:
    """The one writer of a file. Its methods run in one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sequence = int(self.meta("sequence") or 0)
        self._flow_from = 0

    # ---- surroundings

    def meta(self, name: str) -> str | None:
        """A stored value, such as the cluster that the positions belong to."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_meta(self, **values: str) -> None:
        """Store values."""
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def positions(self) -> dict[tuple[str, int], int]:
        """Up to where each partition was read."""
        return {(topic, number): at for topic, number, at in self._connection.execute("SELECT * FROM positions")}

    def forget_positions(self) -> None:
        """Everything is read again; events that are known change nothing."""
        self._connection.execute("DELETE FROM positions")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    # ---- events

    def apply(self, events: Iterable[Reported], positions: Positions, **meta: str) -> list[str]:
        """Everything that follows from these events is in the file. Returns ids of messages that they answer.

        Events that are known change nothing. Raises `sqlite3.Error`.
        """
        with transaction(self._connection):
            answered: list[str] = []
            touched: dict[bytes, None] = {}  # in order of arrival, so that row numbers grow with time
            for event in events:
                if event.answers is not None:
                    id, accepted, reasons = event.answers
                    self._connection.execute(_PUT_OUTCOME, (event.case_id, id, accepted, reasons, event.at))
                    answered.append(id)
                if event.fields is not None and self._added(event):
                    touched[event.case_id] = None
                    self._count(event)
            for case_id in touched:
                self._renew(case_id)
            rows = [(topic, number, at) for (topic, number), at in positions.items()]
            self._connection.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", rows)
            self.set_meta(sequence=str(self._sequence), **meta)
        return answered

    def tidy(self, now: int) -> None:
        """Delete old outcomes and the flow of minutes long past, and give SQLite's planner the sizes of tables."""
        self._flow_from = now - FLOW_MINUTES * MINUTE
        self._connection.execute("DELETE FROM flow WHERE at < ?", (self._flow_from,))
        self._connection.execute("DELETE FROM outcomes WHERE at < ?", (now - OUTCOMES_AGE,))
        self._connection.execute("PRAGMA analysis_limit = 400")
        self._connection.execute("PRAGMA optimize")

    def _added(self, event: Reported) -> bool:
        self._sequence += 1
        row = (event.case_id, event.id, event.name, event.at, event.rank, self._sequence, event.fields)
        return self._connection.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row).rowcount > 0

    def _count(self, event: Reported) -> None:
        what = FLOW.get(event.name)
        if what is not None and event.at >= self._flow_from:
            row = (event.at, event.case_id, what)
            self._connection.execute("INSERT OR IGNORE INTO flow VALUES (?, ?, ?)", row)

    def _renew(self, case_id: bytes) -> None:
        """Derive the rows of a case from its events again."""
        facts = facts_of(self._connection, case_id)
        folded = fold(facts)
        if folded is None:
            return
        if folded.row.complainant is None:
            self._forget_complainant(case_id, facts)
        n = self._put_case(case_id, folded.row)
        self._put_words(n, folded.words)
        concerned = [(n, unit) for unit in folded.concerned]
        self._connection.executemany("INSERT OR IGNORE INTO concerned VALUES (?, ?)", concerned)
        self._put_waits(n, folded.row)
        self._put_handlings(n, folded)

    def _put_case(self, case_id: bytes, row: CaseRow) -> int:
        """Writes only the columns that changed: each one more would renew its indexes."""
        values = _VALUES(row)
        found = self._connection.execute(_FIND_CASE, (case_id,)).fetchone()
        if found is None:
            return self._connection.execute(_ADD_CASE, (case_id, *values)).lastrowid or 0
        n, *before = found
        changed = [place for place, value in enumerate(values) if value != before[place]]
        if changed:
            columns = ", ".join(f"{COLUMNS[place]} = ?" for place in changed)
            new = (*(values[place] for place in changed), n)
            self._connection.execute(f"UPDATE cases SET {columns} WHERE n = ?", new)
        return int(n)

    def _put_words(self, n: int, words: str) -> None:
        found = self._connection.execute("SELECT words FROM texts WHERE n = ?", (n,)).fetchone()
        if found is not None and found[0] == words:
            return
        if found is not None:
            gone = (n, tokens_of(found[0]))
            self._connection.execute("INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)", gone)
        self._connection.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (n, tokens_of(words)))
        self._connection.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (n, words))

    def _put_waits(self, n: int, row: CaseRow) -> None:
        self._connection.execute("DELETE FROM waits WHERE n = ?", (n,))
        rows = [(n, each.what, each.unit, each.since, each.until) for each in decode(row.waits)]
        self._connection.executemany("INSERT INTO waits VALUES (?, ?, ?, ?, ?)", rows)

    def _put_handlings(self, n: int, folded: Folded) -> None:
        self._connection.execute("DELETE FROM handlings WHERE n = ?", (n,))
        rows = [_handling_row(n, folded.row, each) for each in folded.handlings]
        self._connection.executemany(_PUT_HANDLING, rows)

    def _forget_complainant(self, case_id: bytes, facts: Sequence[Fact]) -> None:
        """After an erasure not even the opaque reference of the complainant is stored."""
        for fact in facts:
            if fact.name == "case.registered" and fact.body.get("complainant"):
                body = {name: value for name, value in fact.body.items() if name != "complainant"}
                change = (orjson.dumps(body), case_id, fact.sequence)
                self._connection.execute("UPDATE events SET body = ? WHERE case_id = ? AND sequence = ?", change)


def facts_of(connection: sqlite3.Connection, case_id: bytes) -> list[Fact]:
    """The stored events of a case, in no order. Raises `sqlite3.Error`."""
    rows = connection.execute("SELECT name, at, rank, sequence, body FROM events WHERE case_id = ?", (case_id,))
    return [Fact(name, at, rank, sequence, orjson.loads(body)) for name, at, rank, sequence, body in rows]


def case_key(case_id: str) -> bytes:
    """The id of a case as it is stored."""
    return UUID(case_id).bytes


def _handling_row(n: int, row: CaseRow, each: Handling) -> tuple[object, ...]:
    return (
        n,
        each.answer,
        each.unit,
        row.centre,
        row.channel,
        row.appeal,
        row.category,
        row.area,
        each.started,
        each.ended,
        each.answered,
        each.on_time,
        each.rated,
        each.satisfaction,
        each.solved,
        orjson.dumps(each.returned_by).decode() if each.returned_by else None,
        row.due if each.ended is None and not row.paused else None,
        row.about,
        row.confidential or row.about is not None,
    )
