"""The four services as processes on real engines, as a city would run them."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

from contracts.place_topics import topics_of
from contracts.registry import Topic
from contracts.roles import SERVICES
from infra.clock import accelerated_clock, system_clock
from infra.local.engines import Engines
from infra.local.process import free_port
from infra.local.services import Fleet
from infra.place import read_place
from infra.sealing import new_private_key, public_key_of
from infra.topics import ensure_topics
from tests.support.api_keys import ApiKeys
from tests.support.mail import MailServer
from tests.support.tokens import Signer
from xn.audit.silence import kept, limits_of
from xn.place import bodies_of, channels_of
from xn.reference.publishing import publish, texts_of

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "policies" / "demo"
SUGGESTIONS = ROOT / "tests" / "support" / "suggestions.json"
FETCH_WAIT_MS = 250
"""The embedded broker pays dearly for each empty answer: waiting services cost it 40 % of a core with 100 ms."""
PRELOAD = (
    *(f"services.{name}.app" for name in SERVICES),
    "apps.web.staff",
    "apps.web.running",
    "anyio._backends._asyncio",
)
"""Imported once instead of with every start and every restart after a kill."""


@dataclass
class Deployment:
    """Topics, keys, a mail server and a fleet over engines that run already. Fresh databases every time."""

    engines: Engines
    directory: Path
    place: Path = DEMO
    instances: int = 1
    partitions: int = 2
    """Of each topic at most. With each one more, brokers and waiting services cost more."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More ``XN_…`` variables for every service."""
    modules: Mapping[str, str] = field(default_factory=dict)
    """The module that runs a service, for those that run another than their own."""
    mail: MailServer = field(default_factory=MailServer)
    contact_key: str = field(default_factory=new_private_key, repr=False)
    dead_letter_key: str = field(default_factory=new_private_key, repr=False)
    api_keys: ApiKeys = field(default_factory=ApiKeys, repr=False)
    app_ports: dict[str, int] = field(default_factory=dict)
    """Ports of apps by name; `app_port` adds what is missing."""
    database: str = field(default_factory=lambda: f"t{uuid4().hex[:8]}")
    silent: dict[str, str] = field(default_factory=dict)
    """Cases that a test leaves without an answer on purpose, each with the reason: the promise does not hold there."""

    def __post_init__(self) -> None:
        self._limits = limits_of(self.place)
        self.fleet = Fleet(
            {**{name: f"services.{name}" for name in SERVICES}, **self.modules},
            directory=self.directory,
            environment=self.environment,
            instances=self.instances,
            preload=PRELOAD,
        )

    @property
    def signer(self) -> Signer:
        """The issuer of tokens that the services know."""
        return self.api_keys.signer

    @property
    def units(self) -> list[str]:
        """Every unit of the place."""
        return [unit["id"] for unit in tomllib.loads((self.place / "units.toml").read_text())["unit"]]

    @property
    def channels(self) -> list[str]:
        """Every channel of the place."""
        return channels_of(self.place)

    @property
    def bodies(self) -> list[str]:
        """Units that enter anything into scores."""
        return bodies_of(self.place)

    @property
    def topics(self) -> dict[str, Topic]:
        """Every topic of the place, with its declaration."""
        return topics_of(read_place(self.place).tables)

    def environment(self, name: str, instance: int, port: int) -> dict[str, str]:
        """What one service is told."""
        own = {
            "intake": {
                "XN_CONTACT_PUBLIC_KEY": public_key_of(self.contact_key),
                "XN_INDEX_FILE": str(self.directory.absolute() / f"index-{instance}.sqlite"),
            },
            "routing": {"XN_SUGGESTIONS": str(SUGGESTIONS)},
            "notify": {
                "XN_CONTACT_PRIVATE_KEY": self.contact_key,
                "XN_SMTP_HOST": "127.0.0.1",
                "XN_SMTP_PORT": str(self.mail.port),
            },
        }
        return {
            **self.engines.exports(),
            "XN_MONGO_DATABASE": self.database,
            "XN_HTTP_PORT": str(port),
            "XN_POLICIES": str(self.place),
            "XN_DEAD_LETTER_KEY": self.dead_letter_key,
            "XN_HTTP_KEYS": self.api_keys.text,
            "XN_SESSION_TIMEOUT_MS": "6000",
            "XN_FETCH_WAIT_MS": str(FETCH_WAIT_MS),
            **own.get(name, {}),
            **self.settings,
        }

    def app_port(self, name: str) -> int:
        """The port of an app, the same at every call: links to it can be made before it runs."""
        if name not in self.app_ports:
            self.app_ports[name] = free_port()
        return self.app_ports[name]

    async def ensure_topics(self) -> None:
        """Every topic exists, with few partitions, and the place is published."""
        replication = 3 if self.engines.engine == "kafka3" else 1
        await ensure_topics(
            self.engines.bootstrap, self.topics, replication=replication, most_partitions=self.partitions
        )
        await publish(self.place.name, texts_of(self.place), self.engines.bootstrap, by="tests")

    async def __aenter__(self) -> Self:
        shutil.rmtree(self.directory, ignore_errors=True)
        await self.ensure_topics()
        self.mail.start()
        self.fleet.start(timeout=90)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self.keeps_the_promise()
        finally:
            self.fleet.stop()
            self.mail.stop()

    async def keeps_the_promise(self) -> None:
        """件件有回音、事事有着落: nobody is silent. Raises `AssertionError` that names every case that is."""
        found = await kept(self.engines.mongo_uri, self.database, self._limits, self.now(), except_for=self.silent)
        assert not found, "silent: " + "\n".join(map(str, found))

    def now(self) -> datetime:
        """By the clock of the services."""
        origin, speed = self.settings.get("XN_CLOCK_ORIGIN"), self.settings.get("XN_CLOCK_SPEED")
        if origin is None or speed is None:
            return system_clock()
        return accelerated_clock(datetime.fromisoformat(origin), float(speed))()
