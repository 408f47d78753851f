"""`python -m bench.scores`: how long a month's scorecards take to be made again, and whether that grows with the facts.

The database holds what scoring keeps of so many cases that were answered and rated, spread over 200 units of a large
place; the scorecards of the month are made of them, by the same code that serves them over HTTP.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.table import Table

from bench.clocks import fill
from bench.services import PLACE
from contracts.channel_tables import channels_of
from contracts.codes import AppealType, HandlingResult, Satisfaction
from contracts.limits import TimeLimit
from contracts.scoring import CaseMeasured, CaseRated, ClockResult, Measures
from infra.decision import Context, Decision
from infra.document import Document
from infra.local.engines import Engines
from infra.place import read_place
from infra.store import Store
from services.scoring.clock_views import INDEXES as OF_CLOCKS
from services.scoring.domain.scores.handling import HandlingRules, handling_key
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import Member, ScorePolicy
from services.scoring.score_views import INDEXES, ScoreViews

DIRECTORY = Path("var/bench/scores")
UNITS = 200
SECONDS_AIM, GROWTH_AIM, EXPLAIN_AIM_SECONDS = 10.0, 1.2, 0.1
MONTH = Period.parse("2026-11")
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Measured:
    """What one database showed. Seconds."""

    facts: int
    scores: float
    """The median of making all scorecards of the month."""
    opened: float
    """The slowest but one of fifty: what a number of one unit is made of."""


def policy() -> ScorePolicy:
    """That of the demo place, with 200 units in the group of its stations."""
    files = read_place(PLACE)
    made = ScorePolicy.from_tables(files.version, files.tables)
    assert made is not None
    units = {bureau(n): Member(bureau(n), bureau(n), bureau(n), "district", "grass-roots") for n in range(UNITS)}
    return replace(made, members=units)


def bureau(n: int) -> str:
    """One of the units."""
    return f"bureau-{n}"


def documents(count: int, rules: HandlingRules, dice: random.Random) -> Iterator[dict[str, Any]]:
    """As many handlings as scoring keeps them, each decided by its rules from the two facts behind it."""
    channels = channels_of(read_place(PLACE).tables)
    for n in range(count):
        case_id, started = str(uuid4()), FIRST + timedelta(minutes=dice.randrange(20 * 1_440))
        ended = started + timedelta(hours=dice.randrange(1, 200))
        measured = CaseMeasured(
            case_id=case_id,
            occurred_at=ended,
            measures=_measures(n, dice.choice(channels), started, ended, dice),
            policy="b",
        )
        rated = CaseRated(
            case_id=case_id,
            occurred_at=ended + timedelta(hours=1),
            channel=measured.measures.channel,
            rating_id="r",
            satisfaction=dice.choice(list(Satisfaction)),
            solved=dice.random() < 0.8,
        )
        key, state = handling_key(case_id, 1), None
        for subject in (measured, rated) if dice.random() < 0.6 else (measured,):
            decision = rules.decide(state, subject, Context(key, ended, "m"))
            assert isinstance(decision, Decision)
            state = decision.state
        assert state is not None
        document = Document(key, state=state.model_dump(mode="json"), open=False, saved_at=ended)
        yield {**document.fields("bench", tail_from=0), "_id": key, "applied": [f"m{n}"], "history": []}


def _measures(n: int, channel: str, started: datetime, ended: datetime, dice: random.Random) -> Measures:
    unit, on_time = bureau(n % UNITS), dice.random() < 0.95
    clock = ClockResult(
        clock="sign",
        stage="sign",
        unit=unit,
        limit=TimeLimit.parse("1 working day"),
        started_at=started,
        due_at=ended,
        stopped_at=ended,
        on_time=on_time,
    )
    return Measures(
        answer=1,
        unit=unit,
        centre="city-12345",
        channel=channel,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="city",
        received_at=started,
        ended_at=ended,
        result=HandlingResult.RESOLVED,
        on_time=on_time,
        clocks=(clock,),
        returned_by=(bureau(dice.randrange(UNITS)),) if dice.random() < 0.05 else (),
    )


async def measured(engines: Engines, facts: int, told: Callable[[str], None]) -> list[Measured]:
    """Half of the facts, then all of them."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(engines.mongo_uri)
    store = Store(engines.mongo_uri, "bench_scores", (*OF_CLOCKS, *INDEXES))
    by, dice, found, held = policy(), random.Random(4), [], 0
    rules, views = HandlingRules(by.zone), ScoreViews(store)
    try:
        await store.prepare()
        for wanted in (facts // 2, facts):
            told(f"{wanted:,} facts")
            await fill(client["bench_scores"].documents, documents(wanted - held, rules, dice), told)
            held = wanted
            found.append(await _looks(views, by, held))
    finally:
        await store.close()
        client.close()
    return found


async def _looks(views: ScoreViews, by: ScorePolicy, held: int) -> Measured:
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        result = await views.scores(MONTH, by)
        seconds.append(time.perf_counter() - began)
        closed = sum(tally.counts["answered"] for tally in result.tallies.by_unit.values())
        if not 0.8 * held < closed <= held:
            raise RuntimeError(f"{closed} of {held} were counted")
    opened = []
    for n in range(50):
        began = time.perf_counter()
        made_of = await views.made_of("satisfaction", bureau(n), MONTH, by)
        opened.append(time.perf_counter() - began)
        if not made_of.addends:
            raise RuntimeError(f"{bureau(n)} has no addends")
    return Measured(held, statistics.median(seconds), sorted(opened)[-2])


def main(
    facts: Annotated[int, typer.Option(min=1_000, envvar="FACTS", help="answers of a month")] = 100_000,
) -> None:
    """Make a month's scorecards of 200 units, of half the facts and of all."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    progress = Console(stderr=True, style="dim")
    with Engines("embedded", DIRECTORY / "engines") as engines:
        half, whole = asyncio.run(measured(engines, facts, progress.print))
    growth = (whole.scores / half.scores) / (whole.facts / half.facts)
    table = Table("", "measured", "aim", "")
    for name, value, aim, met in (
        (f"scorecards of {UNITS} units, {half.facts:,} facts", f"{half.scores:.2f} s", "", None),
        (
            f"scorecards of {UNITS} units, {whole.facts:,} facts",
            f"{whole.scores:.2f} s",
            f"< {SECONDS_AIM:g} s",
            whole.scores < SECONDS_AIM,
        ),
        ("seconds per fact, all / half", f"{growth:.2f}", f"≤ {GROWTH_AIM:g}", growth <= GROWTH_AIM),
        (
            "opening a number of a unit, slowest but one of 50",
            f"{1_000 * whole.opened:.0f} ms",
            f"< {1_000 * EXPLAIN_AIM_SECONDS:g} ms",
            whole.opened < EXPLAIN_AIM_SECONDS,
        ),
    ):
        table.add_row(name, value, aim, "" if met is None else "[green]met" if met else "[red]not met")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
