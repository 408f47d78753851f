"""The HTTP routes of the index: search, lists as files, the timeline of a case, figures over time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, get_args
from weakref import WeakValueDictionary

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from contracts.codes import RefusalCode
from contracts.refusals import Reason, malformed, reason
from contracts.typed_codes import read_case_id
from infra.http.access_log import log_access
from infra.http.bodies import fields_of, json_of
from infra.http.endpoint import Caller, query_of, respond
from infra.http.problems import HttpProblem, faults_of
from infra.http.publishing import SOON
from infra.spreadsheets import MARK, csv_lines
from services.intake.index import files
from services.intake.index.access import Access, access_of
from services.intake.index.case_index import Lane
from services.intake.index.figures import (
    GRADES,
    MOST_BUCKETS,
    MOST_NUMBERS,
    By,
    Figures,
    FiguresQuestion,
    FiguresRow,
    Of,
    figures,
    starts_of,
)
from services.intake.index.question import CaseQuestion, day_of, faults_of_question, faults_of_waiting, from_query
from services.intake.index.schema import AWAY, IndexAway
from services.intake.index.views import IndexViews

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
FIGURES_SECONDS = 20.0


class CasesApi:
    """The handlers."""

    def __init__(self, views: IndexViews) -> None:
        self._views = views
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def search(self, request: Request, caller: Caller) -> Response:
        """One page of the cases that the key may see."""
        question, access = self._asked(request, caller)
        return respond(await self._in_turn(caller, lambda: self._views.search(question, access)))

    async def csv(self, request: Request, caller: Caller) -> Response:
        """All of them as CSV."""
        question, access, wanted = await self._exported(request, caller)
        return _file(self._views.csv(wanted, access, question.language), CSV, "cases.csv")

    async def xlsx(self, request: Request, caller: Caller) -> Response:
        """All of them as XLSX."""
        question, access, wanted = await self._exported(request, caller)
        return _file(self._views.xlsx(wanted, access, question.language), XLSX, "cases.xlsx")

    async def timeline(self, request: Request, caller: Caller) -> Response:
        """The course of one case, for units alone: it has their notes and posts."""
        case_id, access = read_case_id(str(request.path_params["case_id"])), self._access(caller)
        if access.channel is not None:
            raise HttpProblem("right-missing")
        found = await _answered(lambda: self._views.timeline(case_id, access)) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def waiting(self, _request: Request, caller: Caller) -> Response:
        """How many cases wait for the unit of the key."""
        access = self._access(caller)
        if (unit := access.unit) is None:
            raise HttpProblem("right-missing")
        return respond(await self._in_turn(caller, lambda: self._views.waiting(access, unit)))

    async def figures(self, request: Request, caller: Caller) -> Response:
        """Figures over time."""
        question, rows = await self._figures(request, caller)
        return respond(Figures(by=question.by, of=question.of, rows=rows, as_of=self._views.as_of()))

    async def figures_csv(self, request: Request, caller: Caller) -> Response:
        """The same as CSV."""
        question, rows = await self._figures(request, caller)
        lines = MARK + csv_lines(_figure_cells(question, rows))
        return Response(lines, media_type=CSV, headers=_named("figures.csv"))

    async def figures_xlsx(self, request: Request, caller: Caller) -> Response:
        """The same as XLSX."""
        question, rows = await self._figures(request, caller)
        written = self._views.sheet(_figure_cells(question, rows), "figures")
        return _file(written, XLSX, "figures.xlsx")

    async def _in_turn(self, caller: Caller, find: Callable[[], Awaitable[Any]]) -> Any:
        """One search of a key at a time: a client with slow searches does not occupy all threads."""
        turn = self._turns.setdefault(caller.key.id if caller.key else "", asyncio.Lock())
        async with turn:
            return await _answered(find)

    # ---- reading requests

    def _access(self, caller: Caller) -> Access:
        return access_of(caller, self._views.place())

    def _asked(self, request: Request, caller: Caller) -> tuple[CaseQuestion, Access]:
        question, access = self._question(request), self._access(caller)
        if found := faults_of_waiting(question, access):
            raise _refused(found)
        return question, access

    def _question(self, request: Request) -> CaseQuestion:
        """From the query or the body. Raises `HttpProblem`, which never quotes what was searched for."""
        in_body = request.method == "POST"
        given = json_of(request) if in_body else from_query(_once_each(request))
        try:
            question = CaseQuestion.model_validate(given)
        except ValidationError as error:
            raise _refused([malformed(field, kind) for field, kind in faults_of(error)]) from None
        if question.telephone and not in_body:  # proxies log addresses, and browsers remember them
            raise _refused([malformed("telephone", "body_only")])
        if searched_by := "telephone" if question.telephone else "complainant" if question.complainant_of else "":
            log_access(request, searched_by=searched_by)
        if found := faults_of_question(question, self._views.place().zone):
            raise _refused(found)
        return question

    async def _exported(self, request: Request, caller: Caller) -> tuple[CaseQuestion, Access, list[int]]:
        question, access = self._asked(request, caller)
        question = question.model_copy(update={"page": 1})
        return question, access, await self._in_turn(caller, lambda: self._views.exported(question, access))

    async def _figures(self, request: Request, caller: Caller) -> tuple[FiguresQuestion, list[FiguresRow]]:
        question, access = _figures_question(_once_each(request)), self._access(caller)
        place, now = self._views.place(), self._views.clock()

        def counted(connection: sqlite3.Connection) -> list[FiguresRow]:
            return figures(connection, question, access, place, now)

        rows: list[FiguresRow] = await self._in_turn(caller, lambda: self._views.index.read(counted, lane=Lane.SEARCH))
        if len(rows) * len(starts_of(question)) > MOST_NUMBERS:
            raise _refused([reason(RefusalCode.EXPORT_TOO_LARGE, most=MOST_NUMBERS)])
        return question, rows


def _once_each(request: Request) -> dict[str, str]:
    """The fields of the query. Raises `HttpProblem` where one is given twice: either could be meant."""
    given = Counter(name for name, _ in fields_of(request.scope["query_string"]))
    if twice := [malformed(name, "given_twice") for name, count in given.items() if count > 1]:
        raise _refused(twice)
    return query_of(request)


_FIGURES_FIELDS = ("by", "of", "from", "to")


def _figures_question(query: Mapping[str, str]) -> FiguresQuestion:
    if strange := [malformed(name, "extra_forbidden") for name in query if name not in _FIGURES_FIELDS]:
        raise _refused(strange)
    by, of = _among(By, query.get("by", "month")), _among(Of, query.get("of", "all"))
    found = [malformed(name, "not_a_value") for name, value in (("by", by), ("of", of)) if value is None]
    days = {}
    for name in ("from", "to"):
        if (day := day_of(query.get(name, ""))) is not None:
            days[name] = day
        else:
            found.append(malformed(name, "missing" if name not in query else "day"))
    if not found and days["to"] < days["from"]:
        found.append(malformed("to", "before_first_day"))
    if found or by is None or of is None:
        raise _refused(found)
    question = FiguresQuestion(by, of, days["from"], days["to"])
    if len(starts_of(question)) > MOST_BUCKETS:
        raise _refused([malformed("by", f"over_{MOST_BUCKETS}_buckets")])
    return question


def _among(known: Any, value: str) -> Any:
    return value if value in get_args(known) else None


def _figure_cells(question: FiguresQuestion, rows: list[FiguresRow]) -> list[list[files.Cell]]:
    """A line for each bucket of each row, under heads in both languages."""
    head: list[files.Cell] = [f"{zh} {en}" for zh, en in _FIGURE_HEADS]
    found = [head]
    for row in rows:
        for each in row.buckets:
            grades = [each.grades.get(grade, 0) for grade in GRADES]
            counts = [each.received, each.reopened, each.answered, each.ended, each.on_time, each.open_at_end]
            found.append([row.of, f"{row.zh} {row.en}", str(each.start), *counts, each.rated, each.solved, *grades])
    return found


_FIGURE_HEADS = (
    ("代码", "code"),
    ("名称", "name"),
    ("起始日", "start"),
    ("受理", "received"),
    ("重办", "reopened"),
    ("已答复", "answered"),
    ("未经办理终结", "ended"),
    ("按时办结", "on time"),
    ("期末未结", "open at end"),
    ("已评价", "rated"),
    ("已解决", "solved"),
    ("很满意", "very satisfied"),
    ("满意", "satisfied"),
    ("基本满意", "fairly satisfied"),
    ("不满意", "dissatisfied"),
    ("很不满意", "very dissatisfied"),
)


async def _answered(find: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await find()
    except IndexAway:
        raise HttpProblem("unavailable", [dict(AWAY)], headers=SOON) from None


def _refused(found: list[Reason]) -> HttpProblem:
    return HttpProblem("refused", [each.model_dump() for each in found])


def _file(content: AsyncIterator[bytes], media_type: str, name: str) -> Response:
    return StreamingResponse(content, media_type=media_type, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
