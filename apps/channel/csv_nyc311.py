"""New York City's open 311 data as complaints, by the column map `new-york`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from apps.channel.columns.loading import load
from apps.channel.columns.mapping import read_file
from apps.channel.rows import Row


def read_csv(path: Path) -> Iterator[Row]:
    """Every row of the file as a complaint or a refusal, in order. A faulty header refuses the file in one row."""
    yield from read_file(path, load("new-york").map)
