"""Ink on A4 paper, in millimetres from the upper left corner: what a layout comes to, and all a painter has to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 24.0, 186.0, 20.0, 272.0
"""Of the text; the footer stands below."""

BLACK, GREY, PALE, RED = "#202124", "#5f6368", "#f4f6f8", "#c00000"
MISSING = "〓"
"""Stands for a character that the font has not, as printers have it: never an empty box that could be anything."""


@dataclass(frozen=True)
class Face:
    """How text is set."""

    family: Literal["serif", "sans"]
    points: float
    leading: float
    """From one line to the next, in millimetres."""

    @property
    def ascent(self) -> float:
        """From the top of a line to where its letters stand."""
        return self.leading / 2 + self.points * 0.3528 * 0.38


PROSE = Face("serif", 11.5, 7.0)
FORM = Face("serif", 10.5, 6.2)
LABEL = Face("sans", 10, 5.4)
CELL = Face("serif", 9.5, 5.2)
HEAD = Face("sans", 9.5, 5.2)
SMALL = Face("serif", 9, 5.0)
CODE = Face("sans", 10.5, 6.0)
TITLE = Face("sans", 20, 10.0)
RED_TITLE = Face("sans", 30, 15.0)
HEADING = {1: Face("sans", 13.5, 8.0), 2: Face("sans", 11.5, 7.0)}

Width = Callable[[Face, str], float]
"""How wide a text is in a face."""


@dataclass(frozen=True)
class Ink:
    """A line of text; `y` is where its letters stand."""

    x: float
    y: float
    text: str
    face: Face
    colour: str = BLACK
    spacing: float = 0.0
    """Added between characters, so that the line fills its width."""


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    thick: float = 0.2
    colour: str = BLACK


@dataclass(frozen=True)
class Area:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str = PALE


@dataclass(frozen=True)
class Picture:
    """A chart."""

    x: float
    y: float
    width: float
    height: float
    svg: str


Mark: TypeAlias = Ink | Rule | Area | Picture
