"""A backlog: which rows it has, who says them, where its progress is kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from apps.channel.rows import RowRead, RowRefused
from apps.channel.submitting import Backlog, submit
from contracts.codes import Channel
from contracts.message import case_id_for
from xn.importing import app

LINE = (
    '{"channel": "radio", "external_id": "1", "received_at": "2026-09-18T09:00:00+08:00", "appeal": "complaint", '
    '"category": "heating", "area": "city", "text": "冷"}\n'
)


def backlog(
    folder: Path, name: str = "old.jsonl", text: str = LINE + "{}\n", channel: Channel | None = None
) -> Backlog:
    (folder / name).write_text(text)
    return Backlog(folder / name, "127.0.0.1:1", folder / "keep", channel=channel)


def test_rows_are_said_by_the_channel_they_name(tmp_path: Path) -> None:
    read, refused = backlog(tmp_path).rows()
    assert isinstance(read, RowRead)
    assert isinstance(refused, RowRefused)
    assert read.complaint.topic == "complaints.radio"


def test_or_all_by_the_channel_that_is_asked_for(tmp_path: Path) -> None:
    read, refused = backlog(tmp_path, channel=Channel.PETITION_OFFICE).rows()
    assert isinstance(read, RowRead)
    assert isinstance(refused, RowRefused)
    assert read.complaint.topic == "complaints.petition-office"
    assert read.complaint.case_id == case_id_for("petition-office", "1")


@pytest.mark.parametrize("name", ["old.xlsx", "none.csv"])
def test_a_file_that_cannot_be_read_is_said_to_be_none(tmp_path: Path, name: str) -> None:
    found = backlog(tmp_path, name)
    if name.endswith("csv"):
        found.input.unlink()
    said = io.StringIO()
    assert submit(found, Console(file=said)) == 2
    assert name in said.getvalue().replace("\n", "")
    done = CliRunner().invoke(app, [str(found.input), "--bootstrap", "127.0.0.1:1"])
    if found.input.exists():
        assert done.exit_code == 2
    else:  # ends with the exit code of a missing file: docs/operations.md
        assert isinstance(done.exception, FileNotFoundError)
