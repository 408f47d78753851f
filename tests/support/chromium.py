"""Pages in headless Chromium that record what goes wrong in them, and the rules of accessibility."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from bench.browser import NoChromiumError, running_chromium

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
"""Rules of axe-core that every page passes."""
_DOCUMENT_STATUS = re.compile(r"Failed to load resource: the server responded with a status of \d+")


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


__all__ = ["Browser", "NoChromiumError", "Page", "Troubles", "axe_violations", "overflow", "running_chromium"]
