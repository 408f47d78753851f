"""The six documents over HTTP: to units what they may have of a case, to anybody whether a paper is genuine."""

from __future__ import annotations

import asyncio
import re
import time

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from contracts.codes import Language
from contracts.typed_codes import read_case_id, read_number
from infra.http.access_log import log_access
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.problems import HttpProblem, ProblemDocument
from services.notify.asking import KEYED, NONE, READ, WRONG, Asking, fault
from services.notify.papers import Genuine, ListedPapers, Papers
from services.notify.printing.press import Form

PDF = "application/pdf"
VERIFY_PATH = "/v1/documents/verify"
_NUMBER = re.compile(r"[0-9A-Za-z]+(-[0-9A-Za-z]+){1,8}")
_STEP_SECONDS = 0.25
"""An answer about a paper takes a multiple of this: how long a look takes tells nothing."""
_PRINT_SECONDS = 60.0
"""For a request that may have to wait until a bulletin is printed."""


class DocumentApi:
    """The handlers."""

    def __init__(self, papers: Papers, asking: Asking) -> None:
        self._papers = papers
        self._asking = asking

    async def listed(self, request: Request, caller: Caller) -> Response:
        """The documents of a case."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self._asking.unit(caller)
        found = await self._papers.listed(case_id, unit) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def listed_about(self, request: Request, caller: Caller) -> Response:
        """The documents about a unit."""
        found = await self._papers.listed_about(str(request.path_params["unit"]), self._asking.unit(caller))
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def html(self, request: Request, caller: Caller) -> Response:
        """One document for the screen."""
        return HTMLResponse(await self._printed(request, caller, "html"))

    async def pdf(self, request: Request, caller: Caller) -> Response:
        """One document for paper."""
        printed = await self._printed(request, caller, "pdf")
        name = f'inline; filename="{_number(request)}.pdf"'
        return Response(printed, media_type=PDF, headers={"Content-Disposition": name})

    async def verified(self, request: Request, _caller: Caller) -> Response:
        """Whether a paper is genuine, and nothing else, in a time that tells nothing."""
        asked, begun = query_of(request), time.monotonic()
        number, code = read_number(asked.get("number", "")), asked.get("code", "")[:100]
        try:
            known = len(number) <= 120 and _NUMBER.fullmatch(number)
            found = await self._papers.verified(number, code) if known else Genuine(genuine=False)
        finally:
            await asyncio.sleep(_STEP_SECONDS - (time.monotonic() - begun) % _STEP_SECONDS)
        return respond(found)

    async def _printed(self, request: Request, caller: Caller, form: Form) -> bytes:
        number, unit = _number(request), self._asking.unit(caller)
        try:
            language = Language(query_of(request).get("language", Language.CHINESE))
        except ValueError:
            raise fault("language", "enum") from None
        known = len(number) <= 120 and _NUMBER.fullmatch(number)
        printed = await self._papers.printed(number, unit, language, form) if known else None
        if printed is None:
            raise HttpProblem("not-found")
        log_access(request, document=number)
        return printed


def _number(request: Request) -> str:
    return read_number(str(request.path_params["number"]))


def documents(api: DocumentApi) -> Interface:
    """The interface."""
    number = Parameter("number", "path", "of the document, as the list of its case has it")
    language = Parameter("language", "query", "zh where left out, or en")
    return Interface(
        "documents",
        "The six documents of a complaint centre (三表一单一书一卡): a unit gets those of its own cases.",
        (
            Endpoint(
                "GET",
                "/v1/cases/{case_id}/documents",
                api.listed,
                "Which documents there are of a case",
                {200: Answer("all of them", ListedPapers), **NONE, **KEYED},
                right=READ,
                parameters=(Parameter("case_id", "path", "UUIDv5 of channel and external id"),),
            ),
            Endpoint(
                "GET",
                "/v1/units/{unit}/documents",
                api.listed_about,
                "The contact card of a unit, and the letters about it that the key's unit may have",
                {200: Answer("all of them", ListedPapers), **NONE, **KEYED},
                right=READ,
                parameters=(Parameter("unit", "path", "its id"),),
            ),
            Endpoint(
                "GET",
                VERIFY_PATH,
                api.verified,
                "Whether a paper is genuine: kind and day where it is, nothing else",
                {
                    200: Answer("yes or no", Genuine),
                    429: Answer("too many requests: Retry-After", ProblemDocument),
                    503: Answer("database away: Retry-After", ProblemDocument),
                },
                per_minute=20,
                costly=True,
                parameters=(
                    Parameter("number", "query", "of the paper", required=True),
                    Parameter("code", "query", "that stands on it", required=True),
                ),
            ),
            Endpoint(
                "GET",
                "/v1/documents/{number}.html",
                api.html,
                "A document for the screen",
                {
                    200: Answer("the document", media_types=("text/html",), schema={"type": "string"}),
                    **NONE,
                    **WRONG,
                    **KEYED,
                },
                right=READ,
                parameters=(number, language),
                seconds=_PRINT_SECONDS,
            ),
            Endpoint(
                "GET",
                "/v1/documents/{number}.pdf",
                api.pdf,
                "A document for paper",
                {
                    200: Answer("the document", media_types=(PDF,), schema={"type": "string", "format": "binary"}),
                    **NONE,
                    **WRONG,
                    **KEYED,
                },
                right=READ,
                parameters=(number, language),
                seconds=_PRINT_SECONDS,
            ),
        ),
        client="unit",
    )
