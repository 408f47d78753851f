"""`python -m bench.notices`: how fast notices go out by two ways, and what a provider that hangs costs the other.

First the ways out alone: contacts are opened, letters written and handed to a real mail server and a real SMS gateway,
and nothing is kept of them. Then the whole service: what staff are owed is read from the bus, kept, sent and announced.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psutil
import typer
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.table import Table

from bench.meter import Meter
from bench.services import PLACE, units
from contracts.channel import Contact
from contracts.codes import Language
from contracts.envelope import encode
from contracts.staff_notices import NoticeFact, StaffNoticeOwed, StaffNoticeSent
from contracts.topics import all_topics
from infra.decision import Internal
from infra.local.engines import Engines
from infra.local.process import ManagedProcess, free_ports
from infra.local.services import Fleet
from infra.place import read_place
from infra.publisher import Publisher
from infra.sealing import KeyRing, Sealer, new_private_key, public_key_of
from infra.telemetry import Tracing
from infra.topics import ensure_topics
from services.notify.domain.sending import HandedOver, Send, Way
from services.notify.domain.templates import Templates
from services.notify.providers.configuration import Configuration
from services.notify.providers.delivery import Delivery
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import outlets_of
from services.notify.settings import NotifySettings
from services.notify.writing import Writer
from xn.demo.providers import providers_of
from xn.demo.sms import SmsGateway
from xn.observe import Observer

DIRECTORY = Path("var/bench/notices")
BY_MAIL, BY_SMS = "police", "water-company"
"""Units of the demo place that are told by these ways."""
RATE_AIM = 1_000
AT_ONCE = 500
CONNECTIONS = 8


@dataclass(frozen=True)
class Servers:
    """Where letters go. One more port is listened on, and nobody ever answers there."""

    mail: int
    sms: int
    nobody: int

    def providers(self, *, hangs: bool = False) -> str:
        """The text of `XN_PROVIDERS`."""
        gateway = SmsGateway(port=self.nobody if hangs else self.sms)
        return providers_of(gateway, {}, connections=CONNECTIONS)


@contextmanager
def servers(directory: Path) -> Iterator[Servers]:
    """They answer, in a process of their own."""
    mail, sms, nobody = free_ports(3)
    process = ManagedProcess(
        [sys.executable, "-m", "bench.receivers", str(mail), str(sms)], log_path=directory / "receivers.log"
    )
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", nobody))
        silent.listen(1_000)
        process.start()
        try:
            process.wait_until(lambda: _answers(mail) and _answers(sms), timeout=30)
            yield Servers(mail, sms, nobody)
        finally:
            process.kill()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Measured:
    """What one run showed."""

    name: str
    notices: int
    seconds: float
    cpu_seconds: float
    rss_mb: Sequence[float] = field(default_factory=list)
    """At its beginning and at its end."""

    @property
    def rate(self) -> float:
        """Notices a second."""
        return self.notices / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Of one notice."""
        return 1_000 * self.cpu_seconds / self.notices


# ---- the ways out alone


