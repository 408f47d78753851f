"""Reader of delimited files: detects encoding and delimiter; a malformed record affects only its own line."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

DELIMITERS = ",;\t|"
_HEAD_LINES = 100
"""Lines that are looked at to find the delimiter."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The line by which Excel is told the delimiter."""
_MOST_TITLES = 20
"""Records that may come before the header: the title of a report, and lines about it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record and the number of its first line, from 1. `cells` is None when the line is not CSV."""

    line: int
    cells: list[str] | None


class _Lines:
    """Lines for a `csv.reader`; those of a record that turns out to be no CSV can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        """The lines of the record in hand."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def give_back_all_but_one(self) -> None:
        """The record ends with its first line."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def delimiter_of(lines: Sequence[str], known: Callable[[list[str]], int]) -> str:
    """The delimiter with which the header has the most known names, then the most columns."""

    def rank(delimiter: str) -> tuple[int, int]:
        found = (each.cells for each in islice(_split(iter(lines), delimiter, 1), _MOST_TITLES))
        return max(((known(cells), len(cells)) for cells in found if cells), default=(0, 0))

    return max(DELIMITERS, key=rank)


def records_of(lines: Iterator[str], known: Callable[[list[str]], int]) -> Iterator[Record]:
    """Every record of a file, the header first; records without any value and titles before it are passed over.

    The header is the one of the first records that has most known names, or the very first where none has two.
    """
    head, first = list(islice(lines, _HEAD_LINES)), 1
    if head and (separator := _SEPARATOR_LINE.fullmatch(head[0])) is not None:
        delimiter, head, first = separator[1], head[1:], 2
    else:
        delimiter = delimiter_of(head, known)
    records = _split(chain(head, lines), delimiter, first)
    begin = list(islice(records, _MOST_TITLES))
    names = [known(each.cells or []) for each in begin]
    header = names.index(max(names)) if max(names, default=0) > 1 else 0
    yield from begin[header:]
    yield from records


def _split(lines: Iterator[str], delimiter: str, line: int) -> Iterator[Record]:
    """Records from that line on. Where a quotation mark is not closed within the longest cell there may be, the record
    is one line, and the next is read as usual.
    """
    source = _Lines(lines)
    while True:
        reader = csv.reader(source, delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield Record(line, cells)
                line += len(source.taken)
                source.taken.clear()
            return
        except csv.Error:
            source.give_back_all_but_one()
            yield Record(line, None)
            line += len(source.taken)
            source.taken.clear()
