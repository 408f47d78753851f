"""How fast all open limits are reckoned anew by another calendar, and where it goes on after an interruption."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from bench.services import PLACE
from infra.app import Application
from infra.local.engines import Engines
from infra.sealing import new_private_key
from services.scoring.app import build
from services.scoring.domain.aggregate import Aggregate
from services.scoring.reckoning import FACT, Progress, Reckoning
from services.scoring.settings import ScoringSettings

HALF = 0.5
MOMENT_SECONDS = 0.05
"""How long the step that is cut off has run."""


@dataclass(frozen=True)
class Reckoned:
    """What came of it."""

    documents: int
    """Open ones, all of which have another end."""
    seconds: float
    """Of both instances together, without what was cut off."""
    cut_off_at: float
    """How much of it the one instance had done, 0 to 1."""
    went_on_at: float
    """And where the other went on."""


def corrected(folder: Path, at: datetime) -> Path:
    """The demo place with a notice that takes one of the next working days off: every limit that runs moves."""
    place = folder / PLACE.name
    shutil.copytree(PLACE, place)
    day = next(on for n in range(1, 8) if (on := (at + timedelta(days=n)).date()).weekday() < 5)
    notice = f'[[year]]\nyear = {day.year}\nsource = "bench"\ndays_off = [{day.isoformat()}]\n'
    (place / "calendar.toml").write_text(notice)
    return place


async def reckon(engines: Engines, database: str, folder: Path) -> Reckoned:
    """All open documents are reckoned by another calendar: one half by an instance that is cut off in mid-step."""
    place = corrected(folder, datetime.now(UTC))
    async with _scoring(engines, database, place) as application:
        seconds, cut_off_at = await _steps(_reckoning(application), HALF)
        cut_off = asyncio.create_task(_reckoning(application).step())
        await asyncio.sleep(MOMENT_SECONDS)
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
    async with _scoring(engines, database, place) as application:
        await application.processor.recover(0)
        went_on_at = Progress.model_validate(await application.store.fact(FACT)).share
        more, _ = await _steps(_reckoning(application), 1.0)
        calendar = _calendar(application)
    return Reckoned(await _open_documents(engines, database, calendar), seconds + more, cut_off_at, went_on_at)


async def _steps(reckoning: Reckoning, share: float) -> tuple[float, float]:
    """Seconds until so much of it is done, and how much that is. Raises `RuntimeError` when there is nothing to do."""
    began, progress = time.perf_counter(), Progress(calendar="")
    while progress.share < share:
        progress = await reckoning.step()
    if not progress.reckoned:
        raise RuntimeError("the calendar is none other than before")
    return time.perf_counter() - began, progress.share


async def _open_documents(engines: Engines, database: str, calendar: str) -> int:
    """How many there are. Raises `RuntimeError` unless each has been reckoned by that calendar."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(engines.mongo_uri)
    try:
        documents = client[f"{database}_scoring"].documents
        count = await documents.count_documents({"open": True})
        left = count - await documents.count_documents({"open": True, "state.clocks.close.calendar": calendar})
    finally:
        client.close()
    if left:
        raise RuntimeError(f"{left} of {count} limits were forgotten")
    return count


def _reckoning(application: Application[Aggregate]) -> Reckoning:
    reckoning = Reckoning(application.store, lambda: _calendar(application))
    reckoning.record = application.record
    return reckoning


def _calendar(application: Application[Aggregate]) -> str:
    assert application.reference is not None
    version: str = application.reference.rules.limits.calendar.version
    return version


@asynccontextmanager
async def _scoring(engines: Engines, database: str, place: Path) -> AsyncIterator[Application[Aggregate]]:
    """The service as it is wired, but nothing is consumed."""
    application = build(
        ScoringSettings.model_validate(
            {
                "kafka_bootstrap": engines.bootstrap,
                "mongo_uri": engines.mongo_uri,
                "mongo_database": database,
                "policies": place,
                "reference": "folder",
                "dead_letter_key": new_private_key(),
            }
        )
    )
    await application.store.prepare()
    await application.publisher.start()
    try:
        yield application
    finally:
        await application.publisher.stop()
        await application.store.close()
