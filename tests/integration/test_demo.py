"""`xn demo` as a newcomer runs it, and `xn audit` on the bus that it leaves running."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.deployment import ROOT


async def start(*words: str) -> Process:
    """A command of `xn` in an environment that names no engines."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XN_")}
    environ |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    command = [sys.executable, "-m", "xn", *words]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environ, stdout=PIPE, stderr=STDOUT)


async def said_until(program: Process, last: str) -> str:
    """What it printed up to a line with these words. Raises `AssertionError` when it ends without them."""
    assert program.stdout is not None
    printed = ""
    while line := (await program.stdout.readline()).decode():
        printed += line
        if last in line:
            return printed
    raise AssertionError(printed)


async def audited(bootstrap: str, submitted: Path) -> tuple[int | None, dict[str, Any]]:
    """What `xn audit` says of a list."""
    program = await start("audit", "--bootstrap", bootstrap, "--submitted", str(submitted))
    printed, _ = await asyncio.wait_for(program.communicate(), 60)
    return program.returncode, json.loads(printed)


@pytest.mark.slow
async def test_a_demo_passes_its_audit_and_leaves_a_bus_that_anybody_may_audit(tmp_path: Path):
    directory = tmp_path / "demo"
    demo = await start("demo", "--complaints", "60", "--keep", "--directory", str(directory))
    try:
        printed = await asyncio.wait_for(said_until(demo, "Ctrl-C ends everything"), 150)
        assert "The audit passes" in printed
        report = json.loads((directory / "report.json").read_text())
        assert (report["passed"], report["submitted"], report["lost"], report["duplicated"]) == (True, 60, 0, 0)
        assert report["mails"] > 0
        assert report["sms"] > 0
        assert (report["notices"]["email"], report["notices"]["sms"]) == (report["mails"], report["sms"])
        keys = list((directory / "keys").iterdir())
        assert {key.name for key in keys} == {"contact", "dead-letters", "desk.jwk", "http.toml", "people.toml"}
        assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
        assert [key.name for key in keys if key.read_text() in printed] == []

        found = re.search(r"^export XN_KAFKA_BOOTSTRAP=(\S+)$", printed, re.MULTILINE)
        assert found
        submitted = directory / "submitted.txt"
        code, figures = await audited(found[1], submitted)
        assert (code, figures["passed"], figures["submitted"], figures["lost"]) == (0, True, 60, 0)

        submitted.write_text(submitted.read_text() + "00000000-0000-5000-8000-000000000000\n")
        code, figures = await audited(found[1], submitted)
        assert (code, figures["passed"], figures["lost"]) == (1, False, 1)
        assert "neither registered nor refused" in figures["faults"][0]
    finally:
        demo.send_signal(signal.SIGINT)
        await asyncio.wait_for(demo.communicate(), 60)
    assert demo.returncode == 0


@pytest.mark.slow
async def test_a_demo_that_is_told_to_stop_leaves_no_process_behind(tmp_path: Path):
    demo = await start("demo", "--complaints", "2000", "--directory", str(tmp_path / "demo"))
    await asyncio.wait_for(said_until(demo, "complaints to submit"), 90)
    await asyncio.sleep(1)
    demo.terminate()
    printed, _ = await asyncio.wait_for(demo.communicate(), 60)
    assert demo.returncode == 130
    assert "everything has been stopped" in printed.decode()
    assert "Traceback" not in printed.decode()
    assert [process.info["cmdline"] for process in psutil.process_iter(["cmdline"]) if _within(process, tmp_path)] == []


def _within(process: psutil.Process, directory: Path) -> bool:
    return any(str(directory) in word for word in process.info["cmdline"] or ())
