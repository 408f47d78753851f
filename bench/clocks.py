"""`python -m bench.clocks`: do a million open limits cost anything as long as none is due, and how late is a burst?

The scoring service runs on a database that holds as many open cases as are asked for. Measured: what it costs to ask
for what is due when nothing is; how long after its instant each of a burst of alarms has been told on the bus; how long
it takes to explain a limit; how fast limits are reckoned anew, interrupted once (`bench.reckoning`).
"""

from __future__ import annotations

import asyncio
import copy
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from aiokafka import AIOKafkaConsumer
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.table import Table

from bench.reckoning import Reckoned, reckon
from bench.services import PLACE, House
from bench.wire import reader
from contracts.codes import AppealType, Channel, Language, ReplyBy
from contracts.envelope import decode
from contracts.intake import CaseRegistered
from contracts.scoring import ClockRungReached
from infra.decision import Context, Decision
from infra.document import Document
from infra.local.engines import Engine, Engines
from infra.place import read_place
from infra.settings import Settings
from infra.store import Store
from services.scoring.clock_views import INDEXES, ClockViews
from services.scoring.domain.case_rules import CaseRules
from services.scoring.domain.limits import Limits
from services.scoring.score_views import INDEXES as OF_SCORES

DIRECTORY = Path("var/bench/clocks")
FEW = 1_000
RECKONED = 10_000
"""Open limits that are reckoned anew: each costs the same, however many there are."""
CHUNK = 2_000
LAG_AIM_SECONDS, EXPLAIN_AIM_SECONDS, TICK_AIM = 2.0, 0.1, 2.0
LOOKS = 60
AHEAD_SECONDS: float = Settings.model_fields["ahead_seconds"].default


@dataclass(frozen=True)
class Measured:
    """What one database showed. Seconds."""

    held: int
    tick: float
    """The median of asking for what is due, with nothing due."""
    explain: float
    """The slowest but one of a hundred."""


def limits() -> Limits:
    """Those of the demo place."""
    files = read_place(PLACE)
    return Limits.from_tables(files.version, files.tables)


def pattern(at: datetime) -> dict[str, Any]:
    """The document of a case that was registered then, as scoring keeps it."""
    registered = CaseRegistered(
        case_id=str(uuid4()),
        occurred_at=at,
        number="BC-20261123-000001",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="beicheng-centre",
        title="夜间噪声",
        text="楼下凌晨仍在营业。",
        received_at=at,
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="bench",
    )
    decision = CaseRules(limits()).decide(None, registered, Context(registered.case_id, at, "m"))
    assert isinstance(decision, Decision)
    assert decision.state is not None
    document = Document(registered.case_id, state=decision.state.model_dump(mode="json"))
    document.announce("scoring", decision.events, at=at, traceparent=None, cause="m")
    document.saved_at = at
    fields = document.fields("bench", tail_from=len(document.entries))
    return {**fields, "applied": ["m"], "history": [entry.to_mongo() for entry in document.entries]}


def copies(made_of: dict[str, Any], count: int, next_at: Callable[[int], datetime]) -> Iterator[dict[str, Any]]:
    """As many cases, each with one limit whose next alarm falls at its own instant."""
    for n in range(count):
        made = copy.deepcopy(made_of) | {"_id": str(uuid4()), "due_at": next_at(n)}
        clocks = made["state"]["clocks"]
        made["state"]["clocks"] = {"close": clocks["close"]}
        clocks["close"]["steps"] = [{"rung": "red", "level": 0, "at": next_at(n).isoformat()}]
        yield made


async def fill(documents: Any, made: Iterator[dict[str, Any]], told: Callable[[str], None]) -> None:
    """They are in the database."""
    chunk: list[dict[str, Any]] = []
    count = 0
    for each in made:
        chunk.append(each)
        if len(chunk) == CHUNK:
            await documents.insert_many(chunk, ordered=False)
            count += len(chunk)
            chunk = []
            if count % 100_000 == 0:
                told(f"{count:,} written")
    if chunk:
        await documents.insert_many(chunk, ordered=False)


async def looks(store: Store, key: str, held: int) -> Measured:
    """Ticks and explanations on what the database holds."""
    views = ClockViews(store, limits)
    at = datetime.now(UTC)
    ticks = [await _seconds(lambda: tick(store, at)) for _ in range(LOOKS)]
    explained = [await _seconds(lambda: views.explained(key, "beicheng-centre")) for _ in range(100)]
    return Measured(held, statistics.median(ticks), sorted(explained)[-2])


