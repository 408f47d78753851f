"""`xn index`: what an instance's search index holds, and how it is built anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.exits import Exit, Fault
from services.intake.index.facts import instant
from services.intake.index.schema import VERSION, reader, remove

app = typer.Typer(name="index", no_args_is_help=True, help="The search index of an instance of intake.")

File = Annotated[Path, typer.Option(envvar="XN_INDEX_FILE", help="the SQLite file of the instance")]
_TABLES = ("cases", "events", "handlings", "outcomes")


@app.command()
def show(file: File) -> None:
    """Print what the file holds and up to where the topics were read.

    Ends with 66 when there is no such file, and with 65 when it is no index.
    """
    console = Console()
    if not file.is_file():
        raise Fault(Exit.FILE, f"{file}: there is no such file")
    try:
        with closing(reader(str(file))) as connection:
            facts, positions = _facts(connection), _positions(connection)
    except sqlite3.Error as error:
        raise Fault(Exit.CONTENT, f"{file}: no usable index ({error}): run `xn index rebuild`") from None
    table = Table("what", "value")
    for name, value in facts:
        table.add_row(name, value)
    console.print(table)
    table = Table("topic", "partitions", "events read")
    for topic, partitions, read in positions:
        table.add_row(topic, str(partitions), f"{read:,}")
    console.print(table)


@app.command()
def rebuild(file: File) -> None:
    """Delete the file. The running instance notices it within seconds, and reads the topics again."""
    if not file.is_file():
        raise Fault(Exit.FILE, f"{file}: there is no such file")
    remove(str(file))
    Console().print(f"{file}: deleted; the instance builds it anew.")


def _facts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    counts = [(table, f"{connection.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,}") for table in _TABLES]  # noqa: S608
    latest = connection.execute("SELECT max(at) FROM events").fetchone()[0]
    version = meta.get("version", "")
    return [
        (
            "version",
            version if version == str(VERSION) else f"{version}, this program has {VERSION}: built anew at start",
        ),
        ("database", meta.get("database", "")),
        ("filled from the database", "yes" if meta.get("filled") else "not yet"),
        *counts,
        ("latest event", instant(latest).isoformat(" ", "seconds") if latest else ""),
    ]


def _positions(connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    query = "SELECT topic, count(*), sum(next) FROM positions GROUP BY topic ORDER BY topic"
    return list(connection.execute(query))
