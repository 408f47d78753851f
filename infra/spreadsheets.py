"""Text in CSV and XLSX files: a spreadsheet must not take it for a formula, and a cell has a longest text."""

from __future__ import annotations

import re
import unicodedata

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
