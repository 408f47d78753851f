"""Start of a service: read settings, build, serve. A start error is one line and an exit code (docs/operations.md)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from infra.app import Application
from infra.environment import check_names
from infra.exits import Exit, Fault, ending
from infra.ports import serve
from infra.settings import Settings

G = TypeVar("G", bound=Settings)


def start(kind: type[G], build: Callable[[G], Application[Any]]) -> None:
    """Run the service until SIGTERM or SIGINT, or exit with the code of the start error."""
    try:
        check_names(os.environ)
        serve(build(settings_of(kind)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the line and the code tell it
        code, line = ending(error)
        sys.stderr.write(f"{line}\n")
        sys.exit(code)


def settings_of(kind: type[G]) -> G:
    """Raises `Fault` that names each setting at fault by its variable, never its value."""
    try:
        return kind()
    except ValidationError as error:
        said = map(_line, error.errors(include_url=False, include_input=False))
        raise Fault(Exit.SETTING, "; ".join(said)) from None


def _line(fault: Any) -> str:
    """The variable, where the fault is of one, and what is wrong."""
    name = f"XN_{str(fault['loc'][0]).upper()}: " if fault["loc"] else ""
    return name + str(fault["msg"]).removeprefix("Value error, ")
