"""Requests to providers that are reached by HTTP: bounded, never redirected, judged by their status."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from services.notify.providers.port import Refused, Unavailable

MOST_BYTES = 65_536
"""Of an answer that are read; the connection of a longer one is closed."""
MOST_RETRY_AFTER_SECONDS = 3_600.0
"""Whatever a provider asks for, it is asked again after an hour."""
_COME_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def client_of(connections: int, timeout_seconds: float, tls: ssl.SSLContext) -> httpx.AsyncClient:
    """A client that follows nobody elsewhere and takes nothing from the environment.

    Each request has a connection of its own: on one that is kept, a server that answers twice would have its second
    answer taken for that to the next letter, which it may never have seen.
    """
    return httpx.AsyncClient(
        verify=tls,
        headers={
            "User-Agent": "xiaoneng",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
        },
        timeout=timeout_seconds,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
    )


async def post(client: httpx.AsyncClient, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """The answer to one request, its body up to the bound. Raises `Unavailable` where none came."""
    try:
        async with client.stream("POST", url, content=content, headers=headers) as response:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    break
            return Answer(response.status_code, response.headers, bytes(body[:MOST_BYTES]))
    except httpx.HTTPError as error:
        raise Unavailable(type(error).__name__) from None  # its text may hold the address


def taken(answer: Answer, now: datetime) -> None:
    """The request was accepted, now or before. Raises `Refused` and `Unavailable`."""
    status = answer.status
    if 200 <= status < 300 or status == 409:
        return
    if status in _COME_AGAIN or status >= 500:
        raise Unavailable(f"http {status}", retry_after(answer.headers.get("retry-after"), now))
    raise Refused(f"http {status}")


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date; None when it says nothing. Source: RFC 9110."""
    text = (text or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:9])
    else:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), MOST_RETRY_AFTER_SECONDS)
