"""Options that several subcommands share: where Kafka and MongoDB are, which place is meant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from infra.endpoints import checked, checked_uri
from infra.exits import Exit, Fault


def _bootstrap(given: str) -> str:
    """Check a list of addresses, which may be empty if the option is optional. Raises `Fault`."""
    try:
        return checked(given) if given else given
    except ValueError as error:
        raise Fault(Exit.SETTING, f"--bootstrap or XN_KAFKA_BOOTSTRAP: {error}") from None


Bootstrap = Annotated[str, typer.Option(envvar="XN_KAFKA_BOOTSTRAP", callback=_bootstrap, help="Kafka, host:port")]
Database = Annotated[str, typer.Option(envvar="XN_MONGO_DATABASE", help="prefix of the services' databases")]
Place = Annotated[Path, typer.Option(envvar="XN_POLICIES", help="folder of the place")]

BOOTSTRAP = "127.0.0.1:9092"
"""Default broker, as in the services' settings."""
DEMO = Path("policies/demo")
"""Default place."""
_MONGO_URI = "XN_MONGO_URI"


def mongo_uri() -> str:
    """From the environment, never from the command line: it may hold a password. Raises `Fault` when it is not set."""
    if not (uri := os.environ.get(_MONGO_URI)):
        raise Fault(Exit.SETTING, f"set {_MONGO_URI}")
    try:
        return checked_uri(uri)
    except ValueError as error:
        raise Fault(Exit.SETTING, f"{_MONGO_URI} is {error}") from None
