"""One demo from its engines to its verdict."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from apps.channel.columns.loading import Loaded, load
from apps.channel.generate import generate
from apps.channel.rows import Row, RowRead, numbered
from apps.channel.submitting import DEFAULT_COLUMNS, NATIVE, read_rows
from infra.local.engines import Engine
from infra.local.services import Fleet, ServiceProcess
from xn.audit import Ledger
from xn.audit.silence import Silent
from xn.demo import show
from xn.demo.city import City
from xn.demo.people import People

POLICIES = Path(__file__).resolve().parents[2] / "policies"
OURS = ("board", "city-drafts", "desk", "engines", "keys", "logs", "refused-rows.jsonl", "report.json", "submitted.txt")
"""What a demo leaves in its directory, and the next one removes from it; nothing else there is touched."""


@dataclass(frozen=True)
class Plan:
    """What is to be submitted, on what, and where the traces of it go."""

    rows: tuple[Row, ...]
    place: Path
    engine: Engine
    directory: Path
    seed: int
    keep: bool
    deadline: float
    """Seconds after which the audit is made in any case."""
    first_port: int = 0
    """The apps with pages get this port and those after it; 0: free ones."""

    @classmethod
    def of(
        cls,
        source: Path | None,
        complaints: int,
        seed: int,
        engine: Engine,
        directory: Path,
        keep: bool,
        deadline: float,
        columns: Loaded | None = None,
        first_port: int = 0,
    ) -> Plan:
        """With the rows of the source, or generated ones when there is none; the column map of a table names its place.

        Raises `FileNotFoundError` when there is no such place.
        """
        if source is None:
            place = POLICIES / "demo"
            rows = tuple(numbered(generate(complaints, seed, place, until=datetime.now(UTC))))
        elif source.suffix.lower() == NATIVE:
            place, rows = POLICIES / "demo", tuple(read_rows(source, None))
        else:
            columns = columns or load(DEFAULT_COLUMNS)
            place, rows = POLICIES / columns.map.place, tuple(read_rows(source, columns))
        if not place.is_dir():
            raise FileNotFoundError(f"the column map names a place that has no folder: {place}")
        return cls(rows, place, engine, directory, seed, keep, deadline or 120 + 0.1 * len(rows), first_port)


def run(plan: Plan) -> bool:
    """Whether the audit passed."""
    console = Console()
    tidy(plan.directory)
    logging.basicConfig(filename=plan.directory / "logs" / "demo.log", level=logging.WARNING)
    city = City(
        plan.engine,
        plan.place,
        plan.directory,
        lambda line: console.print(f"· {line}"),
        first_port=plan.first_port,
        with_traces=plan.keep,
    )
    with city:
        count = asyncio.run(city.ensure_topics())
        console.print(f"· {count} topics on {city.engines.bootstrap} ({city.engine})")
        city.start_services()
        apps = city.start_apps()
        show.pages(console, city.pages)
        return asyncio.run(_play(plan, city, apps, console))


async def _play(plan: Plan, city: City, apps: Fleet, console: Console) -> bool:
    """Raises `KeyboardInterrupt` on SIGTERM, too: one that its handler raised itself might drown in a callback."""
    own, told = asyncio.current_task(), asyncio.Event()

    def stop() -> None:
        told.set()
        if own is not None:
            own.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        return await _perform(plan, city, apps, console)
    except asyncio.CancelledError:
        if told.is_set():
            raise KeyboardInterrupt from None
        raise


async def _perform(plan: Plan, city: City, apps: Fleet, console: Console) -> bool:
    ledger = Ledger()
    people = People(city, ledger, seed=plan.seed, refusals=plan.directory / "refused-rows.jsonl")
    total = sum(isinstance(row, RowRead) for row in plan.rows)
    console.print(f"· {total} complaints to submit, {len(city.units)} units at work, citizens waiting")
    async with people.at_work():
        began = time.perf_counter()
        with show.Progress(console, ledger, total) as progress:
            await people.live(plan.rows, plan.deadline, progress)
        seconds = time.perf_counter() - began
        passed = _judge(plan, city, people, ledger, seconds, await city.silent(), console)
        console.print(show.memory(memory_of({**city.fleet, **apps})))
        if plan.keep:
            show.pages(console, city.pages)
            urls = {name: city.fleet.url(name) for name in city.fleet}
            show.addresses(console, urls, city.exports, plan.directory)
            await _until_interrupted()
    return passed


def _judge(
    plan: Plan,
    city: City,
    people: People,
    ledger: Ledger,
    seconds: float,
    silent: Sequence[Silent],
    console: Console,
) -> bool:
    """The audit is on the screen, and with the list of what was submitted on disk."""
    taken = city.taken
    audit = ledger.audit(taken)
    pace = show.Pace(seconds, people.seen + audit.submitted, {way: len(ids) for way, ids in taken.items()})
    show.save(
        plan.directory / "report.json", show.report(ledger, audit, people.rows_refused, city.engine, pace, silent)
    )
    lines = [f"{case_id} {at.isoformat()}\n" for case_id, at in ledger.submitted.items()]
    (plan.directory / "submitted.txt").write_text("".join(lines))
    console.print(show.stages(ledger))
    console.print(show.notices(audit, pace))
    console.print(show.verdict(audit, people.rows_refused, silent))
    console.print(show.summary(audit, pace), highlight=False)
    console.print(f"figures: {plan.directory / 'report.json'} · logs: {plan.directory / 'logs'}", soft_wrap=True)
    return audit.passed and not silent


def memory_of(fleet: Mapping[str, Sequence[ServiceProcess]]) -> dict[str, int]:
    """Resident megabytes of each service and app; of those that run."""
    found = {name: sum(_resident_kb(each.pid) for each in all_ if each.alive) // 1024 for name, all_ in fleet.items()}
    return {name: megabytes for name, megabytes in found.items() if megabytes}


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    if status.is_file():
        return next((int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS:")), 0)
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(listed.stdout.strip() or 0)


def tidy(directory: Path) -> None:
    """Nothing of an earlier demo is left."""
    for path in (directory / name for name in OURS):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    (directory / "logs").mkdir(parents=True)


async def _until_interrupted() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:  # Ctrl-C is how this is meant to end
        return