class Ways:
    """The ways out of notify, wired as in the service, but for what becomes of an outcome: it is counted."""

    def __init__(self, where: Servers, *, hangs: bool = False) -> None:
        key = new_private_key()
        self._sealer = Sealer(public_key_of(key))
        settings = NotifySettings(
            contact_private_key=key,  # type: ignore[arg-type]
            dead_letter_key="",  # type: ignore[arg-type]
            smtp_port=where.mail,
            smtp_connections=CONNECTIONS,
        )
        files = read_place(PLACE)
        templates = Templates.from_tables(files.version, files.tables)
        self._delivery = Delivery(
            outlets_of(Configuration.read(None, where.providers(hangs=hangs), settings)),
            KeyRing(key),
            Writer(lambda: templates, b"bench"),
            Tracing("bench", None, "bench"),
            DeliveryMetrics.create(CollectorRegistry()),
        )
        self._delivery.record = self._record
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._progress = asyncio.Event()

    async def _record(self, outcomes: Sequence[tuple[str, Internal]]) -> None:
        for _, outcome in outcomes:
            self.outcomes[getattr(outcome, "way", ""), type(outcome).__name__] += 1
        self._progress.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Workers run."""
        *workers, report = [asyncio.create_task(_again(task)) for task in self._delivery.tasks]
        try:
            yield
        finally:
            for each in (*workers, report):
                each.cancel()
            await asyncio.gather(*workers, report, return_exceptions=True)

    async def send(self, count: int, ways: Sequence[Way]) -> float:
        """So many letters by each of these ways in turn have been taken; the seconds it took. Raises `RuntimeError`."""
        began, before = time.perf_counter(), self._taken(ways)
        for start in range(0, count, AT_ONCE):
            part = [self._letter(ways[n % len(ways)]) for n in range(start, min(count, start + AT_ONCE))]
            await self._delivery.perform(part)
            await self._until_taken(before + start, ways)  # one batch waits while another is sent
        await self._until_taken(before + count, ways)
        return time.perf_counter() - began

    async def _until_taken(self, count: int, ways: Sequence[Way]) -> None:
        while self._taken(ways) < count:
            self._progress.clear()
            await self._progress.wait()
            others = {way: n for (way, what), n in self.outcomes.items() if what != HandedOver.__name__ and way in ways}
            if others:
                raise RuntimeError(f"not taken: {others}")

    async def offer(self, count: int, way: Way) -> None:
        """So many letters wait for this way; nobody waits for them."""
        await self._delivery.perform([self._letter(way) for _ in range(count)])

    def _taken(self, ways: Sequence[Way]) -> int:
        return sum(self.outcomes[way, HandedOver.__name__] for way in ways)

    def _letter(self, way: Way) -> Send:
        case_id = str(uuid4())
        contact = Contact(name="王五", phone="12000000001", email="wang@city.example", receipt_code="7K3M-9QXD")
        return Send(
            key=case_id,
            notice_id=f"acknowledgement.{case_id}",
            way=way,
            what="acknowledgement",
            language=Language.CHINESE,
            facts={
                "number": "BC-20261123-000001",
                "title": "夜间噪声",
                "registered_on": date(2026, 11, 23),
                "due_on": date(2026, 12, 14),
                "centre": "北城区诉求受理中心",
            },
            contact_box=self._sealer.seal(contact.model_dump_json().encode()),
            address=None,
            traceparent=None,
            attempt=1,
        )


async def _again(task: object) -> None:
    while True:
        await task()  # type: ignore[operator]


async def ways_out(where: Servers, count: int) -> list[Measured]:
    """By two ways, all letters; then mail alone, with a gateway that works and with one that hangs."""
    process, found = psutil.Process(), []
    both = Ways(where)
    async with both.open():
        await both.send(count // 10, (Way.EMAIL, Way.SMS))
        before, rss = _cpu(process), [_rss(process)]
        seconds = await both.send(count, (Way.EMAIL, Way.SMS))
        found.append(Measured("ways out, mail and SMS", count, seconds, _cpu(process) - before, [*rss, _rss(process)]))
    for hangs in (False, True):
        ways = Ways(where, hangs=hangs)
        async with ways.open():
            await ways.offer(CONNECTIONS * 20 if hangs else 0, Way.SMS)
            await ways.send(count // 20, (Way.EMAIL,))
            before = _cpu(process)
            seconds = await ways.send(count // 5, (Way.EMAIL,))
            name = "ways out, mail, while SMS hangs" if hangs else "ways out, mail alone"
            found.append(Measured(name, count // 5, seconds, _cpu(process) - before))
    return found


# ---- the whole service


class Notify:
    """One instance of the service on engines that run; units are told by mail and by SMS."""

    def __init__(self, engines: Engines, directory: Path, where: Servers, *, hangs: bool) -> None:
        self._engines, self._where, self._hangs = engines, where, hangs
        self._key, self._database = new_private_key(), f"bench_{uuid4().hex[:8]}"
        self.fleet = Fleet({"notify": "services.notify"}, directory=directory, environment=self._environment)

    def _environment(self, name: str, instance: int, port: int) -> dict[str, str]:
        return {
            **self._engines.exports(),
            "XN_MONGO_DATABASE": self._database,
            "XN_HTTP_PORT": str(port),
            "XN_POLICIES": str(PLACE),
            "XN_DEAD_LETTER_KEY": self._key,
            "XN_CONTACT_PRIVATE_KEY": self._key,
            "XN_SMTP_PORT": str(self._where.mail),
            "XN_SMTP_CONNECTIONS": str(CONNECTIONS),
            "XN_PROVIDERS": self._where.providers(hangs=self._hangs),
            "XN_LOG_LEVEL": "WARNING",
        }

    async def told(self, count: int, to: Sequence[str], besides: int = 0) -> float:
        """Units in turn are owed so many notices and told of them all; seconds from the first to the last.

        `besides` more are owed to whoever is told by SMS, and not waited for.
        """
        owed = [_owed(to[n % len(to)]) for n in range(count)]
        wanted = {each.notice_id for each in owed}
        publisher = Publisher(self._engines.bootstrap, "/bench")
        async with Observer(self._engines.bootstrap, ["notices.events"]) as observer:
            await publisher.send([encode(each, id=each.notice_id, source="/bench") for each in _sms(besides)])
            await observer.rest(1.0)
            began = time.perf_counter()
            await publisher.send([encode(each, id=each.notice_id, source="/bench") for each in owed])
            while wanted:
                for _, _, message in await observer.poll():
                    if isinstance(message, StaffNoticeSent):
                        wanted.discard(message.notice_id)
            seconds = time.perf_counter() - began
        await publisher.stop()
        return seconds


def _sms(count: int) -> list[StaffNoticeOwed]:
    return [_owed(BY_SMS) for _ in range(count)]


def _owed(to: str) -> StaffNoticeOwed:
    facts = {
        "number": "BC-20261123-000001",
        "title": "夜间噪声",
        "unit-name": "示例市公安局",
        "clock": "close",
        "due-at": "2026-12-15T00:00:00+08:00",
    }
    told = tuple(NoticeFact(name=name, value=value) for name, value in facts.items())
    return StaffNoticeOwed(notice_id=str(uuid4()), owed_at=datetime.now(UTC), to=to, what="red", facts=told)


async def service(engines: Engines, directory: Path, where: Servers, count: int) -> list[Measured]:
    """By two ways; then mail alone, with a gateway that works and with one that hangs."""
    found = []
    for hangs in (False, True):
        notify = Notify(engines, directory, where, hangs=hangs)
        with notify.fleet:
            meter = Meter({"notify": notify.fleet["notify"][0].pid})
            process = psutil.Process(meter.pids["notify"])
            await notify.told(100, (BY_MAIL,))
            runs = (
                [("service, mail, while SMS hangs", (BY_MAIL,))]
                if hangs
                else [
                    ("service, mail and SMS", (BY_MAIL, BY_SMS)),
                    ("service, mail alone", (BY_MAIL,)),
                ]
            )
            for name, to in runs:
                before, rss = _cpu(process), _rss(process)
                seconds = await notify.told(count, to, besides=CONNECTIONS * 20 if hangs else 0)
                found.append(Measured(name, count, seconds, _cpu(process) - before, [rss, _rss(process)]))
    return found


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _rss(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 1_000_000)


def main(
    notices: Annotated[int, typer.Option(min=1_000, envvar="NOTICES", help="through the ways out alone")] = 20_000,
    kept: Annotated[int, typer.Option(min=200, help="through the whole service")] = 2_000,
) -> None:
    """Measure notices by mail and SMS: alone, through the service, and while a provider hangs."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    for name in [name for name in os.environ if name.startswith("XN_")]:
        del os.environ[name]
    with servers(DIRECTORY) as where:
        results = asyncio.run(ways_out(where, notices))
        with Engines("embedded", DIRECTORY / "engines") as engines:
            results += asyncio.run(_served(engines, where, kept))
    table = Table("", "notices", "notices/s", "CPU ms each", "RSS MB, before and after", "")
    for each in results:
        rss = " → ".join(f"{mb:.0f}" for mb in each.rss_mb)
        met = "" if "and SMS" not in each.name else "[green]met" if each.rate >= RATE_AIM else "[red]not met"
        table.add_row(each.name, f"{each.notices:,}", f"{each.rate:,.0f}", f"{each.cpu_ms:.2f}", rss, met)
    Console(width=None if sys.stdout.isatty() else 120).print(table, f"aim: {RATE_AIM:,} notices/s by two ways")


async def _served(engines: Engines, where: Servers, count: int) -> list[Measured]:
    topics = all_topics(units(), bodies=units()[:1])
    await ensure_topics(engines.bootstrap, topics, replication=1, most_partitions=4)
    return await service(engines, DIRECTORY / "logs", where, count)


if __name__ == "__main__":
    typer.run(main)
