"""`python -m bench.board`: the cockpit over a case index of 100,000 cases, in headless Chromium, and `/v1/workloads`.

The index is built by the code that intake runs, from events as they are on the topics; the four services and the board
are processes. The first visit is the first of its unit: nothing is counted beforehand.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import shutil
import statistics
import time
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import psutil
import typer
from argon2 import PasswordHasher
from playwright.async_api import Browser, Page, async_playwright
from rich.console import Console
from rich.table import Table

from apps.web.sign_in.people import Person, lines_of
from apps.web.tokens import Actor, TokenSigner
from bench import search
from bench.services import PLACE, House
from infra.local.engines import Engines
from infra.local.process import free_port
from infra.local.services import ServiceProcess
from services.intake.index.case_index import CaseIndex
from services.intake.index.facts import Reported, read_fact
from xn.issuers import new_issuer

DIRECTORY = Path("var/bench/board")
POST, PASSWORD = "city-office.director", "bench of the board"
AIM_MS, VISITS = 1_000.0, 10
LIST_AIM_MS, ASKED = 300.0, 200
"""Of a route that the pages of supervisors read, and how often it is asked."""
BATCH = 400
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT")


class BoardHouse(House):
    """The services with the public key of the board's tokens."""

    def _environment(self, name: str, instance: int, port: int) -> dict[str, str]:
        found = super()._environment(name, instance, port)
        return {**found, "XN_HTTP_KEYS_FILE": str(DIRECTORY.absolute() / "keys.toml")}

    @property
    def urls(self) -> dict[str, str]:
        """Addresses of the services, as settings of an app."""
        return {f"XN_{name.upper()}_URL": self._fleet.url(name) for name in self._fleet}


def codes() -> Mapping[str, list[str]]:
    """Units, centres, areas and categories of the demo place."""
    tables = {name: tomllib.loads((PLACE / f"{name}.toml").read_text()) for name in ("units", "areas", "categories")}
    areas = tables["areas"]["area"]
    return {
        "station": [each["id"] for each in tables["units"]["unit"]],
        "district": sorted({each["jurisdiction"] for each in areas}),
        "area": [each["code"] for each in areas],
        "category": [each["code"] for each in tables["categories"]["category"]],
    }


def moved(value: Any, by: timedelta, known: Mapping[str, list[str]]) -> Any:
    """A body of `bench.search` with codes of the demo place, and later by so much."""
    if isinstance(value, dict):
        return {name: moved(each, by, known) for name, each in value.items()}
    if isinstance(value, list):
        return [moved(each, by, known) for each in value]
    if not isinstance(value, str):
        return value
    if _INSTANT.match(value):
        return (datetime.fromisoformat(value) + by).isoformat()
    kind, _, number = value.partition("-")
    if kind not in known or not re.fullmatch(r"[0-9-]+(\.desk-1)?", number):
        return value
    place = int(re.sub(r"\D", "", number.partition(".")[0]))
    return known[kind][place % len(known[kind])]


def events(count: int) -> Iterator[list[Reported]]:
    """Events of so many cases of two years until now, in batches."""
    known, shift = codes(), datetime.now(UTC) - search.FIRST - timedelta(days=729)
    for batch in search.batches(count, random.Random(5)):
        found = []
        for type, id, key, rank, value in batch:
            body = json.dumps(moved(json.loads(value), shift, known), ensure_ascii=False).encode()
            if (event := read_fact(type, id, key, rank, body)) is not None:
                found.append(event)
        yield found


async def build(file: Path, database: str, count: int) -> None:
    """An index file with so many cases, as intake of this database has it."""
    index = CaseIndex(str(file), database)
    for batch in events(count):
        await index.apply(batch, {})
    await index.on_projection(lambda each: each.tidy(0))
    await index.close()


def board_of(house: BoardHouse) -> tuple[str, ServiceProcess]:
    """The board as a process that is not started yet, and its address."""
    port = free_port()
    people = DIRECTORY / "people.toml"
    hash = PasswordHasher().hash(PASSWORD)
    people.write_text(lines_of(Person(id="person-bench", login="bench", name="bench", posts=(POST,), hash=hash)))
    settings = {
        **house.urls,
        "XN_WEB_PORT": str(port),
        "XN_WEB_SECRET": secrets.token_hex(32),
        "XN_TOKEN_KEY_FILE": str(DIRECTORY / "desk.key"),
        "XN_DIRECTORY_FILE": str(people),
        "XN_BOARD_TRACES_FILE": str(DIRECTORY / "traces.sqlite"),
        "XN_LOG_LEVEL": "WARNING",
    }
    url = f"http://127.0.0.1:{port}"
    return url, ServiceProcess("apps.board", settings, DIRECTORY / "board.log", f"{url}/readyz")


