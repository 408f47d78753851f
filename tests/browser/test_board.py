"""The board against real services: its figures are theirs, it renews itself, and everything can be followed down."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts.board import BoardEntryPosted, entry_id_for
from contracts.channel import SubmitComplaint
from contracts.codes import Channel
from contracts.routing import AssignmentOffered
from contracts.scoring import CaseMeasured, CaseRated
from tests.browser.conftest import PHONE
from tests.support.app import app_of
from tests.support.apps import Apps, sign_in
from tests.support.bus import complaint
from tests.support.chromium import Page
from tests.support.city import City, reference
from tests.support.waiting import wait_until

KEY = "of the spans of the tests"
OFFICE, POLICE, WEB = "city-office", "police-beicheng", "web"
STATION = "police-shuangqiao"
"""Below `POLICE`."""
MONTH = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m}"
WALL, LARGE_WALL = {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}


@pytest.fixture(scope="module")
async def board(apps: Apps, city: City, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the board."""
    file = tmp_path_factory.mktemp("traces") / "spans.sqlite"
    return await apps.start("board", {"XN_BOARD_TRACES_KEY": KEY, "XN_BOARD_TRACES_FILE": str(file)})


@pytest.fixture(scope="module")
async def answered(city: City) -> SubmitComplaint:
    """A case that the police have answered and that was rated."""
    submission = complaint(reference(), title="烧烤店<b>夜间</b>噪声")
    await city.to_the_end(submission)
    await city.rate(Channel.WEB, submission.case_id)
    await city.heard(CaseRated, submission.case_id)

    async def indexed() -> bool:
        async with client_of(city, "intake", OFFICE) as client:
            answer = await client.get(f"/v1/cases/{submission.case_id}/timeline")
        steps = answer.json().get("steps", ()) if answer.status_code == 200 else ()
        return {"case.rated", "clock.stopped"} <= {each["event"] for each in steps}

    await until(indexed, "the rating in the index")
    return submission


async def asked(city: City, service: str, path: str, key: str = OFFICE, **query: Any) -> Any:
    """What a service answers to the key of a unit."""
    async with client_of(city, service, key) as client:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def client_of(city: City, service: str, key: str) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url(service), {"X-API-Key": city.deployment.api_keys[key]})


async def figure(page: Page, label: str) -> int:
    """A number at the head of the cockpit."""
    text = await page.locator(".figure", has_text=label).locator("strong").inner_text()
    return int(text.replace(",", ""))


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    await wait_until(condition, 40, what)


async def submitted(city: City, **fields: Any) -> SubmitComplaint:
    """A registered case that nobody answers."""
    submission = complaint(reference(), **fields)
    city.leave_silent(submission.case_id, "it is only looked at")
    await city.say(submission)
    await city.acknowledged(submission)
    return submission


async def test_the_figures_are_those_of_the_services_and_renew_themselves(
    city, board, answered, open_page, axe
) -> None:
    page = await open_page()
    await sign_in(page, board, "mayor")
    await page.locator("body[data-charts=drawn]").wait_for()

    async def agrees() -> bool:
        opened = (await asked(city, "intake", "/v1/overview/open"))["open"]
        flow = await asked(city, "intake", "/v1/overview/flow", minutes=60)
        shown = [await figure(page, "在办"), await figure(page, "登记"), await figure(page, "办结")]
        return shown == [opened, sum(flow["registered"]), sum(flow["answered"])]

    await until(agrees, "figures as the services have them")
    await page.evaluate("window.stays = true")
    before = await figure(page, "登记")
    await submitted(city)

    async def risen() -> bool:
        return await figure(page, "登记") > before

    await until(risen, "the new complaint on the page")
    await until(agrees, "figures as the services have them")
    assert await page.evaluate("window.stays") is True
    chart = page.locator("[data-chart=open] canvas")
    assert await chart.count() == 1
    for id in ("flow", "open", "due", "months", "areas", "units", "grades", "waiting", "backlog"):
        assert await page.locator(f"#{id} h2").count() == 1, id
    await page.locator("#units td").first.wait_for()
    await axe(page)


