"""`GET /v1/calendar/{year}`: the days of a year that deviate from Monday to Friday, for apps that draw a calendar."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, respond
from infra.http.problems import HttpProblem, ProblemDocument
from services.scoring.domain.calendar import Calendar

FIRST, LAST = 2004, 2100
"""The years that are answered: those of the yearly notices."""
MAX_AGE_SECONDS = 60


class CalendarYear(BaseModel):
    """The working days of a year, as limits are calculated with them."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    year: int
    version: str
    """Version of the calendar, as explained limits have it."""
    days_off: list[date]
    """Days from Monday to Friday that are not worked."""
    days_worked: list[date]
    """Saturdays and Sundays that are worked (调休)."""
    provisional_from: date | None = None
    """From this day on a notice that is not published yet may change days; absent: none can."""


class CalendarApi:
    """The handler."""

    def __init__(self, calendar: Callable[[], Calendar]) -> None:
        self._calendar = calendar

    async def year(self, request: Request, _: Caller) -> Response:
        """One year. Raises `HttpProblem` for a year that is not answered."""
        given = str(request.path_params["year"])
        if not re.fullmatch(r"[0-9]{4}", given) or not FIRST <= int(given) <= LAST:
            raise HttpProblem("not-found")
        answer = respond(calendar_year(self._calendar(), int(given)))
        answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
        return answer


def calendar_year(calendar: Calendar, year: int) -> CalendarYear:
    """What deviates from the ordinary week in a year."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    return CalendarYear(
        year=year,
        version=calendar.version,
        days_off=[day for day in days if day.weekday() < 5 and not calendar.is_worked(day)],
        days_worked=[day for day in days if day.weekday() >= 5 and calendar.is_worked(day)],
        provisional_from=next((day for day in days if calendar.is_provisional(day)), None),
    )


def working_days(api: CalendarApi) -> Interface:
    """The interface of the calendar."""
    return Interface(
        "calendar",
        "The working days of the place, public.",
        (
            Endpoint(
                "GET",
                "/v1/calendar/{year}",
                api.year,
                "Days of a year that deviate from Monday to Friday",
                {
                    200: Answer("the year", CalendarYear),
                    404: Answer(f"no year from {FIRST} to {LAST}", ProblemDocument),
                    429: Answer("too many requests: Retry-After", ProblemDocument),
                },
                parameters=(Parameter("year", "path", f"from {FIRST} to {LAST}", {"type": "integer"}),),
            ),
        ),
    )
