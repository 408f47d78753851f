"""A file of complaints from its first row to its last: read, sent, counted, with a bar and a file of refusals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from apps.channel.columns.loading import BrokenMapError, Loaded, load
from apps.channel.columns.mapping import count_rows, read_file
from apps.channel.feed import Feed
from apps.channel.jsonl import read_jsonl
from apps.channel.progress import Position
from apps.channel.rows import Row, RowRead, fingerprint
from contracts.channel import SubmitComplaint
from contracts.message import ChannelId

NATIVE = ".jsonl"
"""Suffix of files with native submissions."""
TABLES = (".csv", ".tsv", ".txt")
"""The ends of the names of files that are read by a column map."""
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers", ".et")
SUFFIXES = (*TABLES, NATIVE)
DEFAULT_COLUMNS = "new-york"


@dataclass(frozen=True)
class Backlog:
    """A file that is to be submitted."""

    input: Path
    bootstrap: str
    keep: Path = Path("var/channel")
    """Folder of progress and refusals."""
    resume: bool = False
    """Goes on where the last run over this file stopped."""
    channel: ChannelId | None = None
    """Submits all rows as this channel, overriding their own."""
    columns: Loaded | None = None
    """Column map of a table; default: New York's."""

    @property
    def progress_path(self) -> Path:
        """Where the position is kept."""
        return self.keep / f"{self.input.name}.progress.json"

    @property
    def refusals_path(self) -> Path:
        """Where refused rows are written with their reasons."""
        return self.keep / f"{self.input.name}.refused.jsonl"

    def count(self) -> int:
        """How many rows there are at most, for the bar of progress."""
        if self.input.suffix.lower() == NATIVE:
            with self.input.open("rb") as file:
                return sum(1 for line in file if line.strip())
        return count_rows(self.input, (self.columns or load(DEFAULT_COLUMNS)).map)

    def rows(self) -> Iterator[Row]:
        """Yield every row, with the channel replaced if `channel` is set."""
        for row in read_rows(self.input, self.columns):
            yield replace(row, complaint=_of_channel(row.complaint, self.channel)) if isinstance(row, RowRead) else row


def read_rows(path: Path, columns: Loaded | None) -> Iterator[Row]:
    """Yield every row of a file: native submissions, or a table read with its column map."""
    if path.suffix.lower() == NATIVE:
        return read_jsonl(path)
    return read_file(path, (columns or load(DEFAULT_COLUMNS)).map)


def map_of(name: str | None, console: Console) -> Loaded | None:
    """Load the column map of an option. Prints its faults and raises `SystemExit(2)` when it is invalid."""
    try:
        return load(name) if name is not None else None
    except BrokenMapError as error:
        console.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        raise SystemExit(2) from None


def submit(backlog: Backlog, console: Console) -> int:
    """0 when every row was sent, 1 when some were refused, 2 when the input cannot be read, 130 when interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if backlog.input.suffix.lower() not in SUFFIXES or not backlog.input.is_file():
        console.print(f"{backlog.input}: {_why_no_input(backlog.input)}", style="red", soft_wrap=True)
        return 2
    if not backlog.resume:
        backlog.progress_path.unlink(missing_ok=True)
    try:
        position = asyncio.run(_run(backlog, backlog.count(), console))
    except KeyboardInterrupt:
        console.print("interrupted; --resume goes on from here")
        return 130
    console.print(f"sent {position.sent}, refused {position.refused}")
    if not position.line:
        console.print("the file has no rows · 文件中没有数据行")
    if position.refused:
        console.print(f"refused rows and the reasons: {backlog.refusals_path}")
    return 1 if position.refused else 0


def _why_no_input(path: Path) -> str:
    if path.suffix.lower() in WORKBOOKS:
        return "is a workbook: save it as CSV (UTF-8) and import that · 是电子表格：请另存为 CSV（UTF-8）后再导入"
    if path.is_dir() or not path.exists():
        return "is no file · 不是文件"
    return f"needs to be a file that ends in {' or '.join(SUFFIXES)} · 文件名须以 {'、'.join(SUFFIXES)} 结尾"


async def _run(backlog: Backlog, total: int, console: Console) -> Position:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("submitting", total=total)

        def moved(sent: int, refused: int) -> None:
            bar.update(task, completed=sent + refused, description=f"submitting, {refused} refused")

        feed = Feed(
            backlog.bootstrap,
            progress_path=backlog.progress_path,
            refusals_path=backlog.refusals_path,
            on_progress=moved,
        )
        return await feed.run(backlog.rows(), fingerprint=_fingerprint(backlog))


def _fingerprint(backlog: Backlog) -> str:
    """The same file, of the same channel, read by the same column map."""
    of_file = fingerprint(backlog.input)
    of_map = f"{backlog.columns.digest}:" if backlog.columns is not None else ""
    return f"{of_map}{backlog.channel}:{of_file}" if backlog.channel else f"{of_map}{of_file}"


def _of_channel(complaint: SubmitComplaint, channel: ChannelId | None) -> SubmitComplaint:
    return complaint if channel is None else complaint.model_copy(update={"channel": channel})
