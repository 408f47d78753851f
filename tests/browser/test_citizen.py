"""The public pages in a browser, with and without script: file, follow, add, rate, reopen, withdraw."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from contracts.handling import AskComplainant
from contracts.intake import CaseRegistered
from contracts.links import CaseLink, LinkPurpose, link_token
from contracts.notify import ComplaintAnswered
from contracts.routing import AssignmentOffered, CaseReopened
from infra.sealing import secret_for
from tests.browser.conftest import PHONE, Opener
from tests.support.apps import Apps
from tests.support.city import City
from tests.support.media import image

SCRIPT = "\"'><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture(scope="module")
async def citizen(apps: Apps) -> str:
    """The address of the public pages."""
    return await apps.start("citizen", settings(apps))


def settings(apps: Apps) -> dict[str, str]:
    """Settings of the public pages."""
    return {"XN_CITIZEN_KEY": apps.deployment.api_keys["web"]}


def address() -> str:
    """The address of another household."""
    return f"10.{int(uuid4().hex[:2], 16)}.{int(uuid4().hex[:2], 16)}.{1 + int(uuid4().hex[:2], 16) % 250}"


@pytest.fixture
def person(open_page: Opener) -> Callable[..., Awaitable[Page]]:
    """Opens a page of another complainant, at an address of their own."""

    async def opened(*, script: bool = True, **options: object) -> Page:
        headers = {"X-Forwarded-For": address()}
        return await open_page(java_script_enabled=script, extra_http_headers=headers, **options)

    return opened


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "路灯.jpg"
    file.write_bytes(image("JPEG"))
    return file


@dataclass
class Filed:
    """A case that was filed by the pages, and its page."""

    city: City
    page: Page
    case_id: str
    number: str
    code: str

    async def offered(self, nth: int = 1) -> str:
        """The unit that got the case for the nth time."""
        await self.city.heard(
            AssignmentOffered, self.case_id, lambda _: len(self.city.all(AssignmentOffered, self.case_id)) >= nth
        )
        return str(self.city.all(AssignmentOffered, self.case_id)[nth - 1].message.unit)

    async def answered(self, reply: str = "已修好，请放心。") -> None:
        """The unit has answered."""
        unit = await self.offered()
        await self.city.sign(unit, self.case_id)
        await self.city.report(unit, self.case_id, reply)
        await self.city.heard(ComplaintAnswered, self.case_id)

    async def shows(self, citizen: str, selector: str) -> None:
        """The page of the case has this element, after some reloads by another household."""
        await shows(self.page, f"{citizen}/case", selector)


async def shows(page: Page, url: str, selector: str) -> None:
    for _ in range(40):
        await page.context.set_extra_http_headers({"X-Forwarded-For": address()})
        await page.goto(f"{url}?at={uuid4().hex[:6]}")
        if await page.locator(selector).count():
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"{selector} is not on {await page.locator('main').inner_text()}")


async def fill(page: Page, citizen: str, text: str, *, category: str = "noise-residential") -> None:
    """The form, filled in without a contact."""
    await page.goto(f"{citizen}/complain")
    await page.locator("[name=category]").select_option(category)
    await page.locator("[name=area]").select_option("beicheng")
    await page.locator("[name=text]").fill(text)


def submit(page: Page, action: str = "/complain"):
    return page.locator(f'form[action="{action}"] .buttons button')


async def receipt(city: City, page: Page, citizen: str, text: str) -> Filed:
    """The receipt page has the number of the case that was registered with this text."""
    await page.wait_for_url(f"{citizen}/complain/receipt")
    await shows(page, f"{citizen}/complain/receipt", "[data-number]")
    number = await page.locator("[data-number]").inner_text()
    registered = await city.seen(CaseRegistered, where=lambda each: each.number == number)
    assert registered.message.text == text
    code = (await page.locator("[data-code]").inner_text()).replace(" ", "")
    assert re.fullmatch(r"[0-9]{16}", code)
    return Filed(city, page, registered.key, number, code)


async def filed(city: City, page: Page, citizen: str, text: str = "") -> Filed:
    text = text or f"楼下烧烤店凌晨仍在营业 {uuid4().hex[:8]}。"
    await fill(page, citizen, text)
    await submit(page).click()
    return await receipt(city, page, citizen, text)


@with_and_without_script
async def test_a_complaint_with_a_photo_is_filed_followed_and_rated_once(city, citizen, person, photo, script):
    page, text = await person(script=script), f"楼下深夜施工 {uuid4().hex[:8]}。"
    await fill(page, citizen, text)
    await page.locator("#f-attachments").set_input_files(photo)
    if script:
        await expect(page.locator(".files li")).to_contain_text("路灯.jpg")
        await page.locator("[name=stored]").wait_for(state="attached")
    await submit(page).click()
    case = await receipt(city, page, citizen, text)
    registered = await city.heard(CaseRegistered, case.case_id)
    assert [each.media_type for each in registered.attachments] == ["image/jpeg"]

    other = await person(script=script)  # a new browser knows nothing: number and code are typed
    await other.goto(f"{citizen}/case")
    await other.locator("[name=number]").fill(case.number.lower().replace("-", " "))
    await other.locator("[name=receipt_code]").fill(case.code)
    await submit(other, "/track").click()
    await other.wait_for_url(f"{citizen}/case")
    await expect(other.locator("#where")).to_have_text(case.number)
    case.page = other
    await case.shows(citizen, "dd time")
    assert "工作日" in await other.locator("dl.facts").inner_text()

    await case.answered("已责令停工。")
    await case.shows(citizen, "#do-rate[open]")
    assert "已责令停工。" in await other.locator("main").inner_text()
    await shows(page, f"{citizen}/case", "#do-rate")  # the same form in two browsers
    for each in (other, page):
        await each.get_by_label("满意", exact=True).check()
        await each.get_by_label("已解决").check()
    await submit(other, "/case/rate").click()
    await expect(other.locator(".note.good")).to_contain_text("感谢您的评价")
    assert not await other.locator("#do-rate").count()
    await submit(page, "/case/rate").click()
    await expect(page.locator("#do-rate .note.bad[data-focus]")).to_contain_text("已经评价过")
    assert await page.get_by_label("满意", exact=True).is_checked()


@with_and_without_script
async def test_a_unit_asks_and_the_complainant_adds_words_and_a_photo(city, citizen, person, photo, script):
    case = await filed(city, await person(script=script), citizen)
    unit = await case.offered()
    await city.sign(unit, case.case_id)
    asked = "请说明具体楼号。"
    await city.say(AskComplainant(case_id=case.case_id, issued_at=datetime.now(UTC), unit=unit, missing=(asked,)))
    await case.shows(citizen, f".note.warn >> text={asked}")
    await case.shows(citizen, "#do-supplement[open]")
    await case.page.locator("[name='supplement.text']").fill("三号楼 502。")
    await case.page.locator("#f-attachments").set_input_files(photo)
    await submit(case.page, "/case/supplement").click()
    await expect(case.page.locator("main .note.good")).to_contain_text("补充材料已收到")
    await case.shows(citizen, ".timeline >> text=补充")
    await case.answered()


@with_and_without_script
async def test_a_case_is_reopened_and_another_withdrawn(city, citizen, person, script):
    case = await filed(city, await person(script=script), citizen)
    await case.answered()
    await case.shows(citizen, "#do-reopen")
    await case.page.locator("#do-reopen summary").click()
    await submit(case.page, "/case/reopen").click()  # without a reason
    await expect(case.page.locator("#do-reopen .fault")).to_contain_text("请填写")
    await case.page.locator("[name='reopen.reason']").fill("昨晚又开始了。")
    await submit(case.page, "/case/reopen").click()
    await expect(case.page.locator("main .note.good")).to_contain_text("重新办理申请已收到")
    await city.heard(CaseReopened, case.case_id)
    city.leave_silent(case.case_id, "reopened, and the unit does not answer again")

    withdrawn = await filed(city, await person(script=script), citizen)
    await withdrawn.shows(citizen, "#do-withdraw")
    await withdrawn.page.locator("#do-withdraw summary").click()
    await submit(withdrawn.page, "/case/withdraw").click()
    await expect(withdrawn.page.locator("main .note.good")).to_contain_text("已撤回")
    await withdrawn.shows(citizen, ".tag >> text=您已撤回")


@with_and_without_script
async def test_a_double_click_files_once(city, citizen, person, photo, script):
    page, text = await person(script=script), f"双击提交 {uuid4().hex[:8]}。"
    await fill(page, citizen, text)
    await page.locator("#f-attachments").set_input_files(photo)
    if script:
        await page.locator("[name=stored]").wait_for(state="attached")
    await submit(page).dblclick(no_wait_after=True)
    case = await receipt(city, page, citizen, text)
    second = await filed(city, await person(script=script), citizen)  # whatever was sent before is registered by now
    assert [each.key for each in city.all(CaseRegistered) if each.message.text == text] == [case.case_id]
    for each in (case, second):
        await each.answered()


async def test_what_was_typed_and_uploaded_survives_a_reload(citizen, person, photo):
    page = await person()
    await fill(page, citizen, "还没写完", category="street-lighting")
    await page.get_by_label("闪烁").check()
    await page.locator("#f-attachments").set_input_files(photo)
    await page.locator("[name=stored]").wait_for(state="attached")
    await page.reload()
    await expect(page.locator("[name=text]")).to_have_value("还没写完")
    await expect(page.locator("[name=category]")).to_have_value("street-lighting")
    await expect(page.get_by_label("闪烁")).to_be_checked()
    await expect(page.locator(".files li")).to_contain_text("路灯.jpg")


async def test_a_wrong_file_is_refused_by_its_name_and_the_rest_stays(city, citizen, person, photo, tmp_path):
    wrong = tmp_path / "说明.txt"
    wrong.write_text("不是照片")
    page, text = await person(script=False), f"附件 {uuid4().hex[:8]}。"
    await fill(page, citizen, text)
    await page.locator("#f-attachments").set_input_files([photo, wrong])
    await submit(page).click()
    await expect(page.locator("[data-files] .fault")).to_contain_text("说明.txt")
    await expect(page.locator("[name=text]")).to_have_value(text)
    await expect(page.locator("[name=stored]")).to_be_checked()
    await submit(page).click()
    case = await receipt(city, page, citizen, text)
    assert len((await city.heard(CaseRegistered, case.case_id)).attachments) == 1
    await case.answered()


async def test_without_script_the_questions_of_a_category_come_on_a_second_page(city, citizen, person):
    page, text = await person(script=False), f"工地 {uuid4().hex[:8]}。"
    await fill(page, citizen, text, category="noise-construction")
    await submit(page).click()
    await expect(page.locator(".note[data-focus]")).to_contain_text("还有几个问题")
    await page.get_by_label("工地名称").fill("某某工地")
    await submit(page).click()
    await (await receipt(city, page, citizen, text)).answered()


@with_and_without_script
async def test_what_is_missing_is_marked_beside_its_field_in_both_languages(citizen, person, script):
    for language, missing in (("zh", "请填写“事项类别”。"), ("en", "“Category” is missing.")):
        page = await person(script=script)
        await page.goto(f"{citizen}/complain?lang={language}")
        await page.get_by_role("radio", name=re.compile("电子邮件|e-mail")).check()
        await submit(page).click()
        field = page.locator(".field", has=page.locator("[name=category]"))
        await expect(field.locator(".fault")).to_have_text(missing)
        assert await page.locator(".fault").count() == 4  # category, area, text, e-mail
        assert await page.locator("[name=category]").get_attribute("aria-invalid") == "true"


@with_and_without_script
async def test_script_in_every_text_field_is_shown_as_text(city, citizen, person, script):
    page = await person(script=script)
    await page.goto(f"{citizen}/complain")
    for name in ("text", "address", "contact.name"):
        if name == "contact.name" and script:
            await page.get_by_label("发送电子邮件").check()
        await page.locator(f"[name='{name}']").fill(SCRIPT)
    await page.locator("[name=category]").select_option("other")
    await page.locator("[name=area]").select_option("beicheng")
    await page.get_by_label("发送短信").check()
    await page.locator("[name='contact.phone']").fill("1")
    await submit(page).click()
    await expect(page.locator(".note.bad[data-focus]")).to_be_visible()
    for name in ("text", "address", "contact.name"):
        await expect(page.locator(f"[name='{name}']")).to_have_value(SCRIPT)

    case = await filed(city, await person(script=script), citizen)
    await case.answered(f"回复 {SCRIPT}")
    await case.shows(citizen, "#answer")
    assert SCRIPT in await case.page.locator("main").inner_text()
    await page.goto(f"{citizen}/track")
    await page.locator("[name=number]").fill(SCRIPT[:40])
    await page.locator("[name=receipt_code]").fill("4821000000000000")
    await submit(page, "/track").click()
    await expect(page.locator("[name=number]")).to_have_value(SCRIPT[:40])
    for each in (page, case.page) if script else ():
        assert await each.evaluate("window.hacked") is None


def token(city: City, case_id: str, purpose: LinkPurpose, valid: timedelta) -> str:
    """As notify signs it."""
    link = CaseLink(case_id, purpose, 1 if purpose is LinkPurpose.RATE else 0, datetime.now(UTC) + valid)
    return link_token(secret_for("ratings", city.deployment.dead_letter_key), link)


@with_and_without_script
async def test_a_link_out_of_a_mail_opens_the_case_and_leaves_no_trace(city, citizen, apps, person, script):
    case = await filed(city, await person(script=script), citizen)
    await case.answered()
    await case.shows(citizen, "#do-reopen")
    good = token(city, case.case_id, LinkPurpose.RATE, timedelta(days=1))
    page, requests = await person(script=script), list[tuple[str, str]]()
    page.on("request", lambda each: requests.append((each.url, each.headers.get("referer", ""))))
    mail = f"<a href='{citizen}/r/{good}'>mail</a>"
    await page.route("http://mail.example/", lambda route: route.fulfill(body=mail, content_type="text/html"))
    await page.goto("http://mail.example/")  # of another site
    await page.locator("a").click()
    await page.wait_for_url(f"{citizen}/case")
    await expect(page.locator("#where")).to_have_text(case.number)
    assert await page.locator("#do-rate[open]").count() == 1
    assert not await page.locator("#do-reopen").count()  # this link is for a rating
    assert [url for url, _ in requests if good in url] == [f"{citizen}/r/{good}"]
    assert not [referer for _, referer in requests if good in referer]
    assert all(good not in str(each) for each in await page.context.cookies())
    await page.go_back()
    assert good not in page.url
    logs = "".join(each.read_text() for each in apps.directory.glob("citizen-*.log"))
    assert "/r/{token}" in logs
    assert good not in logs
    assert case.code not in logs

    for bad, words in (
        (token(city, case.case_id, LinkPurpose.CASE, timedelta(days=-1)), "链接已过期"),
        (good[:-1] + ("A" if good[-1] != "A" else "B"), "链接无效"),
        (good[:-9], "链接不完整"),
    ):
        await page.goto(f"{citizen}/c/{bad}")
        if len(bad) == len(good):
            await page.wait_for_url(f"{citizen}/case")
        await expect(page.locator(".note.bad[data-focus]")).to_contain_text(words)


class Gate:
    """Passes connections on to a service, until it is closed."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition("//")[2].partition(":")
        self._port = int(port)
        self._writers: set[asyncio.StreamWriter] = set()
        self.closed = False
        self.url = ""

    async def __aenter__(self) -> Gate:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        self._server.close()

    def close(self) -> None:
        """Every connection ends, and new ones at once."""
        self.closed = True
        for each in self._writers:
            each.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            writer.transport.abort()
            return
        inner_reader, inner_writer = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, inner_writer}
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        self._writers -= {writer, inner_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def gated(city: City, apps: Apps) -> AsyncIterator[tuple[str, Gate]]:
    """Public pages of their own, whose intake can be taken away."""
    async with Gate(city.deployment.fleet.url("intake")) as gate:
        url, process = await apps.another("citizen", {**settings(apps), "XN_INTAKE_URL": gate.url})
        try:
            yield url, gate
        finally:
            await asyncio.to_thread(process.stop)


@with_and_without_script
async def test_a_service_that_is_away_is_named_and_everything_typed_stays(city, gated, person, photo, script):
    citizen, gate = gated
    page, text = await person(script=script), f"服务中断 {uuid4().hex[:8]}。"
    await fill(page, citizen, text)
    await page.locator("#f-attachments").set_input_files(photo)
    if script:
        await page.locator("[name=stored]").wait_for(state="attached")
    gate.close()
    await submit(page).click()
    await expect(page.locator("main")).to_contain_text("您填写的内容都还在")
    await expect(page.locator("[name=text]")).to_have_value(text)
    await expect(page.locator("[name=area]")).to_have_value("beicheng")
    if not script:  # browsers do not send a file again
        await expect(page.locator("[data-files] .fault")).to_contain_text("路灯.jpg: 没有传上，请重新选择")
        await page.locator("#f-attachments").set_input_files(photo)
    gate.closed = False
    await submit(page).click()
    case = await receipt(city, page, citizen, text)
    assert len((await city.heard(CaseRegistered, case.case_id)).attachments) == 1
    await case.answered()


async def test_a_lost_connection_is_named_and_the_form_can_be_sent_later(city, citizen, person, troubles):
    troubles.allow("ERR_INTERNET_DISCONNECTED")
    page, text = await person(), f"断网 {uuid4().hex[:8]}。"
    await fill(page, citizen, text)
    await page.context.set_offline(True)
    await submit(page).click()
    await expect(page.locator("[data-problem]")).to_contain_text("连接不上服务器")
    await expect(page.locator("[name=text]")).to_have_value(text)
    await page.context.set_offline(False)
    await submit(page).click()
    await (await receipt(city, page, citizen, text)).answered()


async def test_guessing_is_limited_by_address_and_others_are_not_disturbed(citizen):
    async def track(client: httpx.AsyncClient, code: int) -> httpx.Response:
        return await client.post("/track", data={"number": "BC-20261123-000042", "receipt_code": f"{code:016d}"})

    guesser, neighbour = ({"X-Forwarded-For": each} for each in ("198.51.100.7", "198.51.100.8"))
    async with (
        httpx.AsyncClient(base_url=citizen, headers=guesser, trust_env=False) as one,
        httpx.AsyncClient(base_url=citizen, headers=neighbour, trust_env=False) as other,
    ):
        statuses = [(await track(one, n)).status_code for n in range(12)]
        assert statuses[:10] == [404] * 10
        refused = await track(one, 99)
        assert refused.status_code == 429
        assert "过于频繁" in refused.text or "次数" in refused.text or "稍后" in refused.text
        assert (await track(other, 1)).status_code == 404


async def test_a_forged_address_does_not_renew_the_limit(apps):
    citizen, process = await apps.another("citizen", {**settings(apps), "XN_WEB_PROXIES": "192.0.2.1"})
    try:
        async with httpx.AsyncClient(base_url=citizen, trust_env=False) as client:
            statuses = []
            for n in range(12):
                sent = {"number": "BC-20261123-000042", "receipt_code": f"{n:016d}"}
                answer = await client.post("/track", data=sent, headers={"X-Forwarded-For": address()})
                statuses.append(answer.status_code)
        assert 429 in statuses
    finally:
        await asyncio.to_thread(process.stop)


async def test_a_complaint_is_filed_by_keyboard_alone(city, citizen, person):
    page, text = await person(), f"只用键盘 {uuid4().hex[:8]}。"
    await page.goto(citizen)

    async def tab_to(selector: str) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("s => document.activeElement?.matches(s)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    await tab_to(".ways a")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{citizen}/complain")
    await tab_to("#find")
    await page.keyboard.type("居民噪声")
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=category]")).to_have_value("noise-residential")
    await tab_to("[name=area]")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[name=area]")).to_have_value("beicheng")
    await tab_to("[name=text]")
    await page.keyboard.insert_text(text)
    await page.keyboard.press("Control+Enter")
    await (await receipt(city, page, citizen, text)).answered()


