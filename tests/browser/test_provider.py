"""Sign-in at an OpenID Connect provider: a certified implementation as a process, on another site than the app."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, Route

from infra.local.process import free_port
from tests.support.apps import Apps, let_session_end
from tests.support.chromium import Troubles
from tests.support.oidc_provider import OidcProvider, running_provider

KIT = "tests.support.kit_site"


@pytest.fixture(scope="module")
async def kit(apps: Apps, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, OidcProvider]]:
    """An app of the kit whose people sign in at the provider alone."""
    port = free_port()
    with running_provider(f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("oidc") / "log") as provider:
        url, process = await apps.another("kit", provider.settings, KIT, port)
        yield url, provider
        await asyncio.to_thread(process.stop)


@pytest.fixture(autouse=True)
def pages_of_the_provider(troubles: Troubles) -> None:
    """What fails in the provider's own pages is not counted: they ask for fonts of the internet."""
    troubles.allow(r"fonts\.googleapis|localhost")


async def begin(page: Page, url: str, path: str = "/") -> None:
    """Go to a page of the app and on to the provider."""
    await page.goto(url + path)
    await page.get_by_role("link", name="统一身份认证登录").click()
    await page.wait_for_url("http://localhost:*/interaction/**")


async def prove(page: Page, account: str) -> None:
    """Sign in at the provider, as any password does there."""
    await page.locator("[name=login]").fill(account)
    await page.locator("[name=password]").fill("any")
    await page.locator("button[type=submit]").click()


async def sign_in_there(page: Page, url: str, account: str = "wang", path: str = "/") -> None:
    await begin(page, url, path)
    await prove(page, account)
    await page.wait_for_url(url + path)


async def cookie(page: Page, name: str) -> str | None:
    found = [each["value"] for each in await page.context.cookies() if each["name"] == name]
    return found[0] if found else None


