"""Where a line of print ends, in Chinese and in English, in whatever width there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]
"""The width of a text in the font it is set in."""

NOT_FIRST = frozenset("，。、；：？！）》」』】〕〉”’…—％%,.;:?!)]}·")
"""What no line begins with (避头)."""
NOT_LAST = frozenset("（《「『【〔〈“‘([{￥$")
"""What no line ends with (避尾)."""
NUMBERED = frozenset("年月日时分期号件％%元")
"""What is not parted from a number before it."""

_UNITS = re.compile(r"[!-~\u00a1-\u024f€]+|\s+|.", re.DOTALL)
"""A word of Latin letters and digits, blanks, or one other character."""


def lines_of(text: str, width: float, measure: Measure, first: float = 0.0) -> list[str]:
    """The text in lines that fit the width; the first has so much less. A line feed ends a line.

    A word that is wider than a line is broken wherever it must be, and nothing is lost but blanks at line ends.
    """
    out: list[str] = []
    for n, paragraph in enumerate(text.split("\n")):
        out += _fill(paragraph, width, measure, first if n == 0 else 0.0)
    return out


def _fill(paragraph: str, width: float, measure: Measure, first: float) -> list[str]:
    out: list[str] = []
    line, room = "", width - first
    for piece in _pieces(paragraph, room, measure):
        if line and measure((line + piece).rstrip()) > room:
            out.append(line.rstrip())
            line, room = "", width
        line = (line + piece) if line else piece.lstrip()
    return [*out, line.rstrip()]


def _pieces(paragraph: str, width: float, measure: Measure) -> Iterator[str]:
    """What is never parted: words, and characters with the marks that belong to them; each fits a line."""
    held = ""
    for unit in (match.group() for match in _UNITS.finditer(paragraph)):
        if held and not _belong(held[-1], unit[0]):
            yield from _cut(held, width, measure)
            held = ""
        held += unit
    yield from _cut(held, width, measure)


def _belong(before: str, after: str) -> bool:
    """Whether no line may end between the two."""
    return after in NOT_FIRST or before in NOT_LAST or (before.isdigit() and after in NUMBERED)


def _cut(piece: str, width: float, measure: Measure) -> Iterator[str]:
    """The piece, or parts of it where it alone is wider than a line."""
    while measure(piece) > width and len(piece) > 1:
        low, high = 1, len(piece)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if measure(piece[:middle]) <= width else (low, middle)
        yield piece[:low]
        piece = piece[low:]
    if piece:
        yield piece
