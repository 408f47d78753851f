"""HTTP servers of a service: uvicorn with connection limits, and an optional admin port for probes and metrics.

uvicorn has no timeout for a request's head, nor for the rest of a body that the handler does not read; this module adds
both.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from infra.app import Application
from infra.exits import Exit, Fault
from infra.logs import configure
from infra.settings import Settings

BACKLOG = 2048
"""Connections that wait to be accepted."""
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 with a timeout for the request head and for the rest of a request that was already answered.

    Each server has a subclass with its limits. Above `most_connections`, the connection that has waited longest for a
    complete head is closed; if no connection is waiting, the new one is closed.
    """

    head_seconds: float
    most_connections: int
    headless: dict[BoundedProtocol, None]
    """Connections without a complete request head, oldest first."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout of the first request head, or close a connection above the limit."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            oldest = next(iter(self.headless), self)
            oldest.transport.abort()
            self.headless.pop(oldest, None)
            if oldest is self:
                return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Cancel the timeout once the head is complete; a partial head does not restart it."""
        super().data_received(data)
        self._judge()

    def on_response_complete(self) -> None:
        """Start the timeout for an unread rest of the request; further bytes do not restart it."""
        super().on_response_complete()
        self._judge()

    def _judge(self) -> None:
        theirs, ours = self.conn.their_state, self.conn.our_state
        head_begun = theirs is h11.IDLE and self.timeout_keep_alive_task is None
        body_left = theirs is h11.SEND_BODY and ours is h11.DONE
        if (head_begun or body_left) and not self.transport.is_closing():
            self._await_head()
        else:
            self._stop_waiting()

    def _await_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_seconds, self._too_slow)
            self.headless[self] = None

    def _stop_waiting(self) -> None:
        self.headless.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            if self.conn.our_state is h11.IDLE:
                self.transport.write(TOO_SLOW)
            self.transport.close()


class AdminServer(uvicorn.Server):
    """A second server in the same process, which leaves signals to the first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no signal handlers."""
        yield


def protocol(settings: Settings) -> type[BoundedProtocol]:
    """Create the protocol class of one server, with the limits of the settings."""
    limits = {"head_seconds": settings.http_head_seconds, "most_connections": settings.http_connections, "headless": {}}
    return type("Protocol", (BoundedProtocol,), limits)


def serve(application: Application[Any]) -> None:
    """Runs until SIGTERM or SIGINT; the batch in hand is finished first.

    Raises `Fault` when a port cannot be had: a service without its probes must not run.
    """
    settings = application.settings
    public = bound("XN_HTTP_PORT", settings.http_host, settings.http_port)
    own: list[socket.socket] = []
    if settings.admin_port is not None:
        own = bound("XN_ADMIN_PORT", settings.admin_host or settings.http_host, settings.admin_port)
    configure(application.service.name, settings.log_level)
    for each in (signal.SIGTERM, signal.SIGINT):  # uvicorn shuts down in order, then raises the signal again
        signal.signal(each, lambda *_: sys.exit(0))
    # uvloop ends a write to a lost connection with an error that aiokafka does not foresee
    asyncio.run(_serve(application, settings, public, own))


def bound(name: str, host: str, port: int) -> list[socket.socket]:
    """A socket on each address of the host. Raises `Fault` that names the setting."""
    found: list[socket.socket] = []
    try:
        kind = socket.SOCK_STREAM
        for family, _, _, _, address in dict.fromkeys(
            socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)
        ):
            each = socket.socket(family, kind)
            found.append(each)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            each.bind(address)
            each.listen(BACKLOG)  # a second one on the same port fails now, not later
    except OSError as error:
        for each in found:
            each.close()
        raise Fault(Exit.SETTING, f"{name}: {host}:{port}: {error.strerror}") from None
    return found


async def _serve(
    application: Application[Any],
    settings: Settings,
    public_sockets: list[socket.socket],
    admin_sockets: list[socket.socket],
) -> None:
    public = uvicorn.Server(_config(application.asgi, settings, settings.http_host, settings.http_port, "on"))
    if settings.admin_port is None or application.admin is None:
        await public.serve(public_sockets)
    else:
        host = settings.admin_host or settings.http_host
        own = AdminServer(_config(application.admin, settings, host, settings.admin_port, "off"))
        serving = asyncio.create_task(own.serve(admin_sockets))
        try:
            await public.serve(public_sockets)
        finally:
            own.should_exit = True
            await serving
    if not public.started:
        sys.exit(Exit.BROKEN)


def _config(app: Any, settings: Settings, host: str, port: int, lifespan: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol(settings),
        ws="none",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.http_proxies,
        timeout_graceful_shutdown=int(settings.stop_seconds),
    )
