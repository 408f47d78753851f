"""`python -m bench.notices`: how fast notices go out by two ways, and what a provider that hangs costs the other.

First the ways out alone: contacts are opened, letters written and handed to a real mail server and a real SMS gateway,
and nothing is kept of them. Then the whole service: what staff are owed is read from the bus, kept, sent and announced.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psutil
import typer
from rich.console import Console
from rich.table import Table

from bench.receivers import CONNECTIONS, Servers, servers
from bench.services import PLACE, units
from bench.ways_out import Ways
from contracts.envelope import encode
from contracts.staff_notices import NoticeFact, StaffNoticeOwed, StaffNoticeSent
from contracts.topics import all_topics
from infra.local.engines import Engines
from infra.local.services import Fleet
from infra.publisher import Publisher
from infra.sealing import new_private_key
from infra.topics import ensure_topics
from services.notify.domain.sending import Way
from xn.observe import Observer

DIRECTORY = Path("var/bench/notices")
BY_MAIL, BY_SMS = "police", "water-company"
"""Units of the demo place that are told by these ways."""
RATE_AIM = 1_000


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
            process = psutil.Process(notify.fleet["notify"][0].pid)
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
