"""A browser, pages that fail their test on any error, and the city with the processes of its apps.

Every test here has the marker `browser`. Where there is no Chromium they fail; leave them out by `-m "not browser"`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from infra.local.engines import Engines
from infra.local.process import free_port
from tests.support.apps import Apps
from tests.support.chromium import (
    Browser,
    NoChromiumError,
    Page,
    Troubles,
    axe_violations,
    overflow,
    running_chromium,
)
from tests.support.city import City, running_city
from tests.support.deployment import Deployment

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
WAIT_MS = 15_000
Opener = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Headless Chromium, shared; each page has a context of its own."""
    try:
        async with running_chromium(tmp_path_factory.mktemp("browser")) as running:
            yield running
    except NoChromiumError as missing:
        pytest.fail(f"{missing}, or leave these tests out: -m 'not browser'", pytrace=False)


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """What goes wrong in pages; fails the test at its end. `troubles.allow(pattern)` for what the test provokes."""
    found = Troubles()
    yield found
    assert found.left == []


@pytest.fixture
async def open_page(browser: Browser, troubles: Troubles) -> AsyncIterator[Opener]:
    """Opens a page of another person: `await open_page(viewport=PHONE, locale="en-GB", java_script_enabled=False)`."""
    contexts = []

    async def opened(**options: object) -> Page:
        given = {"viewport": DESK, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        context = await browser.new_context(**given)  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MS)
        troubles.watch(context)
        contexts.append(context)
        return await context.new_page()

    yield opened
    for each in contexts:
        await each.close()


@pytest.fixture
async def page(open_page: Opener) -> Page:
    """One page at the width of a desk, in Chinese."""
    return await open_page()


@pytest.fixture
def axe() -> Callable[[Page], Awaitable[None]]:
    """`await axe(page)`: the rules of axe-core pass, and the page is no wider than its window."""

    async def check(page: Page) -> None:
        assert await axe_violations(page) == []
        assert await overflow(page) == 0, f"{page.url} has to be scrolled sideways"

    return check


@pytest.fixture(scope="package")
async def city(embedded: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """The four services with everything around them, shared: tests tell their cases apart by their references."""
    ports = {name: free_port() for name in ("citizen", "desk")}
    links = {f"XN_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    async with running_city(embedded, tmp_path_factory.mktemp("city") / "services", links, ports) as running:
        yield running


@pytest.fixture(scope="package")
async def apps(city: City, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Apps]:
    """The apps as processes: `url = await apps.start("desk")`, and the trial accounts that may sign in to them."""
    running = Apps(city.deployment, tmp_path_factory.mktemp("apps"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
async def kit(apps: Apps) -> str:
    """The address of an app made of the kit alone."""
    return await apps.start("kit", module="tests.support.kit_site")


@pytest.fixture
def deployment(city: City) -> Deployment:
    """The services, their keys and the signer of tokens."""
    return city.deployment
