"""Everybody who is measured, one after another, each in the same three steps: warm, quiet, loud."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bench.cast import Life, Pipeline
from bench.chains import Chain
from bench.meter import Meter
from bench.race import Course, Run, run
from bench.services import House, units
from bench.wire import producer, reader
from infra.local.apache_kafka import ApacheKafka
from infra.local.engines import Engines
from infra.local.tansu import Tansu

PARTITIONS = 4
JOINING_SECONDS = 90.0


@dataclass(frozen=True)
class Plan:
    """How much is sent. A contestant's share makes its loud run last seconds, whatever its rate."""

    complaints: int = 2_000
    repeats: int = 3
    quiet_complaints: int = 150
    quiet_per_second: float = 10.0


@dataclass
class Result:
    """What one contestant showed."""

    name: str
    quiet: Run
    meter: Meter
    """Over all loud runs."""
    loud: list[Run] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Complaints per second in the median loud run."""
        return sorted(run.rate for run in self.loud)[len(self.loud) // 2]

    @property
    def complaints(self) -> int:
        """Of all loud runs."""
        return sum(run.count for run in self.loud)


Told = Callable[[str], None]


async def contest(engines: Engines, directory: Path, plan: Plan, told: Told) -> list[Result]:
    """All four, on engines that run."""
    results: list[Result] = []
    chains: tuple[tuple[Literal["batch", "single"], float], ...] = (("batch", 3.0), ("single", 0.1))
    for style, share in chains:
        async with Chain(style, engines, directory, partitions=PARTITIONS) as chain:
            results.append(await _measure(style, chain, share, engines, chain.pids, plan, told))
    async with House(engines, directory, partitions=PARTITIONS) as house:
        for name, course, share in (("pipeline", Pipeline(units()), 1.0), ("life", Life(units()), 0.25)):
            results.append(await _measure(name, course, share, engines, house.pids, plan, told))
    return results


async def _measure(
    name: str, course: Course, share: float, engines: Engines, pids: Mapping[str, int], plan: Plan, told: Told
) -> Result:
    everybody = {**pids, **engine_pids(engines), "this bench": os.getpid()}
    async with AsyncExitStack() as stack:
        sender = await stack.enter_async_context(producer(engines.bootstrap))
        watcher = await stack.enter_async_context(reader(engines.bootstrap, course.topics))
        told(f"{name}: joining")
        await run(course, sender, watcher, 40, patience_seconds=JOINING_SECONDS)
        told(f"{name}: quiet, {plan.quiet_per_second:g} complaints per second")
        await run(course, sender, watcher, 20, per_second=plan.quiet_per_second)
        quiet = await run(course, sender, watcher, plan.quiet_complaints, per_second=plan.quiet_per_second)
        result = Result(name, quiet, Meter(everybody))
        count = max(20, round(plan.complaints * share))
        for n in range(plan.repeats):
            told(f"{name}: loud, {count} complaints at once, {n + 1} of {plan.repeats}")
            with result.meter.running():
                result.loud.append(await run(course, sender, watcher, count))
    return result


def engine_pids(engines: Engines) -> dict[str, int]:
    """The processes of the engines that were started here."""
    found: dict[str, int] = {}
    match engines.kafka:
        case ApacheKafka(processes=processes):
            found |= {f"broker {n}": process.pid for n, process in enumerate(processes)}
        case Tansu(process=process):
            found["broker"] = process.pid
        case None:
            pass
    if engines.mongo is not None:
        found["database"] = engines.mongo.process.pid
    return found
