"""`python -m bench.search`: searches and figures over a full case index, beside the embedded database at work.

The index is built from events as they are on the topics, by the code that intake runs, while the lag of the event loop
is measured. Then a mix of searches is timed while documents are written to and read from the embedded database.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.table import Table

from bench.services import PLACE
from infra.local.engines import Engines
from infra.place import read_place
from services.intake.domain.tree import Tree
from services.intake.index.access import Access, unit_access
from services.intake.index.case_index import CaseIndex
from services.intake.index.facts import PREFIX, SUFFIX, Reported, read_fact
from services.intake.index.figures import FiguresQuestion, figures
from services.intake.index.place import IndexPlace
from services.intake.index.question import CaseQuestion
from services.intake.index.views import IndexViews

DIRECTORY = Path("var/bench/search")
SPACE = UUID(int=11)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 30, tzinfo=UTC)
DISTRICTS, STATIONS = 10, 20
BATCH, SPREAD = 400, 4_000
"""Events of a transaction; cases whose events are mixed."""
P99_AIM_MS, FIGURES_AIM_SECONDS = 300.0, 2.0
SYLLABLES = [chr(0x4E00 + n * 7) for n in range(1_500)]


@dataclass
class Timings:
    """Milliseconds of each kind of search."""

    by_kind: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, seconds: float) -> None:
        """One search."""
        self.by_kind.setdefault(kind, []).append(1_000 * seconds)

    @property
    def all(self) -> list[float]:
        """Of every search, the fastest first."""
        return sorted(each for some in self.by_kind.values() for each in some)


def place() -> IndexPlace:
    """The demo place with 211 units on three levels."""
    parents: dict[str, str | None] = {"city": None}
    for district in range(DISTRICTS):
        parents[f"district-{district}"] = "city"
        parents |= {f"station-{district}-{n}": f"district-{district}" for n in range(STATIONS)}
    return replace(IndexPlace.from_tables(read_place(PLACE).tables), units=Tree(parents))


def words_of(dice: random.Random) -> str:
    """A made-up word of two characters; few are frequent and most are rare (Zipf and Mandelbrot, the first 1.6 %)."""
    rank = int(60 * (1 / max(dice.random(), 1e-6) - 1)) % 40_000
    return SYLLABLES[rank % 1_500] + SYLLABLES[(rank // 7 + rank) % 1_500]


def case_id(n: int) -> str:
    """The id of a case."""
    return str(uuid5(SPACE, str(n)))


def life(n: int, count: int, dice: random.Random) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """Name, time and body of each event of one case. The last fifth of the cases are open in part."""
    received = FIRST + timedelta(days=729) * (n / count) + timedelta(minutes=dice.randrange(60))
    district, category = dice.randrange(DISTRICTS), f"category-{dice.randrange(60)}"
    unit, centre = f"station-{district}-{dice.randrange(STATIONS)}", f"district-{district}"
    text = "".join(words_of(dice) + ("，" if dice.random() < 0.2 else "") for _ in range(60))
    yield (
        "case.registered",
        received,
        {
            "number": f"BC-{received:%Y%m%d}-{n:06}",
            "channel": dice.choice(("web", "radio", "hotline-12345", "visit")),
            "appeal": dice.choice(("complaint", "request", "consult", "suggestion")),
            "category": category,
            "area": f"area-{district}",
            "jurisdiction": centre,
            "title": words_of(dice) + words_of(dice),
            "text": text,
            "received_at": received.isoformat(),
            "about": f"station-{district}-0" if dice.random() < 0.03 else None,
            "urgent": dice.random() < 0.05,
            "complainant": f"c-{dice.randrange(count // 2):032x}",
        },
    )
    due = received + timedelta(days=15)
    yield "clock.started", received, {"clock": "close", "due_at": due.isoformat(), "provisional": False}
    yield "case.assigned", received, {"unit": unit, "responsible": centre, "rule": "area", "policy": "b"}
    if n > count * 0.99:
        return
    yield "case.signed", received + timedelta(hours=5), {"unit": unit, "by": f"{unit}.desk-1"}
    if n > count * 0.9 and dice.random() < 0.5:
        return
    ended = received + timedelta(hours=dice.randrange(10, 500))
    reply = "已核实" + "".join(words_of(dice) for _ in range(25))
    yield "case.closed", ended, {"unit": unit, "result": "resolved", "reply": reply}
    yield "clock.stopped", ended, {"clock": "close", "on_time": ended <= due}
    clocks = [{"stage": "close", "started_at": received.isoformat()}]
    measures = {
        "answer": 1,
        "unit": unit,
        "received_at": received.isoformat(),
        "ended_at": ended.isoformat(),
        "on_time": ended <= due,
        "clocks": clocks,
    }
    yield "case.measured", ended, {"measures": measures}
    if dice.random() < 0.6:
        grade = dice.choice(("satisfied", "dissatisfied", "very-satisfied"))
        rated = {"answer": 1, "satisfaction": grade, "solved": True, "rating_id": f"r-{n}"}
        yield "case.rated", ended + timedelta(days=1), rated


Record = tuple[str, str, str, int, bytes]
"""Type, id, key, rank of the topic and body, before they are decoded."""


def batches(count: int, dice: random.Random) -> Iterator[list[Record]]:
    """Records of the topics in the order of time: the events of a case come in different batches."""
    ranks = {"case.registered": 0, "case.assigned": 1, "case.signed": 1, "case.closed": 1}
    for first in range(0, count, SPREAD):
        waiting: list[tuple[datetime, int, Record]] = []
        for n in range(first, min(first + SPREAD, count)):
            key = case_id(n)
            for place, (name, at, body) in enumerate(life(n, count, dice)):
                value = json.dumps({"case_id": key, "occurred_at": at.isoformat(), **body}, ensure_ascii=False).encode()
                id = str(uuid5(UUID(key), str(place)))
                waiting.append((at, len(waiting), (f"{PREFIX}{name}{SUFFIX}", id, key, ranks.get(name, 2), value)))
        records = [record for _, _, record in sorted(waiting)]
        yield from (records[start : start + BATCH] for start in range(0, len(records), BATCH))


async def build(index: CaseIndex, count: int, report: Callable[[str], None]) -> tuple[float, list[float]]:
    """CPU milliseconds of a case, and the lags of the loop meanwhile."""
    lags: list[float] = []
    ticking = asyncio.create_task(_tick(lags))
    spent, done = 0.0, 0
    for batch in batches(count, random.Random(5)):
        began = time.process_time()
        events = await asyncio.to_thread(_decoded, batch)
        await index.apply(events, {("cases.events", 0): done})
        spent += time.process_time() - began
        done += len(batch)
        if done % (BATCH * 500) < len(batch):
            report(f"{done:,} events")
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await index.on_projection(lambda each: each.tidy(0))
    return 1_000 * spent / count, sorted(lags)


def _decoded(batch: Sequence[Record]) -> list[Reported]:
    return [event for record in batch if (event := read_fact(*record)) is not None]


async def _tick(lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        lags.append(1_000 * (time.perf_counter() - began - 0.005))


def asked(dice: random.Random, count: int) -> tuple[str, dict[str, Any]]:
    """A search as staff make it."""
    n = dice.randrange(count)
    day = FIRST + timedelta(days=729) * (n / count)
    district = dice.randrange(DISTRICTS)
    month = {"received_from": f"{day:%Y-%m-01}", "received_to": f"{day:%Y-%m-28}"}
    return dice.choice(
        (
            ("number", {"number": f"BC-{day:%Y%m%d}-{n:06}"}),
            ("beginning of a number", {"number": f"BC-{day:%Y%m}"}),
            ("telephone", {"telephone": f"{dice.randrange(count // 2):032x}"}),
            ("word of two characters", {"words": words_of(dice)}),
            ("two words", {"words": f"{words_of(dice)} {words_of(dice)}"}),
            ("longer words", {"words": words_of(dice) + words_of(dice)}),
            ("word in a category", {"words": words_of(dice), "category": [f"category-{dice.randrange(60)}"]}),
            ("open cases of a district", {"unit": [f"district-{district}"], "state": "open", "sort": "due"}),
            ("overdue", {"overdue": True, "sort": "due"}),
            ("month of an area", {"area": [f"area-{district}"], **month}),
            ("category, unrated", {"category": [f"category-{dice.randrange(60)}"], "rated": False, "state": "closed"}),
            ("dissatisfied, by update", {"satisfaction": ["dissatisfied"], "sort": "updated"}),
            ("deep page", {"state": "closed", "page": 190, "page_size": 50}),
            ("deep page of a word", {"words": words_of(random.Random(n % 50)), "page": dice.randrange(1, 20)}),
        )
    )


async def timed(views: IndexViews, count: int, searches: int) -> Timings:
    """Two clients at a time, one of the city and one of a district or station."""
    timings, dice = Timings(), random.Random(9)
    seen = [unit_access(each, views.place()) for each in ("city", "district-3", "station-4-2")]

    async def client(accesses: Sequence[Access], share: int) -> None:
        for _ in range(share):
            kind, given = asked(dice, count)
            question = CaseQuestion.model_validate(given)
            began = time.perf_counter()
            await views.search(question, dice.choice(accesses))
            timings.add(kind, time.perf_counter() - began)

    await asyncio.gather(client(seen[:1], searches // 2), client(seen[1:], searches // 2))
    return timings


async def at_work(uri: str, rounds: list[int]) -> None:
    """The embedded database is written to and read from."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    documents, n = client["bench_search"].documents, 0
    try:
        while True:
            await documents.insert_many([{"_id": n + k, "state": {"text": "x" * 1_000}} for k in range(50)])
            await documents.find({"_id": {"$in": list(range(n, n + 32))}}).to_list(None)
            n += 50
            rounds.append(n)
    finally:
        client.close()


