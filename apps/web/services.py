"""Requests of an app to the four services, and their problems in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import httpx
from httpx_aiohttp import AiohttpTransport

from apps.web.settings import ServiceSettings
from apps.web.tokens import Actor, TokenSigner

Service = Literal["intake", "routing", "scoring", "notify"]
CONNECT_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 2.0
"""An idle connection is closed before its service closes it, so that no request meets the end of a connection."""
PLAIN = {"Accept-Encoding": "identity"}
"""Services are near: to compress and expand would take more time than it saves."""
NAMES: Mapping[Service, tuple[str, str]] = {
    "intake": ("受理服务", "the intake service"),
    "routing": ("派单服务", "the routing service"),
    "scoring": ("时限与考核服务", "the scoring service"),
    "notify": ("通知与公开服务", "the notice service"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a refusal."""

    code: str
    zh: str
    en: str
    field: str | None = None
    detail: str | None = None


@dataclass
class ServiceProblem(Exception):
    """A service refused, failed or cannot be reached."""

    status: int
    code: str
    zh: str
    en: str
    reasons: Sequence[Reason] = ()
    request_id: str = ""
    retry_after: int | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    """The whole answer."""

    @property
    def away(self) -> bool:
        """Whether the service may succeed if it is asked again."""
        return self.status >= 500 or self.status in {408, 429}


class Credential(Protocol):
    """Proves to a service who asks."""

    def header(self) -> str:
        """The `Authorization` header."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The key of a channel."""

    key: str

    def header(self) -> str:
        """The key as a bearer token."""
        return f"Bearer {self.key}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A token for one actor."""

    signer: TokenSigner
    actor: Actor

    def header(self) -> str:
        """A fresh token."""
        return self.signer.header(self.actor)


class Services:
    """HTTP client of the four services."""

    def __init__(self, settings: ServiceSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._urls: dict[Service, str] = {
            "intake": settings.intake_url,
            "routing": settings.routing_url,
            "scoring": settings.scoring_url,
            "notify": settings.notify_url,
        }
        limits = httpx.Limits(max_connections=200, keepalive_expiry=KEEP_ALIVE_SECONDS)
        self._transport = transport or AiohttpTransport(limits=limits)
        self._seconds = settings.service_seconds

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def get(
        self,
        service: Service,
        path: str,
        who: Credential | None = None,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, str]] | None = None,
        reason: str | None = None,
    ) -> Any:
        """The JSON document. `reason` says why personal data are read (`X-Access-Reason`). Raises `ServiceProblem`."""
        return (await self.request("GET", service, path, who, params=params, reason=reason)).json()

    async def post(
        self,
        service: Service,
        path: str,
        json: Any,
        who: Credential | None = None,
        *,
        once: str | None = None,
        wait: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON document. `once` is the `Idempotency-Key`, `wait` the seconds for the outcome (`Prefer`).

        Raises `ServiceProblem`.
        """
        more = dict(headers or {})
        if once:
            more["Idempotency-Key"] = once
        if wait is not None:
            more["Prefer"] = f"wait={wait}"
        return (await self.request("POST", service, path, who, json=json, headers=more)).json()

    async def request(
        self,
        method: str,
        service: Service,
        path: str,
        who: Credential | None = None,
        *,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
        **content: Any,
    ) -> httpx.Response:
        """The response of a request that succeeded, which may take so many seconds. Raises `ServiceProblem`."""
        asked = self._asked(method, service, path, _headers(who, reason, headers), self._timeout(seconds), **content)
        try:
            response = await self._answered(asked)
            try:
                await response.aread()
            finally:
                await response.aclose()
        except httpx.HTTPError:
            raise _away(service) from None
        if response.is_error:
            raise problem_of(service, response)
        return response

    @asynccontextmanager
    async def stream(
        self,
        service: Service,
        path: str,
        who: Credential | None = None,
        *,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """A response whose body is read as it comes; `seconds` without a byte end it. Raises `ServiceProblem`."""
        timeout = httpx.Timeout(CONNECT_SECONDS, read=seconds)
        asked = self._asked("GET", service, path, _headers(who, reason, headers), timeout, params=params)
        try:
            response = await self._answered(asked)
            try:
                if response.is_error:
                    await response.aread()
                    raise problem_of(service, response)
                yield response
            finally:
                await response.aclose()
        except httpx.HTTPError:
            raise _away(service) from None

    def _asked(
        self,
        method: str,
        service: Service,
        path: str,
        headers: Mapping[str, str],
        timeout: httpx.Timeout,
        **content: Any,
    ) -> httpx.Request:
        url, extensions = self._urls[service] + path, {"timeout": timeout.as_dict()}
        return httpx.Request(method, url, headers={**PLAIN, **headers}, extensions=extensions, **content)

    def _timeout(self, seconds: float | None) -> httpx.Timeout:
        return httpx.Timeout(seconds, connect=CONNECT_SECONDS) if seconds else httpx.Timeout(self._seconds)

    async def _answered(self, asked: httpx.Request) -> httpx.Response:
        """The response, its body not read yet.

        From the transport itself: cookies, redirects and authentication of an `httpx.AsyncClient` would take more CPU
        than the request, and its own transport several times as much.
        """
        response = await self._transport.handle_async_request(asked)
        response.request = asked
        return response


def problem_of(service: Service, response: httpx.Response) -> ServiceProblem:
    """What a service answered, by its problem document (RFC 9457) where there is one."""
    try:
        document = response.json()
    except ValueError:
        document = {}
    if not isinstance(document, dict) or "code" not in document:
        return _away(service) if response.status_code >= 500 else _unread(service, response.status_code)
    reasons = tuple(
        Reason(each.get("code", ""), each.get("zh", ""), each.get("en", ""), each.get("field"), each.get("detail"))
        for each in document.get("reasons") or ()
    )
    after = response.headers.get("retry-after", "")
    return ServiceProblem(
        response.status_code,
        str(document["code"]),
        str(document.get("zh", "")),
        str(document.get("detail", "")),
        reasons,
        str(document.get("request_id", "")),
        int(after) if after.isdigit() else None,
        document,
    )


def _headers(who: Credential | None, reason: str | None, more: Mapping[str, str] | None) -> dict[str, str]:
    found = {"Authorization": who.header()} if who is not None else {}
    return {**(more or {}), **found, **({"X-Access-Reason": reason} if reason else {})}


def _away(service: Service) -> ServiceProblem:
    zh, en = NAMES[service]
    return ServiceProblem(
        503,
        "unreachable",
        f"暂时连接不上{zh}，请稍后再试；已经提交的内容不会丢失。",
        f"{en[0].upper()}{en[1:]} cannot be reached at the moment. Try again shortly; nothing submitted is lost.",
    )


def _unread(service: Service, status: int) -> ServiceProblem:
    zh, en = NAMES[service]
    return ServiceProblem(status, "unreadable", f"{zh}的答复无法识别（{status}）。", f"{en} answered {status}.")
