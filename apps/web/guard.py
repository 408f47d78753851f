"""What holds for every response and request of an app: security headers, no request from another site, a log line."""

from __future__ import annotations

import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.web.measures import Measures

log = logging.getLogger("apps.web.requests")
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """ASGI middleware around an app."""

    def __init__(self, app: ASGIApp, url: str, measures: Measures) -> None:
        """`url`: the public address of the app, if it is known."""
        self._app = app
        self._host = urlsplit(url).netloc
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            if scope["method"] not in SAFE and self._is_foreign(Headers(scope=scope)):
                refused = "来自其他网站的请求已被拒绝。 A request from another site was refused."
                await PlainTextResponse(refused, 403)(scope, receive, sending)
            else:
                await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - begun
            route = route_of(scope)
            self._measures.request(route, status, seconds)
            if not route.startswith("/static"):
                fields = {"method": scope["method"], "route": route, "status": status, "ms": round(1000 * seconds, 1)}
                log.info("request", extra={"fields": fields})

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether a page of another site has sent the request (OWASP: Fetch Metadata, then Origin)."""
        if site := headers.get("sec-fetch-site"):
            return site not in {"same-origin", "none"}
        if origin := headers.get("origin"):
            return urlsplit(origin).netloc not in {headers.get("host", ""), self._host} - {""}
        return "cookie" in headers


def route_of(scope: Scope) -> str:
    """The pattern of the route that was met, for logs and metrics: a path may hold the link of a complainant."""
    route = scope.get("route")
    found: str = getattr(route, "path", "") or "other"
    return found


def is_from_script(request: Request) -> bool:
    """Whether the page's own script asks for a region of the page."""
    return request.headers.get("x-requested-with") == "xn-live"
