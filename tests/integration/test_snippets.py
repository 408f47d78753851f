"""The programs that the README shows a partner do what it says: one publishes a complaint, one hears its number."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT

import pytest

from contracts.notify import ComplaintAcknowledged
from tests.support.city import City, attribute
from tests.support.deployment import ROOT

SNIPPETS = ROOT / "docs" / "snippets"
NUMBER = re.compile(r"[A-Z]{2}-\d{8}-\d{6}")


async def start(city: City, name: str) -> asyncio.subprocess.Process:
    """The program runs as it stands, told by the environment where the broker is."""
    told = {**os.environ, **city.deployment.engines.exports(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable, str(SNIPPETS / name), cwd=ROOT, env=told, stdout=PIPE, stderr=STDOUT
    )


async def number_told(program: asyncio.subprocess.Process) -> str:
    """The first case number that the program prints. Raises `AssertionError` with all it printed when there is none."""
    assert program.stdout is not None
    printed = ""
    while line := (await program.stdout.readline()).decode():
        printed += line
        if found := NUMBER.search(line):
            return found.group()
    raise AssertionError(f"no number was told:\n{printed}")


@pytest.mark.skipif(not (SNIPPETS / "subscribe.py").exists(), reason="the snippets are not written yet")
async def test_what_one_snippet_publishes_the_other_hears(city: City) -> None:
    publisher = await start(city, "publish.py")
    printed, _ = await asyncio.wait_for(publisher.communicate(), 60)
    assert publisher.returncode == 0, printed.decode()

    subscriber = await start(city, "subscribe.py")
    try:
        number = await asyncio.wait_for(number_told(subscriber), 60)
    finally:
        if subscriber.returncode is None:
            subscriber.terminate()
        await subscriber.communicate()
    await city.heard(ComplaintAcknowledged, where=attribute(number=number))
