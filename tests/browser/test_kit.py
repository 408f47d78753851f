"""The pages of the kit: rules of accessibility, widths, keyboard, drafts and the list of shortcuts."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE
from tests.support.apps import sign_in


@pytest.mark.parametrize(("language", "width"), [("zh", "desk"), ("en", "phone")])
async def test_every_page_of_the_kit_passes_the_rules_of_accessibility(kit, open_page, axe, language, width):
    page = await open_page(**({"viewport": PHONE} if width == "phone" else {}))
    await page.goto(f"{kit}/sign-in?lang={language}")
    await axe(page)
    await sign_in(page, kit, "two-posts", "/form")
    await axe(page)
    await page.locator("main form button").click()
    await page.locator("[role=alert]").wait_for()
    assert await page.locator(".fault").count() == 2
    await axe(page)
    await page.locator("summary").click()
    await axe(page)
    await page.goto(f"{kit}/nowhere")
    assert await page.locator("h1").inner_text() == ("没有这个页面" if language == "zh" else "No such page")
    await axe(page)
