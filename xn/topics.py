"""`xn topics`: the topics of a deployment exist as the registry declares them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.topics import REGISTRY, all_topics
from infra.topics import ensure_topics
from xn.options import Bootstrap
from xn.place import bodies_of, channels_of, systems_of, units_of

app = typer.Typer(name="topics", no_args_is_help=True, help="Create and list the topics.")


@app.command()
def ensure(
    place: Annotated[Path, typer.Option(help="folder of the place: its units have topics of their own")],
    bootstrap: Bootstrap,
    replication: Annotated[int, typer.Option(min=1, help="copies of each partition")] = 1,
    partitions_at_most: Annotated[int | None, typer.Option(min=1, help="for small machines")] = None,
) -> None:
    """Every topic exists afterwards; those that were missing are named."""
    try:
        topics = all_topics(units_of(place), channels_of(place), systems=systems_of(place), bodies=bodies_of(place))
    except OSError as error:
        raise typer.BadParameter(f"no place: {error}", param_hint="--place") from error
    created = asyncio.run(ensure_topics(bootstrap, topics, replication=replication, most_partitions=partitions_at_most))
    for name in created:
        typer.echo(name)
    typer.echo(f"{len(created)} created, {len(topics) - len(created)} were there")


@app.command("list")
def show() -> None:
    """What each topic holds, who writes and who reads it."""
    table = Table("topic", "writers", "readers", "partitions", "kept", "messages")
    for topic in REGISTRY.topics:
        kept = "last of each key" if topic.compacted else f"{topic.retention_days} days"
        types = "\n".join(message.__name__ for message in topic.messages)
        table.add_row(
            topic.name, ", ".join(topic.writers), ", ".join(topic.readers), str(topic.partitions), kept, types
        )
    Console().print(table)
