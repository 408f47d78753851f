"""Numbers and codes as people type them: in groups, in full-width characters, in another letter case.

Services compare what these functions return, so that a number copied from a letter is read the same everywhere.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = "\u2212\u30fc\u2043"
"""Characters that look like a dash and are none to Unicode: minus, prolonged sound mark, hyphen bullet."""
_SEPARATORS = re.compile(r"[\s-]+")
_DIVIDED = re.compile(r"[A-Z]{2,4}-[0-9]{8}-[0-9A-Z-]+")
"""A number that begins with the prefix of a centre, or of a letter, and a day."""
_UNDIVIDED = re.compile(r"([A-Z]{2,4})([0-9]{8})([0-9]{6,})([A-Z]{1,4}[0-9]+)?")
"""The number of a case, or of a document of a case, without its hyphens."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST = 400
"""Characters that are read; no number or code has as many, and a part of the text would be another one."""


def read_code(text: str) -> str:
    """Return a receipt, rating or verification code without separators, in ASCII and upper case.

    ``１２３４ 5678-9012 3456`` is ``1234567890123456``. What is no code stays none.
    """
    return _SEPARATORS.sub("", _plain(text)).upper()


def read_number(text: str) -> str:
    """Return the number of a case or document as it was given out: ``sl 20261123–000042`` is ``SL-20261123-000042``.

    Any run of dashes and spaces divides like one hyphen, and the hyphens of a case's number may be left out. The number
    of a contact card begins with a unit's id, in lower case. What is no number stays none.
    """
    number = _SEPARATORS.sub("-", _plain(text)).strip("-")
    upper = number.upper()
    if _DIVIDED.fullmatch(upper):
        return upper
    if (parts := _UNDIVIDED.fullmatch(upper.replace("-", ""))) is not None:
        return "-".join(part for part in parts.groups() if part)
    head, _, last = number.rpartition("-")
    return f"{head.lower()}-{last.upper()}" if head else upper


def read_case_id(text: str) -> str | None:
    """Return the id of a case in lower case, as keys have it; None for what is no UUID. Source: RFC 9562 §4."""
    case_id = _plain(text).strip().lower()
    return case_id if _UUID.fullmatch(case_id) else None


def _plain(text: str) -> str:
    """Compatible forms, digits of any script and dashes in ASCII, format characters left out. Too long: unchanged."""
    if len(text) > _MOST:
        return text
    return "".join(map(_character, unicodedata.normalize("NFKC", text)))


def _character(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character in _DASHES:
        return "-"
    return "" if category == "Cf" else character
