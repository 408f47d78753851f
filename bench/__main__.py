"""`python -m bench`: the pipeline beside two plain chains, in one run on the same engines."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.contest import Plan, contest
from bench.report import keep, show
from infra.local.engines import Engine, Engines

REPORT = Path("var/bench/report.json")
DIRECTORY = Path("var/bench/run")


def main(
    complaints: Annotated[
        int, typer.Option(min=50, help="in one flood of our pipeline; the others get a share")
    ] = 2_000,
    quick: Annotated[bool, typer.Option("--quick", help="a look: 500 complaints, one flood each")] = False,
    engine: Annotated[Engine, typer.Option(envvar="ENGINE")] = "embedded",
    report: Annotated[Path, typer.Option(help="where the numbers go as JSON")] = REPORT,
) -> None:
    """Measure throughput, latency, CPU and memory, and compare."""
    plan = Plan(complaints=500, repeats=1, quiet_complaints=50) if quick else Plan(complaints=complaints)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    progress = Console(stderr=True, style="dim")
    with Engines(engine, DIRECTORY) as engines:
        results = asyncio.run(contest(engines, DIRECTORY, plan, progress.print))
    show(results, Console(width=None if sys.stdout.isatty() else 120))
    keep(results, engine, plan, report)


if __name__ == "__main__":
    typer.run(main)
