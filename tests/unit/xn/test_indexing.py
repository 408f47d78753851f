"""`xn index`: what a file holds, what is no index, and how one is built anew."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from infra.exits import Exit
from services.intake.index.projection import Projection
from services.intake.index.schema import opened
from tests.unit.services.intake.index.lives import life
from xn.__main__ import run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An index with one case."""
    found = tmp_path / "index.sqlite"
    with closing(opened(str(found), "tests")) as connection:
        Projection(connection).apply(life(1), {("cases.events", 0): 1, ("cases.events", 1): 4})
    return found


def test_what_a_file_holds_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["index", "show", "--file", str(file)]) == Exit.DONE
    printed = capsys.readouterr().out
    assert re.search(r"│ cases +│ 1 ", printed)
    assert "tests" in printed
    assert "5" in next(line for line in printed.splitlines() if "cases.events" in line)


def test_a_file_that_is_no_index_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.sqlite"
    assert run(["index", "show", "--file", str(file)]) == Exit.FILE
    file.write_bytes(b"no database " * 1_000)
    assert run(["index", "show", "--file", str(file)]) == Exit.CONTENT
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(str(file) in line for line in lines)


def test_a_rebuild_deletes_the_file_and_what_is_beside_it(file: Path) -> None:
    assert run(["index", "rebuild", "--file", str(file)]) == Exit.DONE
    assert list(file.parent.iterdir()) == []
    assert run(["index", "rebuild", "--file", str(file)]) == Exit.FILE
