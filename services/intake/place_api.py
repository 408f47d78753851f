"""`GET /v1/place`: the place in force, for apps; without key, cached by its entity tag."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from infra.clock import Clock
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter
from infra.http.problems import ProblemDocument
from services.intake.place_documents import PlaceDocument, PlaceView

MAX_AGE_SECONDS = 60
"""How long a client may use its copy without asking."""


class PlaceApi:
    """The handler."""

    def __init__(self, view: Callable[[], PlaceView], clock: Clock) -> None:
        self._view = view
        self._clock = clock

    async def place(self, request: Request, _: Caller) -> Response:
        """The document, or 304 where the client has it."""
        view = self._view()
        on = self._clock().astimezone(view.zone).date()
        etag = view.etag(on)
        headers = {"ETag": etag, "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}"}
        if etag in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(view.body(on), media_type="application/json", headers=headers)


def _tags(given: str) -> set[str]:
    """The entity tags of `If-None-Match`, weak ones as strong ones (RFC 9110, 13.1.2)."""
    return {each.strip().removeprefix("W/") for each in given.split(",")}


def place_interface(api: PlaceApi) -> Interface:
    """The interface of the place."""
    return Interface(
        "place",
        "The place in force: what apps show beside cases.",
        (
            Endpoint(
                "GET",
                "/v1/place",
                api.place,
                "Units, posts, areas, categories, channels, appeals and calendar, with names in both languages",
                {
                    200: Answer("the place in force, with an ETag", PlaceDocument),
                    304: Answer("the client's copy is current"),
                    429: Answer("too many requests: Retry-After", ProblemDocument),
                },
                parameters=(Parameter("If-None-Match", "header", "the ETag of the copy that the client has"),),
            ),
        ),
    )
