"""`python -m bench.malformed`: cost of refused records compared with accepted records of the same size.

Both are written to `complaints.web` and answered on `replies.web` by the four real services. Rounds of accepted and
refused records alternate, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Any
from uuid import uuid4

import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from bench.meter import Meter
from bench.services import House
from contracts.channel import SubmitComplaint
from infra.local.engines import Engine, Engines

DIRECTORY = Path("var/bench/malformed")
REPORT = Path("var/bench/malformed.json")
TOPIC, REPLIES = "complaints.web", "replies.web"
GOOD, BAD = "good", "malformed"
PARTITIONS = 4
RATIO_AIM = 1.0
Headers = list[tuple[str, bytes]]
Spoil = Callable[[dict[str, Any], Headers], tuple[bytes, Headers]]


def _of_type(type: str) -> Spoil:
    return lambda body, headers: (_json(body), [*headers[:-1], ("ce_type", type.encode())])


def _with(**changes: object) -> Spoil:
    return lambda body, headers: (_json(body | changes), headers)


KINDS: dict[str, Spoil] = {
    "misspelt type": _of_type("cn.xiaoneng.complaint.sumbit.v1"),
    "no headers": lambda body, _: (_json(body), []),
    "not JSON": lambda body, headers: (_json(body)[:-20], headers),
    "wrong types": _with(text=7, urgent="yes"),
    "unknown area": _with(area="atlantis"),
    "bad contact": _with(contact={"phone": "call me", "email": "me at home"}),
}
"""Kinds of malformed records, used in equal parts."""


@dataclass
class Rounds:
    """Measurements of accepted or of malformed records."""

    records: int
    seconds: list[float] = field(default_factory=list)
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)
    """CPU time per record in each round, by service."""

    @property
    def rate(self) -> float:
        """Records answered per second in the median round."""
        return self.records / median(self.seconds)

    def cpu(self, *services: str) -> float:
        """CPU milliseconds of these services per record in the median round."""
        rounds = zip(*(self.cpu_ms[name] for name in services), strict=True)
        return float(median(sum(each) for each in rounds))


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def records(what: str, count: int) -> list[tuple[bytes, Headers]]:
    """Create `count` good or malformed records."""
    spoils = list(KINDS.values())
    found = []
    for n in range(count):
        body = {
            "channel": "web",
            "external_id": f"{what}-{uuid4().hex}",
            "received_at": datetime.now(UTC).isoformat(),
            "appeal": "complaint",
            "category": "noise-residential",
            "area": "beicheng",
            "title": "夜间噪声",
            "text": "楼下酒吧凌晨仍在营业，噪声很大，无法入睡，请尽快处理。",
        }
        headers = [("ce_specversion", b"1.0"), ("ce_id", uuid4().hex.encode()), ("ce_source", b"/bench")]
        headers.append(("ce_type", SubmitComplaint.TYPE.encode()))
        found.append((_json(body), headers) if what == GOOD else spoils[n % len(spoils)](body, headers))
    return found


async def flood(engines: Engines, consumer: AIOKafkaConsumer, what: str, count: int) -> float:
    """Send `count` records; return the seconds from the first record to the last answer."""
    wanted = b"acknowledged" if what == GOOD else b"refused"
    producer = AIOKafkaProducer(bootstrap_servers=engines.bootstrap, enable_idempotence=False, linger_ms=5)
    await producer.start()
    try:
        given = records(what, count)
        began, answered = time.perf_counter(), 0
        sent = [
            await producer.send(TOPIC, value, headers=headers, partition=n % PARTITIONS)
            for n, (value, headers) in enumerate(given)
        ]
        await asyncio.gather(*sent)
        async with asyncio.timeout(300):
            while answered < count:
                for part in (await consumer.getmany(timeout_ms=100)).values():
                    answered += sum(wanted in dict(record.headers)["ce_type"] for record in part)
        return time.perf_counter() - began
    finally:
        await producer.stop()


async def contest(engines: Engines, count: int, rounds: int) -> dict[str, Rounds]:
    """Measure good and malformed records in alternating rounds."""
    found = {what: Rounds(count) for what in (GOOD, BAD)}
    async with House(engines, DIRECTORY / "services", partitions=PARTITIONS) as house:
        consumer = AIOKafkaConsumer(
            REPLIES, bootstrap_servers=engines.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50
        )
        await consumer.start()
        try:
            for what in found:
                await flood(engines, consumer, what, max(len(KINDS), count // 10))
            for _ in range(rounds):
                for what, side in found.items():
                    meter = Meter(house.pids)
                    with meter.running():
                        side.seconds.append(await flood(engines, consumer, what, count))
                    for name, usage in meter.usage.items():
                        side.cpu_ms.setdefault(name, []).append(1_000 * usage.cpu_seconds / count)
        finally:
            await consumer.stop()
    return found


def show(found: dict[str, Rounds], console: Console) -> dict[str, float]:
    """Print the table; return the cost ratios of malformed to good records, above 1 when malformed cost more."""
    names = sorted(found[GOOD].cpu_ms)
    table = Table("", "answered/s", *(f"{name} CPU ms" for name in names), title="Malformed records beside good ones")
    for what, side in found.items():
        table.add_row(what, f"{side.rate:,.0f}", *(f"{side.cpu(name):.2f}" for name in names))
    ratios = {
        "intake": found[BAD].cpu("intake") / found[GOOD].cpu("intake"),
        "all services": found[BAD].cpu(*names) / found[GOOD].cpu(*names),
        "time": found[GOOD].rate / found[BAD].rate,
    }
    console.print(table)
    for name, ratio in ratios.items():
        verdict = "reached" if ratio <= RATIO_AIM else "missed"
        console.print(
            f"{name}: a malformed record costs {ratio:.2f} of a good one (aim: {RATIO_AIM:g} at most, {verdict})"
        )
    return ratios


def main(
    count: Annotated[int, typer.Option(min=60, help="records of each kind per round")] = 2_000,
    rounds: Annotated[int, typer.Option(min=1, help="rounds of each kind")] = 3,
    engine: Annotated[Engine, typer.Option(envvar="ENGINE")] = "embedded",
    report: Annotated[Path, typer.Option(help="JSON file for the results")] = REPORT,
) -> None:
    """Compare the cost of malformed records with that of good ones."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    with Engines(engine, DIRECTORY) as engines:
        found = asyncio.run(contest(engines, count, rounds))
    ratios = show(found, Console(width=None if sys.stdout.isatty() else 120))
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps({"records": count, "rounds": rounds, "ratios": ratios}, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
