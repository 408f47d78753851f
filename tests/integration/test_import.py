"""`xn import` as an operator runs it: sent, refused with reasons, gone on where it stopped, registered."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

from contracts.intake import CaseRegistered
from contracts.message import case_id_for
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.forked import run


async def bring(city: City, file: Path, *options: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    given = ("import", str(file), "--bootstrap", city.deployment.engines.bootstrap, "--keep", str(file.parent / "keep"))
    log = city.deployment.directory / "commands" / f"{uuid4().hex}.log"
    code, said = await run("xn", *given, *options, env=os.environ, log=log)
    return code or 0, said


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
    key = str(uuid4().int % 10**10)
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


async def test_another_citys_table_is_read_by_its_map_and_mangled_rows_are_refused(city: City, tmp_path: Path) -> None:
    key = f"SR26-{uuid4().int % 10**8:08}"
    file = tmp_path / "chicago.csv"
    file.write_text(
        "SR_NUMBER,SR_TYPE,ORIGIN,CREATED_DATE,STREET_ADDRESS,CITY,ZIP_CODE,WARD\n"
        f"{key},Street Light Out Complaint,Phone Call,05/01/2022 12:00:03 AM,1 EXAMPLE ST,Chicago,00000,42\n"
        "2.60E+09,Pothole in Street Complaint,Phone Call,05/01/2022 12:00:03 AM,1 EXAMPLE ST,Chicago,00000,42\n",
        encoding="utf-16",
    )
    code, printed = await bring(city, file, "--channel", "media", "--columns", "chicago")
    assert (code, "sent 1, refused 1" in printed) == (1, True), printed
    (refused,) = (json.loads(row) for row in (tmp_path / "keep" / "chicago.csv.refused.jsonl").read_text().splitlines())
    assert (refused["line"], refused["field"]) == (3, "SR_NUMBER")
    assert "exponent" in refused["why"]
    case_id = case_id_for("media", key)
    city.leave_silent(case_id, "received long ago: its limit was over before it came")
    registered = await city.heard(CaseRegistered, case_id)
    assert registered.category == "street-lighting"
    assert registered.text == "Street Light Out Complaint. 1 EXAMPLE ST, Chicago, 00000. Ward 42"


async def test_a_broken_map_is_refused_before_anything_is_sent(city: City, tmp_path: Path) -> None:
    file, columns = tmp_path / "city.csv", tmp_path / "map.toml"
    file.write_text("a,b\n1,2\n")
    columns.write_text('city = "x"\nplaces = "demo"\n')
    code, printed = await bring(city, file, "--columns", str(columns))
    assert code == 2, printed
    assert "map.toml:2: places: is unknown" in printed
    assert "Traceback" not in printed
    code, printed = await bring(city, file, "--columns", "gotham")
    assert code == 2
    assert "chicago" in printed
