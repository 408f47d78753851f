"""Tables and forms on paper: rows of cells that may be longer than a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from services.notify.printing.flow import Flow
from services.notify.printing.marks import BOTTOM, CELL, FORM, HEAD, LABEL, LEFT, PALE, RIGHT, Area, Face, Rule
from services.notify.printing.sheet import Align, Box, Grid, Table

_PAD = 1.6
"""Between a rule and the text."""
_LABEL_WIDTH = 29.0
_TOGETHER = 120.0
"""A row up to this height is never parted."""


@dataclass(frozen=True)
class Cell:
    """A part of a row: its lines, and where it stands."""

    x: float
    width: float
    lines: tuple[str, ...]
    face: Face
    align: Align = "left"
    filled: bool = False
    room: int = 1
    """Lines that it is high at least."""
    sign: tuple[str, ...] = ()
    """Lines at its foot, at the right."""

    @property
    def height(self) -> float:
        """Of the whole cell."""
        return max(len(self.lines), self.room) * self.face.leading + 2 * _PAD + len(self.sign) * FORM.leading


def table(flow: Flow, block: Table) -> None:
    """The table, its head on every page it reaches."""
    edges = _edges([column.share for column in block.columns])
    aligns = [column.align for column in block.columns]
    if block.caption:
        flow.need(CELL.leading + 25)
        flow.write(flow.lines(block.caption, CELL, RIGHT - LEFT), CELL)
        flow.y += 1

    def head() -> None:
        cells = _cells(flow, [column.title for column in block.columns], edges, aligns, HEAD)
        top = flow.y
        _row(flow, [replace(cell, filled=True) for cell in cells], lambda: None)
        flow.put(Rule(LEFT, top, RIGHT, top, 0.45), Rule(LEFT, flow.y, RIGHT, flow.y, 0.3))

    first = _height(_cells(flow, block.rows[0], edges, aligns, CELL)) if block.rows else 0.0
    flow.need(min(20 + first, _TOGETHER))
    head()
    for n, row in enumerate(block.rows, 1):
        last = n == len(block.rows)
        face = HEAD if block.total and last else CELL
        _row(flow, _cells(flow, row, edges, aligns, face), head)
        flow.put(Rule(LEFT, flow.y, RIGHT, flow.y, 0.45 if last else 0.12, "#202124" if last else "#b8bcc2"))
    flow.skip(4)


def _edges(shares: Sequence[float]) -> list[float]:
    whole = sum(shares)
    return [LEFT, *(LEFT + (RIGHT - LEFT) * part / whole for part in accumulate(shares))]


def _cells(flow: Flow, texts: Sequence[str], edges: Sequence[float], aligns: Sequence[Align], face: Face) -> list[Cell]:
    out = []
    for n, text in enumerate(texts):
        width = edges[n + 1] - edges[n]
        out.append(Cell(edges[n], width, tuple(flow.lines(text, face, width - 2 * _PAD)), face, aligns[n]))
    return out


def grid(flow: Flow, block: Grid) -> None:
    """The form; a row that does not fit begins a page, one longer than a page goes on over the next."""

    def begin() -> None:
        flow.put(Rule(LEFT, flow.y, RIGHT, flow.y, 0.45))

    flow.need(min(_height(_boxes(flow, block.rows[0])), _TOGETHER))
    begin()
    for row in block.rows:
        _row(flow, _boxes(flow, row), begin, ruled=True)
    flow.put(Rule(LEFT, flow.y, RIGHT, flow.y, 0.45))
    flow.skip(4)


def _boxes(flow: Flow, row: Sequence[Box]) -> list[Cell]:
    """Of each box a filled cell with its label, and one with what is filled in."""
    out: list[Cell] = []
    width = (RIGHT - LEFT) / len(row)
    label = _LABEL_WIDTH if len(row) < 3 else 23.0
    for n, box in enumerate(row):
        x = LEFT + n * width
        lines = tuple(flow.lines(box.label, LABEL, label - 2 * _PAD))
        out.append(Cell(x, label, lines, LABEL, "center", filled=True))
        room = width - label - 2 * _PAD
        lines, sign = (tuple(flow.lines(text, FORM, room)) if text else () for text in (box.value, box.sign))
        out.append(Cell(x + label, width - label, lines, FORM, room=box.lines, sign=sign))
    return out


def _row(flow: Flow, cells: Sequence[Cell], begin: Callable[[], None], *, ruled: bool = False) -> None:
    """The row, in one piece where that is possible; `begin` is called on each page it goes on to."""
    height = _height(cells)
    if flow.need(min(height, _TOGETHER)):
        begin()
    while height > flow.room():
        cells, height = _part(flow, cells, height, ruled)
        flow.turn()
        begin()
    _draw(flow, cells, height, ruled)


def _part(flow: Flow, cells: Sequence[Cell], height: float, ruled: bool) -> tuple[list[Cell], float]:
    """As much of the row as this page takes has been drawn; the rest comes back."""
    here, rest = [], []
    for cell in cells:
        fit = max(1, int((BOTTOM - flow.y - 2 * _PAD) / cell.face.leading))
        here.append(replace(cell, lines=cell.lines[:fit], room=1, sign=()))
        rest.append(replace(cell, lines=cell.lines[fit:] if not cell.filled else cell.lines, room=1))
    _draw(flow, here, flow.room(), ruled)
    if ruled:
        flow.put(Rule(LEFT, flow.y, RIGHT, flow.y, 0.45))
    return rest, _height(rest)


def _height(cells: Sequence[Cell]) -> float:
    return max(cell.height for cell in cells)


def _draw(flow: Flow, cells: Sequence[Cell], height: float, ruled: bool) -> None:
    top = flow.y
    for cell in cells:
        if cell.filled:
            flow.put(Area(cell.x, top, cell.width, height, PALE))
    for cell in cells:
        _fill(flow, cell, top, height, ruled)
    if ruled:
        edges = {cell.x: cell for cell in cells}
        flow.put(*(Rule(x, top, x, top + height, 0.45 if x == LEFT else 0.2) for x in edges))
        flow.put(Rule(RIGHT, top, RIGHT, top + height, 0.45), Rule(LEFT, top + height, RIGHT, top + height, 0.2))
    flow.y = top + height


def _fill(flow: Flow, cell: Cell, top: float, height: float, ruled: bool) -> None:
    block = len(cell.lines) * cell.face.leading
    single = ruled and (cell.filled or (cell.room == 1 and len(cell.lines) == 1 and not cell.sign))
    flow.y = top + ((height - block) / 2 if single else _PAD)
    left, right = cell.x + _PAD, cell.x + cell.width - _PAD
    for text in cell.lines:
        flow.line(text, cell.face, cell.align, left, right)
        flow.y += cell.face.leading
    flow.y = top + height - _PAD - len(cell.sign) * FORM.leading
    for text in cell.sign:
        flow.line(text, FORM, "right", left, right)
        flow.y += FORM.leading
