"""The ports of a real service without engines: probes on the admin port, and timeouts of slow connections."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.exits import Exit, Fault
from infra.local.process import free_ports
from infra.local.services import ServiceProcess
from infra.ports import bound
from infra.sealing import new_private_key
from tests.support.deployment import DEMO
from tests.support.waiting import TLS

HEAD_SECONDS = 1.5
SLACK = 1.5
MOST = 12
PAGES = ("/livez", "/readyz", "/metrics", "/asyncapi", "/asyncapi.json")


@dataclass
class Served:
    """A service process and its ports."""

    public: int
    admin: int

    async def status(self, port: int, path: str) -> int:
        async with httpx.AsyncClient(trust_env=False, verify=TLS, timeout=5) as client:
            return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """Start routing without engines; it serves HTTP nevertheless."""
    public, admin, dead = free_ports(3)
    environment = {
        "XN_KAFKA_BOOTSTRAP": f"127.0.0.1:{dead}",
        "XN_MONGO_URI": f"mongodb://127.0.0.1:{dead}/?directConnection=true",
        "XN_DEAD_LETTER_KEY": new_private_key(),
        "XN_POLICIES": str(DEMO),
        "XN_HTTP_PORT": str(public),
        "XN_ADMIN_PORT": str(admin),
        "XN_HTTP_HEAD_SECONDS": str(HEAD_SECONDS),
        "XN_HTTP_CONNECTIONS": str(MOST),
    }
    service = ServiceProcess(
        "services.routing", environment, tmp_path / "routing.log", f"http://127.0.0.1:{admin}/livez"
    )
    await asyncio.to_thread(service.start)
    try:
        yield Served(public, admin)
    finally:
        await asyncio.to_thread(service.stop)
    assert service.process.returncode == 0, service.process.log_tail()


async def test_probes_metrics_and_asyncapi_are_on_their_own_port_alone(served: Served) -> None:
    wanted = {path: 503 if path == "/readyz" else 200 for path in PAGES}
    assert {path: await served.status(served.admin, path) for path in PAGES} == wanted
    assert {path: await served.status(served.public, path) for path in PAGES} == dict.fromkeys(PAGES, 404)
    assert await served.status(served.public, "/openapi.json") == 200
    assert await served.status(served.admin, "/openapi.json") == 404
    assert await served.status(served.admin, "/v1/queue") == 404


async def trickle(port: int, data: bytes, pause: float) -> tuple[bytes, float]:
    """Send a request byte by byte; return the answer and the seconds until the connection was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    answer = asyncio.create_task(reader.read())
    try:
        for byte in data:
            if answer.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(pause)
        async with asyncio.timeout(20):
            return await answer, time.monotonic() - began
    except ConnectionError:
        return b"", time.monotonic() - began
    finally:
        writer.close()


async def test_a_head_that_trickles_is_cut_while_others_are_served(served: Served) -> None:
    head = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n" + b"X-Slow: y\r\n" * 100
    slow = [asyncio.create_task(trickle(port, head, 0.05)) for port in (served.public, served.public, served.admin)]
    for _ in range(5):
        assert await served.status(served.public, "/openapi.json") == 200
        await asyncio.sleep(0.1)
    for answer, seconds in await asyncio.gather(*slow):
        assert HEAD_SECONDS - 0.1 < seconds < HEAD_SECONDS + SLACK
        assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_connection_that_sends_no_head_is_closed(served: Served) -> None:
    _, seconds = await trickle(served.public, b"", 0)
    assert HEAD_SECONDS - 0.1 < seconds < HEAD_SECONDS + SLACK
    _, seconds = await trickle(served.public, b"\r\n" * 100, 0.05)
    assert seconds < HEAD_SECONDS + SLACK


async def test_the_next_head_on_a_connection_is_bounded_too(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.public)
    writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await reader.read(1_000_000)
    began = time.monotonic()
    rest = asyncio.create_task(reader.read())
    while not rest.done() and time.monotonic() - began < 20:
        writer.write(b"G" if time.monotonic() - began < 0.1 else b"x")
        await asyncio.sleep(0.1)
    assert time.monotonic() - began < HEAD_SECONDS + SLACK
    writer.close()


async def test_the_body_of_an_answered_request_is_not_read_for_ever(served: Served) -> None:
    """An unknown path is answered before its body, which then arrives slowly."""
    body = b"POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", served.public)
    writer.write(body)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
    began, rest = time.monotonic(), asyncio.create_task(reader.read())
    while not rest.done() and time.monotonic() - began < 20:
        writer.write(b"x")
        await asyncio.sleep(0.1)
    assert time.monotonic() - began < HEAD_SECONDS + SLACK
    writer.close()


async def test_many_silent_connections_keep_no_one_else_out(served: Served) -> None:
    """The connection that has waited longest for a complete head is closed."""
    silent = [await asyncio.open_connection("127.0.0.1", served.public) for _ in range(3 * MOST)]
    for _ in range(5):
        assert await served.status(served.public, "/openapi.json") == 200
    for _, writer in silent:
        writer.close()


@pytest.mark.parametrize("name", ["XN_HTTP_PORT", "XN_ADMIN_PORT"])
def test_a_port_that_is_taken_ends_the_start_with_its_name(name: str) -> None:
    """Also when only the port of its probes is taken: monitoring could not see the service."""
    taken, free = free_ports(2)
    environment = {
        **os.environ,
        "XN_DEAD_LETTER_KEY": new_private_key(),
        "XN_HTTP_PORT": str(free),
        name: str(taken),
    }
    with socket.create_server(("127.0.0.1", taken)):
        done = subprocess.run(
            [sys.executable, "-m", "services.routing"],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout) == (Exit.SETTING, "")
    assert done.stderr == f"{name}: 127.0.0.1:{taken}: Address already in use\n"


def test_one_port_for_both_sides_is_refused() -> None:
    (port,) = free_ports(1)
    first = bound("XN_HTTP_PORT", "127.0.0.1", port)
    try:
        with pytest.raises(Fault, match=f"^XN_ADMIN_PORT: 127.0.0.1:{port}: Address already in use"):
            bound("XN_ADMIN_PORT", "127.0.0.1", port)
    finally:
        for each in first:
            each.close()
