"""Questions to the index, answered: searches, exports, the course of one case."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isinf
from pathlib import Path

from contracts.codes import RefusalCode
from contracts.refusals import malformed, reason
from infra.clock import Clock
from infra.http.problems import HttpProblem
from infra.spreadsheets import MARK, csv_lines
from services.intake.index import files
from services.intake.index.access import Access, sees
from services.intake.index.case_index import CaseIndex, Lane
from services.intake.index.documents import (
    Course,
    FoundCases,
    StaffTimeline,
    WaitingCounts,
    found_case,
    rating_of,
    waiting_counts,
)
from services.intake.index.facts import Fact, instant, of_instant
from services.intake.index.place import IndexPlace
from services.intake.index.projection import case_key, facts_of
from services.intake.index.question import MOST_EXPORTED, CaseQuestion
from services.intake.index.schema import IndexAway
from services.intake.index.search import (
    Criteria,
    Row,
    case_row,
    criteria_of,
    held,
    numbers,
    rows_of,
    search,
    unknown_codes,
    waiting,
)
from services.intake.index.timeline import complainant_steps, limit_of, possible, staff_steps
from services.intake.index.waits import What

CHUNK = 500
"""Rows of an export that are read at once."""
EXPORT_SECONDS = 120.0


@dataclass
class IndexViews:
    """The index as seen from HTTP; the place is that of the moment."""

    index: CaseIndex
    place: Callable[[], IndexPlace]
    complainant_of: Callable[[str], str | None]
    """The opaque reference of the complainant with this telephone number."""
    clock: Clock

    async def search(self, question: CaseQuestion, access: Access) -> FoundCases:
        """One page. Raises `HttpProblem` for a code that does not exist, `IndexAway`."""
        now, criteria = of_instant(self.clock()), await self._criteria(question, access)
        page = await self.index.read(lambda connection: search(connection, criteria, question), lane=Lane.SEARCH)
        last = question.page * question.page_size
        return FoundCases(
            cases=[found_case(access.shown(row), now, to_unit=access.unit is not None) for row in page.rows],
            total=page.total,
            more=page.more,
            page=question.page,
            page_size=question.page_size,
            next_page=question.page + 1 if page.total > last else None,
            as_of=self.as_of(),
        )

    def as_of(self) -> datetime | None:
        """Everything published until then is in the index."""
        age = self.index.age_seconds()
        return None if isinf(age) else (self.clock() - timedelta(seconds=age)).astimezone(UTC).replace(microsecond=0)

    async def waiting(self, access: Access, unit: str) -> WaitingCounts:
        """How many cases wait for this unit. Raises `IndexAway`."""

        def read(connection: sqlite3.Connection) -> tuple[list[tuple[What, int, int]], int]:
            return waiting(connection, access, unit), held(connection, unit)

        rows, to_judge = await self.index.read(read, lane=Lane.SEARCH)
        return waiting_counts(unit, rows, self.as_of(), to_judge)

    # ---- one case

    async def timeline(self, case_id: str, access: Access) -> StaffTimeline | None:
        """The course of a case for a key that may see it; None for any other. Raises `IndexAway`."""

        def read(connection: sqlite3.Connection) -> tuple[Row, frozenset[str], list[Fact]] | None:
            found = case_row(connection, case_id)
            return None if found is None else (*found, facts_of(connection, case_key(case_id)))

        found = await self.index.read(read)
        if found is None or not sees(access, found[0], found[1]):
            return None
        shown = found_case(found[0], of_instant(self.clock()), to_unit=access.unit is not None)
        return StaffTimeline(case=shown, steps=staff_steps(found[2]))

    async def course(self, case_id: str, *, awaits_reception: bool) -> Course:
        """What the status of a case shows of the index; nothing when it does not have the case, or is away."""

        def read(connection: sqlite3.Connection) -> tuple[Row, list[Fact]] | None:
            found = case_row(connection, case_id)
            return None if found is None else (found[0], facts_of(connection, case_key(case_id)))

        try:
            found = await self.index.read(read)
        except IndexAway:
            return Course()
        if found is None:
            return Course()
        (row, facts), place = found, self.place()
        now = of_instant(self.clock())
        limited = bool(row["open"] and row["due"] is not None)
        return Course(
            due_at=instant(row["due"]) if limited else None,
            provisional=bool(row["provisional"]) if limited else None,
            paused=bool(row["paused"]) if limited else None,
            limit=limit_of(facts) if limited else None,
            timeline=complainant_steps(facts, place),
            rating=rating_of(row),
            can=possible(row, place.windows, now, awaits_reception=awaits_reception),
        )

    # ---- exports

    async def exported(self, question: CaseQuestion, access: Access) -> list[int]:
        """The rows of an export. Raises `HttpProblem` for too many or an unknown code, `IndexAway`."""
        criteria = await self._criteria(question, access)
        most = MOST_EXPORTED + 1
        found = await self.index.read(lambda each: numbers(each, criteria, question, most), lane=Lane.EXPORT)
        if len(found) > MOST_EXPORTED:
            raise HttpProblem("refused", [reason(RefusalCode.EXPORT_TOO_LARGE, most=MOST_EXPORTED).model_dump()])
        return found

    async def csv(self, wanted: Sequence[int], access: Access, language: str) -> AsyncIterator[bytes]:
        """The rows as CSV, piece by piece."""
        place, now = self.place(), of_instant(self.clock())
        yield MARK + csv_lines([files.head_of(language)])
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]

            def lines(connection: sqlite3.Connection, part: Sequence[int] = part) -> bytes:
                rows = map(access.shown, rows_of(connection, part))
                return csv_lines(files.cells_of(row, place, language, now) for row in rows)

            yield await self.index.read(lines, lane=Lane.EXPORT)

    async def xlsx(self, wanted: Sequence[int], access: Access, language: str) -> AsyncIterator[bytes]:
        """The rows as XLSX."""
        place, now = self.place(), of_instant(self.clock())

        def rows(connection: sqlite3.Connection) -> Iterator[list[files.Cell]]:
            yield files.head_of(language)
            for start in range(0, len(wanted), CHUNK):
                for row in rows_of(connection, wanted[start : start + CHUNK]):
                    yield files.cells_of(access.shown(row), place, language, now)

        async for piece in self._sheet(rows, "cases"):
            yield piece

    async def sheet(self, rows: Sequence[Sequence[files.Cell]], name: str) -> AsyncIterator[bytes]:
        """These rows as XLSX."""
        async for piece in self._sheet(lambda _: iter(rows), name):
            yield piece

    async def _sheet(
        self, rows: Callable[[sqlite3.Connection], Iterator[Sequence[files.Cell]]], name: str
    ) -> AsyncIterator[bytes]:
        """Written to a temporary file first: the directory of a ZIP file comes last."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sheet.xlsx"
            await self.index.read(
                lambda each: files.write_xlsx(str(path), rows(each), name), EXPORT_SECONDS, Lane.EXPORT
            )
            with path.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, 262_144):
                    yield piece

    async def _criteria(self, question: CaseQuestion, access: Access) -> Criteria:
        place, complainant = self.place(), self.complainant_of(question.telephone) if question.telephone else None
        found = await self.index.read(lambda connection: unknown_codes(connection, question, place))
        faults = [malformed(name, "not_a_value") for name in found]
        if question.telephone and complainant is None:
            faults.append(malformed("telephone", "phone_not_a_number"))
        if faults:
            raise HttpProblem("refused", [each.model_dump() for each in faults])
        return criteria_of(question, access, place, of_instant(self.clock()), complainant)
