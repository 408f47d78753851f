"""`python -m bench.lagging`: runs intake with an additional task that records the lag of the event loop.

At exit the samples are written to the file in BENCH_LAGS: pairs of doubles, monotonic time and lag in seconds.
"""

from __future__ import annotations

import asyncio
import os
import struct
import time
from pathlib import Path
from typing import Any

from infra.app import Application
from infra.starting import start
from services.intake.app import build
from services.intake.settings import IntakeSettings

PAUSE = 0.005
"""Seconds between two samples; longer blocking of the loop is detected."""
PAIR = struct.Struct("dd")


async def sample() -> None:
    """Record samples until cancelled."""
    found = bytearray()
    try:
        while True:
            before = time.monotonic()
            await asyncio.sleep(PAUSE)
            now = time.monotonic()
            found += PAIR.pack(now, now - before - PAUSE)
    finally:
        Path(os.environ["BENCH_LAGS"]).write_bytes(found)  # noqa: ASYNC240 - the loop has ended


def _watched(settings: IntakeSettings) -> Application[Any]:
    application = build(settings)
    application.background.append(sample)
    return application


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    start(IntakeSettings, _watched)


if __name__ == "__main__":
    main()
