"""The commands `xn reference check | publish | diff`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.place_comparison import differences
from infra.exits import Exit, Fault
from infra.place import PlaceFiles, read_place
from infra.reference import read_published
from xn.options import Bootstrap
from xn.reference.checking import check_folder
from xn.reference.publishing import publish_folder

app = typer.Typer(name="reference", no_args_is_help=True, help="Check, publish and compare a place's configuration.")

Place = Annotated[Path, typer.Argument(help="folder of the place, such as policies/demo")]


@app.command()
def check(place: Place) -> None:
    """Every fault with file, line and field; exit code 1 when there is one."""
    _checked(place)
    typer.echo(f"{place}: nothing to mend · 没有问题")


@app.command()
def publish(
    place: Place,
    bootstrap: Bootstrap,
    by: Annotated[str, typer.Option(help="the post that publishes; never a name")] = "operator",
    valid_from: Annotated[datetime | None, typer.Option(help="UTC; no service uses the version earlier")] = None,
    replication: Annotated[int, typer.Option(min=1, help="copies of the topic, when it is made now")] = 1,
) -> None:
    """The folder's content becomes the newest version, when nothing in it must be mended. Again: nothing changes."""
    _checked(place)
    start = valid_from.replace(tzinfo=UTC) if valid_from else None
    done = publish_folder(place, bootstrap, by=by, valid_from=start, replication=replication)
    if not done.new:
        typer.echo(f"{done.version}: is the newest already, nothing was published")
    else:
        typer.echo(f"{done.version}: published; new tables: {', '.join(done.tables) or 'none'}")


@app.command()
def diff(
    place: Place,
    other: Annotated[Path | None, typer.Argument(help="compare with this folder instead of what is published")] = None,
    bootstrap: Bootstrap = "",
) -> None:
    """What publishing PLACE would change; with OTHER, what differs from PLACE to OTHER."""
    folder = read_place(place)
    old, new = (folder, read_place(other)) if other else (_newest(place, bootstrap), folder)
    lines = list(differences(old.tables, new.tables))
    typer.echo(f"{old.version} → {new.version}")
    for line in lines or ["no difference but in comments or layout" if old.version != new.version else "no difference"]:
        typer.echo(line)


def _newest(place: Path, bootstrap: str) -> PlaceFiles:
    """Raises `PlaceError`."""
    if not bootstrap:
        raise Fault(Exit.USAGE, "name another folder, or --bootstrap")
    published = asyncio.run(read_published(bootstrap))
    newest = next(iter(published.versions(place.resolve().name)), None)
    return published.files(newest) if newest else PlaceFiles("nothing", {})


def _checked(place: Path) -> None:
    if not place.is_dir():
        raise Fault(Exit.FILE, f"{place} is not a folder")
    result = check_folder(place)
    for remark in result.remarks:
        typer.echo(remark)
    for fault in result.faults:
        typer.echo(str(fault), err=True)
    if result.faults:
        typer.echo(f"{len(result.faults)} to mend · 共 {len(result.faults)} 处需要改正", err=True)
        raise typer.Exit(1)