async def measured(
    engines: Engines, count: int, searches: int, report: Callable[[str], None], *, again: bool
) -> list[tuple[str, ...]]:
    """Build, search, count; one line of the table for each figure."""
    index = CaseIndex(str(DIRECTORY / "index.sqlite"), "bench")
    there = place()
    views = IndexViews(index, lambda: there, lambda telephone: f"c-{telephone}", lambda: NOW)
    await index.on_projection(lambda each: each.positions())
    built = None if again else await build(index, count, report)
    rounds: list[int] = []
    working = asyncio.create_task(at_work(engines.mongo_uri, rounds))
    timings = await timed(views, count, searches)
    report(f"{len(rounds)} rounds of the database meanwhile")
    seconds = {}
    for of, by in (("unit", "month"), ("all", "day"), ("category", "week")):
        question = FiguresQuestion(by, of, date(2026, 1, 1), date(2026, 12, 31))  # type: ignore[arg-type]
        access, began = unit_access("city", there), time.perf_counter()
        rows = await index.read(lambda each, q=question, a=access: figures(each, q, a, there, NOW))  # type: ignore[misc]
        seconds[f"a year of figures by {by}, of {of}: {len(rows)} rows"] = time.perf_counter() - began
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert rounds, "the database did nothing meanwhile"
    await index.close()
    size = index_bytes()
    return [*_built(built), *_lines(count, timings, seconds, size)]


