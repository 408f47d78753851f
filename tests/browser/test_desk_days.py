"""What the desk shows of days that pass: a case without its limit, and a bulletin that has come out.

The city has a clock in which a day takes half a minute.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect

from contracts.issues import IssuePublished
from contracts.notify import SilenceFound
from contracts.routing import AssignmentOffered
from infra.local.engines import Engines
from tests.browser.conftest import PHONE, Opener
from tests.support.apps import Apps, sign_in
from tests.support.bus import complaint
from tests.support.chromium import Page
from tests.support.city import City, attribute, reference
from tests.support.notifying import notifying_city

SPEED = 86_400 / 30
NOTICES = """
[silence]
acknowledgement_minutes = 20160
owner_minutes = 20160
deadline_minutes = 480
answer_minutes = 20160
reply_minutes = 20160
[[series]]
id = "bulletin"
zh = "机关效能通报"
en = "Efficiency Bulletin"
every_days = 1
at = "00:00"
number = "效能通报〔{year}〕第{n}期"
to = ["city-office"]
languages = ["zh", "en"]
"""


@pytest.fixture
async def town(own_embedded: Engines, tmp_path: Path) -> AsyncIterator[City]:
    clock = {"XN_CLOCK_ORIGIN": datetime.now(UTC).isoformat(), "XN_CLOCK_SPEED": str(SPEED)}
    async with notifying_city(own_embedded, tmp_path / "town", notices=NOTICES, settings=clock) as city:
        yield city


async def shot(page: Page, name: str) -> None:
    """A picture of the page for people, where `SHOTS_DIR` names a directory."""
    if folder := os.environ.get("SHOTS_DIR"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.slow
async def test_a_silent_case_is_listed_with_what_to_do_and_an_issue_opens_as_a_page_and_as_pdf(
    town: City, tmp_path: Path, open_page: Opener, axe: Callable[[Page], Awaitable[None]]
) -> None:
    (tmp_path / "apps").mkdir()
    apps = Apps(town.deployment, tmp_path / "apps")
    try:
        desk = await apps.start("desk")
        await asyncio.to_thread(town.deployment.fleet["scoring"][0].kill)
        forgotten = complaint(reference())
        town.leave_silent(forgotten.case_id, "nothing calculates its limit")
        await town.say(forgotten)
        await town.heard(AssignmentOffered, forgotten.case_id)
        found = await town.heard(SilenceFound, forgotten.case_id)
        pages = {"desk": await open_page(), "phone": await open_page(viewport=PHONE)}
        for width, page in pages.items():
            await sign_in(page, desk, "mayor", "/silences")
            for language, advice in (("en", "check whether the scoring service runs"), ("zh", "检查考核服务是否运行")):
                await page.goto(f"{desk}/silences?what={found.what}&lang={language}")
                row = page.locator("[data-row]", has_text=str(found.number))
                await expect(row).to_contain_text(advice)
                await axe(page)
                await shot(page, f"silences-{language}-{width}")
            await page.goto(f"{desk}/silences?what=reply")
            await expect(page.locator("[data-row]")).to_have_count(0)

        issue = await town.heard(IssuePublished, where=attribute(series="bulletin"))
        page = pages["desk"]
        await page.goto(f"{desk}/series")
        row = page.locator("[data-row]", has_text=issue.number)
        await expect(row).to_contain_text("已出刊")
        await axe(page)
        await shot(page, "series")
        for language, title in (("zh", "机关效能通报"), ("en", "Efficiency Bulletin")):
            async with page.expect_popup() as opened:
                await row.get_by_role("link", name={"zh": "中文", "en": "English"}[language]).click()
            shown = await opened.value
            await expect(shown.locator("body")).to_contain_text(title)
            await shot(shown, f"issue-{language}")
            link = row.locator(f"a[href$='.pdf?language={language}']")
            answer = await page.context.request.get(desk + str(await link.get_attribute("href")))
            assert (answer.headers["content-type"], (await answer.body())[:5]) == ("application/pdf", b"%PDF-")
    finally:
        apps.stop()
        town.deployment.fleet["scoring"][0].launch()
