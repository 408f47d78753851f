"""`python -m bench.screenshots`: pictures of the pages, of a city that runs, as PNG files.

A demo is run first; then the departments stop, and further complaints stay open, so that lists have something to show.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from playwright.async_api import Browser, Page
from rich.console import Console

from apps.channel.feed import Feed
from apps.channel.generate import generate
from apps.channel.rows import numbered
from bench.browser import running_chromium
from bench.services import PLACE
from bench.shots import MOST_HEIGHT, SHOTS, SIZES, Shot
from xn.audit import Ledger
from xn.demo.city import City
from xn.demo.pages import Pages
from xn.demo.people import People
from xn.observe import Observer

DIRECTORY = Path("var/screenshots")
PICTURES = Path("docs/screenshots")
COLOURS, FEWEST_COLOURS = 128, 8
"""Of a picture: pages have few, and a picture stays below 200 KB."""
LARGEST_BYTES = 200_000
WAIT_MS = 30_000


async def play(city: City, closed: int, open_: int) -> None:
    """So many cases were handled from end to end, and so many more wait where they were sent."""
    people = People(city, Ledger(), seed=1, refusals=city.directory / "refused-rows.jsonl")
    async with people.at_work():
        rows = numbered(generate(closed, 1, city.place, until=datetime.now(UTC)))
        await people.live(rows, 300.0, lambda: None)
    async with Observer(city.engines.bootstrap, city.topics_seen()) as observer:
        await Feed(city.engines.bootstrap).run(numbered(generate(open_, 2, city.place, until=datetime.now(UTC))))
        await observer.rest(quiet_seconds=3.0)


async def pictures(pages: Pages, shots: Iterable[Shot], target: Path, tell: Callable[[str], None]) -> list[str]:
    """Take them all; returns the names of pages that did not answer as they should."""
    wrong = []
    async with running_chromium(DIRECTORY / "browser") as browser:
        for shot in (each for each in shots if each.app in pages.ports):
            for language in shot.languages:
                for size in shot.sizes:
                    name = f"{shot.name}-{language}-{size}.png"
                    data, status = await _picture(browser, pages, shot, language, size)
                    (target / name).write_bytes(data)
                    too_large = len(data) > LARGEST_BYTES
                    tell(f"{name}: {len(data) // 1024} KB, HTTP {status}{', too large' if too_large else ''}")
                    wrong += [name] if status >= 400 or too_large else []
    return wrong


async def _picture(browser: Browser, pages: Pages, shot: Shot, language: str, size: str) -> tuple[bytes, int]:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(WAIT_MS)
    try:
        page = await context.new_page()
        url = pages.url(shot.app)
        if shot.login:
            await _sign_in(page, url, shot.login, pages.password)
        answer = await page.goto(f"{url}{shot.path}?lang={language}")
        status = answer.status if answer else 0
        link = page.locator(shot.follow).first if shot.follow else None
        if link is not None and await link.count():
            async with page.expect_navigation() as led:
                await link.click()
            status = (await led.value).status
        await page.locator(shot.ready).first.wait_for()
        await page.wait_for_load_state("load")
        await page.wait_for_timeout(1_000 if size == "wall" else 300)  # charts draw themselves
        return smaller(
            await page.screenshot(full_page=size != "wall"), shot.most_height if size == "desk" else MOST_HEIGHT
        ), status
    finally:
        await context.close()


async def _sign_in(page: Page, url: str, login: str, password: str) -> None:
    await page.goto(f"{url}/sign-in")
    await page.locator("[name=login]").fill(login)
    await page.locator("[name=password]").fill(password)
    await page.locator("main form button").click()
    await page.wait_for_url(f"{url}/")


def smaller(png: bytes, most_height: int) -> bytes:
    """The upper part of the picture, with as many colours as fit into the size that is allowed."""
    image = Image.open(BytesIO(png)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, most_height)))
    colours = COLOURS
    while True:
        packed = BytesIO()
        few = image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(packed, "PNG", optimize=True)
        if len(packed.getvalue()) <= LARGEST_BYTES or colours <= FEWEST_COLOURS:
            return packed.getvalue()
        colours //= 2


def main(
    closed: Annotated[int, typer.Option(help="cases that were handled from end to end")] = 300,
    open_: Annotated[int, typer.Option("--open", help="cases that wait where they were sent")] = 150,
    only: Annotated[str, typer.Option(help="only pages whose name begins with this")] = "",
    target: Annotated[Path, typer.Option(help="folder of the pictures")] = PICTURES,
) -> None:
    """Run a city, visit the pages of `bench.shots` and write their pictures."""
    console = Console(stderr=True)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if shot.name.startswith(only)]
    with City("embedded", PLACE, DIRECTORY, lambda line: console.print(f"· {line}")) as city:
        asyncio.run(city.ensure_topics())
        city.start_services()
        city.start_apps()
        asyncio.run(play(city, closed, open_))
        wrong = asyncio.run(pictures(city.pages, shots, target, lambda line: console.print(line, highlight=False)))
    if wrong:
        console.print(f"not as they should be: {', '.join(wrong)}")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