async def test_a_person_comes_back_to_the_page_they_wanted_with_the_posts_of_the_claim(kit, page):
    url, _ = kit
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/auth?" in request.url else None)
    await sign_in_there(page, url, path="/seen")
    assert '"post":"police-beicheng.desk-1"' in (await page.inner_text("body")).replace(" ", "")
    query = parse_qs(urlsplit(asked[0]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert min(len(query[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20
    cookies = {each["name"]: each for each in await page.context.cookies([url])}
    assert cookies["xn_session"]["sameSite"] == "Strict"
    assert cookies["xn_session"]["httpOnly"]


async def test_a_claim_with_one_post_is_enough(kit, page):
    url, _ = kit
    await sign_in_there(page, url, "li")
    assert await page.locator("#post").inner_text() == "beicheng-centre.desk-2"


async def test_claims_in_the_identity_token_are_read_as_well(apps, page, tmp_path):
    port = free_port()
    with running_provider(f"http://127.0.0.1:{port}", tmp_path / "log", in_id_token=True) as provider:
        url, process = await apps.another("kit", provider.settings, KIT, port)
        try:
            await sign_in_there(page, url)
            assert await page.locator("#post").inner_text() == "police-beicheng.desk-1"
        finally:
            await asyncio.to_thread(process.stop)


async def test_an_account_without_posts_is_known_but_not_let_in(kit, page):
    url, _ = kit
    await begin(page, url)
    await prove(page, "guest")
    await page.wait_for_url(f"{url}/sign-in/back**")
    assert "没有岗位" in await page.locator("[role=alert]").inner_text()
    assert await cookie(page, "xn_session") is None
    await page.goto(url)
    assert urlsplit(page.url).path == "/sign-in"


async def test_a_person_who_breaks_off_at_the_provider_may_begin_again(kit, page):
    url, _ = kit
    await begin(page, url)
    await page.get_by_role("link", name="Cancel").click()
    await page.wait_for_url(f"{url}/sign-in/back**")
    assert "access_denied" in await page.locator("[role=alert]").inner_text()
    await sign_in_there(page, url)


@pytest.mark.parametrize("name", ["nonce", "code_challenge"])
async def test_an_answer_to_another_question_is_refused(kit, page, name):
    """The provider is asked with another nonce or challenge than the app has noted: its token or code does not fit."""
    url, _ = kit

    async def changed(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        other = re.sub(rf"([?&]{name}=)[^&]+", r"\g<1>" + "x" * 43, answer.headers["location"])
        assert other != answer.headers["location"]
        await route.fulfill(response=answer, headers={**answer.headers, "location": other})

    await page.route("**/sign-in/provider?**", changed)
    await begin(page, url)
    await prove(page, "wang")
    await page.wait_for_url(f"{url}/sign-in/back**")
    assert "没有成功" in await page.locator("[role=alert]").inner_text()
    assert await cookie(page, "xn_session") is None


async def test_the_answer_of_one_browser_signs_nobody_in_at_another(kit, page, open_page):
    url, _ = kit
    attacker = await open_page()
    await begin(attacker, url)
    action = await attacker.locator("form").get_attribute("action")
    given = {"prompt": "login", "login": "wang", "password": "any"}
    answer = await attacker.context.request.post(action, form=given, max_redirects=0)
    while not answer.headers["location"].startswith(f"{url}/sign-in/back?"):
        answer = await attacker.context.request.get(answer.headers["location"], max_redirects=0)
    caught = answer.headers["location"]
    answer = await page.goto(caught)
    assert answer.status == 400
    assert "已经过期" in await page.locator("[role=alert]").inner_text()
    assert await cookie(page, "xn_session") is None


async def test_a_sign_in_that_took_too_long_is_begun_again(kit, page):
    url, _ = kit
    await begin(page, url, "/form")
    await page.context.clear_cookies(name="xn_signing_in")  # as the browser does after ten minutes
    await prove(page, "wang")
    await page.wait_for_url(f"{url}/sign-in/back**")
    assert "已经过期" in await page.locator("[role=alert]").inner_text()
    await page.get_by_role("link", name="统一身份认证登录").click()
    await page.wait_for_url(f"{url}/")


async def test_two_windows_may_sign_in_at_once_each_for_its_page(kit, page):
    url, _ = kit
    other = await page.context.new_page()
    await begin(page, url, "/form")
    await begin(other, url, "/seen")
    await prove(page, "wang")
    await page.wait_for_url(f"{url}/form")
    await prove(other, "wang")
    await other.wait_for_url(f"{url}/seen")


async def test_an_app_at_an_address_that_the_provider_does_not_know_gets_nobody_from_it(kit, apps, page, troubles):
    _, provider = kit
    url, process = await apps.another("kit", provider.settings, KIT)
    try:
        await page.goto(url)
        await page.get_by_role("link", name="统一身份认证登录").click()
        await page.get_by_text("invalid_redirect_uri").first.wait_for()
        assert page.url.startswith(provider.issuer)
    finally:
        await asyncio.to_thread(process.stop)


async def test_sign_out_ends_the_session_of_the_provider_too(kit, page):
    url, provider = kit
    await sign_in_there(page, url)
    await page.locator("summary").click()
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url(f"{provider.issuer}/session/end**")
    await page.get_by_role("button", name="Yes, sign me out").click()
    await page.wait_for_url(f"{url}/sign-in?next=%2F")
    assert await cookie(page, "xn_session") is None
    await page.get_by_role("link", name="统一身份认证登录").click()
    await page.locator("[name=login]").wait_for()  # the provider asks again


async def test_a_form_that_was_sent_after_the_session_comes_back_from_the_provider(kit, open_page):
    url, _ = kit
    page = await open_page(java_script_enabled=False)
    await page.goto(url)
    await page.get_by_role("link", name="统一身份认证登录").click()
    await prove(page, "wang")
    await page.wait_for_url(f"{url}/")
    await page.goto(f"{url}/form")
    await page.locator("[name=title]").fill("井盖")
    await page.locator("[name=words]").fill("第一行\n<b>第二行</b>")
    await let_session_end(page)
    await page.locator("main form button").click()
    assert await page.get_by_text("填写的内容会恢复").is_visible()
    await page.get_by_role("link", name="统一身份认证登录").click()
    await page.wait_for_url(f"{url}/form")
    assert await page.locator("[name=words]").input_value() == "第一行\n<b>第二行</b>"


async def test_a_provider_that_is_away_is_named_and_the_page_can_be_tried_again(apps, page, tmp_path):
    port = free_port()
    with running_provider(f"http://127.0.0.1:{port}", tmp_path / "log") as provider:
        url, process = await apps.another("kit", provider.settings, KIT, port)
        provider.process.kill()
        try:
            await page.goto(f"{url}/form")
            answer = await _clicked(page)
            assert answer == 502
            assert "没有成功" in await page.locator("[role=alert]").inner_text()
            provider.start()
            await page.get_by_role("link", name="统一身份认证登录").click()
            await page.wait_for_url("http://localhost:*/interaction/**")
            await prove(page, "wang")
            await page.wait_for_url(re.compile(re.escape(url) + "/(form)?$"))
        finally:
            await asyncio.to_thread(process.stop)


async def _clicked(page: Page) -> int:
    async with page.expect_response("**/sign-in/provider**") as found:
        await page.get_by_role("link", name="统一身份认证登录").click()
    return (await found.value).status
