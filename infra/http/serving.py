"""The HTTP side of a service: each request is bounded, identified, traced, counted, and logged without identities."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.http.access_log import access_fields
from infra.http.bodies import media_type, read_body, require_type
from infra.http.endpoint import Caller, Endpoint, Interface
from infra.http.forms import MULTIPART, FormLimits, read_form
from infra.http.key_file import KeyFile
from infra.http.keys import Client
from infra.http.limits import Limiter, client_network
from infra.http.openapi import document, page
from infra.http.problems import HttpProblem, problem_response
from infra.http.tokens import TokenFault
from infra.logs import describe
from infra.reference import NoPlaceError
from infra.telemetry import Metrics, Tracing, parse_traceparent, served, traceparent_of

log = logging.getLogger(__name__)

UNKNOWN_ROUTE = "other"
"""Label of a request that matches no route: its path is no label."""
MOST_FORMS = 16
"""Multipart forms processed at the same time; each may occupy disk space meanwhile."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Limits:
    """What a request may cost."""

    most_bytes: int = 256 * 1024
    seconds: float = 10.0
    """From its head to its answer."""


class HttpSide:
    """An ASGI application for all interfaces of a service, with `/openapi.json` and `/openapi`."""

    def __init__(
        self,
        title: str,
        version: str,
        interfaces: Sequence[Interface],
        *,
        keys: KeyFile,
        tracing: Tracing,
        metrics: Metrics,
        limits: Limits | None = None,
        limiter: Limiter | None = None,
        admit: Callable[[Caller], None] = lambda _: None,
    ) -> None:
        """`admit` is called for each request with a key or token; it raises `HttpProblem` to refuse its client."""
        self.document = cache(partial(document, title, version, interfaces))
        self._interfaces = sorted(interfaces, key=lambda each: -len(each.prefix))
        self._keys = keys
        self._tracing = tracing
        self._metrics = metrics
        self._limits = limits or Limits()
        self._limiter = limiter or Limiter()
        self._admit = admit
        self._forms = 0
        routes = [
            Route(each.path, self._guarded(interface, each), methods=[each.method])
            for interface in interfaces
            for each in interface.endpoints
        ]
        routes += [Route("/openapi.json", self._openapi), Route("/openapi", self._page)]
        self._app: ASGIApp = Starlette(routes=routes, exception_handlers={HTTPException: self._unrouted})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, from its head to its line in the log."""
        request = Request(scope)
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        given = request.headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
        parent = request.headers.get("traceparent")
        span = self._tracing.serve(method, traceparent=parent if parse_traceparent(parent) else None)
        scope["state"] = {"request_id": request_id, "traceparent": traceparent_of(span.get_span_context())}
        begun, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                had = {name.lower() for name, _ in message["headers"]}
                more = {**SECURITY_HEADERS, "X-Request-Id": request_id}
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in more.items() if n.lower().encode() not in had),
                ]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - begun
            route = scope["state"].get("route", UNKNOWN_ROUTE)
            served(span, method, "" if route == UNKNOWN_ROUTE else route, status)
            self._metrics.http_requests.labels(method, route, str(status)).inc()
            self._metrics.http_seconds.observe(seconds)
            fields = {
                "method": method,
                "route": route,
                "status": status,
                "milliseconds": round(seconds * 1000, 1),
                "request_id": request_id,
                "trace_id": f"{span.get_span_context().trace_id:032x}",
                **access_fields(request),
            }
            log.info("request", extra={"fields": fields})

    def _guarded(self, interface: Interface, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            request.state.route = endpoint.path
            id: str = request.state.request_id
            try:
                async with asyncio.timeout(endpoint.seconds or self._limits.seconds):
                    return await self._served(interface, endpoint, request)
            except HttpProblem as problem:
                return interface.render(request, problem, id)
            except TimeoutError:
                late = "unavailable" if hasattr(request.state, "body") else "too-slow"
                return interface.render(request, HttpProblem(late, headers={"Retry-After": "5"}), id)
            except NoPlaceError:
                return interface.render(request, HttpProblem("unavailable", headers={"Retry-After": "5"}), id)
            except Exception as error:  # noqa: BLE001 - the answer does not quote it; log and status report it
                log.error("a handler broke", extra={"fields": {"error": describe(error), "route": endpoint.path}})  # noqa: TRY400 - its text may quote the request
                return interface.render(request, HttpProblem("broken"), id)

        return serve

    async def _served(self, interface: Interface, endpoint: Endpoint, request: Request) -> Response:
        address = client_network(request.client.host) if request.client else ""
        if endpoint.right is None:
            self._within(f"costly {address}" if endpoint.costly else address, endpoint.per_minute)
        if endpoint.form is not None and media_type(request) == MULTIPART:
            return await self._served_form(interface, endpoint, request, address, endpoint.form)
        body = await self._body_of(endpoint, request)
        key = await self._key_of(interface, endpoint, request, body, address)
        return await endpoint.handle(request, self._caller(request, address, key))

    async def _served_form(
        self, interface: Interface, endpoint: Endpoint, request: Request, address: str, limits: FormLimits
    ) -> Response:
        """Check the key before parsing the form, unless the key is a form field."""
        key = None
        if endpoint.right is not None and (not interface.key_in_form or await interface.find_key(request, b"")):
            key = await self._key_of(interface, endpoint, request, b"", address)
        elif endpoint.right is not None:
            self._within(f"forms without a key {address}", 60)
        if self._forms >= MOST_FORMS:
            raise HttpProblem("unavailable", headers={"Retry-After": "5"})
        self._forms += 1
        form = None
        try:
            form = request.state.form = await read_form(request, limits)
            request.state.body = b""
            key = key or await self._key_of(interface, endpoint, request, b"", address)
            return await endpoint.handle(request, self._caller(request, address, key))
        finally:
            self._forms -= 1
            if form is not None:
                await form.close()

    def _caller(self, request: Request, address: str, key: Client | None) -> Caller:
        caller = Caller(request.state.request_id, address, request.state.traceparent, key)
        if key is not None:
            self._admit(caller)
        return caller

    async def _body_of(self, endpoint: Endpoint, request: Request) -> bytes:
        """The body. A wrong type is refused before anything else that is wrong with it, and before the key."""
        types = (*endpoint.body_types, MULTIPART) if endpoint.form else endpoint.body_types
        try:
            body = await read_body(request, endpoint.most_bytes or self._limits.most_bytes)
        except HttpProblem as problem:
            if endpoint.has_body and problem.code == "too-large":
                require_type(request, *types)
            raise
        if endpoint.has_body:
            require_type(request, *types)
        return body

    async def _key_of(
        self, interface: Interface, endpoint: Endpoint, request: Request, body: bytes, address: str
    ) -> Client | None:
        if endpoint.right is None:
            return None
        presented = await interface.find_key(request, body)
        if not presented:
            raise HttpProblem("key-missing", headers={"WWW-Authenticate": "Bearer"})
        key = self._client_of(presented, address)
        request.state.client = key
        self._within(f"key {key.id}", key.per_minute)
        if endpoint.right not in key.rights or (interface.clients and key.kind not in interface.clients):
            raise HttpProblem("right-missing")
        return key

    def _client_of(self, presented: str, address: str) -> Client:
        """The client of a key or token. Raises `HttpProblem`; wrong ones are counted by address."""
        try:
            found = self._keys.find(presented)
        except TokenFault as fault:
            if fault.code == "token-invalid":
                self._within(f"wrong keys {address}", 60)
            raise HttpProblem(
                fault.code, [fault.reason], {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            ) from None
        if found is None:
            self._within(f"wrong keys {address}", 60)
            raise HttpProblem("key-unknown")
        if self._keys.has_expired(found):
            raise HttpProblem("key-expired", headers={"WWW-Authenticate": "Bearer"})
        return found

    def _within(self, name: str, per_minute: int) -> None:
        if seconds := self._limiter.wait_seconds(name, per_minute):
            raise HttpProblem("too-many", headers={"Retry-After": str(seconds)})

    async def _openapi(self, request: Request) -> Response:
        request.state.route = "/openapi.json"
        return JSONResponse(await asyncio.to_thread(self.document))

    async def _page(self, request: Request) -> Response:
        request.state.route = "/openapi"
        return HTMLResponse(page(await asyncio.to_thread(self.document)))

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        """No such path, or no such method of it."""
        known = isinstance(error, HTTPException) and error.status_code == 405
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        problem = HttpProblem("method-not-allowed" if known else "not-found", headers=headers)
        for interface in self._interfaces:
            if request.url.path.startswith(interface.prefix):
                return interface.render(request, problem, request.state.request_id)
        return problem_response(problem, request.state.request_id)
