"""`python -m bench.lagging`: intake as it is, with one task more that records how late the event loop is.

The lags are written to the file that BENCH_LAGS names: pairs of doubles, the monotonic instant and the lag in seconds.
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
"""Seconds between two looks: a loop that is blocked for longer is seen."""
PAIR = struct.Struct("dd")


async def sample() -> None:
    """Runs until it is cancelled."""
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
    """Runs until SIGTERM or SIGINT."""
    start(IntakeSettings, _watched)


if __name__ == "__main__":
    main()
