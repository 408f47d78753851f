"""Reader of delimited files: detects encoding and delimiter; a malformed record affects only its own line."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

DELIMITERS = ",;\t|"
_MOST_LINES = 100
"""Most lines of one record; beyond them its opening quotation mark counts as a stray character."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line that declares the delimiter to Excel."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WORKBOOKS = (
    (b"PK\x03\x04", "a workbook (.xlsx) or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "a workbook (.xls)"),
    (b"\x1f\x8b", "a gzip archive"),
)
_COMMON_RATIO = 0.9
"""Least share of non-ASCII characters in GB 2312 for a text to count as Chinese."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record and the number of its first line, from 1. `cells` is None when the line is not CSV."""

    line: int
    cells: list[str] | None


def foreign_kind(path: Path) -> str | None:
    """The kind of a binary file, such as a workbook or an archive; None for text."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((kind for mark, kind in _WORKBOOKS if head.startswith(mark)), None)


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file; invalid bytes become lone surrogates, or U+FFFD in UTF-16."""
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        yield from file


def encoding_of(path: Path) -> str:
    """Detect UTF-8, UTF-16, or GB18030 (written by Chinese Excel).

    GB18030 is chosen when most lines with non-ASCII bytes are invalid UTF-8 and decode to common Chinese characters.
    Otherwise the file counts as UTF-8, with invalid bytes.
    """
    with path.open("rb") as file:
        head = file.read(512)
        file.seek(0)
        if (marked := next((name for mark, name in _MARKS if head.startswith(mark)), None)) is not None:
            return marked
        if (wide := _utf_16(head)) is not None:
            return wide
        unicode_lines, foreign, letters, common = 0, 0, 0, 0
        for line in file:
            if line.isascii():
                continue
            try:
                line.decode()
                unicode_lines += 1
            except UnicodeDecodeError:
                foreign += 1
                found, known = _chinese(line)
                letters, common = letters + found, common + known
    chinese = foreign > unicode_lines and common >= letters * _COMMON_RATIO
    return "gb18030" if chinese else "utf-8"


def delimiter_of(lines: Sequence[str], known: Callable[[list[str]], int]) -> str:
    """The delimiter with which the header has the most known names, then the most columns."""

    def rank(delimiter: str) -> tuple[int, int]:
        header = next((each.cells for each in _split(iter(lines), delimiter, 1) if each.cells), None) or []
        return known(header), len(header)

    return max(DELIMITERS, key=rank)


def records_of(lines: Iterator[str], known: Callable[[list[str]], int]) -> Iterator[Record]:
    """Yield every record of a file, the header first; records without values are skipped."""
    head, first = list(islice(lines, _MOST_LINES)), 1
    if head and (declared := _SEPARATOR_LINE.fullmatch(head[0])) is not None:
        delimiter, head, first = declared[1], head[1:], 2
    else:
        delimiter = delimiter_of(head, known)
    yield from _split(chain(head, lines), delimiter, first)


def _split(lines: Iterator[str], delimiter: str, line: int) -> Iterator[Record]:
    window: deque[str] = deque(islice(lines, _MOST_LINES))
    while window:
        reader = csv.reader(iter(window), delimiter=delimiter, strict=True)
        try:
            cells: list[str] | None = next(reader)
            taken = reader.line_num
        except csv.Error:
            cells, taken = None, 1
        if cells is None or any(cell.strip() for cell in cells):
            yield Record(line, cells)
        for _ in range(taken):
            window.popleft()
        window.extend(islice(lines, taken))
        line += taken


def _utf_16(head: bytes) -> str | None:
    """Detect UTF-16 without byte order mark: in ASCII text every other byte is zero."""
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 4 and head[offset::2].count(0) > len(head) / 4 and not head[1 - offset :: 2].count(0):
            return name
    return None


def _chinese(line: bytes) -> tuple[int, int]:
    """Count the non-ASCII characters of a line decoded as GB18030, and those in GB 2312; ``(1, 0)`` if undecodable."""
    try:
        letters = [letter for letter in line.decode("gb18030") if not letter.isascii()]
    except UnicodeDecodeError:
        return 1, 0
    return len(letters), sum(_is_common(letter) for letter in letters)


def _is_common(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
