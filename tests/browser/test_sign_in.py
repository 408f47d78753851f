"""Signing in by the trial directory: sessions that end, forms that are not lost, two windows, keys, other sites."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.conftest import PHONE
from tests.support.apps import PASSWORD, let_session_end, sign_in
from tests.support.chromium import overflow

WORDS = "第一行\n<img src=x onerror=alert(1)> 第二行"


async def fill(page: Page) -> None:
    await page.locator("[name=title]").fill("井盖")
    await page.locator("[name=words]").fill(WORDS)
    await page.locator("[name=area]").select_option(index=1)
    await page.locator("[name=agreed]").check()


async def filled(page: Page) -> bool:
    found = [
        await page.locator("[name=title]").input_value() == "井盖",
        await page.locator("[name=words]").input_value() == WORDS,
        await page.locator("[name=area]").input_value() != "",
        await page.locator("[name=agreed]").is_checked(),
    ]
    return all(found)


async def sign_in_here(page: Page, login: str = "staff") -> None:
    await page.locator("[name=login]").fill(login)
    await page.locator("[name=password]").fill(PASSWORD)
    await page.locator("main form button").click()


async def test_a_person_signs_in_by_keyboard_alone_and_is_known_to_the_services(kit, page):
    await page.goto(f"{kit}/seen")
    await page.keyboard.type("staff")  # the first field has the focus
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{kit}/seen")
    assert '"post":"police-beicheng.desk-1"' in (await page.inner_text("body")).replace(" ", "")


@pytest.mark.parametrize("script", [True, False])
async def test_an_expired_session_in_mid_form_loses_nothing(kit, open_page, script):
    page = await open_page(java_script_enabled=script)
    await sign_in(page, kit, "staff", "/form")
    await fill(page)
    await let_session_end(page)
    await page.locator("main form button").click()
    await page.locator("[name=login]").wait_for()
    assert await page.get_by_text("您填写的内容会恢复").is_visible()
    await sign_in_here(page)
    await page.wait_for_url(f"{kit}/form")
    assert await filled(page)
    await page.locator("main form button").click()
    await page.wait_for_url(f"{kit}/")
    assert WORDS.replace("\n", " ") in (await page.locator(".note.good").inner_text()).replace("\n", " ")
    await page.goto(f"{kit}/form")
    assert await page.locator("[name=words]").input_value() == ""


async def test_a_reload_in_mid_form_loses_nothing(kit, page):
    await sign_in(page, kit, "staff", "/form")
    await fill(page)
    await page.reload()
    assert await filled(page)


async def test_a_page_that_failed_loses_nothing(kit, page, troubles):
    """The connection is lost when the form is sent: the browser shows its own error page, then the form again."""
    troubles.allow("ERR_INTERNET_DISCONNECTED")
    await sign_in(page, kit, "staff", "/form")
    await fill(page)
    await page.context.set_offline(True)
    async with page.expect_event("requestfailed"):
        await page.locator("main form button").click()
    await page.context.set_offline(False)
    await page.goto(f"{kit}/form")
    assert await filled(page)


async def test_another_person_at_the_same_browser_does_not_see_the_draft(kit, page):
    await sign_in(page, kit, "staff", "/form")
    await fill(page)
    await let_session_end(page)
    await page.goto(f"{kit}/form")
    await sign_in_here(page, "clerk")
    await page.wait_for_url(f"{kit}/form")
    assert await page.locator("[name=words]").input_value() == ""
    assert await page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft')).length") == 0


async def test_sign_out_deletes_drafts_and_the_page_is_gone(kit, page):
    await sign_in(page, kit, "staff", "/form")
    await fill(page)
    await page.locator("summary").click()
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url(f"{kit}/sign-in")
    assert await page.evaluate("sessionStorage.length") == 0
    await page.go_back()
    await page.locator("[name=login]").wait_for()


async def test_a_form_of_a_window_whose_post_was_switched_in_another_is_not_sent(kit, page):
    await sign_in(page, kit, "two-posts", "/form")
    await fill(page)
    other = await page.context.new_page()
    await other.goto(kit)
    await other.locator("summary").click()
    await other.get_by_role("button", name="切换到").click()
    await other.get_by_text("water-company.desk-1").wait_for()
    await page.locator("main form button").click()
    assert await page.get_by_text("这份表单没有提交").is_visible()
    await other.locator("summary").click()
    await other.get_by_role("button", name="切换到").click()
    await other.get_by_text("police-beicheng.desk-1").wait_for()
    await page.goto(f"{kit}/form")
    assert await filled(page)


async def test_a_page_of_another_site_cannot_send_a_form(kit, page, troubles):
    await sign_in(page, kit, "staff", "/form")
    evil = await page.context.new_page()
    await evil.goto(kit.replace("127.0.0.1", "localhost") + "/public")
    await evil.evaluate(
        "url => { const form = document.createElement('form'); form.method = 'post'; form.action = url;"
        " document.body.append(form); form.submit(); }",
        f"{kit}/form",
    )
    troubles.allow("form-action")
    await page.goto(f"{kit}/form")  # the session is as it was
    assert await page.locator("[name=words]").count() == 1


async def test_the_list_of_keys_opens_by_a_key_and_names_those_of_the_page(kit, page, axe):
    await sign_in(page, kit, "staff", "/form")
    await page.keyboard.press("?")
    dialog = page.locator("dialog[open]")
    assert "Ctrl+Enter" in await dialog.inner_text()
    await axe(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("h")
    await page.wait_for_url(f"{kit}/")


async def test_the_form_fits_a_phone_and_twice_the_size(kit, open_page, axe):
    phone = await open_page(viewport=PHONE)
    await sign_in(phone, kit, "staff", "/form")
    await axe(phone)
    zoomed = await open_page(viewport={"width": 640, "height": 400})  # 1280 wide at 200 %
    await sign_in(zoomed, kit, "staff", "/form")
    assert await overflow(zoomed) == 0


async def test_two_people_sign_in_at_once_each_as_themselves(kit, open_page):
    pages = [await open_page(), await open_page()]
    await sign_in(pages[0], kit, "staff")
    await sign_in(pages[1], kit, "clerk")
    posts = [await page.locator("#post").inner_text() for page in pages]
    assert posts == ["police-beicheng.desk-1", "beicheng-centre.desk-1"]
