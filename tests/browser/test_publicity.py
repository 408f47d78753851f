"""What the city gives to the public and in print: publications, figures, genuine papers, downloads of scores."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import expect

from contracts.board import BoardEntryPosted, PublicationReleased, PublicationWithdrawn, entry_id_for
from contracts.publicity import (
    ProposePublication,
    ReviewPublication,
    WithdrawPublication,
    publication_key,
)
from tests.browser.conftest import PHONE, Opener
from tests.support.apps import Apps, sign_in
from tests.support.bus import complaint
from tests.support.chromium import Page
from tests.support.city import City, reference

Axe = Callable[[Page], Awaitable[None]]
CENTRE, UNIT = "city-12345", "police-beicheng"
APOLOGY = ("北城分局就接警不及时公开道歉", "Beicheng Branch apologises for late responses")
BULLETIN = ("机关效能通报〔2026〕第11期", "Efficiency Bulletin 2026, number 11")
WORDS_ZH = """11月18日晚，我局双桥派出所接到群众关于夜间噪声的求助后，未在规定时间内到场处置。

经查，情况属实。我局负责人向群众公开道歉，已对值班制度进行整改。<b>欢迎监督。</b>"""
WORDS_EN = """On 18 November the Shuangqiao station did not come in time when residents called about noise at night.

