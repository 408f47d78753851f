"""Evidence of a department's report and files of a call: from the form to the verifier and the complainant."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import expect

from contracts.codes import AppealType
from contracts.intake import CaseRegistered
from contracts.routing import AssignmentOffered, CaseClosed, CaseSigned, HandlingReported
from tests.browser.conftest import PHONE, WAIT_MS, Opener
from tests.support.apps import ACCOUNTS, Apps, sign_in, write_directory
from tests.support.chromium import Page
from tests.support.city import City, reference
from tests.support.media import KINDS, located
from tests.support.waiting import eventually

UNIT = "police-beicheng"
PHOTO = {"name": "整改后.jpg", "mimeType": "image/jpeg", "buffer": located("JPEG")}
PAPER = {"name": "文书.pdf", "mimeType": "application/pdf", "buffer": KINDS["application/pdf"]}
WRONG = {"name": "网页.jpg", "mimeType": "image/jpeg", "buffer": b"<html>"}
Axe = Callable[[Page], Awaitable[None]]


@pytest.fixture(scope="module")
async def desk(apps: Apps) -> str:
    """The address of the desk, where an agent of the hotline may sign in, too."""
    write_directory(apps.people, {**ACCOUNTS, "caller": ("city-12345.agent-1",)})
    return await apps.start("desk", {"XN_DESK_FILE": str(apps.directory / "desk.sqlite")})


@pytest.fixture(autouse=True)
def _patient() -> None:
    """Conditions may take as long as everything else in a browser here."""
    expect.set_options(timeout=WAIT_MS)


async def shot(page: Page, name: str) -> None:
    """A picture of the page for people, where `SHOTS_DIR` names a directory."""
    if folder := os.environ.get("SHOTS_DIR"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, timeout=60_000)


async def at_work(city: City, appeal: AppealType) -> dict[str, Any]:
    """A case that its unit has signed: case id, number and receipt code."""
    body = {
        "external_id": reference(),
        "appeal": appeal,
        "category": "noise-residential",
        "area": "beicheng",
        "text": f"楼下烧烤店凌晨仍在营业 {uuid4().hex[:8]}。",
        "receipt_wanted": True,
    }
    headers = {"X-API-Key": city.deployment.api_keys["web"]}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as web:

        async def filed() -> httpx.Response:
            return await web.post(f"{city.deployment.fleet.url('intake')}/v1/complaints", json=body)

        answer = await eventually(filed, lambda each: each.status_code != 503, 60, "intake takes a complaint")
    assert answer.is_success, answer.text  # 200: it is registered already
    found: dict[str, Any] = answer.json()
    offered = await city.heard(AssignmentOffered, found["case_id"])
    assert offered.unit == UNIT
    await city.sign(UNIT, found["case_id"])
    await city.heard(CaseSigned, found["case_id"])
    return {**found, "number": offered.number}


async def is_shown(page: Page, picture: str) -> None:
    """The picture has loaded."""
    image = page.locator(picture).first
    await image.scroll_into_view_if_needed()
    await page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=await image.element_handle())


async def test_a_department_reports_with_a_photograph_and_its_verifier_opens_it(
    city: City, desk: str, open_page: Opener, axe: Axe, troubles: Any
) -> None:
    case_id = (await at_work(city, AppealType.REPORT))["case_id"]
    officer, verifier, foreign = await open_page(), await open_page(locale="en-GB"), await open_page()
    await sign_in(officer, desk, "staff", f"/cases/{case_id}/report")
    await officer.locator("#f-result input").first.check()
    await officer.locator("#f-reply").fill("已责令停业整改，见照片。")
    await officer.locator("#f-evidence").set_input_files([PHOTO, WRONG])  # type: ignore[arg-type]
    troubles.allow("422")
    await officer.locator("[data-action] .buttons button").click()
    await expect(officer.locator("#f-evidence-fault")).to_contain_text("网页.jpg: 不接收这种文件")
    assert await officer.locator("#f-reply").input_value() == "已责令停业整改，见照片。"
    stored = officer.locator(".stored input")
    await expect(stored).to_have_count(1)
    assert await stored.is_checked()
    await expect(officer.locator(".stored")).to_contain_text("整改后.jpg")
    await axe(officer)
    await shot(officer, "evidence-refused-zh")
    await officer.locator("#f-evidence").set_input_files([PAPER])  # type: ignore[arg-type]
    await officer.locator("[data-action] .buttons button").click()
    await expect(officer.locator(".note.good")).to_have_text("办结答复：已完成。")
    reported = await city.heard(HandlingReported, case_id)
    assert [each.media_type for each in reported.evidence] == ["image/jpeg", "application/pdf"]
    await shot(officer, "evidence-case-zh")

    await sign_in(verifier, desk, "clerk", f"/cases/{case_id}/verify")
    await is_shown(verifier, ".compare .files img")
    await expect(verifier.locator(".compare")).to_contain_text("Only for the units that handle")
    await axe(verifier)
    await shot(verifier, "evidence-verify-en")

    troubles.allow("404")
    await sign_in(foreign, desk, "water")
    await foreign.goto(f"{desk}/cases/{case_id}/files/{reported.evidence[0].file_id}")
    await expect(foreign.locator("h1")).to_have_text("没有找到")


async def test_the_complainant_opens_the_evidence_of_the_answer_without_script(
    city: City, desk: str, apps: Apps, open_page: Opener, axe: Axe
) -> None:
    case = await at_work(city, AppealType.COMPLAINT)
    case_id, citizen = case["case_id"], await apps.start("citizen")
    officer = await open_page(java_script_enabled=False)
    await sign_in(officer, desk, "staff", f"/cases/{case_id}/report")
    await officer.locator("#f-result input").first.check()
    await officer.locator("#f-reply").fill("已责令停业整改。")
    await officer.locator("#f-evidence").set_input_files([PHOTO])  # type: ignore[arg-type]
    await officer.locator("#f-evidence_shown").check()
    await officer.locator("[data-action] .buttons button").click()
    await expect(officer.locator(".note.good")).to_have_text("办结答复：已完成。")
    assert (await city.heard(CaseClosed, case_id)).evidence_shown

    person = await open_page(viewport=PHONE)
    link = person.locator(".files a")
    for _ in range(40):  # intake follows the events of routing
        await person.goto(f"{citizen}/track")
        await person.locator("[name=number]").fill(case["number"])
        await person.locator("[name=receipt_code]").fill(case["receipt_code"])
        await person.locator("main form button").first.click()
        await person.wait_for_url("**/case")
        if await link.count():
            break
        await person.wait_for_timeout(250)
    await expect(link).to_have_text("照片 1")
    await axe(person)
    await shot(person, "evidence-citizen-zh-phone")
    answer = await person.context.request.get(f"{citizen}/case/files/{(await link.get_attribute('href') or '')[-32:]}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")


async def test_a_caller_sends_a_photograph_with_the_complaint(
    city: City, desk: str, open_page: Opener, axe: Axe, troubles: Any
) -> None:
    page = await open_page(viewport=PHONE, locale="en-GB")
    await sign_in(page, desk, "caller", "/hotline")
    text = f"工地夜间施工 {uuid4().hex[:8]}"
    await page.locator("#f-category").fill("Residential noise")
    await page.locator("#f-text").fill(text)
    await page.locator("#f-attachments").set_input_files([PHOTO, WRONG])  # type: ignore[arg-type]
    troubles.allow("422")
    button = page.locator("[action='/hotline/file'] .buttons button")
    await button.click()
    await expect(page.locator("#f-attachments-fault")).to_contain_text("网页.jpg: This type is not taken")
    await expect(page.locator(".stored input")).to_be_checked()
    assert await page.locator("#f-text").input_value() == text
    await axe(page)
    await shot(page, "call-files-en-phone")
    await page.locator("#f-area").select_option("beicheng")
    await button.click()
    await page.locator("[data-number]").wait_for()
    registered = await city.heard(CaseRegistered, where=lambda each: text in each.text)
    city.leave_silent(registered.case_id, "no department handles it")
    assert [each.media_type for each in registered.attachments] == ["image/jpeg"]
