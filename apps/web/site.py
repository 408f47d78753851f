"""One app with pages: its routes, templates, static files and errors."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from apps.web.bodies import FORM_BYTES
from apps.web.cookies import drop, put
from apps.web.guard import Guard, is_from_script
from apps.web.language import language_of, remember
from apps.web.live import Live
from apps.web.measures import Measures
from apps.web.place import Place, PlaceFeed
from apps.web.rendering import KIT, environments
from apps.web.services import ServiceProblem, Services
from apps.web.sessions import Sessions
from apps.web.settings import WebSettings
from apps.web.shared_reads import SharedReads
from apps.web.stash import COOKIE as STASH_COOKIE
from apps.web.stash import SECONDS as STASH_SECONDS
from apps.web.stash import Stash
from apps.web.tokens import TokenSigner
from apps.web.view import FLASH_COOKIE, View

log = logging.getLogger(__name__)
Handler = Callable[[View], Awaitable[Response]]
_YEAR = 365 * 86_400


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Page:
    """A path of an app and its handler."""

    path: str
    handle: Handler
    methods: tuple[str, ...] = ("GET",)
    open: bool = False
    """Whether it is served without sign-in."""
    most_bytes: int = FORM_BYTES
    """Size limit of the form that is sent to it."""


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    href: str
    zh: str
    en: str
    key: str = ""
    """The keyboard shortcut, such as `g i`."""
    shown: Callable[[View], bool] = lambda _: True
    also: tuple[str, ...] = ()
    """First parts of other paths that belong to it."""


class Site:
    """An app with pages. Form pages: the same path serves the form (GET) and takes it (POST), so that a form which
    comes after the session has ended is shown again, with what was typed, once the person has signed in.
    """

    def __init__(
        self,
        name: str,
        title: tuple[str, str],
        package: Path,
        settings: WebSettings,
        pages: Sequence[Page],
        *,
        navigation: Sequence[Link] = (),
        services: Services | None = None,
        sessions: Sessions | None = None,
        signer: TokenSigner | None = None,
        sign_in: Sequence[BaseRoute] = (),
        routes: Sequence[BaseRoute] = (),
        tasks: Sequence[Callable[[], Awaitable[None]]] = (),
        closers: Sequence[Callable[[], Awaitable[None]]] = (),
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`package` has `templates` and `static`; `sign_in` are routes that need no session; `tasks` run beside."""
        self.name = name
        self.title = title
        self.settings = settings
        self.navigation = navigation
        self.services = services or Services(settings)
        self.place = PlaceFeed(self.services)
        self.sessions = sessions
        self.signer = signer
        self.stash = Stash()
        self.shared = SharedReads()
        self.clock = clock
        self.measures = Measures()
        self.live = Live(self.measures, lambda request: sessions is not None and sessions.of(request) is not None)
        self._tasks = (self.measures.watch_loop, *tasks)
        self._closers = closers
        self._static = {"web": KIT / "static", name: package / "static"}
        self._versions: dict[str, str] = {}
        self._templates = environments(package)
        self.app = Starlette(
            routes=[
                Route("/livez", self._alive),
                Route("/readyz", self._ready),
                Route("/metrics", self._metrics),
                Route("/favicon.ico", self._icon),
                *(Mount(f"/static/{key}", _Static(folder)) for key, folder in self._static.items() if folder.is_dir()),
                *sign_in,
                *routes,
                *(Route(each.path, self._guarded(each), methods=list(each.methods)) for each in pages),
            ],
            middleware=[
                Middleware(Guard, settings.web_url, self.measures),
                Middleware(GZipMiddleware, minimum_size=1_000),
            ],
            exception_handlers={HTTPException: self._unrouted, Exception: self._broken},
            lifespan=self._lifespan,
        )

    def render(self, view: View, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """A page in the language of the view."""
        flash = view.flash()
        variables = {
            "view": view,
            "t": view.t,
            "lang": view.language,
            "place": view.place,
            "session": view.session,
            "request": view.request,
            "site": self,
            "flash": flash,
            "named": view.named,
            "instant": view.instant,
            "day": view.day,
            "deadline": view.deadline,
            "asset": self.asset,
            "links": [link for link in self.navigation if (view.session or not self.sessions) and link.shown(view)],
            **context,
        }
        response = HTMLResponse(self._templates[view.language].get_template(template).render(variables), status)
        response.headers["Content-Language"] = "en" if view.language == "en" else "zh-CN"
        if view.request.cookies.get(FLASH_COOKIE):
            drop(response, FLASH_COOKIE)
        if view.kept:
            drop(response, STASH_COOKIE)
        remember(view.request, response)
        if view.session and self.sessions and not is_from_script(view.request):
            self.sessions.renew(view.request, response, view.session)
        return response

    def asset(self, path: str) -> str:
        """Address of a static file, such as `web/base.css`, that changes with its content."""
        if path not in self._versions:
            key, _, file = path.partition("/")
            self._versions[path] = hashlib.sha256((self._static[key] / file).read_bytes()).hexdigest()[:12]
        return f"/static/{path}?v={self._versions[path]}"

    async def view(self, request: Request) -> View:
        """The view of a request. Raises `ServiceProblem` where the place is not known yet."""
        session = self.sessions.of(request) if self.sessions else None
        kept: Mapping[str, Sequence[str]] = {}
        if session and request.method == "GET" and (id := request.cookies.get(STASH_COOKIE)):
            kept = self.stash.take(id, request.url.path, session.person)
        return View(request, self, language_of(request), await self.place.current(), session, kept)

    def _guarded(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            view = View(request, self, language_of(request), Place())
            try:
                view = await self.view(request)
                view.most_bytes = page.most_bytes
                if view.session is None and not page.open:
                    return await self._sign_in_first(view)
                if request.method == "POST":
                    await _acts_as_begun(view)
                return await page.handle(view)
            except HTTPException:
                raise
            except ServiceProblem as problem:
                response = self.problem(view, problem)
            except Exception as error:  # noqa: BLE001 - the person gets a page, the log the place in the code
                response = await self._broken(request, error)
            if request.method == "POST" and view.session:
                await self._store_form(view, view.session.person, response)
            return response

        return serve

    def problem(self, view: View, problem: ServiceProblem) -> Response:
        """The page that explains why a service has not done what was asked."""
        headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after else None
        return view.render("web/problem.html", problem.status, headers, problem=problem)

    async def _sign_in_first(self, view: View) -> Response:
        """Redirect to the sign-in. A form that was sent is stored until the same person has signed in again."""
        request = view.request
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        to = request.url_for("sign-in").include_query_params(next=here)
        response = RedirectResponse(f"{to.path}?{to.query}", 303)
        if request.method == "POST" and self.sessions and (person := self.sessions.ended_person(request)):
            await self._store_form(view, person, response)
        return response

    async def _store_form(self, view: View, person: str, response: Response) -> None:
        """Store the form that was not taken, unless it is too large: the next GET of its page shows it again."""
        try:
            sent = await view.form()
        except ServiceProblem:
            return
        if id := self.stash.put(view.request.url.path, person, sent):
            put(view.request, response, STASH_COOKIE, id, int(STASH_SECONDS))

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        running = [asyncio.ensure_future(each()) for each in self._tasks]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*running, return_exceptions=True)
            for close in (self.live.close, self.shared.close, *self._closers, self.services.close):
                await close()

    async def _alive(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _ready(self, _: Request) -> Response:
        try:
            await self.place.current()
        except ServiceProblem as problem:
            return PlainTextResponse(f"{problem.code}: {problem.en}\n", 503)
        return PlainTextResponse("ok\n")

    async def _metrics(self, _: Request) -> Response:
        return PlainTextResponse(self.measures.text(), media_type="text/plain; version=0.0.4")

    async def _icon(self, _: Request) -> Response:
        return RedirectResponse(self.asset("web/icon.svg"), 308)

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return await self._error_page(request, status)

    async def _broken(self, request: Request, error: Exception) -> Response:
        log.error("a page broke", exc_info=error)
        return await self._error_page(request, 500)

    async def _error_page(self, request: Request, status: int) -> Response:
        view = View(request, self, language_of(request), Place())
        with suppress(ServiceProblem):
            view = await self.view(request)
        return view.render("web/error.html", status, code=status)


async def _acts_as_begun(view: View) -> None:
    """Raises `ServiceProblem` where the form was opened in another post than the one that acts now."""
    began_as = (await view.form()).get("acting")
    if began_as is not None and began_as != view.post:
        raise ServiceProblem(
            409,
            "post-changed",
            "您在另一个窗口切换了岗位，这份表单没有提交。请切换回原岗位后重新打开，填写的内容会恢复。",
            "You act in another post since this form was opened, so it was not sent. Switch back and open it again: "
            "what you typed will be restored.",
        )


class _Static(StaticFiles):
    """Files whose address changes with their content."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, which a browser may use for a year when its version is given."""
        response = await super().get_response(path, scope)
        if b"v=" in scope.get("query_string", b""):
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response
