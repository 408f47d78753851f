"""The command itself: start, live, audit, report."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from apps.channel.csv_nyc311 import read_csv
from apps.channel.generate import generate
from apps.channel.jsonl import read_jsonl
from apps.channel.rows import Row, RowRefused, numbered
from infra.local.engines import ENGINES, Engine
from xn.audit import Ledger
from xn.demo import show
from xn.demo.city import City
from xn.demo.people import People

app = typer.Typer()

POLICIES = Path(__file__).resolve().parents[2] / "policies"
READERS = {".csv": (read_csv, "nyc311"), ".jsonl": (read_jsonl, "demo")}
"""Reader and place by the suffix of an input: a CSV holds New York's 311 data."""


@app.command("demo")
def demo(
    complaints: Annotated[int, typer.Option(min=1, help="how many are generated when there is no input")] = 1_000,
    source: Annotated[
        Path | None, typer.Option("--input", exists=True, dir_okay=False, help="NYC 311 data (.csv) or native (.jsonl)")
    ] = None,
    engine: Annotated[str, typer.Option(help=" | ".join(ENGINES))] = "embedded",
    keep: Annotated[bool, typer.Option("--keep", help="leave everything running afterwards")] = False,
    directory: Annotated[Path, typer.Option(help="where logs, keys and the report go")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="another seed, other people")] = 1,
    deadline: Annotated[float, typer.Option(help="seconds after which the audit is made in any case")] = 0,
) -> None:
    """Complaints flow through four services on a real bus; the audit proves that none was lost."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"one of {', '.join(ENGINES)}", param_hint="--engine")
    if source is not None and source.suffix.lower() not in READERS:
        raise typer.BadParameter(f"a file that ends in {' or '.join(READERS)}", param_hint="--input")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for own in ("engines", "logs"):  # an earlier demo's; nothing else of that folder is ours to remove
        shutil.rmtree(directory / own, ignore_errors=True)
    place = POLICIES / (READERS[source.suffix.lower()][1] if source else "demo")
    try:
        passed = run(_rows(source, complaints, seed, place), engine, place, directory, seed, keep, deadline)
    except KeyboardInterrupt:
        Console().print("interrupted; everything has been stopped")
        raise typer.Exit(130) from None
    raise typer.Exit(0 if passed else 1)


def run(rows: list[Row], engine: Engine, place: Path, directory: Path, seed: int, keep: bool, deadline: float) -> bool:
    """Whether the audit passed."""
    console = Console()
    ledger = Ledger()
    submittable = len(rows) - sum(isinstance(row, RowRefused) for row in rows)
    with City(engine, place, directory, lambda line: console.print(f"· {line}")) as city:
        count = asyncio.run(city.ensure_topics())
        console.print(f"· {count} topics on {city.engines.bootstrap} ({engine})")
        city.start_services()
        people = People(city, ledger, seed=seed, refusals=directory / "refused-rows.jsonl")
        began = time.perf_counter()
        console.print(f"· {submittable} complaints to submit, {len(city.units)} units at work, citizens waiting")
        asyncio.run(_live(console, people, ledger, rows, submittable, deadline or 60 + len(rows) * 0.1))
        seconds = time.perf_counter() - began
        audit = ledger.audit()
        refused = people.position.refused if people.position else 0
        figures = show.report(ledger, audit, refused, engine, seconds, city.mail.accepted)
        show.save(directory / "report.json", figures)
        console.print(show.stages(ledger))
        console.print(show.verdict(audit, refused))
        console.print(
            f"{audit.submitted} complaints, {people.seen} events, {city.mail.accepted} mails in {seconds:.1f} s; "
            f"figures in {directory / 'report.json'}, logs in {directory / 'logs'}"
        )
        if keep:
            urls = {name: city.fleet.url(name) for name in city.fleet}
            show.addresses(console, urls, city.engines.exports())
            _wait_for_interrupt()
    return audit.passed


async def _live(console: Console, people: People, ledger: Ledger, rows: list[Row], total: int, deadline: float) -> None:
    began = time.perf_counter()
    last = 0.0
    with Live(console=console, refresh_per_second=4, transient=True) as live:

        def tick() -> None:
            nonlocal last
            now = time.perf_counter() - began
            if console.is_terminal and now - last > 0.25:
                live.update(show.progress(ledger, total, now))
                last = now
            elif not console.is_terminal and now - last > 5:
                answered = len(show.reached(ledger, "answer")) + len(show.reached(ledger, "refused"))
                console.print(f"  {now:4.0f} s: {len(ledger.submitted)} submitted, {answered} answered")
                last = now

        await people.live(rows, deadline, tick)


def _rows(source: Path | None, complaints: int, seed: int, place: Path) -> list[Row]:
    if source is None:
        rows: Iterator[Row] = numbered(generate(complaints, seed, place, until=datetime.now(UTC)))
    else:
        rows = READERS[source.suffix.lower()][0](source)
    return list(rows)


def _wait_for_interrupt() -> None:
    threading.Event().wait()