async def _seconds(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await ask()
    return time.perf_counter() - began


async def burst(documents: Any, watcher: AIOKafkaConsumer, made_of: dict[str, Any], count: int) -> list[float]:
    """Seconds from the instant of each alarm until it was read from the bus; it is known long enough before."""
    at = datetime.now(UTC) + timedelta(seconds=AHEAD_SECONDS + max(5.0, count / 1_000))
    at = at.replace(microsecond=0)
    await fill(documents, copies(made_of, count, lambda _: at), lambda _: None)
    if datetime.now(UTC) >= at:
        raise RuntimeError("the database was too slow to be filled in time")
    lags: list[float] = []
    deadline = time.monotonic() + AHEAD_SECONDS + 120
    while len(lags) < count and time.monotonic() < deadline:
        for records in (await watcher.getmany(timeout_ms=100, max_records=5_000)).values():
            now = datetime.now(UTC)
            told = [each for each in records if decode(each.headers, each.value)[0].type == ClockRungReached.TYPE]
            lags += [(now - at).total_seconds()] * len(told)
    if len(lags) != count:
        raise RuntimeError(f"{len(lags)} of {count} alarms came")
    return sorted(lags)


async def tick(store: Store, at: datetime) -> None:
    """What the service asks for when it looks for what is due."""
    await store.due(at, 200)
    await store.crowds.due(at)


async def measured(
    engines: Engines, cases: int, alarms: int, told: Callable[[str], None]
) -> tuple[list[Measured], list[float], Reckoned]:
    """The few, and some of them by another calendar; then the many, and the burst."""
    async with held(engines, FEW, told) as (few, scoring):
        told(f"{RECKONED:,} by another calendar")
        await fill(scoring.documents, scoring.far(RECKONED - FEW), told)
    reckoned = await reckon(engines, scoring.database, DIRECTORY)
    async with (
        held(engines, cases, told) as (many, scoring),
        reader(engines.bootstrap, ["scoring.events"]) as watcher,
    ):
        told(f"a burst of {alarms:,} alarms")
        return [few, many], await burst(scoring.documents, watcher, scoring.made_of, alarms), reckoned


@dataclass
class Scoring:
    """The service at work, and its database."""

    database: str
    documents: Any
    made_of: dict[str, Any]

    def far(self, count: int) -> Iterator[dict[str, Any]]:
        """So many cases, with nothing due for days."""
        far = datetime.now(UTC) + timedelta(days=10)
        return copies(self.made_of, count, lambda n: far + timedelta(seconds=n % 900_000))


@asynccontextmanager
async def held(engines: Engines, cases: int, told: Callable[[str], None]) -> AsyncIterator[tuple[Measured, Scoring]]:
    """The service holds so many cases in a new database, and was looked at. It is started once it holds them."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(engines.mongo_uri, retryWrites=False)
    house = House(engines, DIRECTORY / "logs", partitions=4)
    scoring = Scoring(house.database, client[f"{house.database}_scoring"].documents, pattern(datetime.now(UTC)))
    store = Store(engines.mongo_uri, f"{house.database}_scoring", (*INDEXES, *OF_SCORES))
    try:
        told(f"{cases:,} open cases")
        await store.prepare()
        made = scoring.far(cases)
        known = next(made)
        await fill(scoring.documents, chain([known], made), told)
        async with house:
            yield await looks(store, known["_id"], cases), scoring
    finally:
        await store.close()
        client.close()


def main(
    cases: Annotated[int, typer.Option(min=2 * FEW, envvar="CLOCKS", help="open limits")] = 1_000_000,
    alarms: Annotated[int, typer.Option(min=1, help="due at one instant")] = 10_000,
    engine: Annotated[Engine, typer.Option(envvar="ENGINE")] = "embedded",
) -> None:
    """Compare a thousand open limits with a million."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    progress = Console(stderr=True, style="dim")
    with Engines(engine, DIRECTORY / "engines") as engines:
        found, lags, reckoned = asyncio.run(measured(engines, cases, alarms, progress.print))
    show(found, lags, reckoned, Console())


def show(found: list[Measured], lags: list[float], reckoned: Reckoned, console: Console) -> None:
    """What was measured, and what was aimed at."""
    few, many = found
    table = Table("", "measured", "aim", "")
    p50, p99 = lags[len(lags) // 2], lags[min(len(lags) - 1, int(len(lags) * 0.99))]
    for name, value, aim, met in (
        (f"idle tick, {few.held:,} open", f"{1_000 * few.tick:.2f} ms", "", None),
        (f"idle tick, {many.held:,} open", f"{1_000 * many.tick:.2f} ms", "", None),
        (
            "idle tick, many / few",
            f"{many.tick / few.tick:.2f}",
            f"≤ {TICK_AIM:g}",
            many.tick <= TICK_AIM * few.tick,
        ),
        (f"lag of {len(lags):,} alarms at once, p50", f"{p50:.2f} s", "", None),
        (
            f"lag of {len(lags):,} alarms at once, p99",
            f"{p99:.2f} s",
            f"< {LAG_AIM_SECONDS:g} s",
            p99 < LAG_AIM_SECONDS,
        ),
        (
            "explaining a limit, slowest but one of 100",
            f"{1_000 * many.explain:.1f} ms",
            f"< {1_000 * EXPLAIN_AIM_SECONDS:g} ms",
            many.explain < EXPLAIN_AIM_SECONDS,
        ),
        (
            f"{reckoned.documents:,} open limits by another calendar",
            f"{reckoned.documents / reckoned.seconds:,.0f}/s, {reckoned.seconds:.1f} s in all",
            "",
            None,
        ),
        (
            f"cut off at {reckoned.cut_off_at:.0%} of them, it goes on at",
            f"{reckoned.went_on_at:.0%}",
            f"≥ {reckoned.cut_off_at:.0%}",
            reckoned.went_on_at >= reckoned.cut_off_at,
        ),
    ):
        verdict = "" if met is None else "[green]met" if met else "[red]not met"
        table.add_row(name, value, aim, verdict)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
