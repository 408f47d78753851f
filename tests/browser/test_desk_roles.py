"""The desk of the hotline agent, the clerk and the dispatcher, and the search: journeys in a browser."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.channel import Contact, Instruction, SubmitComplaint
from contracts.handling import RequestReturn
from contracts.routing import AssignmentOffered, CaseQueued, NoteAdded
from contracts.scoring import CaseRated
from tests.browser.conftest import PHONE, Opener
from tests.support.apps import ACCOUNTS, Apps, sign_in, write_directory
from tests.support.bus import complaint
from tests.support.chromium import Page
from tests.support.city import City, reference

Axe = Callable[[Page], Awaitable[None]]
CENTRE, BRIGADE, ECOLOGY = "beicheng-centre", "urban-management-beicheng", "ecology"
HOTLINE = "hotline-12345"
CENTRE_NAME = "北城区"
DOGS = {"category": "stray-dogs", "title": "流浪犬", "text": "小区有流浪犬，请城管处理。"}
WIDE = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
"""A window of 1280 pixels at a zoom of 200 %."""


@pytest.fixture(scope="module")
async def desk(apps: Apps) -> str:
    """The address of the desk, where an agent of the hotline may sign in, too."""
    write_directory(apps.people, {**ACCOUNTS, "caller": ("city-12345.agent-1",)})
    return await apps.start("desk", {"XN_DESK_FILE": str(apps.directory / "desk.sqlite")})


async def shot(page: Page, name: str) -> None:
    """A picture of the page for people, where `SHOTS_DIR` names a directory."""
    if folder := os.environ.get("SHOTS_DIR"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, timeout=60_000)


def phone() -> str:
    return f"139{uuid4().int % 10**8:08}"


async def register(city: City, **fields: Any) -> tuple[SubmitComplaint, str]:
    """A complaint that is registered, and its number; no department handles it."""
    submission = complaint(reference(), **fields)
    city.leave_silent(submission.case_id, "it is only shown on the desk")
    await city.say(submission)
    return submission, (await city.acknowledged(submission)).number


def row(page: Page, number: str) -> Any:
    return page.locator("[data-row]", has_text=number)


async def appears(page: Page, address: str, number: str) -> None:
    """Load the page until its list has the case: the search index follows the events."""
    for _ in range(60):
        await page.goto(address)
        if await row(page, number).count():
            return
        await page.wait_for_timeout(250)
    raise AssertionError(f"{number} is not on {address}")


async def content_of(download: Any) -> bytes:
    path = await (await download.value).path()
    return await asyncio.to_thread(Path(path).read_bytes)


def logs(city: City, apps: Apps) -> str:
    """Everything that the services and the desk have logged."""
    files = (*apps.directory.glob("*.log"), *city.deployment.directory.glob("**/*.log"))
    return "".join(each.read_text(errors="replace") for each in files)


async def test_a_call_from_the_greeting_to_the_number(city: City, desk: str, apps: Apps, page: Page, axe: Axe) -> None:
    telephone, addresses = phone(), []
    page.on("request", lambda request: addresses.append(request.url))
    await sign_in(page, desk, "caller", "/hotline")
    await axe(page)
    await page.keyboard.type(telephone)
    await page.keyboard.press("Enter")
    await page.get_by_text("没有找到已有的诉求").wait_for()
    assert await page.locator("[name='contact.phone']").input_value() == telephone
    await file_by_keyboard(page, "工地连夜打桩，无法休息。")
    number = await page.locator("[data-number]").inner_text()
    code = (await page.locator("[data-receipt]").inner_text()).replace(" ", "")
    assert re.fullmatch(r"BC-\d{8}-\d{6}", number)
    await axe(page)
    await shot(page, "receipt")
    async with httpx.AsyncClient(trust_env=False) as client:
        proof = {"number": number, "receipt_code": code}
        status = await client.post(f"{city.deployment.fleet.url('intake')}/v1/status", json=proof)
    assert status.status_code == 200

    await page.get_by_role("link", name="下一个来电").click()
    await find(page, telephone, number)
    await shot(page, "hotline")
    await axe(page)
    await file_by_keyboard(page, "今晚又在打桩。")
    await page.get_by_text("来电人有相近的未办结诉求").wait_for()
    assert await page.locator("[name=text]").input_value() == "今晚又在打桩。"
    await shot(page, "similar")
    await axe(page)
    await page.keyboard.press("Control+Enter")
    await page.get_by_text("补充情况：已完成").wait_for()
    case_id = page.url.rpartition("/")[2]
    city.leave_silent(case_id, "no department handles it")
    note = await city.heard(NoteAdded, case_id)
    assert "今晚又在打桩" in note.text
    await shot(page, "hotline-case")
    await axe(page)
    await page.keyboard.press("u")
    await page.get_by_role("heading", name="催办").wait_for()
    await axe(page)
    await page.keyboard.press("Tab")
    await page.locator("[name=text]").press("Control+Enter")
    await page.get_by_text("催办：已完成").wait_for()
    await page.keyboard.press("x")
    await page.locator("[name=reason]").fill("已经和工地谈好。")
    await page.get_by_role("button", name="撤回诉求").click()
    await page.get_by_text("撤回诉求：已完成").wait_for()
    assert [each for each in addresses if telephone in each] == []
    assert telephone not in logs(city, apps)


async def file_by_keyboard(page: Page, text: str) -> None:
    await page.locator("[name=category]").fill("施工噪声")
    await page.keyboard.press("Tab")
    await page.locator("[name='answers.site']").wait_for()
    await page.locator("[name=area]").select_option("beicheng")
    await page.locator("[name=text]").fill(text)
    await page.keyboard.press("Control+Enter")


async def find(page: Page, text: str, number: str) -> None:
    """Search until the case is found: the search index follows the events."""
    for _ in range(60):
        await page.locator("#find").fill(text)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        if await page.locator(f"a:text-is('{number}')").count():
            return
        await page.wait_for_timeout(250)
    raise AssertionError(f"{number} is not found")


async def test_what_is_wrong_with_a_call_is_shown_beside_the_field_and_nothing_is_lost(desk, page, axe):
    await sign_in(page, desk, "caller", "/hotline")
    await page.locator("[name=text]").fill("路灯不亮。")
    await page.locator("[name='contact.phone']").fill("没有")
    await page.locator("[name=category]").fill("路灯照明")
    await page.get_by_role("button", name="登记").click()
    await page.locator("[role=alert]").first.wait_for()
    assert await page.locator("[name=text]").input_value() == "路灯不亮。"
    assert await page.locator("#f-category").input_value() == "路灯照明"
    wrong = await page.locator(".field.wrong > label, .field.wrong > legend").all_inner_texts()
    assert {each.split()[0] for each in wrong} >= {"来电号码", "故障情况", "地区"}
    await axe(page)


async def test_a_call_back_is_recorded_by_word_of_mouth(city: City, desk: str, page: Page, axe: Axe) -> None:
    submission = complaint(reference(), channel=HOTLINE, contact=Contact(phone=phone()))
    await city.to_the_end(submission)
    number = (await city.acknowledged(submission)).number
    await sign_in(page, desk, "caller", "/callbacks")
    await appears(page, f"{desk}/callbacks", number)
    await axe(page)
    await shot(page, "callbacks")
    await row(page, number).get_by_role("link").click()
    await page.get_by_label("无人接听").check()
    await page.get_by_label("很满意").first.check()
    await page.get_by_role("button", name="记录").click()
    await page.get_by_text("没有接通时不能记录评价").first.wait_for()
    await axe(page)
    await shot(page, "callback")
    await page.get_by_label("已接通").check()
    await page.locator("[name=solved][value=true]").check()
    await page.get_by_role("button", name="记录").click()
    await page.get_by_role("status").filter(has_text="回访").wait_for()
    rated = await city.heard(CaseRated, submission.case_id)
    assert (rated.satisfaction, rated.solved) == ("very-satisfied", True)


async def test_a_held_case_appears_by_itself_and_is_decided_once(
    city: City, desk: str, open_page: Opener, axe: Axe
) -> None:
    first, second = await open_page(), await open_page()
    await sign_in(first, desk, "clerk", "/reception")
    submission, number = await register(city, title="合同纠纷", text="与开发商的合同纠纷，请协调。")
    await row(first, number).wait_for()
    await axe(first)
    await shot(first, "reception")
    await row(first, number).get_by_role("link").click()
    await first.locator(".words").first.wait_for()
    await axe(first)
    await shot(first, "reception-case")
    await sign_in(second, desk, "second-clerk", f"/cases/{submission.case_id}/accept")
    await first.keyboard.press("d")
    await first.get_by_label("不予受理").check()
    await first.locator("[name=reply]").fill("请先与对方协商，或依法起诉。")
    await axe(first)
    await first.keyboard.press("Control+Enter")
    await first.get_by_text("不予受理或转告：已完成").wait_for()
    await second.get_by_role("button", name="受理").click()
    await second.get_by_text("您打开之后，这件诉求已有变化").wait_for()


async def test_an_identity_is_erased_only_with_the_number_of_the_case(city: City, desk: str, page: Page, axe: Axe):
    submission, number = await register(city, contact=Contact(name="王小明", phone=phone()))
    await sign_in(page, desk, "clerk", f"/reception/{submission.case_id}")
    await page.get_by_role("link", name="删除个人信息").click()
    await page.locator("[name=number]").fill("BC-20200101-000001")
    await page.get_by_role("button", name="永久删除").click()
    await page.get_by_text("与案件编号不一致").first.wait_for()
    await axe(page)
    await shot(page, "erase")
    await page.locator("[name=number]").fill(number.lower().replace("-", " "))
    await page.get_by_role("button", name="永久删除").click()
    await page.get_by_text("个人信息已").first.wait_for()


async def test_a_case_is_dispatched_by_one_key_and_then_by_a_ruling(
    city: City, desk: str, page: Page, axe: Axe
) -> None:
    submission, number = await register(city, **DOGS)
    await sign_in(page, desk, "clerk", "/queue")
    await row(page, number).wait_for()
    await axe(page)
    await shot(page, "queue")
    await row(page, number).locator("a[data-open]").focus()
    await page.keyboard.press("1")
    await page.get_by_text("已派往").wait_for()
    offered = await city.heard(AssignmentOffered, submission.case_id)
    assert offered.unit == BRIGADE
    await return_case(city, BRIGADE, submission.case_id)
    await page.goto(f"{desk}/queue?kind=dispute")
    await row(page, number).locator("a[data-open]").click()
    await page.get_by_role("heading", name="建议单位").wait_for()
    await page.wait_for_load_state()
    await page.keyboard.press("1")
    await page.get_by_text("已派往").wait_for()
    second = await city.heard(AssignmentOffered, submission.case_id, lambda each: each.unit != BRIGADE)
    await return_case(city, second.unit, submission.case_id, 2)
    await page.goto(f"{desk}/queue/{submission.case_id}")
    await axe(page)
    await shot(page, "queue-case")
    ruling = page.locator("form[action$='/rule']")
    await ruling.locator("[name=to]").select_option(BRIGADE)
    await ruling.get_by_role("button").click()
    await page.get_by_text("请填写“会商纪要”").first.wait_for()
    assert await ruling.locator("[name='consultation.participants']:checked").count() == 2
    await ruling.locator("[name='consultation.minutes']").fill("犬只管理由城管牵头，环保不承担。")
    await ruling.get_by_role("button").click()
    await page.get_by_text("已裁定派单").wait_for()
    final = await city.heard(AssignmentOffered, submission.case_id, lambda each: each.binding)
    assert final.unit == BRIGADE


async def return_case(city: City, unit: str, case_id: str, times: int = 1) -> None:
    await city.say(RequestReturn(case_id=case_id, issued_at=datetime.now(UTC), unit=unit, reason="不属于本单位职责。"))
    await city.heard(CaseQueued, case_id, lambda each: each.returned_by == unit)


async def test_a_proposal_is_approved_by_another_post_than_the_proposer(
    city: City, desk: str, open_page: Opener, axe: Axe
) -> None:
    instruction = Instruction(by="beicheng-centre.director", text="请尽快办理。")
    submission, _ = await register(city, instruction=instruction)
    await city.heard(CaseQueued, submission.case_id)
    page, other = await open_page(), await open_page()
    await sign_in(page, desk, "clerk", f"/queue/{submission.case_id}")
    await page.get_by_role("heading", name="审批").wait_for()
    await page.get_by_role("button", name="不同意").click()
    await page.get_by_text("不同意时请写明意见").first.wait_for()
    await page.locator("[name=reason]").fill("应由城管办理。")
    await axe(page)
    await shot(page, "approval")
    await page.get_by_role("button", name="不同意").click()
    await page.get_by_text("已退回派单").wait_for()
    await page.goto(f"{desk}/queue/{submission.case_id}")
    await page.locator("details", has_text="派往其他单位").evaluate("each => { each.open = true; }")
    await page.locator("form[action$='/dispatch'] [name=to]").select_option(BRIGADE)
    await page.get_by_role("button", name="派单", exact=True).click()
    await page.get_by_text("已派单").wait_for()
    await page.goto(f"{desk}/queue/{submission.case_id}")
    await page.get_by_text("须由其他岗位审批").wait_for()
    assert await page.get_by_role("button", name="同意").count() == 0
    await sign_in(other, desk, "second-clerk", f"/queue/{submission.case_id}")
    await other.get_by_role("button", name="同意", exact=True).click()
    await other.get_by_text("已同意").wait_for()
    assert (await city.heard(AssignmentOffered, submission.case_id)).unit == BRIGADE


async def test_several_cases_are_dispatched_with_a_result_for_each(city: City, desk: str, page: Page, axe: Axe) -> None:
    numbers = [(await register(city, **DOGS))[1] for _ in range(2)]
    without = (await register(city, category="telecom", title="电信资费", text="宽带资费争议。"))[1]
    await sign_in(page, desk, "clerk", "/queue")
    for number in (*numbers, without):
        await row(page, number).locator("input[type=checkbox]").check()
    await page.get_by_role("button", name="派往各自的首选建议").click()
    await page.get_by_role("heading", name="批量派单").wait_for()
    await axe(page)
    await shot(page, "results")
    for number in numbers:
        assert await row(page, number).locator("td").last.inner_text() == "完成"


async def test_the_second_dispatcher_reads_in_the_list_what_the_first_did(
    city: City, desk: str, open_page: Opener
) -> None:
    """The second has no script, so that the list stays as it was loaded."""
    (one, number), (other, other_number) = [await register(city, **DOGS) for _ in range(2)]
    first, second, third = await open_page(), *[await open_page(java_script_enabled=False) for _ in range(2)]
    await sign_in(first, desk, "clerk", "/queue")
    for page in (second, third):
        await sign_in(page, desk, "second-clerk", "/queue")
    for case, each in ((one, number), (other, other_number)):
        await row(first, each).locator("[data-nth='1']").click()
        await first.get_by_text("已派往").wait_for()
        await city.heard(AssignmentOffered, case.case_id)

    async with second.expect_response("**/queue/dispatch") as answer:
        await row(second, number).locator("[data-nth='2']").click()
    assert (await answer.value).status == 409
    changes = second.locator("[role=alert]", has_text=number)
    await changes.locator("li", has_text="已派单").wait_for()
    assert "beicheng-centre.desk-1" in await changes.inner_text() or CENTRE_NAME in await changes.inner_text()

    await row(third, other_number).locator("input[type=checkbox]").check()
    await third.locator("#unit").select_option(ECOLOGY)
    await third.get_by_role("button", name="派单", exact=True).click()
    await row(third, other_number).get_by_text("未完成").wait_for()
    assert "已派单" in await row(third, other_number).inner_text()
    for case in (one, other):
        assert [each.message.unit for each in city.all(AssignmentOffered, case.case_id)] == [BRIGADE]


async def test_repeats_and_similar_cases_are_side_by_side_and_merged(city: City, desk: str, page: Page, axe: Axe):
    telephone = phone()
    lead, lead_number = await register(city, contact=Contact(phone=telephone), **DOGS)
    follower, _ = await register(city, contact=Contact(phone=telephone), **DOGS)
    await sign_in(page, desk, "clerk", f"/reception/{follower.case_id}/merge")
    await appears(page, f"{desk}/reception/{follower.case_id}/merge", lead_number)
    await axe(page)
    await shot(page, "merge")
    await row(page, lead_number).first.get_by_role("button").click()
    await page.get_by_text("已并案").first.wait_for()
    assert lead.case_id in (await page.get_by_role("link", name="主案").get_attribute("href") or "")


async def test_a_search_is_saved_shared_and_downloaded(city: City, desk: str, open_page: Opener, axe: Axe, apps: Apps):
    word, telephone = f"犬{uuid4().hex[:8]}", phone()
    _, number = await register(city, contact=Contact(phone=telephone), **{**DOGS, "text": f"{word} 又来了。"})
    page, other = await open_page(), await open_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    await sign_in(page, desk, "clerk", "/search")
    await appears(page, f"{desk}/search?words={word}", number)
    await axe(page)
    await shot(page, "search")
    await page.locator("summary", has_text="保存为视图").click()
    await page.locator("[name=name]").fill("流浪犬")
    await page.get_by_label("与本单位共享").check()
    await page.get_by_role("button", name="保存").click()
    await page.get_by_text("已保存视图").wait_for()
    await sign_in(other, desk, "second-clerk", "/search")
    await other.get_by_role("link", name="流浪犬").click()
    await row(other, number).wait_for()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="下载 CSV").click()
    text = (await content_of(download)).decode("utf-8-sig")
    assert number in text
    assert "编号" in text.splitlines()[0]

    await page.goto(f"{desk}/search")
    await page.locator("summary", has_text="更多条件").click()
    await page.locator("[name=telephone]").fill(telephone)
    await page.get_by_role("button", name="查询", exact=True).click()
    await row(page, number).wait_for()
    assert page.url == f"{desk}/search"
    await axe(page)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="下载 XLSX").click()
    assert (await content_of(download))[:2] == b"PK"
    assert [each for each in addresses if telephone in each] == []
    assert telephone not in logs(city, apps)


async def test_a_bulk_action_is_previewed_and_answered_for_each_case(city: City, desk: str, page: Page, axe: Axe):
    word = f"犬{uuid4().hex[:8]}"
    submission, number = await register(city, **{**DOGS, "text": f"{word} 又来了。"})
    await sign_in(page, desk, "clerk", "/search")
    await appears(page, f"{desk}/search?words={word}", number)
    await row(page, number).locator("input[type=checkbox]").check()
    await page.get_by_role("button", name="添加备注").click()
    await page.get_by_text("添加内部备注").wait_for()
    await axe(page)
    await shot(page, "bulk")
    await page.get_by_role("button", name="添加备注").click()
    await page.locator(".fault").first.wait_for()
    await page.locator("[name=text]").fill("请与物业联系。")
    await page.get_by_role("button", name="添加备注").click()
    await page.get_by_text("完成 1 件").wait_for()
    assert (await city.heard(NoteAdded, submission.case_id)).text == "请与物业联系。"


@pytest.mark.parametrize(("name", "options"), [("phone", {"viewport": PHONE}), ("zoom", WIDE)])
async def test_every_page_fits_a_phone_and_a_zoom_of_200_percent(city, desk, open_page, axe, name, options):
    submission, number = await register(city, **DOGS)
    await city.heard(CaseQueued, submission.case_id)
    agent, clerk = await open_page(**options), await open_page(**options)
    await sign_in(agent, desk, "caller", "/hotline")
    for path in ("/hotline", "/callbacks", "/search?lang=en", "/hotline?lang=en"):
        assert (answer := await agent.goto(desk + path))
        assert answer.status == 200, path
        await axe(agent)
    await shot(agent, f"hotline-{name}-en")
    await sign_in(clerk, desk, "clerk", "/reception")
    await appears(clerk, f"{desk}/search?category=stray-dogs", number)
    case = submission.case_id
    for path in (
        *("/reception", f"/reception/{case}", f"/reception/{case}/merge", "/queue", f"/queue/{case}"),
        *("/search?category=stray-dogs&lang=en", "/figures", f"/queue/{case}"),
    ):
        assert (answer := await clerk.goto(desk + path))
        assert answer.status == 200, path
        await axe(clerk)
        await shot(clerk, f"{re.sub('[^a-z]+', '-', path.replace(case, 'case'))}-{name}")
