"""Headless Chromium of this machine, with the Chinese font of a wheel; for pictures of pages and for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from pylopdf_fonts_zh_cn import sans_path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first of them that is installed. The shell draws no windows, which costs the others CPU."""
MISSING = "there is no Chromium on PATH: apt-get install chromium-headless-shell (Debian)"
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
