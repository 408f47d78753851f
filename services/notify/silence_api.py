"""The JSON API of silence: which cases lack what, and whose they are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.paging import PAGING, paging
from services.notify.asking import KEYED, READ, WRONG, Asking, fault
from services.notify.domain.silence import WHAT
from services.notify.silence_views import Silences, SilenceViews


class SilenceApi:
    """The handlers."""

    def __init__(self, views: SilenceViews, asking: Asking) -> None:
        self._views = views
        self._asking = asking

    async def silences(self, request: Request, caller: Caller) -> Response:
        """Cases of the centre, and of those below it, that lack something past its limit."""
        what = query_of(request).get("what")
        if what is not None and what not in WHAT:
            raise fault("what", "enum")
        return respond(await self._views.of(self._asking.centres(caller), what, *paging(request, fault)))


def silence(api: SilenceApi) -> Interface:
    """The interface."""
    return Interface(
        "silence",
        "Cases that lack something past its limit (件件有回音、事事有着落).",
        (
            Endpoint(
                "GET",
                "/v1/silences",
                api.silences,
                "What the cases of a centre, and of those below it, lack",
                {200: Answer("some of them", Silences), **KEYED, **WRONG},
                right=READ,
                parameters=(Parameter("what", "query", f"one of {', '.join(WHAT)}; any where left out"), *PAGING),
            ),
        ),
        client="unit",
    )
