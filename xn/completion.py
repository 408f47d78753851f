"""Completion of command lines in bash, zsh and fish: the script is printed, or installed for the user."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import shellingham  # type: ignore[import-untyped]
import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script, install

from infra.exits import Exit, Fault

VARIABLE = "_XN_COMPLETE"
"""Set by a shell that asks for completions."""
SHOW, INSTALL = "--show-completion", "--install-completion"
SHELLS = ("bash", "zsh", "fish")


def serve(option: str, words: Sequence[str] = ()) -> None:
    """Prints or installs the script for the shell that is named, or for the current one. Raises `Fault`."""
    shell = words[0] if words else _current()
    if shell not in SHELLS or len(words) > 1:
        raise Fault(Exit.USAGE, f"name the shell: xn {option} {'|'.join(SHELLS)}")
    if option == SHOW:
        typer.echo(get_completion_script(prog_name="xn", complete_var=VARIABLE, shell=shell))
        return
    try:
        _, path = install(shell, prog_name="xn", complete_var=VARIABLE)
    except OSError as error:
        raise Fault(Exit.OUTPUT, f"{error.filename}: {error.strerror}") from None
    typer.echo(f"{path} is written; it is in force in the next {shell}")


def is_asked() -> bool:
    """Whether a shell asks for completions; the command answers them afterwards."""
    asked = VARIABLE in os.environ
    if asked:
        completion_init()
    return asked


def _current() -> str:
    """The shell that runs this program, or the user's own; empty when neither is known."""
    try:
        name, _ = shellingham.detect_shell()
    except shellingham.ShellDetectionFailure:
        name = Path(os.environ.get("SHELL", "")).name
    return str(name)