def index_bytes() -> int:
    """Size of the file."""
    return sum(each.stat().st_size for each in DIRECTORY.glob("index.sqlite*"))


def _built(built: tuple[float, list[float]] | None) -> list[tuple[str, ...]]:
    if built is None:
        return []
    cost, lags = built
    return [
        ("projection, CPU of a case", f"{cost:.2f} ms", "", ""),
        ("lag of the event loop while it indexes, p50 / p99", f"{_at(lags, 0.5)} / {_at(lags, 0.99)} ms", "", ""),
    ]


def _lines(count: int, timings: Timings, seconds: dict[str, float], size: int) -> list[tuple[str, ...]]:
    ordered = timings.all
    p99 = ordered[int(0.99 * len(ordered))]
    lines: list[tuple[str, ...]] = [
        ("size of the file, a case", f"{size / count / 1024:.1f} KiB", "", ""),
        (f"{len(ordered)} searches, p50", f"{statistics.median(ordered):.1f} ms", "", ""),
        (f"{len(ordered)} searches, p99", f"{p99:.0f} ms", f"< {P99_AIM_MS:g} ms", _met(p99 < P99_AIM_MS)),
        (f"{len(ordered)} searches, slowest", f"{ordered[-1]:.0f} ms", "", ""),
    ]
    for kind, found in sorted(timings.by_kind.items()):
        found.sort()
        lines.append((f"  {kind}, p50 / p99", f"{_at(found, 0.5)} / {_at(found, 0.99)} ms", "", ""))
    for name, taken in seconds.items():
        lines.append((name, f"{taken:.2f} s", f"< {FIGURES_AIM_SECONDS:g} s", _met(taken < FIGURES_AIM_SECONDS)))
    return lines


def _at(found: Sequence[float], share: float) -> str:
    return f"{found[min(len(found) - 1, int(share * len(found)))]:.1f}"


def _met(met: bool) -> str:
    return "[green]met" if met else "[red]not met"


def main(
    cases: Annotated[int, typer.Option(min=1_000, envvar="SEARCHED", help="cases in the index")] = 200_000,
    searches: Annotated[int, typer.Option(min=100, help="searches that are timed")] = 2_000,
    again: Annotated[bool, typer.Option("--again", help="search the index of the run before")] = False,
) -> None:
    """Build an index, and time searches and figures beside a database at work."""
    shutil.rmtree(DIRECTORY / "engines" if again else DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    progress = Console(stderr=True, style="dim")
    with Engines("embedded", DIRECTORY / "engines") as engines:
        lines = asyncio.run(measured(engines, cases, searches, progress.print, again=again))
    table = Table(f"{cases:,} cases", "measured", "aim", "")
    for line in lines:
        table.add_row(*line)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