WIDTHS = {"desk": {}, "phone": {"viewport": PHONE}, "zoomed": {"viewport": {"width": 640, "height": 400}}}


@pytest.mark.parametrize(("language", "width"), [("zh", "phone"), ("en", "desk"), ("en", "phone"), ("zh", "zoomed")])
async def test_every_page_passes_the_rules_of_accessibility(city, citizen, person, axe, language, width):
    page = await person(**WIDTHS[width])
    for path in ("", "complain", "track", "published", "figures", "paper", "help", "nowhere"):
        await page.goto(f"{citizen}/{path}?lang={language}")
        await axe(page)
    await page.goto(f"{citizen}/complain")
    await submit(page).click()
    await axe(page)
    case = await filed(city, page, citizen)
    await axe(page)
    await case.answered()
    await case.shows(citizen, "#do-rate")
    await axe(page)


async def test_a_printed_paper_that_was_never_issued_is_not_genuine(citizen, person):
    page = await person()
    await page.goto(f"{citizen}/paper")
    await page.locator("[name=number]").fill("BC-20261123-000042-SL")
    await page.locator("[name=code]").fill("ABCD-EFGH")
    await submit(page, "/paper").click()
    await expect(page.locator(".note.bad[data-focus]")).to_contain_text("没有查到")


async def test_a_receipt_prints_on_half_a_page(city, citizen, person):
    case = await filed(city, await person(), citizen)
    await case.page.emulate_media(media="print")
    assert (
        await case.page.evaluate("document.querySelector('.receipt').getBoundingClientRect().bottom") < 148 * 96 / 25.4
    )
    assert not await case.page.locator(".buttons").is_visible()
    await case.answered()
