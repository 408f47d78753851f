"""`python -m bench.full`: does a house that is full of cases work as one that is empty?

A large place, 200 units and 500 rules. The same floods are timed on an empty house and on one whose four databases hold
as many cases as are asked for: copies of cases that went through it, each with its own number and complainant, so that
a search for repeats finds what it would find in a city. Beside it: what the rules alone cost.
"""

from __future__ import annotations

import asyncio
import copy
import os
import re
import shutil
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.table import Table

from bench.cast import Pipeline, complaint
from bench.contest import JOINING_SECONDS, PARTITIONS, engine_pids
from bench.large import bureau, large_place
from bench.meter import Meter
from bench.race import Run, run
from bench.services import House, units
from bench.wire import producer, reader
from contracts.channel import SubmitComplaint
from contracts.envelope import decode
from contracts.intake import CaseRegistered
from contracts.message import case_id_for
from contracts.roles import SERVICES
from infra.decision import Context, Decision
from infra.local.engines import Engine, Engines
from infra.place import read_place
from infra.store import chunks
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.decide import Rules as IntakeRules
from services.intake.domain.numbering import Numbers
from services.intake.domain.repeats import MOST_COMPARED, Earlier, Supplies
from services.routing.domain.decide import Rules as RoutingRules
from services.routing.domain.dispatch import DispatchPolicy

DIRECTORY = Path("var/bench/full")
RATE_AIM, RULES_AIM = 0.9, 0.25
CHUNK = 1_000
UNITS, RULES = 200, 500
BUREAUS = 150
"""So many of the new units have cases."""


