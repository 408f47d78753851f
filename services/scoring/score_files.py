"""Scores as files for a spreadsheet. Nothing in a cell is ever a formula, whatever a unit is called."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO, StringIO

from infra.spreadsheets import cell_text, inert_text
from services.scoring.score_documents import Card, Scores

Cell = str | int | Decimal | None

HEAD = (
    "组别 group",
    "单位 unit",
    "名称 name",
    "得分 score",
    "等次 band",
    "名次 rank",
    "评优 award",
    "样本不足 small sample",
    "缺项 missing",
    "一票否决 veto",
    "建议 proposed",
)


def rows_of(scores: Scores) -> list[list[Cell]]:
    """The head, then a line for each unit, with a column for each part of its score."""
    cards = [(group, card) for group in scores.groups for card in group.cards]
    parts = {line.id: f"{line.zh} {line.en}" for _, card in cards for line in card.lines if line.does != "veto"}
    head: list[Cell] = [*HEAD, *parts.values()]
    return [head, *([f"{group.zh} {group.en}", *_row(card, list(parts))] for group, card in cards)]


def _row(card: Card, parts: Sequence[str]) -> list[Cell]:
    adds = {line.id: line.adds for line in card.lines}
    return [
        card.unit,
        f"{card.zh} {card.en}",
        card.total,
        card.band,
        card.rank,
        card.award,
        "yes" if card.small_sample else "no",
        ", ".join(card.missing),
        ", ".join(card.vetoed),
        ", ".join(each.zh for each in card.consequences),
        *(adds.get(part) for part in parts),
    ]


def as_csv(scores: Scores) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets want it; RFC 4180."""
    text = StringIO(newline="")
    csv.writer(text).writerows([_inert(cell) for cell in row] for row in rows_of(scores))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _inert(cell: Cell) -> Cell:
    return inert_text(cell) if isinstance(cell, str) else cell


def as_xlsx(scores: Scores) -> bytes:
    """One sheet, the head stays in sight."""
    import xlsxwriter  # noqa: PLC0415 - needed for this kind of file alone

    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(scores.period)
        bold, points = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        sheet.freeze_panes(1, 3)
        for y, row in enumerate(rows_of(scores)):
            for x, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(y, x, cell_text(cell), bold if y == 0 else None)
                elif cell is not None:
                    sheet.write_number(y, x, cell, points if isinstance(cell, Decimal) else None)
        sheet.autofit()
    return file.getvalue()
