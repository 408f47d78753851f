"""`xn topics`: the topics of a deployment exist as the registry declares them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.place_topics import topics_of
from contracts.registry import Topic
from contracts.topics import REGISTRY
from infra.place import read_place
from infra.reference import read_published
from infra.topics import ensure_topics
from xn.options import BOOTSTRAP, DEMO, Bootstrap, Place

app = typer.Typer(name="topics", no_args_is_help=True, help="Create and list the topics.")


@app.command()
def ensure(
    place: Place = DEMO,
    bootstrap: Bootstrap = BOOTSTRAP,
    replication: Annotated[int, typer.Option(min=1, help="copies of each partition")] = 1,
    partitions_at_most: Annotated[int | None, typer.Option(min=1, help="for small machines")] = None,
) -> None:
    """Create every topic of a place that is missing, and print its name.

    The place is that of the services' settings: XN_POLICIES names it, XN_KAFKA_BOOTSTRAP the broker. Its units,
    systems and bodies are those of the folder and those of the newest version that is published.
    """
    topics = topics_of_place(place, bootstrap)
    created = asyncio.run(ensure_topics(bootstrap, topics, replication=replication, most_partitions=partitions_at_most))
    for name in created:
        typer.echo(name)
    typer.echo(f"{len(created)} created, {len(topics) - len(created)} were there")


def topics_of_place(place: Path, bootstrap: str) -> dict[str, Topic]:
    """Every topic of the folder and of the newest published version of the same place.

    Raises `PlaceError` and `KafkaError`.
    """
    found: dict[str, Topic] = {}
    if place.is_dir():
        files = read_place(place)
        files["units"]  # a folder without units is no place
        found = topics_of(files.tables)
    published = asyncio.run(read_published(bootstrap))
    if newest := next(iter(published.versions(place.resolve().name)), None):
        return {**topics_of(published.files(newest).tables), **found}
    return found or topics_of(read_place(place).tables)


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
