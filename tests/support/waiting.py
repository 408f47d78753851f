"""Conditions are waited for, never slept for; a wait that is in vain says what it waited for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import httpx

T = TypeVar("T")
TLS = ssl.create_default_context()
"""Made once: it costs more than the request."""


async def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """The condition holds. Raises `AssertionError` when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


async def wait_until(condition: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    """As `wait_for`, for what must be asked."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)


async def eventually(ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool], seconds: float, what: str) -> T:
    """The first answer that fits."""
    found = await ask()

    async def fits() -> bool:
        nonlocal found
        found = await ask()
        return holds(found)

    await wait_until(fits, seconds, what)
    return found


async def status(url: str) -> int:
    """Of an address; 0 when nobody answers."""
    async with httpx.AsyncClient(trust_env=False, verify=TLS, timeout=5.0) as client:
        try:
            return (await client.get(url)).status_code
        except httpx.HTTPError:
            return 0


async def answers(urls: Iterable[str], wanted: int, seconds: float = 60) -> None:
    """Every address answers with this status, at the same time."""

    async def all_do() -> bool:
        return {await status(url) for url in urls} == {wanted}

    await wait_until(all_do, seconds, f"{wanted} from {', '.join(urls)}")


async def metric(url: str, name: str) -> float:
    """The value of a metric, summed over its labels."""
    async with httpx.AsyncClient(trust_env=False, verify=TLS, timeout=5.0) as client:
        lines = (await client.get(f"{url}/metrics")).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)
