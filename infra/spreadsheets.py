"""Text in CSV and XLSX files: a spreadsheet must not take it for a formula, and a cell has a longest text."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

MARK = b"\xef\xbb\xbf"
"""Byte order mark at the beginning of a CSV file, by which spreadsheets know UTF-8."""
MOST_CHARACTERS = 32_767
"""Of one cell. Source: specifications and limits of Excel."""

_PASSED_OVER = re.compile(r"[\s\"'\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f]*")
"""What a spreadsheet may drop before it looks at the first character."""
_FORMULA = frozenset("=+-@\u2212")


def cell_text(text: str) -> str:
    """The text as long as a cell may be, without NUL."""
    return text.replace("\x00", "")[:MOST_CHARACTERS]


def inert_text(text: str) -> str:
    """The text for a CSV cell; one that could be taken for a formula gets an apostrophe before it.

    Full-width signs count, too. Source: OWASP, CSV injection.
    """
    found = cell_text(text)
    passed = _PASSED_OVER.match(found)
    first = found[passed.end() :][:1] if passed is not None else ""
    risky = unicodedata.normalize("NFKC", first)[:1] in _FORMULA or found[:1] in {"\t", "\r", "\n"}
    return f"'{found[: MOST_CHARACTERS - 1]}" if risky else found


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows by RFC 4180, in UTF-8, with texts that are no formulas and local times to the second."""
    text = StringIO(newline="")
    csv.writer(text).writerows([_csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _csv_cell(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return inert_text(cell) if isinstance(cell, str) else cell


def fill_sheet(sheet: Any, rows: Iterable[Sequence[Any]], head: Any, formats: Mapping[type, Any]) -> None:
    """Write rows into a worksheet of XlsxWriter; the first row has the format `head`, other cells that of their type.

    A text is never a formula, and a cell without a value stays empty.
    """
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(y, x, cell_text(cell), head if y == 0 else None)
            elif isinstance(cell, datetime):
                sheet.write_datetime(y, x, cell, formats[datetime])
            elif cell is not None:
                sheet.write_number(y, x, cell, formats.get(type(cell)))
