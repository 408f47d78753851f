"""The command itself. What it runs is imported when it is called: it needs packages that no deployment has."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from apps.channel.submitting import SUFFIXES, map_of
from infra.exits import Exit, Fault
from infra.local.engines import Engine
from infra.local.jars import MissingToolError
from infra.local.process import NotReadyError
from xn.importing import COLUMNS_HELP

app = typer.Typer()


@app.command("demo")
def demo(
    complaints: Annotated[int, typer.Option(min=1, help="how many are generated when there is no input")] = 1_000,
    source: Annotated[
        Path | None,
        typer.Option("--input", help="a table (.csv, .tsv, .txt) or native (.jsonl)"),
    ] = None,
    columns: Annotated[str | None, typer.Option(help=COLUMNS_HELP)] = None,
    engine: Annotated[Engine, typer.Option(help="engines to start")] = "embedded",
    keep: Annotated[bool, typer.Option("--keep", help="leave everything running afterwards")] = False,
    directory: Annotated[Path, typer.Option(help="where logs, keys and the report go")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="another seed, other people")] = 1,
    port: Annotated[
        int,
        typer.Option(min=0, max=65_000, help="first port of the apps with pages, which take those after it; 0: free"),
    ] = 0,
    deadline: Annotated[float, typer.Option(help="seconds after which the audit is made in any case; 0: by size")] = 0,
) -> None:
    """Complaints flow through four services on a real bus; the audit proves that none was lost."""
    if source is not None and source.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"a file that ends in {' or '.join(SUFFIXES)}", param_hint="--input")
    try:
        from xn.demo.run import Plan, run
    except ModuleNotFoundError as error:
        raise Fault(Exit.AWAY, f"the demo needs the package {error.name}: run it by `make demo`") from error
    loaded = map_of(columns, Console(stderr=True))
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in the background deaf to SIGINT
        signal.signal(each, signal.default_int_handler)
    try:
        passed = run(Plan.of(source, complaints, seed, engine, directory, keep, deadline, loaded, port))
    except KeyboardInterrupt:
        Console().print("interrupted; everything has been stopped")
        raise typer.Exit(130) from None
    except (NotReadyError, MissingToolError, FileNotFoundError) as error:
        raise Fault(Exit.AWAY, str(error)) from error
    raise typer.Exit(0 if passed else 1)
