"""Scores as files for a spreadsheet. Nothing in a cell is ever a formula, whatever a unit is called."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

from infra.spreadsheets import MARK, csv_lines, fill_sheet
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
    return MARK + csv_lines(rows_of(scores))


def as_xlsx(scores: Scores) -> bytes:
    """One sheet, the head stays in sight."""
    import xlsxwriter  # noqa: PLC0415 - needed for this kind of file alone

    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(scores.period)
        bold, points = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        sheet.freeze_panes(1, 3)
        fill_sheet(sheet, rows_of(scores), bold, {Decimal: points})
        sheet.autofit()
    return file.getvalue()