@dataclass(frozen=True)
class Measured:
    """What one house showed."""

    cases: int
    runs: list[Run]
    meter: Meter
    moved: tuple[int, float] | None = None
    """Cases of a whole unit that were sent to another one (机构改革), and the seconds it took."""

    @property
    def rate(self) -> float:
        """Complaints per second in the median flood."""
        return sorted(each.rate for each in self.runs)[len(self.runs) // 2]

    @property
    def milliseconds(self) -> float:
        """CPU of intake and routing together, for one complaint."""
        seconds = sum(self.meter.usage[name].cpu_seconds for name in ("intake", "routing"))
        return 1_000 * seconds / sum(each.count for each in self.runs)


def rules_milliseconds(place: Path, count: int = 3_000) -> float:
    """CPU of deciding on a registration, its repeats compared, and on its dispatch; for one complaint."""
    files = read_place(place)
    intake = IntakeRules(
        Catalogue.from_tables(files.version, files.tables), seal=lambda _: "", key_id="", trace_key=b"k"
    )
    routing = RoutingRules(DispatchPolicy.from_tables(files.version, files.tables))
    submissions = [_submission(n) for n in range(count)]
    at = datetime.now(UTC)
    supplies = Supplies(Numbers())
    for submission in submissions:
        name = intake.series_of(submission, at)
        assert name is not None
        if supplies.numbers.lacking(name, 1):
            supplies.numbers.add(name, range(1, count + 1))
        if who := intake.complainant_of(submission.contact):
            supplies.earlier[who] = [_earlier(submission, at, n) for n in range(MOST_COMPARED)]
    began = time.process_time()
    for submission in submissions:
        context = Context(submission.case_id, at, "m", str(submission.channel), supplies=supplies)
        decision = intake.decide(None, submission, context)
        assert isinstance(decision, Decision)
        registered = next(event for event in decision.events if isinstance(event, CaseRegistered))
        assert isinstance(routing.decide(None, registered, Context(registered.case_id, at, "m")), Decision)
    return 1_000 * (time.process_time() - began) / count


def _submission(n: int) -> SubmitComplaint:
    record = complaint(n)
    return SubmitComplaint.model_validate_json(decode(record.headers, record.value)[1])


def _earlier(submission: SubmitComplaint, at: datetime, n: int) -> Earlier:
    return Earlier(
        case_id_for("web", str(n)),
        f"N-{n}",
        at,
        submission.category,
        submission.area,
        submission.text[n:] + submission.text,
    )


async def measured(
    engines: Engines, place: Path, cases: int, flood: int, repeats: int, told: Callable[[str], None]
) -> Measured:
    """Floods through a house with so many cases in it."""
    course = Pipeline(units(place))
    async with (
        House(engines, DIRECTORY / f"logs-{cases}", partitions=PARTITIONS, place=place) as house,
        producer(engines.bootstrap) as sender,
        reader(engines.bootstrap, course.topics) as watcher,
    ):
        told(f"{cases:,} cases: joining")
        await run(course, sender, watcher, 60, patience_seconds=JOINING_SECONDS)
        if cases:
            await fill(engines.mongo_uri, house.database, cases, told)
        meter = Meter({**house.pids, **engine_pids(engines)})
        runs = []
        for n in range(repeats + 1):  # the first is not counted: caches are cold
            told(f"{cases:,} cases: {flood} complaints at once, {n} of {repeats}")
            if n == 0:
                await run(course, sender, watcher, flood)
                continue
            with meter.running():
                runs.append(await run(course, sender, watcher, flood))
        moved = await move_a_unit(engines, house.database, told) if cases else None
        return Measured(cases, runs, meter, moved)


async def move_a_unit(engines: Engines, prefix: str, told: Callable[[str], None]) -> tuple[int, float]:
    """How many cases the first new unit had, and the seconds until another one has them; as an operator does it."""
    told("a whole unit's cases go to another")
    words = ("cases", "redispatch", "--unit", bureau(0), "--to", bureau(1), "--reason", "机构改革", "--patience", "60")
    environ = {**os.environ, **engines.exports(), "XN_MONGO_DATABASE": prefix}
    began = time.perf_counter()
    program = await asyncio.create_subprocess_exec(sys.executable, "-m", "xn", *words, env=environ, stdout=PIPE)
    printed = (await program.communicate())[0].decode()
    if program.returncode or not (found := re.search(r"(\d+) of \1 cases moved", printed)):
        raise RuntimeError(printed)
    return int(found[1]), time.perf_counter() - began


async def fill(uri: str, prefix: str, cases: int, told: Callable[[str], None]) -> None:
    """Every service's database holds so many copies of what it holds now."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    keys = [str(uuid4()) for _ in range(cases)]
    try:
        for service in SERVICES:
            documents = client[f"{prefix}_{service}"].documents
            patterns = await documents.find({}).to_list(None)
            told(f"filling {service} with {cases:,} cases")
            for n, chunk in enumerate(chunks(keys, CHUNK)):
                made = [_copy(patterns[m % len(patterns)], key, n * CHUNK + m) for m, key in enumerate(chunk)]
                await documents.insert_many(made)
    finally:
        client.close()


def _copy(pattern: dict[str, Any], key: str, n: int) -> dict[str, Any]:
    made = copy.deepcopy(pattern) | {"_id": key}
    state = made["state"]
    if state and "fingerprint" in state:  # intake's
        state["number"] = f"OLD-{n:09d}"
        state["registered_at"] = state["received_at"] = (datetime.now(UTC) - timedelta(minutes=n)).isoformat()
        if state.get("complainant"):
            state["complainant"] = f"c-{n // 2:032x}"
    if state and state.get("asked"):  # routing's: spread over the units
        unit = bureau(n % BUREAUS)
        state |= {"asked": unit, "sent_to": unit, "received_at": (datetime.now(UTC) - timedelta(minutes=n)).isoformat()}
    return made


def main(
    cases: Annotated[int, typer.Option(min=1, envvar="CASES", help="in the full house")] = 200_000,
    flood: Annotated[int, typer.Option(min=50, help="complaints at once")] = 1_500,
    repeats: Annotated[int, typer.Option(min=1, help="floods through each house")] = 3,
    engine: Annotated[Engine, typer.Option(envvar="ENGINE")] = "embedded",
) -> None:
    """Compare an empty house with a full one."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    progress = Console(stderr=True, style="dim")
    place = large_place(DIRECTORY, units=UNITS, rules=RULES)
    houses = []
    for held in (0, cases):
        with Engines(engine, DIRECTORY / f"engines-{held}") as engines:
            houses.append(asyncio.run(measured(engines, place, held, flood, repeats, progress.print)))
    show(houses, rules_milliseconds(place), Console())


def show(houses: list[Measured], rules: float, console: Console) -> None:
    """The two houses, and what was aimed at."""
    table = Table("cases", "complaints/s", "of all floods", *(f"{name}, max RSS MB" for name in SERVICES))
    for house in houses:
        rates = [each.rate for each in house.runs]
        memory = [f"{house.meter.usage[name].max_rss_mb:.0f}" for name in SERVICES]
        table.add_row(f"{house.cases:,}", f"{house.rate:,.0f}", f"{min(rates):,.0f}–{max(rates):,.0f}", *memory)
    console.print(table)
    empty, full = houses
    aims = Table("", "measured", "aim", "")
    for name, value, met, aim in (
        ("rate, full / empty", full.rate / empty.rate, full.rate >= RATE_AIM * empty.rate, f"≥ {RATE_AIM}"),
        (
            f"rules ({rules:.2f} ms) / CPU of intake and routing ({full.milliseconds:.2f} ms)",
            rules / full.milliseconds,
            rules < RULES_AIM * full.milliseconds,
            f"< {RULES_AIM}",
        ),
    ):
        aims.add_row(name, f"{value:.2f}", aim, "[green]met" if met else "[red]not met")
    console.print(aims)
    if full.moved is not None:
        count, seconds = full.moved
        console.print(f"a unit's {count:,} cases of {full.cases:,} were moved in {seconds:.1f} s")


if __name__ == "__main__":
    typer.run(main)
