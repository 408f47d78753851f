"""Every command of `xn` ends with one line and a documented code when an engine is away or an input is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shellingham  # type: ignore[import-untyped]
from typer.main import get_command

from infra.exits import Exit
from infra.local.process import free_port
from xn.__main__ import application, run

ROOT = Path(__file__).resolve().parents[3]
PLACE = str(ROOT / "policies" / "demo")
CASE = "3f0c1a52-8a3f-4f57-9d0b-0f6f9f2b7c11"
GIVEN = {
    "actor": "beicheng-centre.desk-2",
    "by": "beicheng-centre.desk-2",
    "case": CASE,
    "key": "abcd1234",
    "letter": CASE,
    "notice": CASE,
    "number": "on-time",
    "period": "2026-11",
    "reason": "机构改革",
    "right": "read",
    "series": "weekly",
    "service": "intake",
    "to": "water-company",
    "unit": "police-beicheng",
    "until": "2026-11-22",
}
"""A value for each option or argument by its name."""
OFFLINE = {
    "cases chart", "contracts check", "contracts write", "demo", "index rebuild", "index show",
    "keys check", "keys expire", "keys issuer", "keys list", "keys new",
    "keys pair", "notices preview", "notices variables", "reference check", "settings check", "settings write",
    "topics list",
}  # fmt: skip
"""Commands that connect to no engine or service."""
MORE = {
    "audit": ["--submitted", "{file}"],
    "dead-letters redrive": ["--service", "intake"],
    "documents print": ["BC-20261123-000042-DJ1", "--url", "http://127.0.0.1:{port}"],
    "import": ["{file}", "--channel", "web"],
    "notices list": ["--dead"],
    "reference diff": [PLACE],
    "reference publish": [PLACE],
    "scores compare": ["2026-11", "--with", PLACE],
    "suggest train": ["--out", "{file}.json"],
    "topics ensure": [],
}
"""Arguments of commands whose values cannot be derived from parameter names."""
SECONDS = 20.0


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by its words, including groups that can run without a subcommand."""
    below = getattr(command, "commands", None)
    if below is None or getattr(command, "invoke_without_command", False):
        yield " ".join(path), command
    for name, each in (below or {}).items():
        yield from leaves(each, (*path, name))


COMMANDS = dict(leaves(get_command(application())))


def words_of(path: str, file: Path, port: int) -> list[str]:
    """A complete command line."""
    if path in MORE:
        return [*path.split(), *(word.format(file=file, port=port) for word in MORE[path])]
    words = path.split()
    for parameter in COMMANDS[path].params:
        if parameter.required and parameter.name != "bootstrap":
            value = GIVEN[str(parameter.name)]
            words += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    return words


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> int:
    """Set addresses on which nothing listens, and an API key."""
    port = free_port()
    monkeypatch.setenv("XN_KAFKA_BOOTSTRAP", f"127.0.0.1:{port}")
    monkeypatch.setenv(
        "XN_MONGO_URI", f"mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=500"
    )
    monkeypatch.setenv("XN_POLICIES", PLACE)
    monkeypatch.setenv("XN_API_KEY", "xn.none")
    return port


def test_every_command_is_looked_at() -> None:
    """A new command must be listed here as one that connects to nothing, or is run against closed ports."""
    assert set(COMMANDS) >= OFFLINE
    assert len(COMMANDS) >= 35


