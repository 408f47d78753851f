"""Parser of decimal numbers in text: form fields and the cells of an imported file."""

from __future__ import annotations

import re

_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MOST = 400
"""Longest accepted text, in characters."""


def parse_decimal(text: str, most: float) -> float:
    """Parse a decimal number between ``-most`` and ``most``.

    Every decimal form of XML Schema's `double` is accepted: a sign, an exponent, a dot at either end, any number of
    digits. Source: W3C XML Schema Part 2 §3.2.5.

    Raises `ValueError` for anything else: NaN, INF, hexadecimal, underscores, digits that are not ASCII.
    """
    if len(text) > _MOST or _DOUBLE.fullmatch(text) is None:
        raise ValueError("not a decimal number")
    number = float(text)
    if not -most <= number <= most:
        raise ValueError("outside the range")
    return number + 0.0  # turns -0.0 into 0.0
