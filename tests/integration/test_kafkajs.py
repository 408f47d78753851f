"""A partner's client in JavaScript, written from docs/partners.md alone, on Apache Kafka.

The marker `kafka` stands here for "needs more tools than Python": without npm the test fails, it never skips.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from contracts.message import case_id_for
from tests.support.city import City, reference

SOURCE = Path(__file__).parents[1] / "clients" / "kafkajs"
INSTALLED = Path(__file__).parents[2] / "var" / "kafkajs"
CHANNEL, UNIT = "partner", "water-company"


async def run(*command: str, seconds: float) -> str:
    """Run a program and return its output; a failure raises with its error output."""
    program = await asyncio.create_subprocess_exec(*command, cwd=INSTALLED, stdout=PIPE, stderr=PIPE)
    try:
        printed, errors = await asyncio.wait_for(program.communicate(), seconds)
    finally:
        if program.returncode is None:
            program.kill()
    assert program.returncode == 0, errors.decode()
    return printed.decode()


@pytest.fixture(scope="module")
async def installed() -> None:
    """Install the client with its locked packages."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.fail("npm is not on PATH: apt-get install npm (Debian) or brew install node (macOS)")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "partner.mjs"):
        shutil.copy(SOURCE / name, INSTALLED)
    await run("npm", "ci", "--silent", "--no-audit", "--no-fund", seconds=120)


@pytest.mark.parametrize("engines", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)
async def test_a_partner_in_javascript_computes_the_key_and_correlates_every_reply(city: City, installed: None) -> None:
    external_id = f"热线-{reference()}"
    bootstrap = city.deployment.engines.bootstrap
    told: dict[str, Any] = json.loads(
        await run("node", "partner.mjs", bootstrap, CHANNEL, UNIT, external_id, seconds=150)
    )
    references = {"good": external_id} | {name: f"{external_id}-{name}" for name in ("refused", "spoilt", "misspelt")}
    assert told["case_ids"] == {name: case_id_for(CHANNEL, each) for name, each in references.items()}
    for name, reply in told["seen"].items():
        about = "good" if name in ("acknowledged", "answered") else name
        assert reply["key"] == reply["case_id"] == told["case_ids"][about]
        assert reply["external_id"] == references[about]
        assert reply["submission_id"] == told["ids"][about]
    codes = {name: reply["reasons"][0]["code"] for name, reply in told["seen"].items() if "reasons" in reply}
    assert codes == {"refused": "area-unknown", "spoilt": "malformed", "misspelt": "unknown-type"}
    assert told["seen"]["misspelt"]["record"]["topic"] == f"complaints.{CHANNEL}"
    assert told["seen"]["refused"]["record"] is None
    assert told["seen"]["answered"]["reply"] == "已恢复供水。"
