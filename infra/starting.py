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
        application = build(_settings(kind))
    except Exception as error:  # noqa: BLE001 - every error becomes a line and an exit code
        code, line = ending(error)
        sys.stderr.write(f"{line}\n")
        sys.exit(code)
    serve(application)


def _settings(kind: type[G]) -> G:
    """Read the settings. Raises `Fault` with the variable of each invalid setting, never its value."""
    try:
        return kind()
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        lines = (f"XN_{'.'.join(str(part) for part in fault['loc'][:1]).upper()}: {fault['msg']}" for fault in faults)
        raise Fault(Exit.SETTING, "; ".join(lines)) from None
