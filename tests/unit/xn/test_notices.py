"""What people are told can be looked at before anybody is told it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.template_tables import OCCASIONS
from infra.exits import Exit
from tests.support.deployment import DEMO
from xn.__main__ import run as main
from xn.notices.command import app


def run(*words: str) -> str:
    """What the command prints."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_notice_is_shown_in_the_words_of_the_place():
    assert run("preview", "acknowledgement", "--place", str(DEMO)).startswith(
        "【示例市12345】诉求已登记：BC-20261123-000042\n\n王女士，您好！\n"
    )


def test_a_short_message_is_shown_with_the_text_that_the_provider_has_approved():
    shown = run("preview", "acknowledgement", "--place", str(DEMO), "--part", "sms")
    assert shown.startswith("SMS_100000001\nnumber = BC-20261123-000042\nday = 2026年12月14日\n")


def test_a_notice_is_shown_without_what_may_be_absent():
    shown = run("preview", "acknowledgement", "--place", str(DEMO), "--part", "sms", "--absent")
    assert "day = 规定时限\n" in shown


def test_a_mail_is_written_to_a_file(tmp_path: Path):
    out = tmp_path / "answer.html"
    run("preview", "answer", "--language", "en", "--place", str(DEMO), "--part", "html", "--out", str(out))
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_everything_is_written_to_a_folder(tmp_path: Path):
    printed = run("preview", "--all", "--place", str(DEMO), "--out", str(tmp_path))
    names = {path.name for path in tmp_path.iterdir()}
    assert {f"{what}.{language}.txt" for what in OCCASIONS for language in ("zh", "en")} <= names
    assert "red.zh.html" not in names
    assert f"{len(names)} files written" in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview", "birthday"), "write one of acknowledgement"),
        (("preview",), "write one of acknowledgement"),
        (("variables", "birthday"), "write one of acknowledgement"),
        (("preview", "red", "--part", "html"), "red has no html in zh"),
    ],
)
def test_what_there_is_not_is_said(words, said, capfd):
    assert main(["notices", *words, *(["--place", str(DEMO)] if words[0] == "preview" else [])]) != 0
    assert said in capfd.readouterr().err


def test_what_is_wrong_with_a_template_is_said_instead_of_shown(tmp_path: Path):
    place = tmp_path / "demo"
    shutil.copytree(DEMO, place)
    (place / "templates.toml").write_text('[red.zh]\nsubject = "x"\ntext = "{{ nothing }}"\n', "utf-8")
    done = CliRunner().invoke(app, ["preview", "red", "--place", str(place)])
    assert done.exit_code == Exit.CONTENT
    assert "red.zh.text, line 1: there is no variable 'nothing'" in done.output


def test_the_variables_of_an_occasion_are_listed_with_the_words_of_codes():
    shown = run("variables", "answer").splitlines()
    assert shown[0] == "answer"
    assert "  result_name        line     the same in words" in shown
    assert "  rating_url         link     where it can be rated (or absent)" in shown
