"""The HTTP client of an app that does what the documentation asks of it: told to come again, it comes again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

MOST_ATTEMPTS = 4


class ComesAgain(httpx.AsyncHTTPTransport):
    """Whoever is answered 503 sends the same after the seconds of `Retry-After`: an engine may falter for a moment."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is another, or the last one."""
        for _ in range(MOST_ATTEMPTS - 1):
            answer = await super().handle_async_request(request)
            if answer.status_code != 503 or "retry-after" not in answer.headers:
                return answer
            await answer.aclose()
            await asyncio.sleep(int(answer.headers["retry-after"]))
        return await super().handle_async_request(request)


def app_of(url: str, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """An app of the service at this address."""
    return httpx.AsyncClient(base_url=url, headers=headers, transport=ComesAgain(), timeout=30)


async def events(lines: AsyncIterator[str], count: int) -> list[dict[str, Any]]:
    """So many server-sent events."""
    found: list[dict[str, Any]] = []
    event: dict[str, Any] = {}
    async for line in lines:
        if not line and "data" in event:
            found.append(event)
            event = {}
            if len(found) == count:
                return found
        name, _, value = line.partition(": ")
        if name in {"id", "event"}:
            event[name] = value
        elif name == "data":
            event[name] = json.loads(value)
    return found
