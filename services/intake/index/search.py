"""Finds cases: the most selective criterion drives the query, the others are checked row by row.

SQLite has no statistics of full-text matches, so the driver is chosen here: each criterion with an index is counted up
to a cap. When none selects few enough, cases are read in the order of the answer until the page is full.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from contracts.typed_codes import read_case_id
from services.intake.index.access import Access
from services.intake.index.facts import of_instant
from services.intake.index.place import IndexPlace
from services.intake.index.projection import case_key
from services.intake.index.question import MOST_PAGED, CaseQuestion, bound_of, number_prefix
from services.intake.index.schema import COLUMNS
from services.intake.index.waits import WHATS, What
from services.intake.index.words import query_of_words

CAP = 25_000
"""A criterion with more matches than this does not drive a query: cases are read in the order of the answer instead."""
WAITING = "unit = :waits_unit AND what IN (SELECT value FROM json_each(:waits_what))"
_WAITING_CASES = f"SELECT n FROM waits WHERE {WAITING}"
_SORTED = {
    "received": "c.received",
    "due": "c.due",
    "updated": "c.updated",
    "waiting": f"(SELECT min(since) FROM waits WHERE n = c.n AND {WAITING})",
}
SELECTED = ", ".join(f"c.{name}" for name in ("case_id", *COLUMNS))

_NO_CASE = "0" * 32
"""Id that no case has."""

Row = Mapping[str, Any]


@dataclass
class Criteria:
    """Conditions on `cases AS c` and their parameters."""

    conditions: list[tuple[str, str | None]] = field(default_factory=list)
    """Each with its driver."""
    parameters: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    """A full-text query."""

    def add(self, condition: str, driver: str | None = None, **parameters: Any) -> None:
        """One more condition; `driver` selects these rows, or more, by an index."""
        self.conditions.append((condition, driver))
        self.parameters |= parameters

    @property
    def drivers(self) -> list[str]:
        """Queries of row numbers that may drive."""
        return [driver for _, driver in self.conditions if driver is not None]

    def column(self, name: str, codes: Sequence[str]) -> None:
        """A column has one of these codes."""
        if codes:
            among = f"{name} IN (SELECT value FROM json_each(:{name}_codes))"
            self.add(f"c.{among}", f"SELECT n FROM cases WHERE {among}", **{f"{name}_codes": json.dumps(sorted(codes))})

    def where(self, driver: str) -> str:
        """The conditions that a query with this driver still has to check."""
        left = [condition for condition, own in self.conditions if not own or own != driver or own not in condition]
        return " AND ".join(f"({each})" for each in left) or "1"


@dataclass(frozen=True)
class _Plan:
    """Tables and conditions of the queries of a search."""

    ordered: str
    """For rows in the order of the answer."""
    counted: str | None
    """For their number, in any order; None where all rows can be read at once."""


@dataclass(frozen=True)
class Page:
    """Rows of one page, and how many there are in all."""

    rows: list[Row]
    total: int
    more: bool
    """There are more than `total`, which is counted up to `MOST_PAGED`."""


def criteria_of(
    question: CaseQuestion, access: Access, place: IndexPlace, now: int, complainant: str | None
) -> Criteria:
    """The conditions of a search. `complainant` is the reference that belongs to the telephone number."""
    found = Criteria()
    _texts(found, question, access, complainant)
    _codes(found, question, place)
    if (question.unit or question.responsible) and access.channel is not None:
        found.add("c.about IS NULL AND c.confidential = 0")
    _times(found, question, place, now)
    if question.of_waits:
        unit, what = question.waits_for or access.unit, json.dumps(question.what or WHATS)
        found.add(f"c.n IN ({_WAITING_CASES})", _WAITING_CASES, waits_unit=unit, waits_what=what)
    for condition, driver in access.conditions():
        found.add(condition, driver)
    found.parameters |= access.parameters
    return found


def search(connection: sqlite3.Connection, criteria: Criteria, question: CaseQuestion) -> Page:
    """One page. Raises `sqlite3.Error`."""
    plan, first = _plan(connection, criteria, question), (question.page - 1) * question.page_size
    if plan.counted is None:  # few enough to look at all of them, once
        every = _numbers(connection, criteria, f"{plan.ordered} {_order(question)}")
        total, wanted = len(every), every[first : first + question.page_size]
    else:
        total = len(_numbers(connection, criteria, f"{plan.counted} LIMIT {MOST_PAGED + 1}"))
        page = f"{plan.ordered} {_order(question)} LIMIT {question.page_size} OFFSET {first}"
        wanted = _numbers(connection, criteria, page)
    return Page(rows_of(connection, wanted), min(total, MOST_PAGED), total > MOST_PAGED)


def numbers(connection: sqlite3.Connection, criteria: Criteria, question: CaseQuestion, most: int) -> list[int]:
    """The row numbers of all matches in order, for an export. Raises `sqlite3.Error`."""
    plan = _plan(connection, criteria, question)
    return _numbers(connection, criteria, f"{plan.ordered} {_order(question)} LIMIT {most}")


def _numbers(connection: sqlite3.Connection, criteria: Criteria, source: str) -> list[int]:
    return [n for (n,) in connection.execute(f"SELECT c.n FROM {source}", criteria.parameters)]


def waiting(connection: sqlite3.Connection, access: Access, unit: str) -> list[tuple[What, int, int]]:
    """Kind, number and oldest instant of what waits for a unit, of the cases it sees. Raises `sqlite3.Error`."""
    seen = " AND ".join(f"({condition})" for condition, _ in access.conditions())
    source = f"waits AS w JOIN cases AS c ON c.n = w.n WHERE w.unit = :own AND {seen} GROUP BY w.what"
    query = f"SELECT w.what, count(*), min(w.since) FROM {source}"
    return connection.execute(query, {"own": unit, **access.parameters}).fetchall()


def held(connection: sqlite3.Connection, unit: str) -> int:
    """How many cases a clerk of this centre has to judge. Raises `sqlite3.Error`."""
    query = "SELECT count(*) FROM cases WHERE stage = 'scope' AND centre = ?"
    return int(connection.execute(query, (unit,)).fetchone()[0])


def rows_of(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Row]:
    """The rows of these numbers, in their order. Raises `sqlite3.Error`."""
    query = f"SELECT {SELECTED} FROM json_each(:wanted) AS w CROSS JOIN cases AS c ON c.n = w.value ORDER BY w.key"
    return list(_read(connection.execute(query, {"wanted": json.dumps(wanted)})))


def case_row(connection: sqlite3.Connection, case_id: str) -> tuple[Row, frozenset[str]] | None:
    """The row of a case, and the units concerned. Raises `sqlite3.Error`."""
    query = f"SELECT {SELECTED}, c.n FROM cases AS c WHERE c.case_id = ?"
    row = connection.execute(query, (case_key(case_id),)).fetchone()
    if row is None:
        return None
    *values, n = row
    units = connection.execute("SELECT unit FROM concerned WHERE n = ?", (n,))
    return dict(zip(("case_id", *COLUMNS), values, strict=True)), frozenset(unit for (unit,) in units)


def unknown_codes(connection: sqlite3.Connection, question: CaseQuestion, place: IndexPlace) -> list[str]:
    """Criteria with a code that neither the place nor any case has. Raises `sqlite3.Error`."""
    columns = {
        "unit": "responsible",
        "responsible": "responsible",
        "centre": "centre",
        "area": "area",
        "category": "category",
        "channel": "channel",
    }
    found = []
    for name, column in columns.items():
        known = place.names["unit" if name in {"centre", "responsible"} else name]
        query = f"SELECT 1 FROM cases WHERE {column} = ? LIMIT 1"
        strange = [code for code in getattr(question, name) if code not in known]
        if any(connection.execute(query, (code,)).fetchone() is None for code in strange):
            found.append(name)
    return found


def _read(rows: sqlite3.Cursor) -> Iterator[Row]:
    names = ("case_id", *COLUMNS)
    return (dict(zip(names, row, strict=True)) for row in rows)


def _order(question: CaseQuestion) -> str:
    way = "DESC" if question.descending else "ASC"
    return f"ORDER BY {_SORTED[question.sorted_by]} {way}, c.n {way}"


def _plan(connection: sqlite3.Connection, criteria: Criteria, question: CaseQuestion) -> _Plan:
    """Tables and conditions for `c`: driven by the most selective criterion, or read in order."""
    frequent = criteria.words and not _few_hits(connection, criteria)
    sizes = [
        (connection.execute(f"SELECT count(*) FROM ({each} LIMIT {CAP + 1})", criteria.parameters).fetchone()[0], each)
        for each in criteria.drivers
    ]
    size, driver = min(sizes, default=(CAP + 1, ""), key=itemgetter(0))
    if size > CAP and question.sorted_by == "waiting":  # no index of `cases` has this order
        size, driver = CAP, _WAITING_CASES
    if size <= CAP:
        where = criteria.where(driver)
        if frequent:
            where += " AND c.n IN (SELECT rowid FROM words WHERE words MATCH :words)"
        where = where.replace("c.n IN (", "d.n IN (")  # checked before the row of the case is looked up
        driven = f"(SELECT DISTINCT n FROM ({driver})) AS d CROSS JOIN cases AS c ON c.n = d.n WHERE {where}"
        return _Plan(driven, None)
    where, ordered = criteria.where(""), f"cases AS c INDEXED BY cases_{question.sorted_by}"
    if not frequent:
        return _Plan(f"{ordered} WHERE {where}", f"cases AS c WHERE {where}")
    hits = "words CROSS JOIN cases AS c ON c.n = words.rowid WHERE words MATCH :words"
    among = "c.n IN (SELECT rowid FROM words WHERE words MATCH :words)"
    return _Plan(f"{ordered} WHERE {where} AND {among}", f"{hits} AND {where.replace('c.n IN (', '+words.rowid IN (')}")


def _few_hits(connection: sqlite3.Connection, criteria: Criteria) -> bool:
    """Add the cases with the words as a criterion, where they are no more than `CAP`: they are looked up once."""
    query = f"SELECT rowid FROM words WHERE words MATCH :words LIMIT {CAP + 1}"
    hits = [n for (n,) in connection.execute(query, {"words": criteria.words})]
    if len(hits) > CAP:
        criteria.parameters["words"] = criteria.words
        return False
    driver = "SELECT value AS n FROM json_each(:hits)"
    criteria.add(f"c.n IN ({driver})", driver, hits=json.dumps(hits))
    return True


def _texts(found: Criteria, question: CaseQuestion, access: Access, complainant: str | None) -> None:
    if question.number:
        first = number_prefix(question.number)
        bounds = "number >= :number_from AND number < :number_to"
        driver = f"SELECT n FROM cases WHERE {bounds}"
        found.add(f"c.{bounds.replace('AND number', 'AND c.number')}", driver, number_from=first, number_to=f"{first}~")
    if question.telephone:
        driver = "SELECT n FROM cases WHERE complainant = :complainant"
        found.add("c.complainant = :complainant", driver, complainant=complainant or "")
    if question.complainant_of:
        seen = " AND ".join(f"({condition})" for condition, _ in access.conditions())
        own = f"SELECT c.complainant FROM cases AS c WHERE c.case_id = :same_as AND {seen}"
        driver = f"SELECT n FROM cases WHERE complainant = ({own})"
        found.add(f"c.n IN ({driver})", driver, same_as=case_key(read_case_id(question.complainant_of) or _NO_CASE))
    found.words, _ = query_of_words(question.words)


def _codes(found: Criteria, question: CaseQuestion, place: IndexPlace) -> None:
    found.column("category", question.category)
    found.column("channel", question.channel)
    found.column("centre", question.centre)
    found.column("responsible", question.responsible)
    found.column("appeal", [str(each) for each in question.appeal])
    found.column("stage", question.stage)
    found.column("satisfaction", [str(each) for each in question.satisfaction])
    areas, units = set(question.area), set(question.unit)
    if question.below:
        areas = {below for each in areas for below in place.areas.below(each)}
        units = {below for each in units for below in place.units.below(each)}
    found.column("area", sorted(areas))
    if units:
        among = "IN (SELECT value FROM json_each(:units))"
        driver = f"SELECT n FROM cases WHERE responsible {among} UNION ALL SELECT n FROM cases WHERE asked {among}"
        found.add(f"c.responsible {among} OR c.asked {among}", driver, units=json.dumps(sorted(units)))


def _times(found: Criteria, question: CaseQuestion, place: IndexPlace, now: int) -> None:
    if question.state is not None:
        is_open = question.state == "open"
        found.add("c.open = :open", "SELECT n FROM cases WHERE open = 1" if is_open else None, open=is_open)
    if question.urgent is not None:
        found.add("c.urgent = :urgent", "SELECT n FROM cases WHERE urgent = 1" if question.urgent else None)
        found.parameters["urgent"] = question.urgent
    if question.rated is not None:
        rated = "c.rated IS NOT NULL" if question.rated else "c.rated IS NULL"
        found.add(rated, "SELECT n FROM cases WHERE satisfaction IS NOT NULL" if question.rated else None)
    if question.paused is not None:
        found.add("c.paused = :paused", paused=question.paused)
    if question.overdue is not None:
        late = "c.open = 1 AND c.paused = 0 AND c.due < :now"
        driver = "SELECT n FROM cases WHERE open = 1 AND due < :now"
        found.add(late if question.overdue else f"NOT coalesce({late}, 0)", driver if question.overdue else None)
        found.parameters["now"] = now
    for name in ("received", "closed", "due"):
        bounds = []
        if (start := getattr(question, f"{name}_from")) and (bound := bound_of(start, place.zone, end=False)):
            bounds.append(f"{name} >= :{name}_from")
            found.parameters[f"{name}_from"] = of_instant(bound)
        if (end := getattr(question, f"{name}_to")) and (bound := bound_of(end, place.zone, end=True)):
            bounds.append(f"{name} < :{name}_to")
            found.parameters[f"{name}_to"] = of_instant(bound)
        if bounds:
            condition = " AND ".join(f"c.{each}" for each in bounds)
            found.add(condition, f"SELECT n FROM cases WHERE {' AND '.join(bounds)}")
