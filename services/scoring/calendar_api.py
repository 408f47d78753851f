"""The JSON API of the calendar of working days in force."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, respond
from infra.http.problems import HttpProblem, ProblemDocument
from services.scoring.asking import KEYED, READ, Asking
from services.scoring.domain.calendar import Calendar

FIRST_YEAR, LAST_YEAR = 2004, 2100
_SATURDAY = 5


class CalendarYear(BaseModel):
    """The days of a year that differ from the ordinary week, by the calendar and the place's notices."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    year: int
    version: str
    """Of the calendar, as explanations of limits quote it."""
    published: bool
    """Whether the package or a complete notice covers the year."""
    provisional_from: date | None
    """First day that a later notice may change; absent: none."""
    days_off: list[date]
    """Mondays to Fridays that are not worked."""
    days_worked: list[date]
    """Saturdays and Sundays that are worked (调休)."""


def year_of(calendar: Calendar, number: int) -> CalendarYear:
    """The calendar of one year."""
    first = date(number, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(number + 1, 1, 1) - first).days)]
    return CalendarYear(
        year=number,
        version=calendar.version,
        published=calendar.is_published(number),
        provisional_from=next((day for day in days if calendar.is_provisional(day)), None),
        days_off=[day for day in days if day.weekday() < _SATURDAY and not calendar.is_worked(day)],
        days_worked=[day for day in days if day.weekday() >= _SATURDAY and calendar.is_worked(day)],
    )


class CalendarApi:
    """The handlers."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def year(self, request: Request, caller: Caller) -> Response:
        """One year, by the rules in force."""
        self._asking.unit(caller)
        given = str(request.path_params["year"])
        if not (given.isascii() and given.isdigit()) or not FIRST_YEAR <= int(given[:5]) <= LAST_YEAR:
            raise HttpProblem("not-found")
        return respond(year_of(self._asking.limits().calendar, int(given)))


def calendar(api: CalendarApi) -> Interface:
    """The interface."""
    return Interface(
        "calendar",
        "The calendar of working days in force.",
        (
            Endpoint(
                "GET",
                "/v1/calendar/{year}",
                api.year,
                "Days of a year that differ from the ordinary week",
                {
                    200: Answer("all of them", CalendarYear),
                    404: Answer(f"not a year from {FIRST_YEAR} to {LAST_YEAR}", ProblemDocument),
                    **KEYED,
                },
                right=READ,
                parameters=(Parameter("year", "path", "such as 2027"),),
            ),
        ),
        client="unit",
    )
