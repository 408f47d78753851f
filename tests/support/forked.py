"""A command that ends by itself, without the second that its imports cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from infra.local.forked import ForkedProcess
from tests.support.deployment import PRELOAD
from tests.support.waiting import wait_for


async def run(module: str, *words: str, env: Mapping[str, str], log: Path) -> tuple[int | None, str]:
    """`python -m <module> <words>`: its exit code, and what it printed, which is in `log`."""
    program = ForkedProcess(module, PRELOAD, log_path=log, env=env, words=words)
    program.start()
    try:
        await wait_for(lambda: not program.alive, 60, f"{module} {' '.join(words)} has ended")
    finally:
        program.kill()
    return program.returncode, await asyncio.to_thread(log.read_text)
