"""The routes of search, lists, timelines and figures, with their documentation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter
from infra.http.problems import ProblemDocument
from services.intake.index.api import CSV, FIGURES_SECONDS, XLSX, CasesApi
from services.intake.index.documents import FoundCases, StaffTimeline, WaitingCounts
from services.intake.index.figures import Figures
from services.intake.index.question import CaseQuestion
from services.intake.index.views import EXPORT_SECONDS, IndexViews


def cases_interface(views: IndexViews, right: str) -> Interface:
    """Routes for keys of channels and of units; both need the right to read."""
    api = CasesApi(views)
    problems = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, no right, or no unit of the tree", ProblemDocument),
        422: Answer("refused, with every reason", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("the index is away: Retry-After", ProblemDocument),
    }
    bodies = {400: Answer("not well-formed", ProblemDocument), 415: Answer("not JSON", ProblemDocument), **problems}
    case = Parameter("case_id", "path", "of the case")
    asked = tuple(
        Parameter(name, "query", field.description or f"as in the body of POST: `{name}`")
        for name, field in CaseQuestion.model_fields.items()
        if name != "telephone"
    )
    span = (
        Parameter("by", "query", "day, week or month; month where left out"),
        Parameter("of", "query", "unit, area, category, channel, appeal or all; all where left out"),
        Parameter("from", "query", "first day, such as 2026-01-01", required=True),
        Parameter("to", "query", "last day, included", required=True),
    )

    def searching(
        path: str,
        handle: Callable[[Request, Caller], Awaitable[Response]],
        summary: str,
        answer: Answer,
        seconds: float,
    ) -> tuple[Endpoint, Endpoint]:
        """The same as GET, and as POST with a JSON body, where a telephone number may be given."""
        get = Endpoint(
            "GET", path, handle, summary, {200: answer, **problems}, right, parameters=asked, seconds=seconds
        )
        twin = "/v1/cases/search" if path == "/v1/cases" else path.replace("/v1/cases", "/v1/cases/search")
        post = Endpoint(
            "POST",
            twin,
            handle,
            f"{summary}, by a JSON body",
            {200: answer, **bodies},
            right,
            body=CaseQuestion,
            seconds=seconds,
        )
        return get, post

    table = {"type": "string", "format": "binary"}
    figured = Answer("one row for each code", Figures)
    return Interface(
        "cases",
        "Search, lists and figures. A channel sees its own cases; a unit those of it and of units below it.",
        (
            *searching("/v1/cases", api.search, "Search cases", Answer("a page", FoundCases), 10),
            *searching(
                "/v1/cases.csv",
                api.csv,
                "A search as CSV",
                Answer("50,000 rows at most", media_types=(CSV,), schema=table),
                EXPORT_SECONDS,
            ),
            *searching(
                "/v1/cases.xlsx",
                api.xlsx,
                "A search as XLSX",
                Answer("50,000 rows at most", media_types=(XLSX,), schema=table),
                EXPORT_SECONDS,
            ),
            Endpoint(
                "GET",
                "/v1/cases/{case_id}/timeline",
                api.timeline,
                "The course of a case, with notes, instructions and posts",
                {
                    200: Answer("its steps", StaffTimeline),
                    **problems,
                    404: Answer("no case that the key may see", ProblemDocument),
                },
                right,
                parameters=(case,),
            ),
            Endpoint(
                "GET",
                "/v1/waiting",
                api.waiting,
                "How many cases wait for the own unit, by what they wait for",
                {200: Answer("every kind with its number", WaitingCounts), **problems},
                right,
            ),
            Endpoint(
                "GET",
                "/v1/figures",
                api.figures,
                "Figures over time",
                {200: figured, **problems},
                right,
                parameters=span,
                seconds=FIGURES_SECONDS,
            ),
            Endpoint(
                "GET",
                "/v1/figures.csv",
                api.figures_csv,
                "Figures over time as CSV",
                {200: Answer("a line for each bucket", media_types=(CSV,), schema=table), **problems},
                right,
                parameters=span,
                seconds=FIGURES_SECONDS,
            ),
            Endpoint(
                "GET",
                "/v1/figures.xlsx",
                api.figures_xlsx,
                "Figures over time as XLSX",
                {200: Answer("a line for each bucket", media_types=(XLSX,), schema=table), **problems},
                right,
                parameters=span,
                seconds=FIGURES_SECONDS,
            ),
        ),
        client=("channel", "unit"),
    )
