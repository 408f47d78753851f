"""What kind of file an input is: its encoding, or the reason why it is no table of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from apps.channel.rows import both

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAVE = ("open it and save it as CSV (UTF-8)", "请打开并另存为CSV（UTF-8）")
_UNPACK = ("unpack it first", "请先解压")
_EXPORT = ("export the table as CSV (UTF-8)", "请将表格导出为CSV（UTF-8）")
_KINDS = (
    (b"PK\x03\x04", "a workbook (.xlsx, .ods) or a zip archive", _SAVE),
    (b"\xd0\xcf\x11\xe0", "a workbook (.xls)", _SAVE),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"%PDF", "a PDF document", _EXPORT),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"SQLite format 3", "a SQLite database", _EXPORT),
    (b"{\\rtf", "an RTF document", _EXPORT),
)
_PAGE = re.compile(rb"<(\?xml|!doctype|html|head|meta|table)", re.IGNORECASE)
_JSON = re.compile(rb'\{\s*["}]|\[\s*[{\]]')
WIDE = ("utf-16", "utf-32")
"""Encodings of several bytes a letter."""
_ENCODE = ("save it as CSV (UTF-8), or name its encoding in the map", "请另存为CSV（UTF-8），或在映射中写明编码")
_COMMON_RATIO = 0.9
"""Share of the letters outside ASCII that are in GB 2312, in a text that is Chinese."""


def foreign_kind(path: Path) -> str | None:
    """What kind of file it is and what to do, where it is no table of text."""
    with path.open("rb") as file:
        head = file.read(512)
    for mark, kind, what_to_do in _KINDS:
        if head.startswith(mark):
            return both(f"the file is {kind}: {what_to_do[0]}", f"这不是表格文本：{what_to_do[1]}")
    text = head.removeprefix(_MARKS[0][0]).lstrip()
    if _PAGE.match(text):
        return both(
            f"the file is a page in HTML or XML, whatever its name: {_SAVE[0]}", f"这是HTML或XML页面：{_SAVE[1]}"
        )
    if _JSON.match(text):
        return both(
            "the file is JSON: write one object of SubmitComplaint a line, and name the file .jsonl",
            "这是JSON文件：请每行写一个SubmitComplaint对象，文件名以.jsonl结尾",
        )
    wide = _utf_16(head) is not None or any(head.startswith(mark) for mark, _ in _MARKS)
    if not wide and head.count(0) > len(head) / 8:
        return both(f"the file is no text: {_EXPORT[0]}", f"这不是文本文件：{_EXPORT[1]}")
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


def not_of(encoding: str) -> str:
    """The reason of a refusal: bytes that are not of that encoding."""
    return both(f"not {encoding}: {_ENCODE[0]}", f"编码不是{encoding}：{_ENCODE[1]}")


def named_encoding(encoding: str) -> str:
    """An encoding as people write its name."""
    wide = next((name for name in WIDE if encoding.lower().startswith(name)), encoding)
    return wide.removesuffix("-sig").upper()
