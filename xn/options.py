"""What several subcommands are told in the same way: where Kafka and MongoDB are."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

Bootstrap = Annotated[str, typer.Option(envvar="XN_KAFKA_BOOTSTRAP", help="Kafka, host:port")]
Database = Annotated[str, typer.Option(envvar="XN_MONGO_DATABASE", help="prefix of the services' databases")]

_MONGO_URI = "XN_MONGO_URI"


def mongo_uri() -> str:
    """From the environment, never from the command line: it may hold a password. Exits with 2 when it is not set."""
    if not (uri := os.environ.get(_MONGO_URI)):
        print(f"set {_MONGO_URI}", file=sys.stderr)
        raise typer.Exit(2)
    return uri
