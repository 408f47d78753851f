"""`python -m bench.desks`: 200 desks open at once on one process of the desk app, and an inbox of 1,000 open cases.

Each desk has one stream of server-sent events and loads its page again at every hint, as a browser does, while cases
arrive. The lag of the app's event loop comes from its own metrics. The inbox is timed in headless Chromium.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import aiohttp
import httpx
import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.table import Table

from apps.channel.feed import Feed
from apps.channel.generate import generate
from apps.channel.rows import Row, RowRead, numbered
from bench.browser import running_chromium
from bench.services import PLACE
from contracts.routing import CaseAssigned
from xn.demo.city import City
from xn.demo.run import memory_of
from xn.observe import Observer

DIRECTORY = Path("var/bench/desks")
LAG_AIM_SECONDS, INBOX_AIM_SECONDS = 0.1, 1.0
CATEGORY, AREA = "street-vending", "beicheng"
"""Dispatched by a rule of the place to the department of the trial account `staff`."""
HURRY_SECONDS = 0.2
"""Between two cases that arrive while the desks are open."""


@dataclass
class Figures:
    """What was measured."""

    desks: int
    open_cases: int
    lag_p50_seconds: float = 0.0
    lag_p99_seconds: float = 0.0
    pages: int = 0
    hints: int = 0
    page_p50_ms: float = 0.0
    page_p99_ms: float = 0.0
    inbox_seconds: list[float] = field(default_factory=list)
    memory_mb: dict[str, int] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the aims are reached."""
        return self.lag_p99_seconds < LAG_AIM_SECONDS and max(self.inbox_seconds, default=0.0) < INBOX_AIM_SECONDS


@dataclass
class Desk:
    """One browser: a stream, and the page again at every hint."""

    client: aiohttp.ClientSession
    page_seconds: list[float]
    hints: int = 0

    async def load(self) -> None:
        """Ask for the page."""
        began = time.perf_counter()
        async with self.client.get("/") as answer:
            answer.raise_for_status()
            await answer.read()
        self.page_seconds.append(time.perf_counter() - began)

    async def stay(self, opened: asyncio.Event) -> None:
        """Follow the stream until cancelled."""
        async with self.client.get("/events") as stream:
            stream.raise_for_status()
            opened.set()
            async for line in stream.content:
                if line == b"event: changed\n":
                    self.hints += 1
                    await self.load()


def rows(number: int, seed: int) -> Iterator[Row]:
    """Complaints that all go to one department."""
    for row in numbered(generate(number, seed, PLACE, until=datetime.now(UTC))):
        if isinstance(row, RowRead):
            changed = {"category": CATEGORY, "area": AREA, "about": None, "attributes": ()}
            yield RowRead(row.line, row.complaint.model_copy(update=changed))


async def fill(city: City, number: int, unit: str) -> int:
    """Let so many cases be registered and all services come to rest; returns how many wait at the unit."""
    async with Observer(city.engines.bootstrap, city.topics_seen()) as observer:
        await Feed(city.engines.bootstrap).run(rows(number, 1))
        seen = [message for _, _, message in await observer.rest(quiet_seconds=5.0, stalled_seconds=120.0)]
    return sum(isinstance(message, CaseAssigned) and message.unit == unit for message in seen)


async def signed_in(url: str, login: str, password: str) -> str:
    """The cookie of a person who has signed in."""
    async with httpx.AsyncClient(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30) as client:
        answer = await client.post("/sign-in", data={"login": login, "password": password})
        answer.raise_for_status()
        return client.cookies["xn_session"]


async def open_desks(city: City, number: int, seconds: float, cookie: str, figures: Figures) -> None:
    """Open them all, let cases arrive for some time, and note what the app measured meanwhile."""
    url, times = city.pages.url("desk"), list[float]()
    async with aiohttp.ClientSession(
        url,
        headers={"Cookie": f"xn_session={cookie}"},
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=2.0),
        timeout=aiohttp.ClientTimeout(sock_read=60),
    ) as client:
        desks = [Desk(client, times) for _ in range(number)]
        opened = [asyncio.Event() for _ in desks]
        before = await lags(client)
        tasks = [asyncio.create_task(each.stay(event)) for each, event in zip(desks, opened, strict=True)]
        try:
            await asyncio.gather(*(each.load() for each in desks))
            async with asyncio.timeout(60):
                await asyncio.gather(*(event.wait() for event in opened))
            arriving = asyncio.create_task(Feed(city.engines.bootstrap).run(rows(round(seconds / HURRY_SECONDS), 2)))
            await asyncio.sleep(seconds)
            await arriving
            after = await lags(client)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
    if broken := [each for each in ended if isinstance(each, Exception)]:
        raise broken[0]
    figures.lag_p50_seconds, figures.lag_p99_seconds = (quantile(before, after, q) for q in (0.5, 0.99))
    figures.pages, figures.hints = len(times), sum(each.hints for each in desks)
    ordered = statistics.quantiles(times, n=100)
    figures.page_p50_ms, figures.page_p99_ms = 1000 * ordered[49], 1000 * ordered[98]


