"""`python -m bench.bulletin`: how long a bulletin takes over many cases, and whether that grows faster than they do.

The database holds what notify keeps of so many cases of a week and the time before it; the bulletin of the week is
counted and printed, by the same code that issues it.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.table import Table

from bench.clocks import fill
from bench.services import PLACE
from contracts.codes import AppealType, Channel, Language, Rung, Satisfaction
from contracts.notice_tables import Series
from infra.document import Document, Entry
from infra.local.engines import Engines
from infra.place import read_place
from infra.store import Store
from services.notify.app import INDEXES
from services.notify.domain.case import OPEN, Card, Case, Limit, Outcome, Registered
from services.notify.domain.issue import issue_of
from services.notify.domain.policy import Policy
from services.notify.domain.series import Edition, edition_of
from services.notify.figures import reports
from services.notify.issuing import pages
from services.notify.printing.press import Press

DIRECTORY = Path("var/bench/bulletin")
SECONDS_AIM, GROWTH_AIM, MEMORY_AIM_MIB = 30.0, 1.2, 20.0
LAST = date(2026, 11, 29)
OPEN_SHARE, OVERDUE_SHARE, RATED_SHARE = 0.2, 0.1, 0.6
SERIES = Series(id="bulletin", zh="机关效能通报", en="Efficiency Bulletin", every_days=7, to=["city-office"])


@dataclass(frozen=True)
class Measured:
    """What one database showed."""

    cases: int
    counted: float
    """Seconds until the figures are known: the median of three."""
    printed: float
    """Seconds of the press, with its start."""
    memory: float
    """MiB that counting takes at most, measured in a run of its own."""


def states(count: int, policy: Policy, dice: random.Random) -> Iterator[dict[str, Any]]:
    """As many cases as notify keeps them: of a month, most answered in its last week, some open, some of them late."""
    units, categories = sorted(policy.names.units), sorted(policy.names.categories)
    monday = datetime.combine(LAST - timedelta(days=6), datetime.min.time(), policy.zone)
    for n in range(count):
        at = monday - timedelta(minutes=dice.randrange(-5 * 1_440, 21 * 1_440))
        unit, is_open = dice.choice(units), dice.random() < OPEN_SHARE
        late = is_open and dice.random() < OVERDUE_SHARE
        ended_on = (monday + timedelta(days=dice.randrange(7))).date().isoformat()
        case = Case(
            registered=Registered(
                number=f"BC-2026{n:08}",
                channel=Channel.WEB,
                registered_at=at.astimezone(UTC),
                received_at=at.astimezone(UTC),
                appeal=AppealType.COMPLAINT,
                category=dice.choice(categories),
                area="beicheng",
                centre="beicheng-centre",
                title="夜间噪声",
                text="楼下烧烤店凌晨仍在营业，噪声很大。" * 5,
                language=Language.CHINESE,
            ),
            owner=unit,
            limit=Limit(clock="close", due_at=at + timedelta(days=dice.randrange(1, 3) if late else 40)),
            cards=(Card(clock="close", rung=Rung.YELLOW, on=ended_on),) if dice.random() < 0.05 else (),
            outcome=None if is_open else _outcome(unit, ended_on, dice),
            until=OPEN if is_open else ended_on,
        )
        yield case.model_dump(mode="json")


def _outcome(unit: str, ended_on: str, dice: random.Random) -> Outcome:
    rated = dice.random() < RATED_SHARE
    return Outcome(
        answer=1,
        unit=unit,
        centre="beicheng-centre",
        on_time=dice.random() < 0.95,
        answered=True,
        ended_on=ended_on,
        satisfaction=dice.choice(list(Satisfaction)) if rated else None,
    )


def documents(made: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With a history of a usual length behind each."""
    at = datetime(2026, 11, 25, tzinfo=UTC)
    entry = Entry(0, "e", "t", "notices.events", "k", at, "x" * 400, None, "m", "h")
    history = [entry.to_mongo() | {"n": n} for n in range(6)]
    for state in made:
        document = Document(str(uuid4()), state=state, open=state["until"] == OPEN, saved_at=at)
        yield {**document.fields("bench", tail_from=6), "_id": document.key, "applied": ["m"], "history": history}


async def measured(engines: Engines, cases: int, told: Callable[[str], None]) -> list[Measured]:
    """Half of the cases, then all of them."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(engines.mongo_uri)
    store = Store(engines.mongo_uri, "bench_notify", INDEXES)
    files = read_place(PLACE)
    policy, dice, found, held = Policy.from_tables(files.version, files.tables), random.Random(4), [], 0
    try:
        await store.prepare()
        for wanted in (cases // 2, cases):
            told(f"{wanted:,} cases")
            made = documents(states(wanted - held, policy, dice))
            await fill(client["bench_notify"].documents, made, told)
            held = wanted
            found.append(await _bulletin(store, policy, edition_of(SERIES, LAST), held))
    finally:
        await store.close()
        client.close()
    return found


async def _bulletin(store: Store, policy: Policy, edition: Edition, held: int) -> Measured:
    seconds: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        await reports(store, edition, (Language.CHINESE,), policy)
        seconds.append(time.perf_counter() - began)
    tracemalloc.start()
    (report,) = await reports(store, edition, (Language.CHINESE,), policy)
    memory = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    if report.figures.closed + report.figures.open != held:
        raise RuntimeError(f"{report.figures.closed} closed and {report.figures.open} open are not {held}")
    press, began = Press(), time.perf_counter()
    issue = issue_of(edition, SERIES, policy, datetime(2026, 11, 30, tzinfo=UTC))
    try:
        _, pdf = await pages(press, edition.id, issue, report, policy.zone)
    finally:
        await press.close()
    (DIRECTORY / f"{held}-{pdf.name}").write_bytes(pdf.content)
    return Measured(held, statistics.median(seconds), time.perf_counter() - began, memory)


def main(
    cases: Annotated[int, typer.Option(min=1_000, envvar="BULLETIN", help="that the bulletin tells about")] = 100_000,
) -> None:
    """Count and print a week's bulletin, of half the cases and of all."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    progress = Console(stderr=True, style="dim")
    with Engines("embedded", DIRECTORY / "engines") as engines:
        half, whole = asyncio.run(measured(engines, cases, progress.print))
    growth = (whole.counted / half.counted) / (whole.cases / half.cases)
    seconds, memory = whole.counted + whole.printed, whole.memory
    table = Table("", "measured", "aim", "")
    for name, value, aim, met in (
        (f"counting, {half.cases:,} cases", f"{half.counted:.2f} s", "", None),
        (f"counting, {whole.cases:,} cases", f"{whole.counted:.2f} s", "", None),
        ("printing, the start of the press included", f"{whole.printed:.2f} s", "", None),
        (f"the bulletin over {whole.cases:,} cases", f"{seconds:.2f} s", f"< {SECONDS_AIM:g} s", seconds < SECONDS_AIM),
        (f"memory of counting, {half.cases:,} cases", f"{half.memory:.1f} MiB", "", None),
        ("seconds per case, all / half", f"{growth:.2f}", f"≤ {GROWTH_AIM:g}", growth <= GROWTH_AIM),
        (
            f"memory of counting, {whole.cases:,} cases",
            f"{memory:.1f} MiB",
            f"< {MEMORY_AIM_MIB:g} MiB",
            memory < MEMORY_AIM_MIB,
        ),
    ):
        table.add_row(name, value, aim, "" if met is None else "[green]met" if met else "[red]not met")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
