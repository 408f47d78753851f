"""The cockpit: panels that renew themselves, and from each number the way down to cases and addends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from apps.board.answers import Words, answer
from apps.board.chart_library import ChartLibrary
from apps.board.panels import Figure, Panel, Seen, months_until
from apps.board.panels_now import areas, backlog, due, figures, flow, open_cases, waiting
from apps.board.panels_scores import grades, rates_by_month, rates_by_unit
from apps.board.scopes import Scope, Scopes
from apps.board.sources import MONTHS
from apps.board.words import RATES
from apps.web.services import ServiceProblem
from apps.web.site import Site
from apps.web.view import View

FIRST_SECONDS = 0.45
"""How long a page waits for the first figures of a unit; those that come later are shown when they come."""
PAGE_SIZE = 50
CRITERIA = (
    *("state", "stage", "area", "below", "unit", "responsible", "received_from", "received_to", "due_from", "due_to"),
    *("overdue", "paused", "urgent", "rated", "satisfaction", "category", "channel", "what", "waits_for", "number"),
    *("sort", "order"),
)
"""Of `GET /v1/cases`, as links of the cockpit have them."""
PANELS = (flow, open_cases, due, rates_by_month, areas, rates_by_unit, grades, waiting, backlog)
"""In the order of the page."""
PERIOD = re.compile(r"20[0-9]{2}(-(0[1-9]|1[0-2]|H[12]|Q[1-4]))?")
NUMBER = re.compile(r"[a-z][a-z0-9.-]{0,59}")


class Cockpit:
    """The handlers of pages."""

    def __init__(self, library: ChartLibrary) -> None:
        """`site` and `scopes` are set before the first request."""
        self._library = library
        self.site: Site
        self.scopes: Scopes

    async def home(self, view: View) -> Response:
        """All panels."""
        scope = await self._scope(view, FIRST_SECONDS)
        head, panels = self._made(view, scope)
        as_of = (scope.answers.get("open") or {}).get("as_of")
        return view.render(
            "cockpit.html", figures=head, panels=panels, as_of=as_of, library=self._library.url, away=scope.away
        )

    async def events(self, request: Request) -> Response:
        """Hints for the page that is open, as server-sent events."""
        view = await self.site.view(request)
        if view.session is None:
            return Response(status_code=401)
        return self.scopes.hints(request, await self._scope(view, 0))

    async def cases(self, view: View) -> Response:
        """The cases behind a number."""
        asked = {name: value for name in CRITERIA if (value := view.request.query_params.get(name))}
        page = view.request.query_params.get("page", "1")
        page = page if re.fullmatch(r"[1-9][0-9]{0,3}", page) else "1"
        found = await view.get("intake", "/v1/cases", page=page, page_size=PAGE_SIZE, **(asked or {"state": "open"}))

        def address(n: int) -> str:
            return "/cases?" + urlencode({**asked, "page": n})

        return view.render(
            "cases.html", found=answer(found), asked=answer(asked), page=int(page), address=address, w=Words(view)
        )

    async def scores(self, view: View) -> Response:
        """The scores of a period, by peer group."""
        period = view.request.path_params.get("period") or self._months(view)[-1]
        if not PERIOD.fullmatch(period):
            raise HTTPException(404)
        found = await _or_none(view, f"/v1/scores/{period}")
        table = await _or_none(view, f"/v1/scores/{period}/numbers", by="unit")
        return view.render(
            "scores.html",
            found=answer(found),
            table=answer(table),
            period=period,
            months=self._months(view),
            rates=RATES,
            w=Words(view),
        )

    async def unit(self, view: View) -> Response:
        """One unit: its score line by line, and its numbers."""
        period, unit = view.request.path_params["period"], view.request.path_params["unit"]
        if not PERIOD.fullmatch(period) or unit not in view.place.units:
            raise HTTPException(404)
        found = await view.get("scoring", f"/v1/scores/{period}/units/{unit}")
        return view.render("unit.html", found=answer(found), period=period, unit=unit, w=Words(view))

    async def addends(self, view: View) -> Response:
        """What a number of a unit is made of."""
        period, unit, number = (view.request.path_params[name] for name in ("period", "unit", "number"))
        if not PERIOD.fullmatch(period) or unit not in view.place.units or not NUMBER.fullmatch(number):
            raise HTTPException(404)
        given = view.request.query_params.get("offset", "0")
        offset = int(given) if re.fullmatch(r"[0-9]{1,7}", given) else 0
        found = await view.get("scoring", f"/v1/scores/{period}/units/{unit}/{number}", offset=offset)
        return view.render("addends.html", found=answer(found), period=period, unit=unit, offset=offset)

    async def close(self) -> None:
        """No service is asked any more."""
        await self.scopes.close()

    async def _scope(self, view: View, seconds: float) -> Scope:
        return await self.scopes.of(view.unit, view.acting("unit", view.unit, "read"), seconds)

    def _made(self, view: View, scope: Scope) -> tuple[list[Figure], list[Panel]]:
        """Figures and panels, made once for all browsers of a unit that read one language."""
        key = (view.language, view.place.document.version)
        if key not in scope.pages:
            seen = Seen(
                answers=scope.answers,
                problems=scope.problems,
                place=view.place,
                language=view.language,
                now=self.site.clock(),
                unit=scope.unit,
                months=self._months(view),
            )
            scope.pages[key] = (figures(seen), [made(seen) for made in PANELS])
        found: tuple[list[Figure], list[Panel]] = scope.pages[key]
        return found

    def _months(self, view: View) -> list[str]:
        return months_until(self.site.clock().astimezone(view.place.zone).date(), MONTHS)


async def _or_none(view: View, path: str, **params: Any) -> Mapping[str, Any] | None:
    """The document; None where the place makes no scores. Raises `ServiceProblem`."""
    try:
        found: Mapping[str, Any] = await view.get("scoring", path, **params)
    except ServiceProblem as problem:
        if problem.status == 404:
            return None
        raise
    return found
