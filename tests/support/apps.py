"""The apps with pages as processes beside a deployment, and people who may sign in to them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from itsdangerous import URLSafeSerializer
from playwright.async_api import Page

from apps.web.sessions import COOKIE
from apps.web.sign_in.people import Person, lines_of
from infra.local.process import free_port
from infra.local.services import ServiceProcess
from tests.support.deployment import PRELOAD, Deployment

SECRET = "of the tests, shared by all apps"
PASSWORD = "correct horse 12345"
"""Of every account; its hash costs little to check."""
ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    "agent": ("city-12345.desk-1",),
    "clerk": ("beicheng-centre.desk-1",),
    "second-clerk": ("beicheng-centre.desk-2",),
    "dispatcher": ("city-12345.desk-2",),
    "staff": ("police-beicheng.desk-1",),
    "second-staff": ("police-beicheng.desk-2",),
    "leader": ("police-beicheng.chief",),
    "water": ("water-company.desk-1",),
    "director": ("beicheng-centre.director",),
    "verifier": ("city-office.desk-1",),
    "mayor": ("city-office.director",),
    "deputy": ("city-office.deputy",),
    "administrator": ("city-office.director",),
    "two-posts": ("police-beicheng.desk-1", "water-company.desk-1"),
    "nancheng": ("nancheng-centre.desk-1",),
    "nowhere": ("atlantis.desk-1",),
}
"""Posts by login. `nowhere` holds none of this city."""


def write_directory(file: Path, accounts: Mapping[str, tuple[str, ...]] = ACCOUNTS, password: str = PASSWORD) -> None:
    """Write a directory file in which everybody has this password."""
    hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)
    people = (
        Person(id=f"person-{login}", login=login, name=login, posts=p, hash=hash) for login, p in accounts.items()
    )
    file.write_text("\n".join(map(lines_of, people)))


@dataclass
class Apps:
    """Processes of apps by name. The city's services have their public addresses from the start."""

    deployment: Deployment
    directory: Path
    _running: dict[str, ServiceProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = self.directory / "people.toml"
        self._key = self.directory / "desk.key"
        write_directory(self.people)
        self._key.write_text(json.dumps(self.deployment.signer.key.as_dict(private=True)))

    def url(self, name: str) -> str:
        """Where the app is, whether it runs or not."""
        return f"http://127.0.0.1:{self.deployment.app_port(name)}"

    async def start(self, name: str, settings: Mapping[str, str] | None = None, module: str = "") -> str:
        """Start `python -m apps.NAME`, if it does not run, and return its address when `/readyz` answers."""
        if name not in self._running:
            self._running[name] = self.process(name, self.deployment.app_port(name), settings, module)
            self._running[name].launch()
        await asyncio.to_thread(self._running[name].wait_ready)
        return self.url(name)

    async def another(
        self, name: str, settings: Mapping[str, str], module: str = "", port: int = 0
    ) -> tuple[str, ServiceProcess]:
        """Start one more process of an app with settings of its own; the caller stops it."""
        port = port or free_port()
        process = self.process(name, port, settings, module)
        process.launch()
        await asyncio.to_thread(process.wait_ready)
        return f"http://127.0.0.1:{port}", process

    def process(
        self, name: str, port: int, settings: Mapping[str, str] | None = None, module: str = ""
    ) -> ServiceProcess:
        """A process that has not been started."""
        log = self.directory / f"{name}-{port}.log"
        env = {**self.environment(name, port), **(settings or {})}
        return ServiceProcess(module or f"apps.{name}", env, log, f"http://127.0.0.1:{port}/readyz", PRELOAD)

    def environment(self, name: str, port: int) -> dict[str, str]:
        """The settings of an app."""
        fleet = self.deployment.fleet
        keys = self.deployment.api_keys
        return {
            **{f"XN_{service.upper()}_URL": fleet.url(service) for service in fleet},
            **self.deployment.engines.exports(),
            "XN_WEB_PORT": str(port),
            "XN_WEB_URL": f"http://127.0.0.1:{port}",
            "XN_WEB_SECRET": SECRET,
            "XN_TOKEN_ISSUER": self.deployment.signer.id,
            "XN_TOKEN_KEY_FILE": str(self._key),
            "XN_DIRECTORY_FILE": str(self.people),
            "XN_CITIZEN_KEY": keys["web"],
            "XN_DESK_FILE": str(self.directory / "desk.sqlite"),
            "XN_BOARD_TRACES_FILE": str(self.directory / "traces.sqlite"),
            "XN_CITY_PLACE": self.deployment.place.name,
            "XN_CITY_DRAFTS": str(self.directory / "city-drafts"),
            "XN_CITIZEN_URL": self.url("citizen"),
            "XN_DESK_URL": self.url("desk"),
            "XN_POLICIES": str(self.deployment.place),
        }

    def stop(self) -> None:
        """End all processes."""
        for each in self._running.values():
            each.process.signal_stop()
        for each in self._running.values():
            each.stop()


async def sign_in(page: Page, url: str, login: str, path: str = "/", password: str = PASSWORD) -> None:
    """Sign in by the trial directory, as a person does, and arrive at the path."""
    await page.goto(f"{url}/sign-in?next={path}")
    await page.locator("[name=login]").fill(login)
    await page.locator("[name=password]").fill(password)
    await page.locator("main form button").click()
    await page.wait_for_url(re.compile(re.escape(f"{url}{path}") + "$"))


async def let_session_end(page: Page) -> None:
    """Make the session of the browser as old as if it had not been used for an hour."""
    signer = URLSafeSerializer(SECRET, salt="xn-session")
    cookie = next(each for each in await page.context.cookies() if each["name"] == COOKIE)
    fields = signer.loads(cookie["value"])
    fields["seen_at"] -= 3_600
    await page.context.add_cookies([{**cookie, "value": str(signer.dumps(fields))}])  # type: ignore[typeddict-item]
