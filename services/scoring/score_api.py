"""The JSON API of the scores: scorecards, numbers, what each is made of, and files for a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.publishing import SOON
from infra.store import StoreError
from services.scoring.asking import PERIOD, READ, Asking, fault, period_of
from services.scoring.domain.scores.counting import Tally
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.item_views import ITEM_DIMENSIONS
from services.scoring.score_documents import (
    NumbersTable,
    Opened,
    Scores,
    UnitScore,
    card_of,
    item_numbers_of,
    numbers_of,
    opened,
    scores_document,
)
from services.scoring.score_files import as_csv, as_xlsx
from services.scoring.score_views import BY, Result, ScoreViews

MOST_ADDENDS = 500
"""Addends of a number in one answer."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ScoreApi:
    """The handlers."""

    def __init__(self, views: ScoreViews, policy: Callable[[], ScorePolicy | None], asking: Asking) -> None:
        """`policy` is that of the moment: a period that is over may be asked for by a new one."""
        self._views = views
        self._policy = policy
        self._asking = asking

    async def scores(self, request: Request, caller: Caller) -> Response:
        """Every unit that the caller may see, by peer group."""
        return _json(await self._scores(request, caller))

    async def csv(self, request: Request, caller: Caller) -> Response:
        """The same as CSV."""
        found = await self._scores(request, caller)
        return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers=_named(f"{found.period}.csv"))

    async def xlsx(self, request: Request, caller: Caller) -> Response:
        """The same as XLSX."""
        found = await self._scores(request, caller)
        return Response(as_xlsx(found), media_type=XLSX, headers=_named(f"{found.period}.xlsx"))

    async def numbers(self, request: Request, caller: Caller) -> Response:
        """Numbers of cases and rates, by whatever is asked for."""
        period, policy, seen = _period(request), self._in_force(), self._asking.visible(caller)
        by = query_of(request).get("by", "unit")
        if by not in BY:
            raise fault("by", f"one of {', '.join(BY)}")
        try:
            found = await self._views.numbers(period, policy, by, seen)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        rows = [numbers_of(by, name, tally, policy) for name, tally in found.items()]
        return _json(NumbersTable(period=str(period), policy=policy.version, by=by, rows=rows))

    async def items(self, request: Request, caller: Caller) -> Response:
        """Numbers of the items that other systems have watched, by whatever is asked for."""
        period, policy, seen = _period(request), self._in_force(), self._asking.visible(caller)
        by = query_of(request).get("by", "unit")
        if by not in ITEM_DIMENSIONS:
            raise fault("by", f"one of {', '.join(ITEM_DIMENSIONS)}")
        try:
            found = await self._views.items.numbers(period, policy, by, seen)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        rows = [item_numbers_of(by, name, tally, policy) for name, tally in found.items()]
        return _json(NumbersTable(period=str(period), policy=policy.version, by=by, rows=rows))

    async def unit(self, request: Request, caller: Caller) -> Response:
        """One unit's score and numbers."""
        unit, policy = self._asked_unit(request, caller), self._in_force()
        result = await self._result(_period(request), policy)
        card = next((each for cards in result.cards.values() for each in cards if each.unit.id == unit), None)
        tally = result.tallies.by_unit.get(unit) or Tally()
        return _json(
            UnitScore(
                period=str(result.period),
                policy=policy.version,
                card=card_of(card, policy) if card is not None else None,
                numbers=numbers_of("unit", unit, tally, policy),
            )
        )

    async def opened(self, request: Request, caller: Caller) -> Response:
        """What a number of a unit is made of: a count, a rate, or a part of its score."""
        unit, policy, period = self._asked_unit(request, caller), self._in_force(), _period(request)
        number, offset = str(request.path_params["number"]), _offset(query_of(request))
        try:
            found = await self._views.made_of(number, unit, period, policy)
            events = await self._views.events(found.addends[offset : offset + MOST_ADDENDS])
            of_items = await self._views.items.events(found.items[offset : offset + MOST_ADDENDS])
        except KeyError:
            raise HttpProblem("not-found") from None
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return _json(opened(found, offset, MOST_ADDENDS, events, of_items))

    async def _scores(self, request: Request, caller: Caller) -> Scores:
        seen = self._asking.visible(caller)
        return scores_document(await self._result(_period(request), self._in_force()), seen)

    async def _result(self, period: Period, policy: ScorePolicy) -> Result:
        try:
            return await self._views.scores(period, policy)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    def _in_force(self) -> ScorePolicy:
        policy = self._policy()
        if policy is None:
            raise HttpProblem("not-found")
        return policy

    def _asked_unit(self, request: Request, caller: Caller) -> str:
        unit = str(request.path_params["unit"])
        if unit not in self._asking.visible(caller):
            raise HttpProblem("right-missing" if unit in self._asking.limits().units else "not-found")
        return unit


