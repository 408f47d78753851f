"""Operational endpoints of a service: probes, metrics and AsyncAPI, on the public port or on a separate admin port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from faststream.asgi import AsgiResponse, get
from faststream.asgi.types import ASGIApp, Receive, Scope, Send
from faststream.specification.asyncapi import get_asyncapi_html

from infra.bus import Bus
from infra.health import Health
from infra.specification import RegistrySpecification
from infra.telemetry import Metrics

PATHS = ("/livez", "/readyz", "/metrics", "/asyncapi", "/asyncapi.json")
TEXT = {"content-type": "text/plain; charset=utf-8"}


def pages(health: Health, metrics: Metrics, bus: Bus, asyncapi: Callable[[], dict[str, Any]]) -> dict[str, ASGIApp]:
    """The ASGI application of each endpoint, by path. `asyncapi` makes the document, or returns the one it made."""

    @get
    async def livez(scope: Scope) -> AsgiResponse:
        return _verdict(health.not_alive())

    @get
    async def readyz(scope: Scope) -> AsgiResponse:
        return _verdict(health.not_ready(), health.notes)

    @get
    async def numbers(scope: Scope) -> AsgiResponse:
        metrics.ready.set(health.not_ready() is None)
        metrics.topics_missing.set(len(health.missing_topics))
        for topic, partition, lag in bus.lags():
            metrics.lag.labels(topic, str(partition)).set(lag)
        return AsgiResponse(metrics.render(), 200, {"content-type": "text/plain; version=0.0.4"})

    @get
    async def document(scope: Scope) -> AsgiResponse:
        body = json.dumps(await asyncio.to_thread(asyncapi), ensure_ascii=False).encode()
        return AsgiResponse(body, 200, {"content-type": "application/json"})

    @cache
    def drawn() -> bytes:
        return get_asyncapi_html(RegistrySpecification(asyncapi).to_specification(), try_it_out_path=None).encode()

    @get
    async def page(scope: Scope) -> AsgiResponse:
        return AsgiResponse(await asyncio.to_thread(drawn), 200, {"content-type": "text/html; charset=utf-8"})

    return dict(zip(PATHS, (livez, readyz, numbers, page, document), strict=True))


def admin(found: Mapping[str, ASGIApp]) -> ASGIApp:
    """An ASGI application that serves only these endpoints."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        page = found.get(scope["path"]) if scope["type"] == "http" else None
        await (page or AsgiResponse(b"not found", 404, TEXT))(scope, receive, send)

    return app


def _verdict(fault: str | None, notes: Mapping[str, Callable[[], str | None]] | None = None) -> AsgiResponse:
    """200 with `ok`, or 503 with the fault; then one line for each note that needs attention."""
    lines = [fault or "ok", *(note for each in (notes or {}).values() if (note := each()))]
    return AsgiResponse("\n".join(lines).encode(), 503 if fault else 200, TEXT)
