"""Paper that is filled from top to bottom, page after page."""

from __future__ import annotations

from collections.abc import Iterable

from services.notify.printing.lines import lines_of
from services.notify.printing.marks import BLACK, BOTTOM, LEFT, RIGHT, TOP, Face, Ink, Mark, Width
from services.notify.printing.sheet import Align

_STRETCH = 0.7
"""Millimetres between characters at most: what is wider stays ragged."""
_CHINESE = "\u2e80"
"""From here on characters are square."""


class Flow:
    """Pages so far, and how far down the last one is filled."""

    def __init__(self, width: Width) -> None:
        self.width = width
        self.pages: list[list[Mark]] = [[]]
        self.y = TOP

    def room(self) -> float:
        """What is left of the page, in millimetres."""
        return BOTTOM - self.y

    def need(self, height: float) -> bool:
        """So much is left of the page, or a new one has begun, which is said."""
        if height <= self.room() or self.y <= TOP:
            return False
        self.turn()
        return True

    def turn(self) -> None:
        """A new page has begun."""
        self.pages.append([])
        self.y = TOP

    def skip(self, height: float) -> None:
        """So much stays white, but not at the top of a page."""
        if self.y > TOP:
            self.y += height

    def put(self, *marks: Mark) -> None:
        """They stand on this page."""
        self.pages[-1].extend(marks)

    def lines(self, text: str, face: Face, width: float, first: float = 0.0) -> list[str]:
        """The text in lines of that width."""
        return lines_of(text, width, lambda each: self.width(face, each), first)

    def line(
        self, text: str, face: Face, align: Align = "left", x: float = LEFT, right: float = RIGHT, colour: str = BLACK
    ) -> None:
        """One line at this height, between two edges; it does not move on."""
        self.put(Ink(self._start(text, face, align, x, right), self.y + face.ascent, text, face, colour))

    def _start(self, text: str, face: Face, align: Align, x: float, right: float) -> float:
        if align == "left":
            return x
        free = right - x - self.width(face, text)
        return x + (free / 2 if align == "center" else free)

    def write(self, lines: Iterable[str], face: Face, align: Align = "left", colour: str = BLACK) -> None:
        """Lines one below another, over as many pages as they need."""
        for text in lines:
            self.need(face.leading)
            self.line(text, face, align, colour=colour)
            self.y += face.leading

    def prose(self, text: str, face: Face, indent: float) -> None:
        """A paragraph of running text whose full lines of Chinese end at the same edge."""
        lines = self.lines(text, face, RIGHT - LEFT, indent)
        for n, each in enumerate(lines):
            self.need(face.leading)
            x = LEFT + (indent if n == 0 else 0.0)
            spacing = self._spacing(each, face, RIGHT - x) if n < len(lines) - 1 else 0.0
            self.put(Ink(x, self.y + face.ascent, each, face, spacing=spacing))
            self.y += face.leading

    def _spacing(self, text: str, face: Face, width: float) -> float:
        """What to add between characters; nothing in a line that is mostly of Latin letters."""
        if 2 * sum(c >= _CHINESE for c in text) < len(text) or len(text) < 2:
            return 0.0
        each = (width - self.width(face, text)) / (len(text) - 1)
        return each if 0 < each <= _STRETCH else 0.0
