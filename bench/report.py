"""The result as tables for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.contest import Plan, Result

TITLES = {
    "batch": "(a) bare batch loop, four hops",
    "single": "(b) one message at a time, four hops",
    "pipeline": "(c) our pipeline: assigned, clock, acknowledged",
    "life": "(d) our full life: answered and rated",
}
RSS_AIM_MB = 150
ASSIGNED_AIM_MS = 250


@dataclass(frozen=True)
class Ratio:
    """One contestant's rate over another's, and what the design aims at."""

    name: str
    value: float
    aim: float

    @property
    def met(self) -> bool:
        """Whether the aim is reached."""
        return self.value >= self.aim


def ratios(results: Sequence[Result]) -> list[Ratio]:
    """The ratios that the design speaks of."""
    rate = {result.name: result.rate for result in results}
    return [
        Ratio("(c) / (a)", rate["pipeline"] / rate["batch"], 0.5),
        Ratio("(c) / (b)", rate["pipeline"] / rate["single"], 15.0),
    ]


def show(results: Sequence[Result], console: Console) -> None:
    """Three tables: the contestants, the aims, the processes."""
    console.print(_contestants(results), _aims(results), _processes(results))


def keep(results: Sequence[Result], engine: str, plan: Plan, path: Path) -> None:
    """The file holds everything that was measured, and one beside it the two small tables for docs/performance.md."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_document(results, engine, plan), indent=2) + "\n")
    tables = (_contestants(results), _aims(results))
    path.with_suffix(".md").write_text("\n".join(_markdown(table) for table in tables))


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed, in milliseconds."""
    ordered = sorted(seconds)
    return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _contestants(results: Sequence[Result]) -> Table:
    table = Table(title="Throughput of a flood, latency of a quiet system", title_justify="left")
    table.add_column("")
    columns = ("complaints/s", "of all runs", "p50 ms", "p99 ms", "CPU s per 1,000", "others’ CPU", "published twice")
    for column in columns:
        table.add_column(column, justify="right")
    for result in results:
        end = result.quiet.latencies["end"]
        cpu = sum(usage.cpu_seconds for usage in result.meter.usage.values())
        rates = [run.rate for run in result.loud]
        table.add_row(
            TITLES[result.name],
            f"{result.rate:,.0f}",
            f"{min(rates):,.0f}–{max(rates):,.0f}",
            f"{percentile_ms(end, 0.5):,.0f}",
            f"{percentile_ms(end, 0.99):,.0f}",
            f"{1_000 * cpu / result.complaints:.1f}",
            f"{result.meter.others_ratio:.0%}",
            str(sum(run.duplicates for run in (*result.loud, result.quiet))),
        )
    return table


def _aims(results: Sequence[Result]) -> Table:
    table = Table("", title="What the design aims at", title_justify="left")
    for column in ("measured", "aim", ""):
        table.add_column(column, justify="right")
    for ratio in ratios(results):
        table.add_row(ratio.name, f"{ratio.value:.2f}", f"≥ {ratio.aim:g}", _verdict(ratio.met))
    pipeline = next(result for result in results if result.name == "pipeline")
    assigned = percentile_ms(pipeline.quiet.latencies["assigned"], 0.99)
    table.add_row(
        "submitted → assignment, p99, quiet",
        f"{assigned:.0f} ms",
        f"< {ASSIGNED_AIM_MS} ms (Apache Kafka)",
        _verdict(assigned < ASSIGNED_AIM_MS),
    )
    largest = max(
        usage.max_rss_mb for result in results for name, usage in result.meter.usage.items() if name in SERVICES
    )
    table.add_row(
        "largest service, resident", f"{largest:.0f} MB", f"< {RSS_AIM_MB} MB", _verdict(largest < RSS_AIM_MB)
    )
    return table


SERVICES = ("intake", "routing", "scoring", "notify")


def _processes(results: Sequence[Result]) -> Table:
    table = Table("", "process", title="Processes during the floods", title_justify="left")
    table.add_column("CPU s", justify="right")
    table.add_column("CPU ms per complaint", justify="right")
    table.add_column("max RSS MB", justify="right")
    for result in results:
        title = TITLES[result.name]
        for name, usage in result.meter.usage.items():
            each = 1_000 * usage.cpu_seconds / result.complaints
            table.add_row(title, name, f"{usage.cpu_seconds:.1f}", f"{each:.2f}", f"{usage.max_rss_mb:.0f}")
            title = ""
        table.add_section()
    return table


def _markdown(table: Table) -> str:
    rows = [[str(column.header) for column in table.columns], ["---"] + ["---:"] * (len(table.columns) - 1)]
    rows += [list(row) for row in zip(*(map(str, column.cells) for column in table.columns), strict=True)]
    return "".join("| " + " | ".join(Text.from_markup(cell).plain for cell in row) + " |\n" for row in rows)


def _verdict(met: bool) -> str:
    return "[green]met[/]" if met else "[red]not met[/]"


def _document(results: Sequence[Result], engine: str, plan: Plan) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": engine,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load_average": os.getloadavg(),
        "plan": vars(plan),
        "contestants": {result.name: _of(result) for result in results},
        "ratios": {ratio.name: {"value": round(ratio.value, 3), "aim": ratio.aim} for ratio in ratios(results)},
    }


def _of(result: Result) -> dict[str, Any]:
    return {
        "title": TITLES[result.name],
        "complaints_per_second": round(result.rate, 1),
        "runs": [{"complaints": run.count, "seconds": round(run.seconds, 3)} for run in result.loud],
        "quiet_latency_ms": {
            name: {f"p{share * 100:g}": round(percentile_ms(values, share), 1) for share in (0.5, 0.99)}
            for name, values in result.quiet.latencies.items()
        },
        "published_twice": sum(run.duplicates for run in (*result.loud, result.quiet)),
        "others_cpu_ratio": round(result.meter.others_ratio, 3),
        "processes": {
            name: {"cpu_seconds": round(usage.cpu_seconds, 2), "max_rss_mb": round(usage.max_rss_mb, 1)}
            for name, usage in result.meter.usage.items()
        },
    }