async def test_every_number_leads_down_to_cases_and_a_rate_to_its_addends(
    city, board, answered, open_page, axe
) -> None:
    page = await open_page()
    await sign_in(page, board, "mayor")
    link = page.locator("#open-table td.number a").first
    await link.wait_for()
    count = int((await link.inner_text()).replace(",", ""))
    await link.click()
    await page.wait_for_url(re.compile("/cases"))
    await axe(page)
    assert f"{count} 件" in await page.locator("h1").inner_text()

    async def measured() -> bool:
        found = await asked(city, "scoring", f"/v1/scores/{MONTH}/units/{POLICE}")
        return bool(found["numbers"]["rates"]["satisfaction"]["denominator"])

    await until(measured, "the rating in the scores")
    await page.goto(f"{board}/scores/{MONTH}")
    await axe(page)
    await page.locator(f"a[href='/scores/{MONTH}/{POLICE}']").first.click()
    await page.locator("h1", has_text="北城分局").wait_for()
    await axe(page)
    await page.locator(f"a[href='/scores/{MONTH}/{POLICE}/satisfaction']").first.click()
    await page.locator("tbody tr").first.wait_for()
    await axe(page)
    found = await asked(city, "scoring", f"/v1/scores/{MONTH}/units/{POLICE}/satisfaction")
    assert await page.locator("tbody tr").count() == len(found["addends"]) == found["denominator"]
    await page.locator(f"a[href='/cases/{answered.case_id}']").click()
    await page.locator("#trace").wait_for()
    await axe(page)


async def test_the_story_of_a_case_has_all_services_and_its_trace(city, board, answered, open_page, axe, apps) -> None:
    page = await open_page()
    await sign_in(page, board, "mayor", f"/cases/{answered.case_id}")
    assert "烧烤店<b>夜间</b>噪声" in await page.locator("h1").inner_text()
    text = await page.locator(".timeline").inner_text()
    assert await page.locator(".waterfall tbody").count() >= 3
    for word in ("登记", "派单", "签收", "办结答复", "评价", "文书"):
        assert word in text, word
    await axe(page)
    async with httpx.AsyncClient(trust_env=False) as client:
        for headers, status in (({}, 403), ({"X-API-Key": "wrong"}, 403), ({"X-API-Key": KEY}, 415)):
            assert (await client.post(f"{board}/v1/traces", headers=headers, content=b"x")).status_code == status
        headers = {"X-API-Key": KEY, "Content-Type": "application/x-protobuf"}
        assert (await client.post(f"{board}/v1/traces", headers=headers, content=b"\xff")).status_code == 400
        await city.receiver.until(lambda spans: any(_is_about(each, answered.case_id, "notify") for each in spans))
        for body in list(city.receiver.bodies):
            assert (await client.post(f"{board}/v1/traces", headers=headers, content=body)).status_code == 200
    await page.reload()
    services = await page.locator(".waterfall tr.group th").all_inner_texts()
    assert {"受理", "派单", "时限与考核", "通知"} <= set(services)
    assert await page.locator(".waterfall rect").count() > 8
    await axe(page)
    phone = await open_page(viewport=PHONE)
    await sign_in(phone, board, "mayor", f"/cases/{answered.case_id}")
    await axe(phone)


def _is_about(span: Any, case_id: str, service: str) -> bool:
    return bool(span.service == service and span.attributes.get("xn.case.id") == case_id)


async def test_a_unit_sees_only_its_own(city, board, answered, open_page) -> None:
    about = await submitted(city, about=POLICE, title="民警态度")
    others = await submitted(city, area="qingshan", title="与北城公安无关")
    await city.heard(AssignmentOffered, others.case_id)
    page = await open_page()
    await sign_in(page, board, "staff", "/cases?state=open")
    shown = await page.locator("main").inner_text()
    assert "民警态度" not in shown
    assert "与北城公安无关" not in shown
    for path in (f"/cases/{about.case_id}", f"/cases/{others.case_id}", f"/scores/{MONTH}/ecology/response"):
        response = await page.goto(board + path)
        assert response is not None
        assert response.status in {403, 404}, path
        assert "民警态度" not in await page.content()
    await page.goto(f"{board}/scores/{MONTH}")
    links = await page.locator("main tbody th a").evaluate_all("links => links.map(each => each.getAttribute('href'))")
    assert {link.split("/")[3] for link in links} <= {POLICE, STATION}
    await page.goto(board)
    own = (await asked(city, "intake", "/v1/overview/open", POLICE))["open"]
    await until(lambda: _is(page, "在办", own), "only its own cases")
    anonymous = await open_page()
    for path in ("/", "/cases", f"/cases/{answered.case_id}", "/scores", f"/scores/{MONTH}/{POLICE}"):
        await anonymous.goto(board + path)
        assert "/sign-in" in anonymous.url, path
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{board}/events")).status_code == 401


