"""`xn audit` reads lists of what was submitted, as channels and the demo write them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from contracts.message import case_id_for
from xn.audit.command import app, read_submitted


def test_a_line_begins_with_a_case_id_or_is_a_complaint():
    one, two = case_id_for("web", "1"), case_id_for("web", "2")
    complaint = json.dumps({"channel": "radio", "external_id": "R-7", "text": "…"})
    lines = [one, "", f"{two} 2026-11-23T09:30:00+00:00\n", complaint]
    assert list(read_submitted(lines)) == [one, two, case_id_for("radio", "R-7")]


@pytest.mark.parametrize("line", ['{"channel": "web"}', "{", '{"channel": 1'])
def test_a_line_that_is_neither_is_named(line: str):
    with pytest.raises(ValueError, match="line 2 is no complaint"):
        list(read_submitted(["", line]))


@pytest.mark.parametrize("line", ["BC-20261123-000001", "12345678"])
def test_something_else_than_a_case_id_is_named(line: str):
    with pytest.raises(ValueError, match="line 1 begins with no case id"):
        list(read_submitted([line]))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["silence", "--at", "yesterday"], "time zone"),
        (["silence", "--at", "2026-11-23T09:30:00"], "time zone"),
        (["silence", "--what", "manners"], "manners"),
        (["--submitted", __file__], "--bootstrap"),
        (["--bootstrap", "127.0.0.1:9"], "--submitted"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(words: list[str], told: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("XN_KAFKA_BOOTSTRAP", raising=False)
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, told in done.output) == (2, True), done.output
