"""`xn import`: a backlog of complaints is with the broker, each row sent or written down with its reason."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from apps.channel.columns.loading import shipped
from apps.channel.submitting import SUFFIXES, Backlog, map_of, submit
from contracts.channel_tables import channel_id
from infra.topics import cluster_id
from xn.options import Bootstrap

app = typer.Typer(help="Import a backlog of complaints.")

COLUMNS_HELP = f"column map of a table: {', '.join(shipped())} or a .toml file (docs/import.md); new-york by default"


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="a table of any city (.csv, .tsv, .txt) or native submissions (.jsonl)")],
    bootstrap: Bootstrap,
    columns: Annotated[str | None, typer.Option(help=COLUMNS_HELP)] = None,
    channel: Annotated[str | None, typer.Option(parser=channel_id, help="submit all rows as this channel")] = None,
    resume: Annotated[bool, typer.Option(help="go on where the last run over this file stopped")] = False,
    keep: Annotated[Path, typer.Option(help="folder of progress and of refused rows")] = Path("var/channel"),
) -> None:
    """Send every row of a file; exits with 1 when rows were refused and recorded, with 2 for an unsupported file."""
    console = Console()
    column_map = map_of(columns, console)
    if file.suffix.lower() in SUFFIXES:
        with file.open("rb"):  # a file that cannot be read has an exit code of its own
            pass
        asyncio.run(cluster_id(bootstrap))  # once it has begun, the import waits for a broker that is away
    raise typer.Exit(submit(Backlog(file, bootstrap, keep, resume, channel, column_map), console))
