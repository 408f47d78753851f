"""Headless Chromium of this machine, with the Chinese font of a wheel, and pages that record what goes wrong."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, async_playwright
from pylopdf_fonts_zh_cn import sans_path

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "there is no Chromium on PATH: apt-get install chromium (Debian), or leave these tests out: -m 'not browser'"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
"""Rules of axe-core that every page passes."""
_DOCUMENT_STATUS = re.compile(r"Failed to load resource: the server responded with a status of \d+")
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class NoChromiumError(RuntimeError):
    """This machine has no Chromium."""


def chromium_path() -> str:
    """The program. Raises `NoChromiumError`."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise NoChromiumError(MISSING)


def with_fonts(directory: Path) -> dict[str, str]:
    """Environment in which programs find Noto Sans SC, from the wheel that prints documents: no package is needed."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "fonts.conf"
    file.write_text(_FONTS.format(fonts=Path(sans_path()).parent, cache=directory / "fontconfig"))
    return {**os.environ, "FONTCONFIG_FILE": str(file)}


@asynccontextmanager
async def running_chromium(directory: Path) -> AsyncIterator[Browser]:
    """A browser process. Raises `NoChromiumError`."""
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"], env=dict(with_fonts(directory))
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Troubles:
    """Errors of pages: of their scripts, of the console, and violations of the content security policy."""

    found: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Do not count what matches this regular expression, for the rest of the test."""
        self.allowed.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        """Record the errors of every page of the context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.found.append(f"{error.page and error.page.url}: {error.error}"))

    @property
    def left(self) -> list[str]:
        """What was found and not allowed."""
        return [each for each in self.found if not any(re.search(pattern, each) for pattern in self.allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        url = message.location.get("url", "")
        if _DOCUMENT_STATUS.match(message.text) and message.page and _same(message.page.url, url):
            return  # the page itself: what its status should be is for the test to check
        self.found.append(f"{url}: {message.text}")


def _same(page: str, resource: str) -> bool:
    return page.partition("#")[0] == resource.partition("#")[0]


async def axe_violations(page: Page) -> list[str]:
    """What axe-core finds on the page, one line for each element; empty where all rules of `TAGS` pass."""
    source = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    await page.evaluate(source)
    options = {"runOnly": list(TAGS), "resultTypes": ["violations"]}
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


async def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window: 0 where nobody has to scroll sideways."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(0, width)


__all__ = ["Browser", "Error", "NoChromiumError", "Page", "Troubles", "axe_violations", "overflow", "running_chromium"]
