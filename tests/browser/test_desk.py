"""A department at its desk: its day by keyboard alone, live arrivals, two people on one case, what a phone shows."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import expect

from contracts.codes import HandlingResult, PauseReason
from contracts.handling import AddNote, SignCase
from contracts.routing import (
    AssignmentOffered,
    CaseClosed,
    CaseSigned,
    CaseSuspended,
    ComplainantAsked,
    ExtensionRequested,
    NoteAdded,
)
from tests.browser.conftest import PHONE, WAIT_MS, Opener
from tests.support.apps import Apps, sign_in
from tests.support.bus import complaint
from tests.support.chromium import Page
from tests.support.city import City, attribute, reference

UNIT = "police-beicheng"


@pytest.fixture(scope="module")
async def desk(apps: Apps) -> str:
    """The address of the desk."""
    return await apps.start("desk")


@pytest.fixture(autouse=True)
def _patient() -> None:
    """Conditions may take as long as everything else in a browser here."""
    expect.set_options(timeout=WAIT_MS)


async def offered(city: City, **changes: Any) -> str:
    submission = complaint(reference(), **changes)
    await city.say(submission)
    assert (await city.heard(AssignmentOffered, submission.case_id)).unit == UNIT
    return submission.case_id


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def arrive(page: Page, path: str) -> None:
    await page.wait_for_url(re.compile(path + "$"))
    await page.wait_for_load_state("load")


async def test_a_department_does_its_day_by_keyboard_alone(city: City, desk: str, page: Page) -> None:
    case_id = await offered(city, title="夜间噪声<script>", text="<img src=x onerror=alert(1)> 太吵")
    await sign_in(page, desk, "staff")
    await press(page, "g", "i")
    await arrive(page, "/inbox")
    row = page.locator(f'[data-row="{case_id}"]')
    await expect(row.locator(".clock")).to_contain_text("剩")
    for _ in range(await page.locator("[data-row]").count()):
        await page.keyboard.press("j")
        if await page.evaluate("document.activeElement.getAttribute('href')") == f"/cases/{case_id}":
            break
    await page.keyboard.press("Enter")
    await arrive(page, f"/cases/{case_id}")
    await expect(page.locator(".words").first).to_have_text("<img src=x onerror=alert(1)> 太吵")
    await page.keyboard.press("?")
    await expect(page.locator("dialog[open]")).to_contain_text("签收")
    await page.keyboard.press("Escape")

    await page.keyboard.press("s")
    await arrive(page, "/sign")
    await page.keyboard.press("Enter")
    await arrive(page, f"/cases/{case_id}")
    await expect(page.locator(".note.good")).to_have_text("签收：已完成。")
    assert (await city.heard(CaseSigned, case_id)).by == f"{UNIT}.desk-1"

    await page.keyboard.press("n")
    await arrive(page, "/note")
    await page.keyboard.type("已联系经营者")
    await page.keyboard.press("Control+Enter")
    await arrive(page, f"/cases/{case_id}")
    assert (await city.heard(NoteAdded, case_id)).text == "已联系经营者"
    await expect(page.locator("#case")).to_contain_text("已联系经营者")

    await page.keyboard.press("e")
    await arrive(page, "/extension")
    await press(page, "5", "Tab")
    await page.keyboard.type("等待检测报告")
    await page.keyboard.press("Control+Enter")
    await arrive(page, f"/cases/{case_id}")
    assert (await city.heard(ExtensionRequested, case_id)).working_days == 5

    await page.keyboard.press("a")
    await arrive(page, "/report")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[role=alert]")).to_contain_text("请填写“办理结果”。")
    await page.locator("#f-result input").first.focus()
    await page.keyboard.press("Space")
    await page.locator("#f-reply").focus()
    await page.keyboard.type("已责令停业整改。")
    await page.keyboard.press("Control+Enter")
    await arrive(page, f"/cases/{case_id}")
    closed = await city.heard(CaseClosed, case_id)
    assert (closed.result, closed.reply, closed.by) == (HandlingResult.RESOLVED, "已责令停业整改。", f"{UNIT}.desk-1")
    await press(page, "g", "i")
    await arrive(page, "/inbox")
    await expect(page.locator(f'[data-row="{case_id}"]')).to_have_count(0)


async def test_a_new_case_appears_without_a_reload(city: City, desk: str, page: Page) -> None:
    await sign_in(page, desk, "staff", "/inbox")
    await expect(page.locator("[data-connection]")).to_be_hidden()
    await page.evaluate("window.same = true")
    case_id = await offered(city)
    await expect(page.locator(f'[data-row="{case_id}"]')).to_be_visible()
    await expect(page.locator(f'[data-row="{case_id}"] .tag').first).to_have_text("待签收")
    await city.sign(UNIT, case_id)
    await city.heard(CaseSigned, case_id)
    assert await page.evaluate("window.same") is True


async def test_the_second_of_two_people_reads_what_the_first_did(city: City, desk: str, open_page: Opener) -> None:
    case_id = await offered(city)
    await city.sign(UNIT, case_id)
    await city.heard(CaseSigned, case_id)
    first, second = await open_page(), await open_page(locale="en-GB")
    await sign_in(first, desk, "staff", f"/cases/{case_id}/suspend")
    await sign_in(second, desk, "second-staff", f"/cases/{case_id}/ask")
    await second.locator("#f-missing").fill("门牌号\n发生时间")
    await first.locator("[name=reason]").first.check()
    await first.locator("#f-note").fill("等待检测")
    await first.locator("main form button").last.click()
    await arrive(first, f"/cases/{case_id}")
    assert (await city.heard(CaseSuspended, case_id)).reason is PauseReason.THIRD_PARTY

    await second.locator("main form button").click()
    changes = second.locator("#changes")
    await expect(changes).to_contain_text("Since you opened it")
    await expect(changes).to_contain_text("suspended")
    await expect(changes).to_contain_text("等待检测")
    assert await second.locator("#f-missing").input_value() == "门牌号\n发生时间"
    await second.locator("[name=anyway]").click()
    await expect(second.locator("[role=alert]").last).to_contain_text("suspended")
    assert await second.locator("#f-missing").input_value() == "门牌号\n发生时间"
    assert city.all(ComplainantAsked, case_id) == []


async def test_a_person_who_has_read_the_changes_may_submit_anyway(city: City, desk: str, page: Page) -> None:
    case_id = await offered(city)
    await city.sign(UNIT, case_id)
    await city.heard(CaseSigned, case_id)
    await sign_in(page, desk, "staff", f"/cases/{case_id}/report")
    await city.say(
        AddNote(case_id=case_id, issued_at=datetime.now(UTC), unit=UNIT, actor=f"{UNIT}.desk-2", text="他人已到场")
    )
    await city.heard(NoteAdded, case_id)
    await page.locator("#f-result input").first.check()
    await page.locator("#f-reply").fill("已处理。")
    await page.locator("main form button").last.click()
    await expect(page.locator("#changes")).to_contain_text("他人已到场")
    assert city.all(CaseClosed, case_id) == []
    await page.locator("[name=anyway]").click()
    await arrive(page, f"/cases/{case_id}")
    assert (await city.heard(CaseClosed, case_id)).reply == "已处理。"


async def test_a_double_click_acts_once(city: City, desk: str, page: Page) -> None:
    case_id = await offered(city)
    await city.sign(UNIT, case_id)
    await city.heard(CaseSigned, case_id)
    await sign_in(page, desk, "staff", f"/cases/{case_id}/note")
    await page.locator("#f-text").fill("只记一次")
    await page.locator("main form button").dblclick()
    await arrive(page, f"/cases/{case_id}")
    await page.goto(f"{desk}/cases/{case_id}/note")
    await page.locator("#f-text").fill("第二条")
    await page.locator("main form button").click()
    await city.heard(NoteAdded, case_id, attribute(text="第二条"))
    assert [each.message.text for each in city.all(NoteAdded, case_id)] == ["只记一次", "第二条"]


async def test_several_cases_are_signed_at_once_with_a_result_for_each(city: City, desk: str, page: Page) -> None:
    mine, taken = await offered(city), await offered(city)
    await sign_in(page, desk, "staff", "/inbox")
    for case_id in (mine, taken):
        await page.locator(f'[data-row="{case_id}"] input[name=case]').check()
    await city.say(SignCase(case_id=taken, issued_at=datetime.now(UTC), unit=UNIT, actor=f"{UNIT}.desk-2"))
    await city.heard(CaseSigned, taken)
    await page.locator("[data-bulk]").click()
    await arrive(page, "/inbox/sign")
    await expect(page.locator(f'[data-row="{mine}"] .tag')).to_have_text("完成")
    await expect(page.locator(f'[data-row="{taken}"] .tag')).to_have_text("未完成")
    await expect(page.locator(f'[data-row="{taken}"] .timeline')).to_contain_text("已签收")
    assert (await city.heard(CaseSigned, mine)).by == f"{UNIT}.desk-1"


async def test_a_template_starts_an_answer_and_keeps_what_was_typed(city: City, desk: str, page: Page) -> None:
    case_id = await offered(city)
    await city.sign(UNIT, case_id)
    await city.heard(CaseSigned, case_id)
    await sign_in(page, desk, "staff", f"/cases/{case_id}/report")
    await page.locator("#f-reply").fill("开头。")
    await page.locator(".replies summary").click()
    await page.locator("[data-insert]").first.click()
    text = await page.locator("#f-reply").input_value()
    assert text.startswith("开头。\n\n您好！您反映的“夜间噪声”")
    assert "市公安局北城分局" in text


@pytest.mark.parametrize(("language", "width"), [("zh", "desk"), ("en", "phone")])
async def test_every_page_of_a_department_passes_the_rules_of_accessibility(
    city: City, desk: str, open_page: Opener, axe, language: str, width: str
) -> None:
    case_id = await offered(city)
    await city.sign(UNIT, case_id)
    await city.heard(CaseSigned, case_id)
    page = await open_page(**({"viewport": PHONE} if width == "phone" else {}))
    await sign_in(page, desk, "staff", "/")
    paths = ["/", "/inbox", "/notices", "/waiting/part", f"/cases/{case_id}"]
    for path in [*paths, *(f"/cases/{case_id}/{name}" for name in ("report", "invite", "suspend", "dispatch"))]:
        await page.goto(f"{desk}{path}?lang={language}")
        await axe(page)


async def test_a_service_away_leaves_the_rest_of_the_page(city: City, apps: Apps, open_page: Opener, troubles) -> None:
    case_id = await offered(city)
    url, process = await apps.another("desk", {"XN_SCORING_URL": "http://127.0.0.1:9"})
    try:
        page = await open_page()
        await sign_in(page, url, "staff", "/inbox")
        await expect(page.locator(f'[data-row="{case_id}"]')).to_be_visible()
        await expect(page.locator("#inbox .note.warn")).to_contain_text("时限与考核服务")
        await page.goto(f"{url}/cases/{case_id}")
        await expect(page.locator("#case .note.warn")).to_contain_text("页面其他内容不受影响")
        await expect(page.locator("#actions")).to_contain_text("签收")
        await page.close()
    finally:
        await asyncio.to_thread(process.stop)


async def test_another_unit_does_not_see_the_case(city: City, desk: str, page: Page) -> None:
    case_id = await offered(city)
    await sign_in(page, desk, "water", f"/cases/{case_id}")
    await expect(page.locator("h1")).to_have_text("没有找到")