async def _is(page: Page, label: str, value: int) -> bool:
    return await figure(page, label) == value


async def test_a_lost_connection_is_shown_and_mended(apps, city, open_page, troubles, tmp_path) -> None:
    troubles.allow("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")
    settings = {"XN_BOARD_TRACES_FILE": str(tmp_path / "spans.sqlite")}
    url, process = await apps.another("board", settings)
    page, screen = await open_page(), await open_page(viewport=WALL)
    await sign_in(page, url, "mayor")
    await screen.goto(f"{url}/screen")
    for each in (page, screen):
        assert await each.locator("[data-connection]").is_hidden()
        await each.evaluate("window.stays = true")
    await page.locator("#as-of time").wait_for()
    await asyncio.to_thread(process.stop)
    for each in (page, screen):
        await each.locator("[data-connection]").wait_for(state="visible")
    await submitted(city)
    again = apps.process("board", int(url.rpartition(":")[2]), settings)
    again.launch()
    try:
        await asyncio.to_thread(again.wait_ready)
        for each in (page, screen):
            await each.locator("[data-connection]").wait_for(state="hidden", timeout=30_000)
            assert await each.evaluate("window.stays") is True
        opened = (await asked(city, "intake", "/v1/overview/open"))["open"]
        await until(lambda: _is(page, "在办", opened), "figures of the present")
    finally:
        await asyncio.to_thread(again.stop)


async def test_the_public_screen_rolls_and_renews_itself_on_walls_of_both_sizes(city, board, open_page, axe) -> None:
    page = await open_page()
    for viewport in (WALL, LARGE_WALL):
        await page.set_viewport_size(viewport)
        await page.goto(f"{board}/screen")
        await axe(page)
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        size = await page.locator("tbody tr").first.evaluate("row => parseFloat(getComputedStyle(row).fontSize)")
        assert size >= viewport["height"] * 0.025
    await page.evaluate("window.stays = true")
    submission = complaint(reference(), title="不该公开的标题", text="不该公开的内容")
    city.leave_silent(submission.case_id, "it is only looked at")
    await city.say(submission)
    posted = await city.heard(
        BoardEntryPosted,
        where=lambda each: each.entry_id == entry_id_for(submission.case_id) and each.stage == "registered",
    )
    await page.locator(f"tr[data-row^='{posted.entry_id}']").first.wait_for(state="attached")
    assert await page.evaluate("window.stays") is True
    content = await page.content()
    assert "不该公开" not in content
    assert submission.case_id not in content

    async def counts() -> bool:
        today = (await asked(city, "notify", "/v1/board"))["today"]
        shown = await page.locator(".wall-figure strong").first.inner_text()
        return bool(shown == f"{today['registered']:,}")

    await until(counts, "the number of the day")
    await page.locator("[data-pause]").click()
    assert await page.locator("[data-pause]").inner_text() == "继续滚动"


async def test_pages_read_well_without_script_in_english_and_on_a_telephone(
    city, board, answered, open_page, axe
) -> None:
    await city.heard(CaseMeasured, answered.case_id)
    plain = await open_page(java_script_enabled=False, locale="en-GB")
    await sign_in(plain, board, "mayor")
    assert await plain.locator("#open h2").inner_text() == "Open cases by stage and age"

    async def counted() -> bool:
        await plain.goto(board)
        return bool(await plain.locator("#open-table tbody tr").count())

    await until(counted, "the table of open cases, after a reload")
    await plain.goto(f"{board}/screen")
    assert await plain.locator("tbody tr").count() >= 1
    phone = await open_page(viewport=PHONE, locale="en-GB")
    await sign_in(phone, board, "mayor")
    await axe(phone)
    for path in ("/cases?state=closed", f"/scores/{MONTH}", "/screen"):
        await phone.goto(board + path)
        await axe(phone)
