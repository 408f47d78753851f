"""Routes of signing in, choosing a post and signing out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from apps.web.language import language_of
from apps.web.place import Place
from apps.web.services import ServiceProblem
from apps.web.sessions import Sessions
from apps.web.settings import StaffSettings
from apps.web.sign_in.people import Directory
from apps.web.sign_in.provider import STATE, Provider, ProviderError, SignedIn
from apps.web.site import Site
from apps.web.view import View, unit_of

STATE_COOKIE = "xn_signing_in"
STATE_SECONDS = 600
"""For so long a sign-in at the provider may take."""
CHECKS_AT_ONCE = 2
"""Passwords that are checked at a time: each takes 64 MB of memory and 50 ms of a core."""
MOST_POSTS = 40
"""Posts of one person: they are in the cookie."""
NOT_PAGES = frozenset({"sign-in", "sign-out", "post"})
"""First parts of paths that are never the target after signing in."""
AT_ONCE, LONGEST_NEXT = 3, 500
"""Sign-ins of one browser at a time, and characters of the page that each leads back to: they are in one cookie."""
_NEXT = "next "


class SignIn:
    """Signs people in by the provider, the directory, or both."""

    def __init__(self, settings: StaffSettings, sessions: Sessions) -> None:
        """Raises `DirectoryError`."""
        self._settings = settings
        self._sessions = sessions
        self._directory = Directory(settings.directory_file) if settings.directory_file else None
        self._provider = Provider(settings) if settings.oidc_issuer else None
        self._checking = asyncio.Semaphore(CHECKS_AT_ONCE)
        self.site: Site | None = None
        """Set by the app that has these routes."""

    def routes(self) -> Sequence[BaseRoute]:
        """`/sign-in`, `/sign-in/provider`, `/sign-in/back`, `/post`, `/sign-out`."""
        secret = self._settings.web_secret.get_secret_value()
        state = Middleware(
            SessionMiddleware,
            secret_key=f"{secret}-signing-in",
            session_cookie=STATE_COOKIE,
            max_age=STATE_SECONDS,
            same_site="lax",
            https_only=self._settings.web_url.startswith("https:"),
        )
        return (
            Route("/sign-in", self._render, name="sign-in"),
            Route("/sign-in", self._password, methods=["POST"]),
            Mount(
                "/sign-in",
                routes=[Route("/provider", self._to_provider), Route("/back", self._back, name="back")],
                middleware=[state],
            ),
            Route("/post", self._choose_post, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
        )

    async def _render(self, request: Request, fault: tuple[str, str] | None = None, status: int = 200) -> Response:
        site, view = await self._view(request)
        return site.render(
            view,
            "web/sign_in.html",
            {
                "fault": view.t(*fault) if fault else "",
                "next": next_of(request),
                "with_directory": self._directory is not None,
                "with_provider": self._provider is not None,
                "ended": bool(self._sessions.ended_person(request)),
            },
            status,
        )

    async def _password(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=5)
        login, password = str(form.get("login", ""))[:80], str(form.get("password", ""))[:200]
        if self._directory is None:
            return RedirectResponse("/sign-in", 303)
        async with self._checking:
            wait = self._directory.wait_seconds(login)
            person = None if wait else await asyncio.to_thread(self._directory.check, login, password)
        if wait:
            fault = (
                f"尝试次数过多，请在 {wait:.0f} 秒后再试。",
                f"Too many attempts: try again in {wait:.0f} seconds.",
            )
            return await self._render(request, fault, 429)
        if person is None:
            return await self._render(request, ("用户名或密码不正确。", "The user name or the password is wrong."), 403)
        return await self._begin(request, SignedIn(person.id, person.name, person.posts), str(form.get("next", "/")))

    async def _to_provider(self, request: Request) -> Response:
        if self._provider is None:
            return RedirectResponse("/sign-in", 303)
        state = secrets.token_urlsafe(24)
        _forget_oldest(request)
        to = next_of(request)
        request.session[_NEXT + state] = to if len(to) <= LONGEST_NEXT else urlsplit(to).path
        try:
            return await self._provider.redirect(request, f"{self._base(request)}/sign-in/back", state)
        except ProviderError as error:
            return await self._failed(request, error)

    async def _back(self, request: Request) -> Response:
        if self._provider is None:
            return RedirectResponse("/sign-in", 303)
        to = str(request.session.pop(_NEXT + request.query_params.get("state", ""), "/"))
        try:
            found = await self._provider.finish(request)
        except ProviderError as error:
            return await self._failed(request, error)
        return await self._begin(request, found, to)

    async def _failed(self, request: Request, error: ProviderError) -> Response:
        if error.out_of_date:
            fault = ("这次登录已经过期，请重新登录。", "This sign-in is out of date. Begin again.")
            return await self._render(request, fault, 400)
        fault = (
            f"统一身份认证没有成功（{error.code}），请重试；仍不成功请联系管理员。",
            f"The sign-in did not succeed ({error.code}). Try again, or ask your administrator.",
        )
        return await self._render(request, fault, 403 if error.code == "access_denied" else 502)

    def _base(self, request: Request) -> str:
        """The public address of the app."""
        url = request.url
        return self._settings.web_url.rstrip("/") or f"{url.scheme}://{url.netloc}"

    async def _begin(self, request: Request, person: SignedIn, to: str) -> Response:
        site, view = await self._view(request)
        posts = tuple(dict.fromkeys(post for post in person.posts if unit_of(view.place, post)))[:MOST_POSTS]
        if not posts:
            fault = (
                "已经认证，但这个账号在本市岗位表中没有岗位，请联系管理员。",
                "You are known, but hold no post of this city: ask your administrator.",
            )
            return await self._render(request, fault, 403)
        session = self._sessions.begin(person.person, person.name, posts)
        # A page of our own, not a redirect: a browser that comes from the provider would not send strict cookies on.
        response = site.render(view, "web/signed_in.html", {"next": local(to)})
        self._sessions.write(request, response, session)
        return response

    async def _choose_post(self, request: Request) -> Response:
        session = self._sessions.of(request)
        if session is None:
            return RedirectResponse("/sign-in", 303)
        form = await request.form(max_files=0, max_fields=5)
        response = RedirectResponse("/", 303)
        try:
            self._sessions.write(request, response, session.acting_as(str(form.get("post", ""))))
        except ValueError:
            return await self._render(request, ("您不担任这个岗位。", "You do not hold this post."), 403)
        return response

    async def _sign_out(self, request: Request) -> Response:
        """End the session. A provider ends its own where the browser is sent next, by a page of our own: browsers do
        not let the answer to a form lead to another site (`form-action` of the content security policy).
        """
        site, view = await self._view(request)
        away = await self._provider.sign_out_url(f"{self._base(request)}/") if self._provider else None
        if away:
            response = site.render(replace(view, session=None), "web/signed_out.html", {"away": away})
        else:
            response = RedirectResponse("/sign-in", 303)
        self._sessions.end(response)
        return response

    async def _view(self, request: Request) -> tuple[Site, View]:
        if self.site is None:
            raise RuntimeError("the routes are served before the app is complete")
        try:
            return self.site, await self.site.view(request)
        except ServiceProblem:
            return self.site, View(request, self.site, language_of(request), Place())


def _forget_oldest(request: Request) -> None:
    """Leave room in the cookie for one more sign-in."""
    states = [key.removeprefix(_NEXT) for key in request.session if key.startswith(_NEXT)]
    for state in states[: len(states) - AT_ONCE + 1]:
        del request.session[_NEXT + state]
        request.session.pop(STATE + state, None)


def next_of(request: Request) -> str:
    """The page that was asked for before the sign-in."""
    return local(request.query_params.get("next", "/"))


def local(path: str) -> str:
    """The path, if it is one of this app; otherwise its first page."""
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith("//") and "\\" not in path and not parts.netloc
    clean = all(character > " " for character in path)
    return path if own and clean and parts.path.split("/")[1] not in NOT_PAGES else "/"
