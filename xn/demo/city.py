"""A city on one machine: engines, topics, keys, everybody notify hands notices to, the four services as processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from contracts.roles import SERVICES
from contracts.topics import all_topics
from infra.local.engines import Engine, Engines
from infra.local.process import NotReadyError
from infra.local.services import Fleet
from infra.sealing import new_private_key, public_key_of
from infra.topics import ensure_topics
from xn.audit import notices_of
from xn.audit.silence import Silent, kept, limits_of
from xn.demo.mail import MailServer
from xn.demo.pages import Pages
from xn.demo.providers import providers_of
from xn.demo.sms import SmsGateway
from xn.demo.webhook import WebhookReceiver
from xn.observe import Observer
from xn.place import bodies_of, channels_of, systems_of, units_of, webhooks_of
from xn.reference.publishing import publish, texts_of

PARTITIONS = 4
"""Per topic: a small machine has few cores."""
SESSION_TIMEOUT_MS = 6_000
"""The embedded broker takes half of it for every member that joins a group."""


class City:
    """Everything that runs besides the people. Entering starts it, leaving ends it."""

    def __init__(
        self,
        engine: Engine,
        place: Path,
        directory: Path,
        tell: Callable[[str], None],
        *,
        first_port: int = 0,
        with_traces: bool = False,
    ) -> None:
        """Nothing runs yet. `tell` is given a line for each step; for `first_port` and `with_traces` see `Pages`."""
        self.engines = Engines(engine, directory / "engines")
        self.engine = engine if self.engines.kafka else "given"
        """Which broker runs; `given` when the environment named one."""
        self.mail = MailServer()
        self.sms = SmsGateway()
        self.webhooks = {id: WebhookReceiver() for id in webhooks_of(place)}
        self.place = place
        self.units = units_of(place)
        self.channels = channels_of(place)
        self.directory = directory
        self._tell = tell
        self._database = f"demo_{os.getpid()}"
        self._contact_key = private_key(directory / "keys" / "contact")
        self._dead_letter_key = private_key(directory / "keys" / "dead-letters")
        self.pages = Pages(place, directory, first_port)
        self._of_pages = self.pages.of_services(with_traces)
        self.fleet = Fleet(
            {name: f"services.{name}" for name in SERVICES},
            directory=directory / "logs",
            environment=self._environment,
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._tell("starting the engines")
            self._stack.enter_context(self.engines)
            self._stack.enter_context(self.mail)
            for each in (self.sms, *self.webhooks.values()):
                self._stack.enter_context(each)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    async def ensure_topics(self) -> int:
        """Every topic exists and the place is published; returns how many there are.

        Raises `NotReadyError` on a bus that has cases already.
        Theirs would be taken for ours, and their numbers given a second time by a database that starts anew.
        """
        topics = all_topics(self.units, self.channels, systems=systems_of(self.place), bodies=bodies_of(self.place))
        replication = 3 if self.engines.engine == "kafka3" else 1
        await ensure_topics(self.engines.bootstrap, topics, replication=replication, most_partitions=PARTITIONS)
        async with Observer(self.engines.bootstrap, ["cases.events"]) as observer:
            if self.engine == "given" and await observer.rest(quiet_seconds=0):
                raise NotReadyError(f"{self.engines.bootstrap} holds cases already: a demo needs a bus of its own")
        published = await publish(
            self.place.name, texts_of(self.place), self.engines.bootstrap, by="operator", replication=replication
        )
        self._tell(f"published the place as {published.version}")
        return len(topics)

    def start_services(self) -> None:
        """The four services are ready."""
        self._tell("starting intake, routing, scoring, notify")
        self._stack.enter_context(self.fleet)

    def start_apps(self) -> Fleet:
        """The apps with pages are ready."""
        self._tell(f"starting {', '.join(self.pages.ports)}")
        return self._stack.enter_context(self.pages.fleet(self.fleet, self.exports))

    async def silent(self) -> list[Silent]:
        """Cases that are silent in spite of the promise; empty where it was kept."""
        return await kept(self.engines.mongo_uri, self._database, limits_of(self.place), datetime.now(UTC))

    def topics_seen(self) -> list[str]:
        """What the audit reads: all but the complaints in clear and what only operators send."""
        return [
            name for name in all_topics(self.units, self.channels) if not name.startswith(("complaints.", "redrive."))
        ]

    @property
    def taken(self) -> Mapping[str, Collection[str]]:
        """What each provider has taken by now, by way: each notice once."""
        hooks = set().union(*(each.notices for each in self.webhooks.values()))
        return {"email": notices_of(self.mail.message_ids), "sms": set(self.sms.taken_sms), "webhook": hooks}

    @property
    def exports(self) -> dict[str, str]:
        """What other commands of `xn` need to find the engines and the services' databases."""
        return {**self.engines.exports(), "XN_MONGO_DATABASE": self._database}

    def _environment(self, name: str, instance: int, port: int) -> dict[str, str]:
        own = {
            "intake": {
                "XN_CONTACT_PUBLIC_KEY": public_key_of(self._contact_key),
                "XN_INDEX_FILE": str(self.directory.absolute() / "index" / f"intake-{instance}.sqlite"),
            },
            "notify": {
                "XN_CONTACT_PRIVATE_KEY": self._contact_key,
                "XN_SMTP_HOST": "127.0.0.1",
                "XN_SMTP_PORT": str(self.mail.port),
                "XN_PROVIDERS": providers_of(self.sms, self.webhooks),
            },
        }
        return {
            **self.exports,
            "XN_HTTP_PORT": str(port),
            "XN_POLICIES": str(self.place),
            "XN_DEAD_LETTER_KEY": self._dead_letter_key,
            "XN_SESSION_TIMEOUT_MS": str(SESSION_TIMEOUT_MS),
            **self._of_pages,
            **own.get(name, {}),
        }


def private_key(path: Path) -> str:
    """The private key kept at that path, made when there is none; readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_private_key())
    return path.read_text()
