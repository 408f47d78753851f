"""`xn import` as an operator runs it: sent, refused with reasons, gone on where it stopped, registered."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from contracts.intake import CaseRegistered
from contracts.message import case_id_for
from tests.support.bus import complaint
from tests.support.city import City, reference

ROOT = Path(__file__).resolve().parents[2]


async def bring(city: City, file: Path, *options: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "xn", "import", str(file), "--bootstrap", city.deployment.engines.bootstrap),
        *("--keep", str(file.parent / "keep"), *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_backlog_is_registered_for_the_channel_that_brings_it(city: City, tmp_path: Path) -> None:
    given = [complaint(reference()) for _ in range(20)]
    lines = [each.model_dump_json() for each in given]
    file = tmp_path / "backlog.jsonl"
    file.write_text("\n".join([*lines[:10], '{"text": "13800138000"}', *lines[10:]]) + "\n")
    code, said = await bring(city, file, "--channel", "petition-office")
    assert (code, "sent 20, refused 1" in said) == (1, True), said
    cases = {each.model_copy(update={"channel": "petition-office"}).case_id for each in given}
    await city.watch.until(lambda _: cases <= {seen.key for seen in city.all(CaseRegistered)}, timeout=60)
    (refused,) = (
        json.loads(line) for line in (tmp_path / "keep" / "backlog.jsonl.refused.jsonl").read_text().splitlines()
    )
    assert refused["line"] == 11
    assert "13800138000" not in str(refused)
    code, said = await bring(city, file, "--channel", "petition-office", "--resume")
    assert (code, "sent 20, refused 1" in said) == (1, True), said


async def test_new_yorks_columns_are_read(city: City, tmp_path: Path) -> None:
    key = reference()
    file = tmp_path / "nyc.csv"
    file.write_text(
        "Unique Key,Created Date,Complaint Type,Borough,Descriptor\n"
        f"{key},05/01/2022 12:00:03 AM,Noise - Residential,Beicheng,Loud Music\n"
    )
    code, said = await bring(city, file, "--channel", "media")
    assert (code, "sent 1, refused 0" in said) == (0, True), said
    case_id = case_id_for("media", key)
    city.leave_silent(case_id, "received long ago: its limit was over before it came")
    assert (await city.heard(CaseRegistered, case_id)).text == "Loud Music. Beicheng"
