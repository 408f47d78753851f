"""Requests to providers that are reached by HTTP: bounded, never redirected, judged by their status."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

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


class Poster:
    """Posts to one address, follows nobody elsewhere and takes nothing from the environment.

    Each request has a connection of its own: on one that is kept, a server that answers twice would have its second
    answer taken for that to the next letter, which it may never have seen.
    """

    def __init__(self, url: URL, connections: int, timeout_seconds: float, tls: ssl.SSLContext) -> None:
        """Nobody is called yet."""
        self._url = url
        self._connections = connections
        self._timeout = ClientTimeout(total=None, sock_connect=timeout_seconds, sock_read=timeout_seconds)
        self._tls = tls
        self._session: ClientSession | None = None

    async def post(self, content: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to one request, its body up to the bound. Raises `Unavailable` where none came."""
        if self._session is None:
            self._session = self._opened()
        try:
            async with self._session.post(self._url, data=content, headers=headers, allow_redirects=False) as response:
                body = bytearray()
                async for part in response.content.iter_any():
                    body += part
                    if len(body) > MOST_BYTES:
                        break
                return Answer(response.status, response.headers, bytes(body[:MOST_BYTES]))
        except (ClientError, OSError, TimeoutError) as error:
            raise Unavailable(type(error).__name__) from None  # its text may hold the address

    async def close(self) -> None:
        """No connection is left open."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> ClientSession:
        return ClientSession(
            connector=TCPConnector(ssl=self._tls, limit=self._connections, force_close=True),
            headers={
                "User-Agent": "xiaoneng",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
            timeout=self._timeout,
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )


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