async def signed_in(browser: Browser, url: str) -> Page:
    """A page of a signed-in person, before the cockpit is opened."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{url}/sign-in?next=/screen")
    await page.locator("[name=login]").fill("bench")
    await page.locator("[name=password]").fill(PASSWORD)
    await page.locator("main form button").click()
    await page.wait_for_url("**/screen")
    return page


async def visit(page: Page, url: str) -> tuple[float, float]:
    """Milliseconds to the first paint with content, and until all charts are drawn."""
    await page.goto(url)
    await page.locator("body[data-charts=drawn]").wait_for()
    painted = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    drawn = await page.evaluate("performance.now()")
    assert await page.locator("#open-table tbody tr").count() > 1, "the page has no figures"
    return float(painted), float(drawn)


async def workloads(house: BoardHouse) -> list[float]:
    """Milliseconds of each answer with the open cases of all units, least first."""
    signer = TokenSigner.from_file("desk", DIRECTORY / "desk.key", lambda: datetime.now(UTC))
    unit, _, _ = POST.partition(".")
    headers = {"Authorization": signer.header(Actor("unit", unit, POST, "person-bench"))}
    taken = []
    async with httpx.AsyncClient(base_url=house.urls["XN_INTAKE_URL"], headers=headers, timeout=60) as client:
        for _ in range(ASKED):
            began = time.perf_counter()
            answer = await client.get("/v1/workloads")
            taken.append(1_000 * (time.perf_counter() - began))
            assert sum(each["open"] for each in answer.json()["units"]) > 0, answer.text
    return sorted(taken)


async def measured(engines: Engines, count: int) -> list[tuple[str, ...]]:
    """One line of the table for each figure."""
    house = BoardHouse(engines, DIRECTORY, partitions=2)
    issuer = {"rights": (), "services": (), "per_minute": 6_000, "expires": None}
    new_issuer("desk", ["unit"], DIRECTORY / "keys.toml", DIRECTORY / "desk.key", **issuer)  # type: ignore[arg-type]
    await build(DIRECTORY / "index-0.sqlite", house.database, count)
    async with house, async_playwright() as playwright:
        url, board = board_of(house)
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        await asyncio.to_thread(board.start)
        try:
            page = await signed_in(browser, url)
            first = await visit(page, url)
            later = [await visit(page, url) for _ in range(VISITS)]
            answers = await workloads(house)
            resident = psutil.Process(board.pid).memory_info().rss / 1024**2
        finally:
            await browser.close()
            await asyncio.to_thread(board.stop)
    return _lines(first, later, answers, resident)


def _lines(
    first: tuple[float, float], later: list[tuple[float, float]], answers: list[float], resident: float
) -> list[tuple[str, ...]]:
    painted = statistics.median(each[0] for each in later)
    aim = f"< {AIM_MS:g} ms"
    return [
        ("first visit of a unit: first paint", f"{first[0]:.0f} ms", aim, _met(first[0] < AIM_MS)),
        ("first visit of a unit: all charts drawn", f"{first[1]:.0f} ms", "", ""),
        (f"{VISITS} later visits: first paint, median", f"{painted:.0f} ms", aim, _met(painted < AIM_MS)),
        (
            f"{VISITS} later visits: all charts drawn, median",
            f"{statistics.median(e[1] for e in later):.0f} ms",
            "",
            "",
        ),
        ("open cases of all units (`/v1/workloads`), median", f"{statistics.median(answers):.0f} ms", "", ""),
        (
            f"the same, p99 of {len(answers)}",
            f"{answers[int(0.99 * len(answers))]:.0f} ms",
            f"< {LIST_AIM_MS:g} ms",
            _met(answers[int(0.99 * len(answers))] < LIST_AIM_MS),
        ),
        ("memory of the board", f"{resident:.0f} MiB", "", ""),
    ]


def _met(met: bool) -> str:
    return "[green]met" if met else "[red]not met"


def main(cases: Annotated[int, typer.Option(min=1_000, envvar="BOARD", help="cases in the index")] = 100_000) -> None:
    """Build an index, and time the cockpit over it."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    with Engines("embedded", DIRECTORY / "engines") as engines:
        lines = asyncio.run(measured(engines, cases))
    table = Table(f"{cases:,} cases", "measured", "aim", "")
    for line in lines:
        table.add_row(*line)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
