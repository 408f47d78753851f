"""Verifiers, supervisors, bodies of accountability and publicity at the desk: journeys in a browser."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import expect

from contracts.channel import Contact
from contracts.codes import AppealType, ContactWay
from contracts.conduct import FindingFinal, MeasureAppealed, MeasureDecided, MeasureProposed, finding_key, subject_key
from contracts.inspections import RectificationClosed, rectification_key
from contracts.notify import NoticeFailed
from contracts.publicity import PublicationApproved, PublicationProposed, publication_key
from contracts.routing import AssignmentOffered, CaseClosed, HandlingReported, RedoOrdered
from contracts.surveys import SurveyClosed, SurveyPlanned, survey_key
from tests.browser.conftest import PHONE, Opener
from tests.support.apps import ACCOUNTS, Apps, sign_in, write_directory
from tests.support.bus import complaint
from tests.support.chromium import Page
from tests.support.city import City, attribute, reference

Axe = Callable[[Page], Awaitable[None]]
UNIT, POST = "police-beicheng", "police-beicheng.desk-1"
MORE = {
    "hotline": ("city-12345.desk-1",),
    "reviewer": ("human-resources.desk-1",),
    "bureau": ("police.desk-1",),
    "brigade": ("urban-management-nancheng.desk-1",),
}


@pytest.fixture(scope="module")
async def desk(apps: Apps) -> str:
    """The address of the desk, where posts of more units may sign in."""
    write_directory(apps.people, {**ACCOUNTS, **MORE})
    return await apps.start("desk")


async def shot(page: Page, name: str) -> None:
    """A picture of the page for people, where `SHOTS_DIR` names a directory."""
    if folder := os.environ.get("SHOTS_DIR"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def submit(page: Page, done: str) -> None:
    """Send the form of an action, and wait until the next page shows that it was accepted."""
    await page.locator("[data-action] .buttons button").click()
    await expect(page.locator(".note.good")).to_have_text(f"{done}：已完成。")


async def reported(city: City, unit: str = UNIT) -> tuple[str, str]:
    """A case that waits for the verifier: its id and its title."""
    title = f"举报占道 {uuid4().hex[:6]}"
    submission = complaint(reference(), appeal=AppealType.REPORT, title=title)
    await city.say(submission)
    offered = await city.heard(AssignmentOffered, submission.case_id)
    await city.sign(offered.unit, submission.case_id)
    await city.report(offered.unit, submission.case_id, "现场已清理。<b>")
    await city.heard(HandlingReported, submission.case_id)
    return submission.case_id, title


async def listed(page: Page, address: str, text: str) -> None:
    """Load the page until it has the row: the search index follows the events."""
    for _ in range(60):
        await page.goto(address)
        if await page.locator("[data-row]", has_text=text).count():
            return
        await page.wait_for_timeout(250)
    raise AssertionError(f"{text} is not on {address}")


async def test_a_report_is_ordered_again_with_a_reason_and_then_accepted(
    city: City, desk: str, page: Page, axe: Axe
) -> None:
    case_id, title = await reported(city)
    await sign_in(page, desk, "clerk", "/waiting/verification")
    await listed(page, f"{desk}/waiting/verification", title)
    await axe(page)
    await page.locator("[data-row]", has_text=title).get_by_role("link", name="办理").click()
    await expect(page.locator(".compare")).to_contain_text("现场已清理。<b>")
    await axe(page)
    await shot(page, "verify")
    await page.get_by_label("退回返工").check()
    await page.locator("[data-action] button").click()
    await expect(page.locator("[role=alert]")).to_be_visible()
    assert await page.get_by_label("退回返工").is_checked()
    await page.locator("[name=reason]").fill("没有现场照片。")
    await submit(page, "核查办结")
    assert (await city.heard(RedoOrdered, case_id)).reason == "没有现场照片。"

    await city.report(UNIT, case_id, "附照片。")
    await city.heard(HandlingReported, case_id, attribute(reply="附照片。"))
    await page.goto(f"{desk}/cases/{case_id}/verify")
    await expect(page.locator(".compare")).to_contain_text("已返工 1 次")
    await page.get_by_label("通过，销号").check()
    await page.locator("[name=reason]").fill("属实。")
    await submit(page, "核查办结")
    assert (await city.heard(CaseClosed, case_id)).reply == "附照片。"


async def test_a_finding_leads_to_a_measure_with_its_evidence_and_to_a_publication(
    city: City, desk: str, open_page: Opener, axe: Axe
) -> None:
    body, unit, deputy, mayor, reviewer = [await open_page() for _ in range(5)]
    submission = complaint(reference())
    await city.say(submission)
    await city.heard(AssignmentOffered, submission.case_id)
    name = f"2026-{uuid4().hex[:6]}"
    await sign_in(body, desk, "hotline", "/conduct")
    await axe(body)
    await body.goto(f"{desk}/do/record-finding?case_id={submission.case_id}&units={UNIT}")
    await axe(body)
    await body.locator("[data-action] button").click()
    await expect(body.locator("[role=alert]")).to_contain_text("请填写“认定编号”。")
    await body.locator("[name=reference]").fill(name)
    await body.get_by_label("属实", exact=True).check()
    await body.get_by_label("上级点名").check()
    await body.locator("[name=happened_on]").fill(f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%d}")
    await body.locator("[name=problem]").select_option("buck-passing")
    await body.locator("[name=facts]").fill("三次来电均未转办。<script>")
    await body.locator("[name=evidence]").fill("通话录音 0731\n值班记录")
    await body.locator("[data-action] button").click()
    await expect(body.locator("#f-happened_on-fault")).to_be_visible()
    await shot(body, "finding-form")
    assert await body.locator("[name=facts]").input_value() == "三次来电均未转办。<script>"
    await body.locator("[name=happened_on]").fill(f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}")
    await submit(body, "作出认定")
    await expect(body.locator("#conduct")).to_contain_text(name)
    await shot(body, "conduct")

    await sign_in(unit, desk, "leader", f"/findings/city-12345/{name}")
    await expect(unit.locator("#finding")).to_contain_text("三次来电均未转办。<script>")
    await axe(unit)
    await shot(unit, "finding")
    await unit.get_by_role("link", name="申诉").click()
    await unit.locator("[name=grounds]").fill("当日已转办。")
    await submit(unit, "申诉")
    await sign_in(deputy, desk, "deputy", "/")
    await deputy.locator(".tile", has_text="待决定的申诉").click()
    await deputy.get_by_role("link", name=f"办理 {name}").click()
    await deputy.get_by_role("link", name="作出申诉决定").click()
    await deputy.get_by_label("属实", exact=True).check()
    await deputy.locator("[name=reason]").fill("没有转办记录。")
    await submit(deputy, "作出申诉决定")
    assert (await city.heard(FindingFinal, finding_key("city-12345", name))).counts

    subject = subject_key("unit", UNIT)
    proposed = await city.heard(MeasureProposed, subject, lambda each: finding_key("city-12345", name) in each.findings)
    await sign_in(mayor, desk, "mayor", f"/conduct/unit/{UNIT}")
    card = mayor.locator(f'[data-proposal="{proposed.proposal_id}"]')
    await expect(card).to_contain_text("三次来电均未转办。<script>")
    assert await card.locator(f'a[href="/cases/{submission.case_id}"]').count() == 1
    await axe(mayor)
    await shot(mayor, "record")
    await card.get_by_role("link", name="决定处理").click()
    await expect(mayor.locator(".card.accent")).to_contain_text("通话录音 0731")
    assert await mayor.locator("[name=measures]:checked").get_attribute("value") == proposed.measures[0]
    await axe(mayor)
    await shot(mayor, "decide")
    await mayor.locator("[name=reason]").fill("性质明确。")
    await submit(mayor, "决定处理")
    decided = await city.heard(MeasureDecided, subject, attribute(proposal_id=proposed.proposal_id))
    assert (decided.by, decided.actor, decided.measures) == ("city-office", "city-office.director", proposed.measures)

    await unit.goto(f"{desk}/conduct/unit/{UNIT}")
    await unit.locator(f'[data-proposal="{proposed.proposal_id}"]').get_by_role("link", name="申诉").click()
    await unit.locator("[name=grounds]").fill("已经改正。")
    await submit(unit, "对处理申诉")
    await city.heard(MeasureAppealed, subject, attribute(proposal_id=proposed.proposal_id))

    put_up = await city.heard(PublicationProposed, where=attribute(about=UNIT, unit="human-resources"))
    await sign_in(reviewer, desk, "reviewer", "/")
    await reviewer.locator(".tile", has_text="待审核的公开").click()
    await reviewer.get_by_role("link", name="审核").first.click()
    await expect(reviewer.locator(".card.accent")).to_contain_text(put_up.title_zh)
    await axe(reviewer)
    await shot(reviewer, "review")
    await reviewer.get_by_label("不同意").check()
    await reviewer.locator("[name=reason]").fill("申诉期内，暂不公开。")
    await submit(reviewer, "审核公开")


async def test_a_publication_is_reviewed_by_another_person_and_withdrawn(
    city: City, desk: str, open_page: Opener, axe: Axe
) -> None:
    proposer, reviewer = await open_page(), await open_page()
    name, title = uuid4().hex[:8], f"表扬北城分局 {uuid4().hex[:6]}"
    key = publication_key("city-12345", name)
    await sign_in(proposer, desk, "hotline", "/do/propose-publication")
    await axe(proposer)
    await proposer.locator("[name=reference]").fill(name)
    await proposer.get_by_label("表扬").check()
    for field, text in (
        ("title_zh", title),
        ("text_zh", "连夜处置。<i>"),
        ("title_en", "Praise"),
        ("text_en", "Done."),
    ):
        await proposer.locator(f"[name={field}]").fill(text)
    await submit(proposer, "提出公开")
    await sign_in(reviewer, desk, "verifier", "/publications")
    await reviewer.get_by_role("link", name=f"审核 {title}").click()
    await expect(reviewer.locator(".card.accent")).to_contain_text("连夜处置。<i>")
    await reviewer.get_by_label("同意公开").check()
    await reviewer.locator("[name=reason]").fill("属实。")
    await submit(reviewer, "审核公开")
    approved = await city.heard(PublicationApproved, key)
    assert (approved.reviewer, approved.actor) == ("city-office", "city-office.desk-1")
    await reviewer.reload()
    await expect(reviewer.locator("[data-row]", has_text=title).last).to_contain_text("公开自")
    await axe(reviewer)
    await shot(reviewer, "publications")
    await proposer.goto(f"{desk}/do/withdraw-publication?by=city-12345&reference={name}")
    await proposer.locator("[name=reason]").fill("有误。")
    await submit(proposer, "撤下公开")


async def test_a_notice_that_was_not_delivered_is_sent_again(city: City, desk: str, page: Page, axe: Axe) -> None:
    contact = Contact(email="anyone@unknown.example", ways=(ContactWay.EMAIL,))
    submission = complaint(reference(), contact=contact)
    await city.say(submission)
    await city.heard(NoticeFailed, submission.case_id)
    number = (await city.acknowledged(submission)).number
    await sign_in(page, desk, "clerk", "/notices/dead")
    row = page.locator("[data-row]", has_text=number)
    await expect(row).to_contain_text("电子邮件：")
    await expect(row).not_to_contain_text("anyone@")
    await axe(page)
    await shot(page, "dead")
    await row.get_by_role("button", name="重发").click()
    await expect(page.locator(".note.good")).to_contain_text("已提交重发")
    for _ in range(60):
        if await page.locator("[data-row]", has_text="已重发 1 次").count():
            break
        await page.wait_for_timeout(250)
        await page.reload()
    await expect(page.locator("[data-row]", has_text=number)).to_contain_text("已重发 1 次")


async def test_what_an_inspection_orders_is_put_right_and_verified(
    city: City, desk: str, open_page: Opener, axe: Axe
) -> None:
    body, unit = await open_page(), await open_page()
    name, today = uuid4().hex[:8], f"{datetime.now(UTC) + timedelta(hours=8):%Y-%m-%d}"
    await sign_in(body, desk, "verifier", "/do/plan-inspection")
    await axe(body)
    await body.locator("[name=reference]").fill(name)
    await body.get_by_label("暗访，不通知").check()
    await body.locator(f"[name=units][value={UNIT}]").check()
    for field in ("first_day", "last_day"):
        await body.locator(f"[name={field}]").fill(today)
    await body.locator("[name=purpose]").fill("窗口作风")
    await submit(body, "安排检查")
    await sign_in(unit, desk, "leader", "/inspections")
    await expect(unit.locator("#inspections")).not_to_contain_text(name)
    await body.get_by_role("link", name=f"登记巡查 {name}").click()
    await axe(body)
    await body.locator("[name=visit]").fill("1")
    await body.locator("[name=about]").select_option(UNIT)
    await body.locator("[name=visited_on]").fill(today)
    await body.locator("[name=seen]").fill("窗口无人。")
    await body.locator("[name=rectify]").fill("尽快 | 公示去向")
    await body.locator("[data-action] button").click()
    await expect(body.locator("#f-rectify-fault")).to_contain_text("第 1 行不正确")
    await body.locator("[name=rectify]").fill("5 工作日 | 公示去向")
    await submit(body, "登记巡查")
    await expect(unit.locator("#inspections")).to_contain_text("公示去向")
    await unit.locator("[data-row]", has_text=name).get_by_role("link", name="报告完成").click()
    await unit.locator("[name=done]").fill("已公示。")
    await submit(unit, "报告整改完成")
    await body.goto(f"{desk}/inspections")
    await axe(body)
    await shot(body, "inspections")
    await body.locator("[data-row]", has_text=name).get_by_role("link", name="核查").click()
    await body.get_by_label("合格，销号").check()
    await body.locator("[name=reason]").fill("复查属实。")
    await submit(body, "核查整改")
    assert (await city.heard(RectificationClosed, rectification_key("city-office", name, "1", 1))).on_time


async def test_a_survey_is_counted_and_closed(city: City, desk: str, page: Page, axe: Axe) -> None:
    name = uuid4().hex[:8]
    key = survey_key("city-office", name)
    await sign_in(page, desk, "verifier", "/do/plan-survey")
    await page.locator("[name=reference]").fill(name)
    await page.locator(f"[name=units][value={UNIT}]").check()
    await page.locator("[name=period]").fill("2026-11")
    await page.locator("[name=questions]").fill("q1 | 60 | 服务态度 | Attitude\nq2 | 40 | 办事效率")
    await submit(page, "安排测评")
    assert [each.weight for each in (await city.heard(SurveyPlanned, key)).questions] == [60, 40]
    await page.get_by_role("link", name=f"登记问卷 {name}").click()
    await page.locator("[name=batch]").fill("1")
    await page.locator("[name=about]").select_option(UNIT)
    for field, count in (("issued", 10), ("returned", 9), ("valid", 8)):
        await page.locator(f"[name={field}]").fill(str(count))
    await page.locator("[name=answers]").fill("q1 | 4 | 4 | 0 | 0 | 0\nq2 | 8 | 0 | 0 | 0 | 0")
    await submit(page, "登记问卷")
    await axe(page)
    await shot(page, "surveys")
    await page.get_by_role("link", name=f"结束 {name}").or_(page.get_by_role("link", name="结束测评")).first.click()
    await submit(page, "结束测评")
    assert (await city.heard(SurveyClosed, key)).valid == 8


async def test_an_assessment_is_entered_and_approved_by_another_unit(desk: str, open_page: Opener, axe: Axe) -> None:
    body, office = await open_page(), await open_page()
    name = uuid4().hex[:8]
    await sign_in(body, desk, "hotline", "/do/record-assessment")
    await axe(body)
    await body.locator("[name=reference]").fill(name)
    await body.get_by_label("加分").check()
    await body.locator("[name=item]").select_option("merit")
    await body.locator("[name=about]").select_option("police")
    await body.locator("[name=period]").fill("2026-11")
    await body.locator("[name=points]").fill("2.5")
    await body.locator("[name=basis]").fill("专项行动成绩突出。")
    await submit(body, "录入考核")
    await expect(body.locator("[data-row]", has_text=name)).to_contain_text("待审定")
    await axe(body)
    await sign_in(office, desk, "mayor", "/assessments")
    await office.locator("[data-row]", has_text=name).get_by_role("link", name="审定").click()
    await submit(office, "审定加分")
    await expect(office.locator("[data-row]", has_text=name)).to_contain_text("已计入")
    await shot(office, "assessments")
    await office.goto(f"{desk}/scores/2026-11/police/merit")
    await expect(office.locator("main")).to_contain_text("专项行动成绩突出。")


async def test_a_superior_sees_units_below_with_links_to_what_numbers_are_made_of(
    city: City, desk: str, page: Page, axe: Axe
) -> None:
    submission = complaint(reference())
    await city.say(submission)
    await city.heard(AssignmentOffered, submission.case_id)
    number = (await city.acknowledged(submission)).number
    await sign_in(page, desk, "bureau", "/supervision")
    rows = page.locator("[data-row]")
    await expect(page.locator(f'[data-row="{UNIT}"]')).to_be_visible()
    assert {await each.get_attribute("data-row") for each in await rows.all()} == {
        *("police", "police-beicheng", "police-shuangqiao", "police-qingshan")
    }
    await axe(page)
    await shot(page, "supervision")
    await listed(page, f"{desk}/supervision/units/{UNIT}", number)
    await axe(page)
    await shot(page, "supervised-unit")
    await page.goto(f"{desk}/scores/{datetime.now(UTC):%Y-%m}/{UNIT}/received")
    await axe(page)
    await expect(page.locator(f'a[href="/cases/{submission.case_id}"]')).to_have_count(1)
    await shot(page, "addends")


@pytest.mark.parametrize(
    "path",
    [
        *("/supervision/units/police", "/scores/2026-11/police", "/scores/2026-11/police/received"),
        *("/conduct/unit/police", "/conduct/post/police-beicheng.desk-1", "/conduct/person/x"),
        *("/findings/city-12345/none", "/issues/00000000-0000-0000-0000-000000000000.html", "/scores/soon/police"),
        "/cases/00000000-0000-0000-0000-000000000000/verify",
    ],
)
async def test_another_unit_gets_nothing_of_what_is_not_its_own(desk: str, page: Page, path: str) -> None:
    await sign_in(page, desk, "brigade")
    answer = await page.goto(desk + path)
    assert answer is not None
    assert answer.status in {403, 404}
    assert await page.locator("main dl, main table").count() == 0


async def test_lists_of_another_unit_are_empty_for_a_department(desk: str, page: Page) -> None:
    await sign_in(page, desk, "brigade")
    for path, text in (
        ("/conduct", "没有认定。"),
        ("/silences", "只有受理中心及其上级查看这个列表。"),
        ("/notices/dead", "只有受理中心及其上级查看这个列表。"),
        ("/assessments", "本单位不录入、也不审定考核。"),
        ("/inspections", "没有检查。"),
        ("/surveys", "没有测评。"),
        ("/supervision/cases", "没有督办的案件。"),
    ):
        await page.goto(desk + path)
        await expect(page.locator("main")).to_contain_text(text)


PATHS = (
    *("/supervision", "/supervision/cases", "/supervision/units/police-beicheng", "/silences", "/conduct"),
    *(f"/conduct/unit/{UNIT}", "/inspections", "/surveys", "/outcomes", "/scores", "/scores/2026-11/police-beicheng"),
    *("/assessments", "/series", "/publications", "/notices", "/notices/dead", "/papers", "/do/record-finding"),
)


@pytest.mark.parametrize(
    ("name", "options"), [("phone", {"viewport": PHONE}), ("desk", {"viewport": {"width": 1280, "height": 800}})]
)
async def test_every_page_passes_the_rules_on_a_phone_and_in_english(desk, open_page, axe, name, options):
    page = await open_page(**options)
    await sign_in(page, desk, "mayor")
    for path in PATHS:
        for language in ("zh", "en"):
            await page.goto(f"{desk}{path}?lang={language}")
            await axe(page)
            await shot(page, f"{name}-{language}{path.replace('/', '-')}")
