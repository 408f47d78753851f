"""`python -m bench.attachments`: lag of intake's event loop while 10 MB attachments are uploaded and downloaded.

A photo and a recording are uploaded and read back, one at a time and three at once, on the embedded database. The
client is a separate process, so the lag is that of the service alone.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import httpx
import psutil
import typer
from PIL import Image
from rich.console import Console
from rich.table import Table

from bench.lagging import PAIR
from bench.services import PLACE
from contracts.place_topics import topics_of
from infra.http.keys import new_key, stored
from infra.local.engines import Engines
from infra.local.services import Fleet
from infra.place import read_place
from infra.sealing import new_private_key, public_key_of
from infra.topics import ensure_topics

DIRECTORY = Path("var/bench/attachments")
BYTES = 10_000_000
AIM_MS = 50.0
AT_ONCE = 3


@dataclass(frozen=True)
class Phase:
    """One measured phase, from one instant to another."""

    name: str
    start: float
    end: float
    seconds: tuple[float, ...] = ()
    """Duration of each transfer."""


@dataclass(frozen=True)
class Lags:
    """Lag of the event loop in one phase, in milliseconds."""

    p99: float
    most: float


def photo() -> bytes:
    """A JPEG of about 10 MB, made of noise because noise does not compress."""
    side, out = 3_400, io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "JPEG", quality=90)
    return out.getvalue()


def recording() -> bytes:
    """10 MB of MPEG Layer III frames."""
    return (b"\xff\xfb\x90\x00" + os.urandom(413).replace(b"\xff", b"\0")) * (BYTES // 417)


async def phases(client: httpx.AsyncClient, rounds: int) -> list[Phase]:
    """Measure an idle phase, then upload and download of each kind, one at a time and several at once."""
    found = [await _phase("idle", 5, lambda: asyncio.sleep(1), 1)]
    for kind, type, content in (("photo", "image/jpeg", photo()), ("recording", "audio/mpeg", recording())):
        ids: list[str] = []

        async def put(type: str = type, content: bytes = content, ids: list[str] = ids) -> None:
            answer = await client.post("/v1/attachments", files={"file": ("f", content, type)})
            answer.raise_for_status()
            ids.append(answer.json()["file_id"])

        async def get(ids: list[str] = ids) -> None:
            answer = await client.get(f"/v1/attachments/{ids[0]}")
            answer.raise_for_status()
            if len(answer.content) < 0.9 * BYTES:
                raise RuntimeError(f"{len(answer.content)} bytes came back")

        for count in (1, AT_ONCE):
            name = f"{kind} of {len(content) / 1e6:.1f} MB {{}}, {count} at once"
            found.append(await _phase(name.format("in"), rounds, put, count))
            found.append(await _phase(name.format("out"), rounds, get, count))
    return found


async def _phase(name: str, rounds: int, do: Callable[[], Awaitable[None]], at_once: int) -> Phase:
    took: list[float] = []

    async def timed() -> None:
        before = time.monotonic()
        await do()
        took.append(time.monotonic() - before)

    start = time.monotonic()
    for _ in range(rounds):
        await asyncio.gather(*(timed() for _ in range(at_once)))
    return Phase(name, start, time.monotonic(), tuple(took))


def lags_of(phase: Phase, samples: list[tuple[float, float]]) -> Lags:
    """The lags sampled during the phase."""
    own = sorted(lag * 1_000 for at, lag in samples if phase.start <= at <= phase.end)
    return Lags(own[int(len(own) * 0.99)], own[-1])


def main(rounds: Annotated[int, typer.Option(min=1, help="transfers in each phase")] = 10) -> None:
    """Measure how far 10 MB attachments delay intake's event loop."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    for name in [name for name in os.environ if name.startswith("XN_")]:
        del os.environ[name]
    with Engines("embedded", DIRECTORY / "engines") as engines:
        found, samples, rss = asyncio.run(_measured(engines, rounds))
    idle = lags_of(found[0], samples)
    titles = ("", "seconds each", "loop lag p99 ms", "most ms", "p99 / idle", f"< {AIM_MS:.0f} ms")
    table = Table("attachments", *titles[1:])
    for each in found:
        lags = lags_of(each, samples)
        met = "[green]met" if lags.most < AIM_MS else "[red]not met"
        seconds = f"{median(each.seconds):.2f}" if each.name != "idle" else "–"
        table.add_row(each.name, seconds, f"{lags.p99:.1f}", f"{lags.most:.1f}", f"{lags.p99 / idle.p99:.1f}", met)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    console.print(f"resident memory of intake: {rss[0]:.0f} MB before, {rss[1]:.0f} MB after")


async def _measured(
    engines: Engines, rounds: int
) -> tuple[list[Phase], list[tuple[float, float]], tuple[float, float]]:
    await ensure_topics(engines.bootstrap, topics_of(read_place(PLACE).tables), replication=1, most_partitions=4)
    key, kept = new_key("web", ("submit", "read"), per_minute=60_000)
    lags = (DIRECTORY / "lags").absolute()

    def environment(name: str, instance: int, port: int) -> dict[str, str]:
        return {
            **engines.exports(),
            "BENCH_LAGS": str(lags),
            "XN_HTTP_PORT": str(port),
            "XN_HTTP_KEYS": stored(kept),
            "XN_POLICIES": str(PLACE),
            "XN_DEAD_LETTER_KEY": new_private_key(),
            "XN_CONTACT_PUBLIC_KEY": public_key_of(new_private_key()),
            "XN_INDEX_FILE": str((DIRECTORY / "index.sqlite").absolute()),
            "XN_LOG_LEVEL": "WARNING",
        }

    fleet = Fleet({"intake": "bench.lagging"}, directory=DIRECTORY, environment=environment)
    fleet.start(timeout=90.0)
    try:
        process = psutil.Process(fleet["intake"][0].pid)
        before = process.memory_info().rss / 1e6
        url = f"http://127.0.0.1:{fleet.ports['intake'][0]}"
        async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=120) as client:
            found = await phases(client, rounds)
        after = process.memory_info().rss / 1e6
    finally:
        fleet.stop()
    return found, list(PAIR.iter_unpack(lags.read_bytes())), (before, after)


if __name__ == "__main__":
    typer.run(main)
