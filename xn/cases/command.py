"""`xn cases`."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.exits import Exit, Fault
from xn.options import Bootstrap, Database, mongo_uri

app = typer.Typer(name="cases", no_args_is_help=True, help="How cases live, and why one went where it did.")

CHART = Path("docs/life-of-a-case.md")


@app.command()
def chart(
    write: Annotated[bool, typer.Option(help="Write the page instead of comparing it.")] = False,
    root: Annotated[Path, typer.Option(help="The folder that holds `docs`.")] = Path(),
) -> None:
    """Draw the life of a case from the rules; fail when the page in docs is another."""
    from xn.cases.life import page

    path, drawn = root / CHART, page()
    if write:
        path.write_text(drawn, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != drawn:
        print(f"{CHART} is stale: run `xn cases chart --write`", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def explain(
    case: Annotated[str, typer.Argument(help="its id, or its number")],
    bootstrap: Bootstrap = "",
    database: Database = "xn",
) -> None:
    """Print every step of a case, and which rule of which version sent it where and why.

    Ends with 1 when there is no such case, or when a history is not what its service wrote.
    """
    from xn.cases.explaining import because, case_of
    from xn.cases.explaining import explain as explained

    console, uri = Console(), mongo_uri()
    case_id = asyncio.run(case_of(uri, database, case))
    if case_id is None:
        raise Fault(Exit.NO, f"there is no case {case}")
    found = asyncio.run(explained(uri, database, case_id))
    table = Table(title=f"Case {case_id}", title_justify="left", show_lines=False)
    for column in ("time", "service", "what", "said"):
        table.add_column(column, overflow="fold")
    for step in found.steps:
        said = json.dumps(step.said, ensure_ascii=False)[:300]
        table.add_row(step.at.isoformat(" ", "seconds"), step.service, step.what, escape(said))
    console.print(table)
    versions = _versions(bootstrap)
    for event in found.dispatches:
        when = event.occurred_at.isoformat(" ", "seconds")
        console.print(f"{when}  {escape(because(event, versions.get(event.policy)))}")
    if found.broken:
        console.print(f"[red]altered or incomplete: the history in {', '.join(found.broken)}")
        raise typer.Exit(1)
    console.print("Every history is whole.")


@app.command()
def deadlines(
    case: Annotated[str, typer.Argument(help="its id, or its number")],
    bootstrap: Bootstrap,
    database: Database = "xn",
) -> None:
    """Print why each limit of a case ends when it ends: every day that is counted, and why the others are not.

    Ends with 1 when there is no such case, or when nothing is published that explains it.
    """
    from xn.cases.deadlines import NoTablesError, deadlines_of
    from xn.cases.explaining import case_of

    console, uri = Console(), mongo_uri()
    case_id = asyncio.run(case_of(uri, database, case))
    if case_id is None:
        raise Fault(Exit.NO, f"there is no case {case}")
    try:
        found = asyncio.run(deadlines_of(uri, database, case_id, _versions(bootstrap)))
    except NoTablesError as error:
        raise Fault(Exit.NO, str(error)) from None
    for name, clock, lines in found:
        kept = "" if clock.on_time else "[red] (late)"
        table = Table("", "day", "", "", title=f"{name}: {clock.unit}{kept}", title_justify="left", box=None)
        for line in lines:
            table.add_row(str(line.on), str(line.counted or ""), escape(line.zh), escape(line.en))
        console.print(table)


@app.command()
def redispatch(
    unit: Annotated[str, typer.Option(help="whose cases are moved")],
    to: Annotated[str, typer.Option(help="who gets them")],
    reason: Annotated[str, typer.Option(help="what the units read")],
    bootstrap: Bootstrap,
    actor: Annotated[str | None, typer.Option(help="the post that decided")] = None,
    database: Database = "xn",
    patience: Annotated[float, typer.Option(help="seconds without any change after which it ends")] = 20.0,
) -> None:
    """Move all open cases of a unit to another; ends with 1 when some could not be moved."""
    from infra.store import Store
    from xn.cases.redispatching import Move
    from xn.cases.redispatching import redispatch as move_all

    async def run(bar: Progress) -> Any:
        task = bar.add_task(f"{unit} → {to}", total=None)
        store = Store(mongo_uri(), f"{database}_routing")
        try:
            return await move_all(
                store,
                bootstrap,
                Move(unit, to, reason, actor),
                datetime.now(UTC),
                seconds=patience,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        finally:
            await store.close()

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as bar:
        moved = asyncio.run(run(bar))
    left = sum(moved.left.values())
    print(f"{moved.found - left} of {moved.found} cases moved from {unit} to {to}")
    if left:
        why = ", ".join(f"{count} {name}" for name, count in sorted(moved.left.items()))
        print(f"{left} are still with {unit}: {why}", file=sys.stderr)
        raise typer.Exit(1)


def _versions(bootstrap: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The tables of every version that was published; none without a broker."""
    if not bootstrap:
        return {}
    from infra.place import PlaceError
    from infra.reference import read_published

    published = asyncio.run(read_published(bootstrap))
    found = {}
    for manifest in published.places.values():
        try:
            found[manifest.version] = published.files(manifest).tables
        except PlaceError as error:
            print(f"version {manifest.version} cannot be read: {error}", file=sys.stderr)
    return found
