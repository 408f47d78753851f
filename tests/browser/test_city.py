"""The administrator's pages over real engines: a limit is edited, checked, compared and published, and services use it.

The module has engines of its own: what it publishes changes the rules of every case.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from pydantic import SecretStr

from apps.city.app import build
from apps.city.settings import CitySettings
from contracts.routing import CaseAssigned
from contracts.scoring import ClockStarted
from infra.http.keys import stored_issuer
from infra.local.engines import Engines
from infra.local.process import free_port
from tests.browser.conftest import PHONE, Opener
from tests.support.api_keys import ApiKeys
from tests.support.apps import sign_in
from tests.support.bus import Watch, complaint, producer
from tests.support.chromium import Page
from tests.support.city import City, reference
from tests.support.deployment import DEMO, Deployment
from tests.support.mail import MailServer
from tests.support.otlp import Receiver
from tests.support.tokens import Signer

PEOPLE = {"director": "city-office.director", "deputy": "city-office.deputy", "police": "police-beicheng.desk-1"}
PASSWORD = "of a trial 12345"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}


@dataclass
class Office:
    """The app and the services behind it."""

    city: City
    settings: CitySettings
    _servers: list[tuple[uvicorn.Server, asyncio.Task[None]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.web_port}"

    async def start(self) -> None:
        """The app answers, and has read what is published."""
        config = uvicorn.Config(build(self.settings).app, port=self.settings.web_port, log_config=None)
        server = uvicorn.Server(config)
        self._servers.append((server, asyncio.create_task(server.serve())))
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            await until(lambda: _is_ready(client), bool)

    async def stop(self) -> None:
        server, task = self._servers.pop()
        server.should_exit = True
        await task

    @asynccontextmanager
    async def signed_in(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client without script, in English."""
        async with httpx.AsyncClient(
            base_url=self.url, headers=SAME_ORIGIN, trust_env=False, follow_redirects=True, timeout=60
        ) as client:
            await client.post("/sign-in", data={"login": login, "password": PASSWORD, "next": "/history"})
            assert "xn_session" in client.cookies
            yield client


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def until(ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not holds(found := await ask()):
        assert time.monotonic() < deadline, f"it did not come to be in time: {str(found)[:500]}"
        await asyncio.sleep(0.1)
    return found


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(DEMO, folder / "demo")
    (folder / "engines").mkdir()
    signer = Signer(id="city")
    (folder / "token.key").write_text(json.dumps(signer.key.as_dict(private=True)))
    hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    (folder / "people.toml").write_text(
        "\n".join(
            f'[[person]]\nid = "person-{login}"\nlogin = "{login}"\nname = "{login}"\nposts = ["{post}"]\n'
            f'hash = "{hash}"'
            for login, post in PEOPLE.items()
        )
    )
    with Engines("embedded", folder / "engines") as engines:
        keys = ApiKeys()
        deployment = Deployment(
            engines,
            folder / "services",
            place=folder / "demo",
            partitions=1,
            api_keys=keys,
            settings={
                "XN_HTTP_KEYS": f"{keys.text}\n{stored_issuer(signer.issuer())}",
                "XN_REFERENCE_LOOK_SECONDS": "0.3",
            },
        )
        topics = ["cases.events", "routing.events", "scoring.events"]
        async with deployment, producer(engines.bootstrap) as client, Watch(engines.bootstrap, topics) as watch:
            fleet = deployment.fleet
            settings = CitySettings(
                web_secret=SecretStr("of the tests"),
                web_port=free_port(),
                token_issuer="city",
                token_key_file=folder / "token.key",
                directory_file=folder / "people.toml",
                kafka_bootstrap=engines.bootstrap,
                city_place="demo",
                city_drafts=folder / "drafts",
                scoring_url=fleet.url("scoring"),
                notify_url=fleet.url("notify"),
            )
            running = Office(City(deployment, Receiver(), MailServer(), client, watch), settings)
            await running.start()
            yield running
            await running.stop()


def forms(page: str) -> dict[str, str]:
    """The hidden fields of a page; of several with one name the first."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return dict(reversed(found))


async def edit(client: httpx.AsyncClient, table: str, at: str, **changed: Any) -> httpx.Response:
    """Send the form of a part back with changes, as a browser without script does."""
    path = f"/tables/{table}/edit?at={at}"
    page = (await client.get(path)).text
    return await client.post(path, data={**fields_of(page), **changed})


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send: every control of the page's first form with its value."""
    form = page[page.index('<form method="post" action="/tables') :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}
    for tag in re.finditer(
        r"<(input|select|textarea)([^>]*)>(.*?)(?=<(?:input|select|textarea)\b|\Z)", form, re.DOTALL
    ):
        kind, attributes, inside = tag.groups()
        name = re.search(r'name="([^"]*)"', attributes)
        if name is None or ('type="checkbox"' in attributes and " checked" not in attributes):
            continue
        value = re.search(r'value="([^"]*)"', attributes)
        text = value[1] if value else ""
        if kind == "select":
            chosen = re.search(r'<option value="([^"]*)" selected', inside)
            text = chosen[1] if chosen else ""
        elif kind == "textarea":
            text = inside.partition("</textarea>")[0].removeprefix("\n")
        found.setdefault(name[1], []).append(text)
    return found


def test_the_fields_of_a_page_are_found():
    select = '<select name="b"><option value="2" selected></select>'
    page = f'<form method="post" action="/tables/x"><input name="a" value="1">{select}</form>'
    assert fields_of(page) == {"a": ["1"], "b": ["2"]}


@pytest.mark.slow
async def test_a_limit_is_edited_checked_compared_published_and_used_by_keyboard_alone(office: Office, page: Page):
    await page.goto(office.url)
    await typed(page, "director")  # the first field has the focus
    await press(page, "Tab")
    await typed(page, PASSWORD, "Enter")
    await page.wait_for_url(f"{office.url}/")
    await follow(page, "main a[href='/tables/limits']")
    await follow(page, "a[href='/tables/limits/edit?at=close']")

    # a fault is shown beside its field, and what was typed is still there
    complaints = page.get_by_label("按诉求类型 4：数量")
    assert await page.get_by_label("按诉求类型 4：代码").input_value() == "complaint"
    await tab_to(page, "[aria-label='按诉求类型 4：数量']")
    await typed(page, "很多", "Control+Enter")
    await page.locator("[id='f-appeals-fault']", has_text="整数").wait_for()
    assert await complaints.input_value() == "很多"
    await follow(page, "a[href='#f-appeals']")
    await tab_to(page, "[aria-label='按诉求类型 4：数量']", most=12)  # the link has led to the field
    await typed(page, "9", "Control+Enter")
    await page.wait_for_url("**/tables/limits")
    assert await page.locator(".note.good").inner_text() == "已存入草稿。"

    # what contradicts another value is stored in the draft, named beside its field, and cannot be published
    await follow(page, "a[href='/tables/limits/edit?at=stages']")
    await tab_to(page, "[id='f-dispatch_urgent'] .amount")
    await typed(page, "48", "Control+Enter")
    await page.wait_for_selector("[id='f-dispatch_urgent-fault']")
    await press(page, "g", "p")
    await page.wait_for_url("**/publish")
    assert await page.locator("button.primary").is_disabled()
    assert "紧急派单" in await page.locator("#faults").inner_text()
    await follow(page, "#faults a")
    await tab_to(page, "[id='f-dispatch_urgent'] .amount")
    await typed(page, "2", "Control+Enter")
    await page.wait_for_url("**/tables/limits")

    await press(page, "g", "c")
    await page.wait_for_url("**/changes")
    assert await page.locator(".changes .where").all_inner_texts() == ["办结时限 › 按诉求类型 › 投诉"]
    assert "9个工作日" in await page.locator(".changes ins").inner_text()
    await press(page, "g", "p")
    await page.wait_for_url("**/publish")
    await follow(page, "button.primary")
    await page.wait_for_url("**/history/demo-*")
    version = page.url.rpartition("/")[2]
    assert "示例市人民政府办公室" in await page.locator("dl.facts").inner_text()

    async def used() -> CaseAssigned:
        said = complaint(reference())
        await office.city.say(said)
        return await office.city.heard(CaseAssigned, said.case_id)

    assigned = await until(used, lambda found: found.policy == version)
    started = await office.city.heard(ClockStarted, assigned.case_id)
    assert (started.policy, started.budget_working_days) == (version, 9)


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def typed(page: Page, text: str, *keys: str) -> None:
    """Type into the field that has the focus, in place of what it holds."""
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(text)
    await press(page, *keys)


async def tab_to(page: Page, selector: str, most: int = 150) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {most} times Tab at {page.url}")


async def follow(page: Page, selector: str) -> None:
    """Go to a link or button by Tab and use it."""
    await tab_to(page, selector)
    async with page.expect_event("framenavigated"):
        await page.keyboard.press("Enter")
    await page.wait_for_load_state("load")


PAGES = (
    "/",
    "/tables/units",
    "/tables/limits",
    "/tables/limits/edit?at=stages",
    "/tables/units/edit?at=unit.3",
    "/tables/scores/edit?at=group.0",
    "/tables/limits/text",
    "/calendar/2026",
    "/changes",
    "/publish",
    "/history",
)
"""One of each kind; the limits have a fault."""
CUT = """() => [...document.querySelectorAll("main *")].filter((each) => {
  const style = getComputedStyle(each), hides = ["hidden", "clip"];
  return !each.matches(".sr, .sr *, input") && each.clientWidth > 1
    && (hides.includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1
      || hides.includes(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
}).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.mark.slow
async def test_every_page_keeps_the_rules_of_accessibility_and_fits_phone_and_zoom(
    office: Office, open_page: Opener, axe: Callable[[Page], Awaitable[None]]
):
    phone = await open_page(viewport=PHONE, locale="en-GB")
    zoomed = await open_page(viewport={"width": 640, "height": 400}, device_scale_factor=2)  # 1280 wide at 200 %
    for each in (phone, zoomed):
        await sign_in(each, office.url, "director", "/history", PASSWORD)
    async with office.signed_in("director") as first, office.signed_in("deputy") as second:
        await edit(first, "limits", "reopen", days="41")
        await edit(first, "limits", "stages", **{"dispatch_urgent#amount": "48"})
        for path in PAGES:
            await asyncio.gather(*(look(each, office.url + path, axe) for each in (phone, zoomed)))
        assert await zoomed.locator("h1").inner_text() == "历史版本"

        # another version came between
        await edit(second, "limits", "reopen", days="42")
        version = (await publish(second)).url.path
        for path in ("/changes", "/publish", version):
            await asyncio.gather(*(look(each, office.url + path, axe) for each in (phone, zoomed)))
            assert path != "/changes" or await zoomed.locator("input[value=mine]").count() == 1
        await first.post("/changes/discard")


async def look(page: Page, url: str, axe: Callable[[Page], Awaitable[None]]) -> None:
    """The rules of axe-core pass, and nothing is cut or has to be scrolled sideways."""
    await page.goto(url)
    await axe(page)
    assert await page.evaluate(CUT) == [], f"{url} is cut"
    if shots := os.environ.get("SHOTS_DIR"):
        name = re.sub(r"\W+", "-", url.partition("//")[2])
        await page.screenshot(path=f"{shots}/city-{await page.evaluate('innerWidth')}-{name}.png", full_page=True)


@pytest.mark.slow
async def test_only_administrators_see_the_place(office: Office):
    async with office.signed_in("police") as client:
        for path in ("/", "/tables/limits", "/tables/limits/edit?at=close", "/history", "/publish", "/calendar/2026"):
            assert (await client.get(path)).status_code == 403, path
        assert (await client.post("/changes/discard")).status_code == 403
    async with httpx.AsyncClient(base_url=office.url, trust_env=False) as nobody:
        assert (await nobody.get("/tables/limits")).headers["location"].startswith("/sign-in")


@pytest.mark.slow
async def test_two_people_change_one_table_and_the_second_decides(office: Office):
    async with office.signed_in("director") as first, office.signed_in("deputy") as second:
        await edit(first, "limits", "reopen", days="40")
        await edit(second, "limits", "reopen", days="50")
        await edit(second, "limits", "question", days="9")
        assert "city-office" in (await first.get("/proposals")).text
        assert (await publish(first)).url.path.startswith("/history/")

        refused = await publish(second)
        assert refused.url.path == "/changes"
        page = refused.text
        assert "Mine" in page
        assert "50" in page
        unchosen = await second.post("/changes/take-over", data=forms(page))
        assert "Choose a side" in unchosen.text
        taken = await second.post("/changes/take-over", data={**forms(page), "c:limits/reopen/days": "mine"})
        assert "based on the newest version" in taken.text
        version = (await publish(second)).url.path.rpartition("/")[2]
        text = (await second.get(f"/history/{version}/limits")).text
        assert "days = 50" in text
        assert "days = 9" in text
        assert text.count("#") == (DEMO / "limits.toml").read_text().count("#")


async def publish(client: httpx.AsyncClient) -> httpx.Response:
    page = (await client.get("/publish")).text
    return await client.post("/publish", data={**forms(page), "valid_from": ""})


@pytest.mark.slow
async def test_bad_input_is_answered_beside_its_field_and_nothing_is_lost(office: Office):
    async with office.signed_in("director") as client:
        words = '<script>alert("x")</script>'
        saved = await edit(client, "units", "unit.3", en=words)
        assert "Saved in the draft" in saved.text
        assert words not in saved.text
        assert "&lt;script&gt;" in saved.text

        # an entry that others refer to
        page = (await client.get("/tables/areas/edit?at=area.1")).text
        removed = await client.post("/tables/areas/remove", data={"at": "area.1", **forms(page)})
        assert "to correct" in removed.text
        assert "beicheng" in removed.text
        again = await client.post("/tables/areas/remove", data={"at": "area.1", **forms(page)})
        assert "changed or removed meanwhile" in again.text

        # a form made before another tab has changed the entry
        page = (await client.get("/tables/units/edit?at=unit.4")).text
        await edit(client, "units", "unit.4", en="First")
        stale = await client.post("/tables/units/edit?at=unit.4", data={**fields_of(page), "en": "Second"})
        assert stale.status_code == 409
        assert 'value="Second"' in stale.text

        # as text: not TOML, another type, too long
        text = {"stamp": (None, forms((await client.get("/tables/limits/text")).text)["stamp"])}
        for typed, line in (("a = 1\nb = = 2\n", "Line 2"), ('[reopen]\ndays = "x"\n', "Line 2")):
            answer = await client.post("/tables/limits/text", files={**text, "text": (None, typed)})
            assert (answer.status_code, line in answer.text) == (422, True), typed
        long = await client.post("/tables/limits/text", files={**text, "text": (None, "# " + "长" * 666_000)})
        assert (long.status_code, "too long" in long.text) == (413, True)
        assert (await client.get("/tables/units/edit?at=unit.999")).status_code == 404
        await client.post("/changes/discard")
        assert "There are no changes" in (await client.get("/changes")).text


@pytest.mark.slow
async def test_checks_of_notify_are_shown_and_a_draft_survives_a_restart(office: Office):
    async with office.signed_in("director") as client:
        answer = await edit(client, "templates", "acknowledgement", **{"zh.text": "您好 {{ nobody_knows }}"})
        assert "nobody_knows" in answer.text
        assert answer.url.path == "/tables/templates/edit"
        assert "disabled" in (await client.get("/publish")).text
        await office.stop()
        await office.start()
        assert "nobody_knows" in (await client.get("/tables/templates/edit?at=acknowledgement")).text
        await client.post("/changes/discard")
        url, headers = office.settings.notify_url, {"X-API-Key": office.city.deployment.api_keys["operator"]}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as notify:
            for tables, status in (({"units": ""}, 422), ({}, 422), ({"place": "x = ["}, 200)):
                assert (await notify.post("/v1/place/check", json={"tables": tables})).status_code == status, tables


@pytest.mark.slow
async def test_another_post_publishes_where_the_place_wants_it(
    office: Office, open_page: Opener, axe: Callable[[Page], Awaitable[None]]
):
    async with office.signed_in("director") as director, office.signed_in("deputy") as deputy:
        await edit(director, "place", "", published_by_second_post="on")
        assert (await publish(director)).url.path.startswith("/history/")
        await edit(deputy, "limits", "question", days="11")
        proposed = await publish(deputy)
        assert proposed.url.path == "/proposals/city-office.deputy"
        assert "Another person has to publish" in proposed.text
        own = await deputy.post("/proposals/city-office.deputy/release", data=forms(proposed.text))
        assert own.url.path == "/proposals/city-office.deputy"
        back = await director.post("/proposals/city-office.deputy/return", data={"reason": "再想想"})
        assert "Returned" in back.text
        assert "再想想" in (await deputy.get("/")).text
        await publish(deputy)
        version = await released_by_hand(office, open_page, axe)

        # an older version again, and a day of the calendar
        older = re.findall(r'href="/history/(demo-[0-9a-f]+)"', (await director.get("/history")).text)[-1]
        assert "Restored as a draft" in (await director.post(f"/history/{older}/restore")).text
        assert version in (await director.get("/changes")).text
        await director.post("/changes/discard")
        page = (await director.get("/calendar/2027")).text
        worked = re.findall(r'name="worked" value="([0-9-]+)" checked', page)
        assert "2027-03-01" in worked
        moved = {"worked": [on for on in worked if on != "2027-03-01"], "notice": "new"}
        assert "Give the number of the notice" in (await director.post("/calendar/2027", data=moved)).text
        saved = await director.post("/calendar/2027", data={**moved, "source": "国办发明电〔2026〕9号"})
        assert "1 days changed" in saved.text
        assert "2027-03-01" in (await director.get("/tables/calendar/text")).text
        await director.post("/changes/discard")


async def released_by_hand(office: Office, open_page: Opener, axe: Callable[[Page], Awaitable[None]]) -> str:
    """Another person reads what the deputy proposes, and publishes it; the version."""
    page, phone = await open_page(), await open_page(viewport=PHONE, locale="en-GB")
    for each, post, limits in ((phone, "deputy", "Limits of time"), (page, "副主任", "时限")):
        await sign_in(each, office.url, "director", "/proposals", PASSWORD)
        await axe(each)
        await each.locator("tr", has_text=post).get_by_text(limits).wait_for()
        await each.locator("a[href='/proposals/city-office.deputy']").click()
        await each.locator(".changes ins", has_text="11").wait_for()
        await look(each, each.url, axe)
    assert "提交时间" in await page.locator("dl.facts").inner_text()
    await page.get_by_role("button", name="核对无误，发布").click()
    await page.wait_for_url("**/history/demo-*")
    assert "副主任" in await page.locator("dl.facts").inner_text()
    return page.url.rpartition("/")[2]
