"""QR codes as squares. Source: ISO/IEC 18004, error correction M."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4
"""Squares that stay white around the code."""


@dataclass(frozen=True)
class Code:
    """A square of so many squares a side, the white border included; those that are dark."""

    side: int
    dark: tuple[tuple[int, int], ...]


def code_of(text: str) -> Code:
    """The code that holds the text. Raises `ValueError` when there is too much of it."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False, boost_error=False).matrix]
    dark = tuple((x + QUIET, y + QUIET) for y, row in enumerate(rows) for x, square in enumerate(row) if square)
    return Code(len(rows) + 2 * QUIET, dark)
