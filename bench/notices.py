"""`python -m bench.notices`: how fast notices go out by two ways, and what a provider that hangs costs the other.

First the ways out alone: contacts are opened, letters written and handed over SMTP and HTTP to a process that takes
them, and nothing is kept of them. Then the whole service: what staff are owed is read from the bus, kept, sent and
announced. What hangs is measured in turn with what does not, so that both have the same minutes of the machine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from bench.contest import engine_pids
from bench.meter import Meter
from bench.receivers import CONNECTIONS, Servers, servers
from bench.services import PLACE
from bench.ways_out import Ways
from bench.whole_notify import BY_MAIL, BY_SMS, Notify
from contracts.place_topics import topics_of
from infra.local.engines import Engines
from infra.place import read_place
from infra.topics import ensure_topics
from services.notify.domain.sending import Way

DIRECTORY = Path("var/bench/notices")
BOTH, ALONE, HANGS = "mail and SMS in turn", "mail alone", "mail, while SMS hangs"
RATE_AIM, GROWTH_AIM_MB, RATIO_AIM = 1_000, 5, 0.9
ROUNDS, ROUNDS_OF_SERVICE = 5, 3
"""Of each, with and without a gateway that hangs, in turn."""
WAITING = CONNECTIONS * 20
"""SMS that a gateway which hangs is given."""


@dataclass(frozen=True)
class Round:
    """What was measured once."""

    notices: int
    seconds: float
    meter: Meter
    rss_mb: tuple[float, float]
    """Of the sender, before and after."""

    @property
    def rate(self) -> float:
        """Notices a second."""
        return self.notices / self.seconds

    def cpu_ms(self, name: str) -> float:
        """Of one notice."""
        return 1_000 * self.meter.usage[name].cpu_seconds / self.notices


@dataclass
class Found:
    """All rounds by what was measured in them."""

    of: str
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def add(self, what: str, measured: Round) -> None:
        """One more."""
        self.rounds.setdefault(what, []).append(measured)

    def rate(self, what: str) -> float:
        """In the median round."""
        return median(each.rate for each in self.rounds[what])

    @property
    def ratio(self) -> float:
        """Mail while the gateway hangs, over mail alone."""
        return self.rate(HANGS) / self.rate(ALONE)


async def measured(
    where: Servers, sender: int, others: Mapping[str, int], notices: int, sending: Awaitable[float]
) -> Round:
    """What is sent meanwhile, which takes the seconds that `sending` gives. Raises `RuntimeError` where less came."""
    before, process = sum(where.taken().values()), psutil.Process(sender)
    meter, rss = Meter({"sender": sender, "receivers": where.pid, **others}), _rss(process)
    with meter.running():
        seconds = await sending
    if (came := sum(where.taken().values()) - before) != notices:
        raise RuntimeError(f"{notices} were sent, {came} have come")
    return Round(notices, seconds, meter, (rss, _rss(process)))


# ---- the ways out alone


async def ways_out(where: Servers, count: int) -> Found:
    """By two ways, all letters; then mail alone, with a gateway that works and with one that hangs, in turn."""
    found, me = Found("ways out"), os.getpid()
    ways = Ways(where)
    async with ways.open():
        await ways.send(count // 10, (Way.EMAIL, Way.SMS))
        found.add(BOTH, await measured(where, me, {}, count, ways.send(count, (Way.EMAIL, Way.SMS))))
    for _ in range(ROUNDS):
        for what in (ALONE, HANGS):
            ways = Ways(where, hangs=what == HANGS)
            async with ways.open():
                await ways.offer(WAITING if what == HANGS else 0, Way.SMS)
                await ways.send(count // 200, (Way.EMAIL,))
                found.add(what, await measured(where, me, {}, count // 20, ways.send(count // 20, (Way.EMAIL,))))
                if ways.heard_of(Way.SMS):
                    raise RuntimeError("the gateway did not hang until the last mail: measure fewer at a time")
    return found


# ---- the whole service


async def service(engines: Engines, where: Servers, count: int) -> Found:
    """The same with one instance of notify, another for each round: what hung is over with it."""
    found = Found("service")
    pids = {"bench": os.getpid(), **engine_pids(engines)}

    async def add(what: str, notices: int, *to: str) -> None:
        notify = Notify(engines, DIRECTORY / "logs", where, hangs=what == HANGS)
        with notify.fleet:
            await notify.told(100, (BY_MAIL,))
            sending = notify.told(notices, to, besides=WAITING if what == HANGS else 0)
            found.add(what, await measured(where, notify.pid, pids, notices, sending))

    await add(BOTH, count, BY_MAIL, BY_SMS)
    for _ in range(ROUNDS_OF_SERVICE):
        for what in (ALONE, HANGS):
            await add(what, count // 4, BY_MAIL)
    return found


def _rss(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 1_000_000)


# ---- what is shown


def rows(found: Found) -> Table:
    """What was measured; the CPU of one notice is that of all rounds."""
    titles = ("notices", "notices/s", "of all rounds", "CPU ms, sender", "receivers", "RSS MB", "others’ CPU")
    table = Table(found.of, *titles)
    for what, rounds in found.rounds.items():
        rates, last = sorted(each.rate for each in rounds), rounds[-1]
        table.add_row(
            what,
            f"{sum(each.notices for each in rounds):,}",
            f"{found.rate(what):,.0f}",
            f"{rates[0]:,.0f}–{rates[-1]:,.0f}",
            *(f"{median(each.cpu_ms(name) for each in rounds):.2f}" for name in ("sender", "receivers")),
            " → ".join(f"{mb:.0f}" for mb in last.rss_mb),
            f"{median(each.meter.others_ratio for each in rounds):.0%}",
        )
    return table


def aims(alone: Found, served: Found) -> Table:
    """What was asked for, and whether it is so."""
    (flood,) = alone.rounds[BOTH]
    growth = flood.rss_mb[1] - flood.rss_mb[0]
    table = Table("", "measured", "aim", "")
    for name, value, aim, met in (
        ("notices/s by two ways, one process", f"{flood.rate:,.0f}", f"{RATE_AIM:,}", flood.rate >= RATE_AIM),
        (f"memory over {flood.notices:,} of them", f"{growth:+.1f} MB", f"< {GROWTH_AIM_MB}", growth < GROWTH_AIM_MB),
        *(
            (f"{HANGS} / {ALONE}: {each.of}", f"{each.ratio:.2f}", f"≥ {RATIO_AIM}", each.ratio >= RATIO_AIM)
            for each in (alone, served)
        ),
    ):
        table.add_row(name, value, aim, "[green]met" if met else "[red]not met")
    return table


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
        alone = asyncio.run(ways_out(where, notices))
        with Engines("embedded", DIRECTORY / "engines") as engines:
            served = asyncio.run(_served(engines, where, kept))
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(rows(alone), rows(served), aims(alone, served))


async def _served(engines: Engines, where: Servers, count: int) -> Found:
    topics = topics_of(read_place(PLACE).tables)
    await ensure_topics(engines.bootstrap, topics, replication=1, most_partitions=4)
    return await service(engines, where, count)


if __name__ == "__main__":
    typer.run(main)
