"""The HTTP client of an app that does what the documentation asks of it: told to come again, it comes again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

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