def scores(api: ScoreApi) -> Interface:
    """The interface."""
    keyed = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, no right, or a unit that is not below the key's own", ProblemDocument),
        404: Answer("no such unit or number, or the place makes no scores", ProblemDocument),
        422: Answer("no such period", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("database away: Retry-After", ProblemDocument),
    }
    unit = Parameter("unit", "path", "the key's own unit, or one below it")

    def get(path: str, handle: object, summary: str, answer: Answer, *parameters: Parameter) -> Endpoint:
        return Endpoint("GET", path, handle, summary, {200: answer, **keyed}, right=READ, parameters=parameters)  # type: ignore[arg-type]

    return Interface(
        "scores",
        "Scores of a period, made of facts when they are asked for. A unit sees itself and those below it.",
        (
            get("/v1/scores/{period}", api.scores, "Scorecards by peer group", Answer("all", Scores), PERIOD),
            get(
                "/v1/scores/{period}/numbers",
                api.numbers,
                "Numbers of cases and rates",
                Answer("a row each", NumbersTable),
                PERIOD,
                Parameter("by", "query", f"one of {', '.join(BY)}"),
            ),
            get(
                "/v1/scores/{period}/items",
                api.items,
                "Numbers of items that other systems have watched",
                Answer("a row each", NumbersTable),
                PERIOD,
                Parameter("by", "query", f"one of {', '.join(ITEM_DIMENSIONS)}"),
            ),
            get(
                "/v1/scores/{period}/scores.csv",
                api.csv,
                "Scorecards as CSV",
                Answer("a line for each unit", media_types=("text/csv",)),
                PERIOD,
            ),
            get(
                "/v1/scores/{period}/scores.xlsx",
                api.xlsx,
                "Scorecards as XLSX",
                Answer("a line for each unit", media_types=(XLSX,)),
                PERIOD,
            ),
            get(
                "/v1/scores/{period}/units/{unit}",
                api.unit,
                "One unit's score and numbers",
                Answer("both", UnitScore),
                PERIOD,
                unit,
            ),
            get(
                "/v1/scores/{period}/units/{unit}/{number}",
                api.opened,
                "What a number is made of",
                Answer("its addends and their events", Opened),
                PERIOD,
                unit,
                Parameter("number", "path", "a count, a rate, or a part of the score"),
                Parameter("offset", "query", f"after so many; {MOST_ADDENDS} are listed at once", {"type": "integer"}),
            ),
        ),
        client="unit",
    )


def _offset(asked: dict[str, str]) -> int:
    given = asked.get("offset", "0")
    if not re.fullmatch(r"[0-9]{1,9}", given):
        raise fault("offset", "range")
    return int(given)


def _period(request: Request) -> Period:
    return period_of(request, "such as 2026-11, 2026-Q4, 2026-H2, 2026")


def _named(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="scores-{name}"'}


def _json(document: BaseModel) -> Response:
    """With what is absent, as null: every row has the same fields."""
    return JSONResponse(document.model_dump(mode="json"))