The head of the branch apologises. The duty roster has been changed."""
TEXTS = {
    "apology": (*APOLOGY, WORDS_ZH, WORDS_EN),
    "bulletin": (*BULLETIN, "本期共受理群众诉求161件，办结158件。", "161 complaints were received and 158 closed."),
}


@pytest.fixture(scope="module")
async def citizen(apps: Apps) -> AsyncIterator[str]:
    """Public pages that have asked for nothing yet: answers are kept for half a minute."""
    url, process = await apps.another("citizen", {})
    yield url
    await asyncio.to_thread(process.stop)


@pytest.fixture(scope="module")
async def desk(apps: Apps) -> str:
    """The address of the desk."""
    return await apps.start("desk")


@pytest.fixture(scope="module")
async def published(city: City) -> dict[str, str]:
    """A public apology and a public bulletin; their references by kind."""
    found = {}
    for what, (title_zh, title_en, text_zh, text_en) in TEXTS.items():
        found[what] = uuid4().hex[:8]
        proposal = ProposePublication(
            unit=CENTRE,
            issued_at=datetime.now(UTC),
            actor=f"{CENTRE}.director",
            reference=found[what],
            what=what,
            about=UNIT if what == "apology" else None,
            title_zh=title_zh,
            title_en=title_en,
            text_zh=text_zh,
            text_en=text_en,
        )
        await city.say(proposal)
    for name in found.values():
        review = ReviewPublication(
            unit="city-office",
            issued_at=datetime.now(UTC),
            actor="city-office.director",
            by=CENTRE,
            reference=name,
            approved=True,
            reason="属实。",
        )
        await city.say(review)
        await city.heard(PublicationReleased, publication_key(CENTRE, name))
    return found


@pytest.fixture(scope="module")
async def answered(city: City) -> tuple[str, str]:
    """An answered case: its id and number."""
    submission = complaint(reference(), title="路灯不亮")
    await city.to_the_end(submission)
    return submission.case_id, (await city.acknowledged(submission)).number


async def shot(page: Page, name: str) -> None:
    """A picture of the page for people, where `SHOTS_DIR` names a directory."""
    if folder := os.environ.get("SHOTS_DIR"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


WIDTHS = {"phone": {"viewport": PHONE}, "desk": {}}


@pytest.mark.parametrize("width", WIDTHS)
async def test_publications_and_figures_are_readable_in_both_languages(
    city: City, citizen: str, published: dict[str, str], answered: tuple[str, str], open_page: Opener, axe: Axe, width
) -> None:
    case_id, number = answered
    line = await city.heard(BoardEntryPosted, entry_id_for(case_id), lambda each: each.stage == "answered")
    page = await open_page(**WIDTHS[width])
    for nth, language in enumerate(("zh", "en")):
        await page.goto(f"{citizen}/published?lang={language}")
        apology = page.locator(".publication", has_text=APOLOGY[nth])
        await expect(apology).to_contain_text(published["apology"])
        await expect(apology.locator("b")).to_have_count(0)
        await expect(apology).to_contain_text(
            ("涉及：市公安局北城分局", "About: Public Security, Beicheng Branch")[nth]
        )
        await expect(page.locator("section[aria-labelledby=k-bulletin]")).to_contain_text(BULLETIN[nth])
        assert await apology.locator(".words").evaluate("each => each.getClientRects().length") == 1
        await axe(page)
        await shot(page, f"published-{language}-{width}")
        await page.goto(f"{citizen}/figures?lang={language}")
        await expect(page.locator("tbody")).to_contain_text(line.number)
        await expect(page.locator("main")).not_to_contain_text(number)
        assert int(await page.locator(".today dd").nth(2).inner_text()) > 0
        await axe(page)
        await shot(page, f"figures-{language}-{width}")


async def test_what_was_withdrawn_is_not_public_any_more(city: City, apps: Apps, published, page: Page) -> None:
    name = published["bulletin"]
    withdrawal = WithdrawPublication(
        unit=CENTRE,
        issued_at=datetime.now(UTC),
        actor=f"{CENTRE}.director",
        by=CENTRE,
        reference=name,
        reason="数字有误。",
    )
    await city.say(withdrawal)
    await city.heard(PublicationWithdrawn, publication_key(CENTRE, name))
    url, process = await apps.another("citizen", {})
    try:
        await page.goto(f"{url}/published")
        await expect(page.locator("main")).to_contain_text(published["apology"])
        await expect(page.locator("main")).not_to_contain_text(name)
    finally:
        await asyncio.to_thread(process.stop)


async def test_a_printed_paper_is_genuine_with_its_code_alone(
    city: City, citizen: str, desk: str, answered: tuple[str, str], open_page: Opener, axe: Axe
) -> None:
    case_id, number = answered
    staff, anyone, phone = await open_page(), await open_page(), await open_page(viewport=PHONE, locale="en-GB")
    await sign_in(staff, desk, "staff", f"/cases/{case_id}")
    link = staff.get_by_role("link", name="转办单")
    answer = await staff.context.request.get(desk + str(await link.get_attribute("href")))
    assert (answer.headers["content-type"], (await answer.body())[:5]) == ("application/pdf", b"%PDF-")
    code = await code_of(city, f"{number}-ZB1")

    for page, pages, submit, true, false in (
        (anyone, citizen + "/paper", "核验", "真实：这份文书由本市发出。", "没有查到"),
        (phone, citizen + "/paper", "Check", "Genuine: this city issued the paper.", "Not found"),
        (staff, desk + "/papers/verify", "验证", "真实：", "没有这样的文书"),
    ):
        await page.goto(pages)
        for typed, text in ((code.lower(), true), (f"{code[:-1]}{'2' if code[-1] != '2' else '3'}", false)):
            await page.locator("[name=number]").fill(f"{number}-ZB1")
            await page.locator("[name=code]").fill(typed)
            await page.get_by_role("button", name=submit, exact=True).click()
            await expect(page.locator(".note[role=status]:not([hidden])")).to_contain_text(text)
            await axe(page)
            await shot(page, f"paper-{submit}-{text[:2]}")
        assert code not in page.url
    await expect(staff.locator("main")).to_contain_text("服务联系卡")  # the documents of the unit stay


async def code_of(city: City, paper: str) -> str:
    """The code that is printed on a paper."""
    headers = {"X-API-Key": city.deployment.api_keys[UNIT]}
    async with httpx.AsyncClient(base_url=city.deployment.fleet.url("notify"), headers=headers) as client:
        answer = await client.get(f"/v1/documents/{paper}.html")
    found = re.search(r'class="verification">.*?<code>([^<]+)</code>', answer.text, re.DOTALL)
    assert found is not None, answer.text[:500]
    return found[1]


async def test_scores_are_downloaded_for_a_spreadsheet(desk: str, answered: tuple[str, str], page: Page) -> None:
    await sign_in(page, desk, "mayor", f"/scores?period={datetime.now(UTC):%Y-%m}")
    await shot(page, "scores")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="下载 CSV").click()
    header, *rows = csv.reader(io.StringIO((await content_of(download)).decode("utf-8-sig")))
    assert UNIT in {cell for row in rows for cell in row}
    assert {len(row) for row in rows} == {len(header)}
    async with page.expect_download() as download:
        await page.get_by_role("link", name="下载 XLSX").click()
    assert (await download.value).suggested_filename == f"scores-{datetime.now(UTC):%Y-%m}.xlsx"
    with zipfile.ZipFile(io.BytesIO(await content_of(download))) as book:
        assert "xl/workbook.xml" in book.namelist()
        assert "市公安局北城分局" in "".join(
            book.read(each).decode() for each in book.namelist() if each.endswith(".xml")
        )


async def content_of(download: Any) -> bytes:
    return await asyncio.to_thread((await (await download.value).path()).read_bytes)
