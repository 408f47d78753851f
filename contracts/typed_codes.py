"""Normalisation of case numbers and codes that people type in groups, full-width characters or another letter case.

All services compare the normalised forms, so a number copied from a letter is recognised everywhere.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = "\u2212\u30fc\u2043"
"""Dash-like characters outside Unicode category Pd: minus sign, prolonged sound mark, hyphen bullet."""
_SEPARATORS = re.compile(r"[\s-]+")
_DIVIDED = re.compile(r"[A-Z]{2,4}-[0-9]{8}-[0-9A-Z-]+")
"""A number with hyphens: the prefix of a centre or of a kind of document, a date, and the rest."""
_UNDIVIDED = re.compile(r"([A-Z]{2,4})([0-9]{8})([0-9]{6,})([A-Z]{1,4}[0-9]+)?")
"""The number of a case, or of a document of a case, without its hyphens."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST = 400
"""Longest text that is normalised, in characters. Longer text is returned unchanged: it is no number or code."""


def read_code(text: str) -> str:
    """Return a receipt, rating or verification code without separators, in ASCII and upper case.

    ``１２３４ 5678-9012 3456`` becomes ``1234567890123456``. The result is not checked to be a code.
    """
    return _SEPARATORS.sub("", _plain(text)).upper()


def read_number(text: str) -> str:
    """Return a case or document number in its issued form: ``sl 20261123–000042`` becomes ``SL-20261123-000042``.

    Each run of dashes and spaces counts as one hyphen, and the hyphens of a case number may be missing. The number of a
    contact card begins with a unit id in lower case. The result is not checked to be a number.
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
    """Convert compatibility forms, digits of any script and dashes to ASCII, and drop format characters."""
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