async def lags(client: aiohttp.ClientSession) -> dict[float, float]:
    """The histogram of the loop's lag: counts by upper bound."""
    async with client.get("/metrics") as answer:
        text = await answer.text()
    return {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "xn_web_loop_lag_seconds_bucket"
    }


def quantile(before: dict[float, float], after: dict[float, float], wanted: float) -> float:
    """The upper bound of the bucket in which this share of the new observations ends."""
    new = {bound: after[bound] - before[bound] for bound in sorted(after)}
    whole = max(new.values())
    return next(bound for bound, count in new.items() if count >= wanted * whole)


async def time_inbox(url: str, cookie: str, times: int) -> list[float]:
    """Seconds from the request of the inbox to a page that can be used, in a fresh browser context each."""
    found = []
    async with running_chromium(DIRECTORY / "browser") as browser:
        signing_in = await browser.new_page()  # as everybody does before: the browser has started and has its fonts
        await signing_in.goto(f"{url}/sign-in")
        for _ in range(times):
            context = await browser.new_context(locale="zh-CN")
            await context.add_cookies([{"name": "xn_session", "value": cookie, "url": url}])
            page = await context.new_page()
            await page.goto(f"{url}/inbox", wait_until="domcontentloaded")
            ready = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
            found.append(round(float(await page.evaluate(ready)) / 1000, 3))
            await context.close()
    return found


def show(figures: Figures) -> Table:
    """The figures as a table."""
    table = Table("figure", "value", "aim", title="工作台 The desk app, one process")
    table.add_row("desks open at once", str(figures.desks), "200")
    table.add_row("lag of the event loop, p99", f"≤ {figures.lag_p99_seconds * 1000:.0f} ms", "< 100 ms")
    table.add_row("pages and hints meanwhile", f"{figures.pages} and {figures.hints}", "")
    table.add_row("a page, p50 and p99", f"{figures.page_p50_ms:.0f} and {figures.page_p99_ms:.0f} ms", "")
    inbox = ", ".join(f"{each:.2f}" for each in figures.inbox_seconds)
    table.add_row(f"inbox of {figures.open_cases} open cases", f"{inbox} s", "< 1 s")
    for name, size in figures.memory_mb.items():
        table.add_row(f"memory of {name}", f"{size} MB", "")
    return table


def main(
    desks: Annotated[int, typer.Option(help="open at once")] = 200,
    cases: Annotated[int, typer.Option(help="open in the inbox")] = 1_000,
    seconds: Annotated[float, typer.Option(help="for so long cases arrive")] = 20.0,
) -> None:
    """Measure the desk app beside the four services."""
    console = Console()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    with City("embedded", PLACE, DIRECTORY, lambda line: console.print(f"· {line}")) as city:
        asyncio.run(city.ensure_topics())
        city.start_services()
        apps = city.start_apps()
        figures = asyncio.run(measure(city, cases, desks, seconds))
        figures.memory_mb = memory_of(apps)
    console.print(show(figures))
    (DIRECTORY / "report.json").write_text(json.dumps(asdict(figures), indent=2) + "\n")
    if not figures.met:
        raise typer.Exit(1)


async def measure(city: City, cases: int, desks: int, seconds: float) -> Figures:
    """Everything about the department of the trial account `staff`."""
    account = next(each for each in city.pages.accounts if each.login == "staff")
    waiting = await fill(city, cases, account.posts[0].partition(".")[0])
    cookie = await signed_in(city.pages.url("desk"), account.login, city.pages.password)
    figures = Figures(desks, waiting)
    figures.inbox_seconds = await time_inbox(city.pages.url("desk"), cookie, 5)
    await open_desks(city, desks, seconds, cookie, figures)
    return figures


if __name__ == "__main__":
    typer.run(main)