@pytest.mark.parametrize("path", sorted(set(COMMANDS) - OFFLINE))
def test_a_command_without_its_engine_ends_with_one_line_and_its_code(
    path: str, dead: int, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "given.jsonl"
    file.write_text(f"{CASE}\n" if path == "audit" else "")
    began = time.monotonic()
    code = run(words_of(path, file, dead))
    assert time.monotonic() - began < SECONDS
    said = capfd.readouterr().err.splitlines()
    assert code == Exit.AWAY, said
    assert len(said) == 1, said
    assert re.match(r"xn: (Kafka is away|MongoDB is away|the service does not answer)", said[0])


@pytest.mark.parametrize(
    ("words", "environment", "code", "line"),
    [
        (["topics", "ensure", "--bootstrap", "nowhere"], {}, Exit.SETTING, "nowhere is no host:port"),
        (["topics", "ensure", "--bootstrap", "a:99999"], {}, Exit.SETTING, "99999 is no port"),
        (["explain", CASE], {"XN_MONGO_URI": "mongo//x"}, Exit.SETTING, "XN_MONGO_URI is malformed"),
        (["explain", CASE], {"XN_MONGO_URI": ""}, Exit.SETTING, "set XN_MONGO_URI"),
        (["audit", "--submitted", "/nowhere/list"], {}, Exit.FILE, "/nowhere/list: No such file or directory"),
        (["audit", "--submitted", "/"], {}, Exit.FILE, "/: Is a directory"),
        (["notices", "preview", "answer", "--out", "/proc/none/a"], {}, Exit.OUTPUT, "/proc/none/a: No such file"),
        (["notices", "preview", "--all", "--out", "/proc/none"], {}, Exit.OUTPUT, "/proc/none: No such file"),
        (["keys", "new", "--channel", "web", "--file", "/proc/none/k"], {}, Exit.OUTPUT, "/proc/none/k: No such"),
        (["keys", "new", "--channel", "web", "--days", "99999999"], {}, Exit.USAGE, "less than or equal to 36500"),
        (["keys", "new", "--channel", "a b"], {}, Exit.USAGE, "'--channel': a channel code has lower-case"),
        (["import", "/nowhere/rows.csv"], {}, Exit.FILE, "/nowhere/rows.csv: No such file"),
        (["keys", "check", "/nowhere/keys.toml"], {}, Exit.FILE, "/nowhere/keys.toml"),
        (["keys", "list", str(ROOT / "README.md")], {}, Exit.CONTENT, "README.md: not TOML"),
        (["scores", "show", "2026-11", "--policies", "/nowhere"], {}, Exit.FILE, "/nowhere is not a folder"),
        (["reference", "check", "/nowhere"], {}, Exit.FILE, "/nowhere is not a folder"),
        (["notices", "preview", "x", "--place", "/nowhere"], {}, Exit.FILE, "/nowhere is not a folder"),
        (["audit", "silence", "--place", "/nowhere"], {}, Exit.FILE, "/nowhere is not a folder"),
        (["documents", "print", "X", "--url", "ftp://x"], {}, Exit.SETTING, "address is malformed"),
        (["documents", "print", "X"], {"XN_API_KEY": ""}, Exit.SETTING, "set XN_API_KEY"),
        (["topics", "list", "--nothing"], {}, Exit.USAGE, "No such option: --nothing"),
        (["nothing"], {}, Exit.USAGE, "No such command 'nothing'"),
        (["topics", "list"], {"XN_HTTP_PROT": "1"}, Exit.SETTING, "do you mean XN_HTTP_PORT?"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    words: list[str],
    environment: dict[str, str],
    code: Exit,
    line: str,
    dead: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(words) == code
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1, said
    assert line in said[0]


def test_a_fault_of_our_own_is_one_line_without_its_text(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("13800138000")

    monkeypatch.setattr("xn.keys.new_private_key", broken)
    assert run(["keys", "pair"]) == Exit.BROKEN
    said = capfd.readouterr().err
    assert re.fullmatch(r"xn: a fault of our own: RuntimeError at [\w/.]+:\d+\n", said)


def test_no_password_is_in_the_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for uri in ("mongodb://xn:hunter2@127.0.0.1:x/", "mongodb://xn:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=200"):
        monkeypatch.setenv("XN_MONGO_URI", uri)
        assert run(["explain", CASE]) in {Exit.SETTING, Exit.AWAY}
        assert "hunter2" not in capfd.readouterr().err


def test_every_code_is_documented() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.split("## Exit codes", 1)[1].split("\n## ", 1)[0]
    assert {int(found) for found in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)} == {int(e) for e in Exit}


def test_the_real_command_ends_like_that(dead: int, tmp_path: Path) -> None:
    """Started as from a shell: standard error contains nothing else."""
    (tmp_path / "list").write_text(CASE)
    command = [sys.executable, "-m", "xn", "audit", "--submitted", str(tmp_path / "list")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (Exit.AWAY, "")
    assert re.fullmatch(r"xn: Kafka is away: .*\n", done.stderr)


def test_the_version_is_that_of_the_package(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), flags=re.MULTILINE)
    assert version is not None
    assert capfd.readouterr().out == f"xn {version[1]}\n"


@pytest.mark.parametrize(
    ("shell", "mark"), [("bash", "complete -o default -F"), ("zsh", "#compdef xn"), ("fish", "complete --command xn")]
)
def test_a_script_for_completion_is_printed(
    shell: str, mark: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["--show-completion", shell]) == 0
    assert mark in capfd.readouterr().out


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"_XN_COMPLETE": "complete_bash", "COMP_WORDS": "xn to", "COMP_CWORD": "1"}, "topics"),
        ({"_XN_COMPLETE": "complete_bash", "COMP_WORDS": "xn topics en", "COMP_CWORD": "2"}, "ensure"),
        ({"_XN_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "xn topics ensure --repl"}, "--replication"),
    ],
)
def test_words_are_completed(
    environment: dict[str, str], found: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run([]) == 0
    assert found in capfd.readouterr().out


def test_completion_without_a_known_shell_asks_for_its_name(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def unknown() -> None:
        raise shellingham.ShellDetectionFailure

    monkeypatch.setattr(shellingham, "detect_shell", unknown)
    monkeypatch.delenv("SHELL", raising=False)
    for words in (["--show-completion"], ["--install-completion"], ["--show-completion", "tcsh"]):
        assert run(words) == Exit.USAGE
        assert capfd.readouterr().err == f"xn: name the shell: xn {words[0]} bash|zsh|fish\n"
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert run(["--show-completion"]) == 0
    assert "complete --command xn" in capfd.readouterr().out


def test_installing_completion_into_a_home_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", "/proc/none")
    assert run(["--install-completion", "zsh"]) == Exit.OUTPUT
    assert capfd.readouterr().err.startswith("xn: /proc/none")


@pytest.mark.parametrize(
    ("words", "redirection", "code"),
    [
        ("topics list", "| head -0", Exit.CLOSED),
        ("keys pair", "> /dev/full", Exit.OUTPUT),
        ("--version", ">&-", Exit.DONE),
    ],
)
def test_output_that_cannot_be_written_has_a_code(words: str, redirection: str, code: Exit) -> None:
    line = f"{sys.executable} -m xn {words} {redirection}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert done.stderr == ("xn: the output: No space left on device\n" if code == Exit.OUTPUT else "")


def test_only_the_subcommand_that_is_asked_for_is_imported() -> None:
    script = (
        "import sys; from xn.__main__ import run; assert run(sys.argv[1:]) == 0;"
        "print(*sorted({'contracts', 'pymongo', 'aiokafka', 'xn.topics'} & set(sys.modules)), file=sys.stderr)"
    )
    for words, found in ((["--version"], ""), (["keys", "pair"], "contracts")):
        command = [sys.executable, "-c", script, *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
        assert done.stderr.strip() == found


def test_a_terminal_without_chinese_gets_escapes() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "40"}
    command = [sys.executable, "-m", "xn", "documents", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u4e09" in done.stdout
