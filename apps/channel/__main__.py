"""`python -m apps.channel --input FILE --bootstrap HOST:PORT`: a file of complaints is with the broker."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from apps.channel.csv_nyc311 import read_csv
from apps.channel.feed import Feed
from apps.channel.jsonl import read_jsonl
from apps.channel.progress import Position
from apps.channel.rows import Row, fingerprint

_READERS = {".csv": read_csv, ".jsonl": read_jsonl}


def main() -> int:
    """0 when every row was sent, 1 when some were refused, 2 when the input cannot be read, 130 when interrupted."""
    options = _options()
    console = Console()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    read = _READERS.get(options.input.suffix.lower())
    if read is None or not options.input.is_file():
        console.print(f"{options.input}: needs to be a file that ends in {' or '.join(_READERS)}", style="red")
        return 2
    if not options.resume:
        _progress_path(options).unlink(missing_ok=True)
    try:
        position = asyncio.run(_run(options, read(options.input), sum(1 for _ in read(options.input)), console))
    except KeyboardInterrupt:
        console.print("interrupted; --resume goes on from here")
        return 130
    console.print(f"sent {position.sent}, refused {position.refused}")
    if position.refused:
        console.print(f"refused rows and the reasons: {_refusals_path(options)}")
    return 1 if position.refused else 0


async def _run(options: argparse.Namespace, rows: Iterator[Row], total: int, console: Console) -> Position:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("submitting", total=total)

        def moved(sent: int, refused: int) -> None:
            bar.update(task, completed=sent + refused, description=f"submitting, {refused} refused")

        feed = Feed(
            options.bootstrap,
            progress_path=_progress_path(options),
            refusals_path=_refusals_path(options),
            on_progress=moved,
        )
        return await feed.run(rows, fingerprint=fingerprint(options.input))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m apps.channel", description="Submits a file of complaints.")
    parser.add_argument("--input", type=Path, required=True, help="New York's 311 data (.csv) or native (.jsonl)")
    parser.add_argument("--bootstrap", required=True, help="Kafka, host:port")
    parser.add_argument("--resume", action="store_true", help="go on where the last run over this file stopped")
    parser.add_argument("--keep", type=Path, default=Path("var/channel"), help="folder of progress and refusals")
    return parser.parse_args()


def _progress_path(options: argparse.Namespace) -> Path:
    return Path(options.keep / f"{options.input.name}.progress.json")


def _refusals_path(options: argparse.Namespace) -> Path:
    return Path(options.keep / f"{options.input.name}.refused.jsonl")


if __name__ == "__main__":
    raise SystemExit(main())
