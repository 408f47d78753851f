"""`python -m bench.citizen`: requests a second of the public pages on one core, first paint in Chromium, memory.

The app has one core for itself; the load comes from another process, which shares the other cores with intake. Each
page of a case is of another proof and another address, so that none is shown again from memory: intake is asked.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import aiohttp
import httpx
import psutil
import typer
from rich.console import Console
from rich.table import Table
from starlette.requests import Request
from starlette.responses import Response

from apps.citizen.proof import COOKIE, Own, Sealer
from bench.services import PLACE
from contracts.links import CaseLink, LinkPurpose, link_token
from contracts.place_topics import topics_of
from infra.http.keys import new_key, stored
from infra.local.engines import Engines
from infra.local.process import free_port
from infra.local.services import Fleet, ServiceProcess
from infra.place import read_place
from infra.sealing import new_private_key, public_key_of, secret_for
from infra.topics import ensure_topics
from xn.reference.publishing import publish, texts_of

DIRECTORY = Path("var/bench/citizen")
SECRET = "of the benchmark"  # noqa: S105 - of an app that ends with it
AIM_PER_SECOND, AIM_PAINT_MS = 300.0, 300.0
AT_ONCE, PAINTS = 20, 7


@dataclass(frozen=True)
class Load:
    """One measured page."""

    page: str
    per_second: float
    p50: float
    p99: float
    """Milliseconds."""
    cpu_ms: float = 0.0
    """CPU of the app for each request, which a busy machine distorts less."""

    @property
    def per_core(self) -> float:
        """Requests per second when the app's core is busy; the load and intake share the other core."""
        return 1_000 / self.cpu_ms


@dataclass(frozen=True)
class Paint:
    """First contentful paint of a page in a new browser context, in milliseconds."""

    page: str
    middle: float
    most: float


def run_load(url: str, page: str, path: str, cookies: Sequence[str], count: int) -> Load:
    """Send the requests from this process, twenty at once."""
    return asyncio.run(_load(url, page, path, cookies, count))


async def _load(url: str, page: str, path: str, cookies: Sequence[str], count: int) -> Load:
    took: list[float] = []
    numbers = iter(range(count))

    async def one(session: aiohttp.ClientSession) -> None:
        for n in numbers:
            headers = {"X-Forwarded-For": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", "Accept-Encoding": "gzip"}
            if cookies:
                headers["Cookie"] = f"{COOKIE}={cookies[n % len(cookies)]}"
            begun = time.perf_counter()
            async with session.get(url + path, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path}: {answer.status}")
            took.append(1_000 * (time.perf_counter() - begun))

    async with aiohttp.ClientSession(auto_decompress=False) as session:
        begun = time.perf_counter()
        await asyncio.gather(*(one(session) for _ in range(AT_ONCE)))
        seconds = time.perf_counter() - begun
    return Load(page, count / seconds, median(took), quantiles(took, n=100)[98])


def cpu_seconds(process: psutil.Process) -> float:
    """CPU that the process has used."""
    used = process.cpu_times()
    return float(used.user + used.system)


def cookies_of(case_id: str, key: bytes, count: int) -> list[str]:
    """Sealed cookies of as many links to the case, each another."""
    sealer, found = Sealer(SECRET, lambda: datetime.now(UTC)), []
    request = Request({"type": "http", "scheme": "http", "headers": [], "server": ("127.0.0.1", 80), "path": "/"})
    for n in range(count):
        link = CaseLink(case_id, LinkPurpose.CASE, 0, datetime.now(UTC) + timedelta(days=1, seconds=n))
        response = Response()
        sealer.write(request, response, Own(link=link_token(key, link)))
        found.append(response.headers["set-cookie"].partition("=")[2].partition(";")[0])
    return found


async def filed(url: str, channel_key: str) -> str:
    """File a case, and wait until it is registered; returns its id."""
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": channel_key}, timeout=30) as client:
        body = {"appeal": "complaint", "category": "street-lighting", "area": "beicheng", "text": "路灯不亮。"}
        case_id: str = (await client.post("/v1/complaints", json=body)).raise_for_status().json()["case_id"]
        for _ in range(300):
            if (await client.get(f"/v1/complaints/{case_id}")).status_code == 200:
                return case_id
            await asyncio.sleep(0.1)
    raise RuntimeError("the case was not registered in 30 s")


async def paints(url: str, cookie: str) -> list[Paint]:
    """First paint of each page, each time in a new context without anything stored; empty without Chromium."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - of the development environment

    program = shutil.which("chromium")
    if program is None:
        return []
    script = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    found = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for page, path in PAGES:
            took = []
            for _ in range(PAINTS):
                context = await browser.new_context(locale="zh-CN")
                await context.add_cookies([{"name": COOKIE, "value": cookie, "url": url}])
                tab = await context.new_page()
                await tab.goto(url + path)
                await tab.wait_for_function(f"() => {script}")
                took.append(float(await tab.evaluate(script)))
                await context.close()
            found.append(Paint(page, median(took), max(took)))
        await browser.close()
    return found


PAGES = (("home", "/"), ("form of a complaint", "/complain"), ("page of a case", "/case"))


def main(requests: Annotated[int, typer.Option(min=100, help="requests for each page")] = 3_000) -> None:
    """Measure the public pages."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    for name in [name for name in os.environ if name.startswith("XN_")]:
        del os.environ[name]
    with Engines("embedded", DIRECTORY / "engines") as engines:
        loads, found, memory = asyncio.run(_measured(engines, requests))
    aim = f"≥ {AIM_PER_SECOND:.0f}"
    table = Table("public pages", "requests/s", "CPU ms each", "so a full core: requests/s", aim, "p50 ms", "p99 ms")
    for each in loads:
        met = "[green]met" if each.per_core >= AIM_PER_SECOND else "[red]not met"
        numbers = f"{each.per_second:.0f}", f"{each.cpu_ms:.1f}", f"{each.per_core:.0f}"
        table.add_row(each.page, *numbers, met, f"{each.p50:.1f}", f"{each.p99:.1f}")
    painted = Table("first paint", "median ms", "most ms", f"< {AIM_PAINT_MS:.0f}")
    for one in found:
        met = "[green]met" if one.middle < AIM_PAINT_MS else "[red]not met"
        painted.add_row(one.page, f"{one.middle:.0f}", f"{one.most:.0f}", met)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table, painted)
    console.print(f"resident memory of the app: {memory[0]:.0f} MB before, {memory[1]:.0f} MB after")


