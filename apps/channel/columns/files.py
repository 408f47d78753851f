"""What kind of file an input is: its encoding, or the reason why it is no table of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WORKBOOK = "open it and save it as CSV (UTF-8)"
_UNPACK = "unpack it first"
_KINDS = (
    (b"PK\x03\x04", "a workbook (.xlsx, .ods) or a zip archive", f"{_WORKBOOK}, or {_UNPACK}"),
    (b"\xd0\xcf\x11\xe0", "a workbook (.xls)", _WORKBOOK),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"%PDF", "a PDF document", "export the table as CSV (UTF-8)"),
    (b"PAR1", "a Parquet file", "export the table as CSV (UTF-8)"),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV (UTF-8)"),
    (b"{\\rtf", "an RTF document", "export the table as CSV (UTF-8)"),
)
_PAGE = re.compile(rb"<(\?xml|!doctype|html|head|meta|table)", re.IGNORECASE)
_JSON = re.compile(rb'\{\s*["}]|\[\s*[{\]]')
WIDE = ("utf-16", "utf-32")
"""Encodings of several bytes a letter."""
_COMMON_RATIO = 0.9
"""Share of the letters outside ASCII that are in GB 2312, in a text that is Chinese."""


def foreign_kind(path: Path) -> str | None:
    """What kind of file it is and what to do, where it is no table of text."""
    with path.open("rb") as file:
        head = file.read(512)
    for mark, kind, what_to_do in _KINDS:
        if head.startswith(mark):
            return f"the file is {kind}: {what_to_do}"
    text = head.removeprefix(_MARKS[0][0]).lstrip()
    if _PAGE.match(text):
        return f"the file is a page in HTML or XML, whatever its name: {_WORKBOOK}"
    if _JSON.match(text):
        return "the file is JSON: write one object of SubmitComplaint a line, and name the file .jsonl"
    wide = _utf_16(head) is not None or any(head.startswith(mark) for mark, _ in _MARKS)
    if not wide and head.count(0) > len(head) / 8:
        return "the file is no text: export the table as CSV (UTF-8)"
    return None


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a file; what is not of that encoding comes as lone surrogates, or as U+FFFD of UTF-16 and UTF-32."""
    errors = "replace" if encoding.startswith(WIDE) else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        yield from file


def encoding_of(path: Path) -> str:
    """UTF-8, UTF-16, UTF-32, or GB18030 as a Chinese Excel writes it.

    A file most of whose lines are UTF-8 is UTF-8 with faults; GB18030 is taken where most are not and the letters are
    Chinese ones.
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


def _utf_16(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of ASCII text is zero."""
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 4 and head[offset::2].count(0) > len(head) / 4 and not head[1 - offset :: 2].count(0):
            return name
    return None


def _chinese(line: bytes) -> tuple[int, int]:
    """Letters outside ASCII of a line read as GB18030, and how many of them are common; bytes that fit nothing count
    as one that is not.
    """
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