async def _measured(engines: Engines, requests: int) -> tuple[list[Load], list[Paint], tuple[float, float]]:
    await ensure_topics(engines.bootstrap, topics_of(read_place(PLACE).tables), replication=1, most_partitions=4)
    await publish(PLACE.name, texts_of(PLACE), engines.bootstrap, by="bench")
    key, kept = new_key("web", ("submit", "read"), per_minute=600_000)
    dead_letter_key = new_private_key()

    def environment(name: str, instance: int, port: int) -> dict[str, str]:
        return {
            **engines.exports(),
            "XN_HTTP_PORT": str(port),
            "XN_HTTP_KEYS": stored(kept),
            "XN_POLICIES": str(PLACE),
            "XN_DEAD_LETTER_KEY": dead_letter_key,
            "XN_CONTACT_PUBLIC_KEY": public_key_of(new_private_key()),
            "XN_INDEX_FILE": str((DIRECTORY / "index.sqlite").absolute()),
            "XN_LOG_LEVEL": "WARNING",
        }

    fleet = Fleet({"intake": "services.intake"}, directory=DIRECTORY, environment=environment)
    fleet.start(timeout=90.0)
    port = free_port()
    app = ServiceProcess("apps.citizen", app_environment(fleet.url("intake"), key, port), DIRECTORY / "citizen.log",
                         f"http://127.0.0.1:{port}/readyz")  # fmt: skip
    try:
        app.start()
        case_id = await filed(fleet.url("intake"), key)
        cookies = cookies_of(case_id, secret_for("ratings", dead_letter_key), requests)
        return await _apart(app, fleet["intake"][0].pid, f"http://127.0.0.1:{port}", cookies, requests)
    finally:
        app.stop()
        fleet.stop()


def app_environment(intake: str, key: str, port: int) -> dict[str, str]:
    """The settings of the app."""
    return {"XN_INTAKE_URL": intake, "XN_CITIZEN_KEY": key, "XN_WEB_SECRET": SECRET, "XN_WEB_PORT": str(port)}


async def _apart(
    app: ServiceProcess, intake: int, url: str, cookies: Sequence[str], requests: int
) -> tuple[list[Load], list[Paint], tuple[float, float]]:
    """Measure with the app on a core of its own."""
    process, cores = psutil.Process(app.pid), list(range(psutil.cpu_count() or 1))
    found = await paints(url, cookies[-1])
    if hasattr(process, "cpu_affinity") and len(cores) > 1:
        process.cpu_affinity(cores[:1])
        for other in (psutil.Process(), psutil.Process(intake)):
            other.cpu_affinity(cores[1:])
    before = process.memory_info().rss / 1e6
    loads = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for page, path in PAGES:
            own = cookies if path == "/case" else ()
            run = asyncio.get_running_loop().run_in_executor
            await run(pool, run_load, url, page, path, own[-50:], 50)  # warm
            used = cpu_seconds(process)
            load = await run(pool, run_load, url, page, path, own, requests)
            loads.append(replace(load, cpu_ms=1_000 * (cpu_seconds(process) - used) / requests))
    return loads, found, (before, process.memory_info().rss / 1e6)


if __name__ == "__main__":
    typer.run(main)
