"""A sheet becomes pages of marks. Pure: how wide letters are is an argument."""

from __future__ import annotations

from itertools import count
from typing import assert_never

from contracts.codes import Language
from services.notify.printing.charts import WIDTH_INCHES, height_inches, svg_of
from services.notify.printing.flow import Flow
from services.notify.printing.marks import (
    BLACK,
    BOTTOM,
    CODE,
    FORM,
    GREY,
    HEADING,
    LEFT,
    PROSE,
    RED,
    RED_TITLE,
    RIGHT,
    SMALL,
    TITLE,
    Area,
    Ink,
    Mark,
    Picture,
    Rule,
    Width,
)
from services.notify.printing.qr import code_of
from services.notify.printing.ruled import grid, table
from services.notify.printing.sheet import (
    Block,
    Chart,
    Grid,
    Heading,
    Paragraph,
    Sheet,
    Signatures,
    Table,
    Verification,
)

_FOOT = BOTTOM + 12.0
_QR_SIDE = 22.0
_WITH_NEXT = 26.0
"""A heading takes so much of what it begins along to the next page."""


def pages_of(sheet: Sheet, width: Width) -> list[list[Mark]]:
    """The pages, with their numbers; one at least."""
    flow = Flow(width)
    _head(flow, sheet)
    numbers = count(1)
    for block in sheet.blocks:
        _block(flow, block, sheet.language, f"c{next(numbers)}_")
    for n, page in enumerate(flow.pages, 1):
        page += _foot(sheet, width, n, len(flow.pages))
    return flow.pages


def _head(flow: Flow, sheet: Sheet) -> None:
    face, colour = (RED_TITLE, RED) if sheet.red_head else (TITLE, BLACK)
    flow.write(flow.lines(sheet.title, face, RIGHT - LEFT), face, "center", colour)
    if sheet.number:
        flow.y += 1.5
        flow.write(flow.lines(sheet.number, FORM, RIGHT - LEFT), FORM, "center")
    if sheet.issuer or sheet.dateline:
        flow.y += 2.5
        issuer = flow.lines(sheet.issuer, FORM, 0.6 * (RIGHT - LEFT))
        flow.line(sheet.dateline, FORM, "right")
        flow.write(issuer, FORM)
    if sheet.red_head:
        flow.y += 1
        flow.put(Rule(LEFT, flow.y, RIGHT, flow.y, 0.7, RED))
    flow.y += 4 if sheet.red_head else 3


def _block(flow: Flow, block: Block, language: Language, prefix: str) -> None:
    match block:
        case Heading():
            face = HEADING[block.level]
            flow.skip(3)
            flow.need(face.leading + _WITH_NEXT)
            flow.write(flow.lines(block.text, face, RIGHT - LEFT), face)
            flow.y += 1
        case Paragraph():
            _paragraph(flow, block, language)
        case Table():
            table(flow, block)
        case Grid():
            grid(flow, block)
        case Chart():
            height = height_inches(block) / WIDTH_INCHES * (RIGHT - LEFT)
            flow.need(height)
            flow.put(Picture(LEFT, flow.y, RIGHT - LEFT, height, svg_of(block, prefix)))
            flow.y += height + 4
        case Signatures():
            _signatures(flow, block)
        case Verification():
            _verification(flow, block)
        case _:
            assert_never(block)


def _paragraph(flow: Flow, block: Paragraph, language: Language) -> None:
    indent = 2 * PROSE.points * 0.3528 if block.indent and language is Language.CHINESE else 0.0
    for text in block.text.split("\n"):
        if block.align == "left":
            flow.prose(text, PROSE, indent)
        else:
            flow.write(flow.lines(text, PROSE, RIGHT - LEFT), PROSE, block.align)
    flow.y += 1.5


def _signatures(flow: Flow, block: Signatures) -> None:
    flow.skip(5)
    flow.need(FORM.leading + 4)
    width = (RIGHT - LEFT) / len(block.lines)
    for n, each in enumerate(block.lines):
        x, right = LEFT + n * width, LEFT + (n + 1) * width - (6 if n + 1 < len(block.lines) else 0)
        flow.line(each.label, FORM, x=x)
        begin = min(x + flow.width(FORM, each.label) + 1, right - 10)
        flow.line(each.value, FORM, x=begin + 1, right=right)
        flow.put(Rule(begin, flow.y + FORM.leading, right, flow.y + FORM.leading, 0.2))
    flow.y += FORM.leading + 4


def _verification(flow: Flow, block: Verification) -> None:
    x = LEFT + _QR_SIDE + 4
    hint = flow.lines(block.hint, SMALL, RIGHT - x) if block.hint else []
    height = max(_QR_SIDE, CODE.leading + len(hint) * SMALL.leading)
    flow.skip(4)
    flow.need(height)
    code, top = code_of(block.scan or block.code), flow.y
    side = _QR_SIDE / code.side
    flow.put(*(Area(LEFT + c * side, top + r * side, side, side, "#000000") for c, r in code.dark))
    flow.y = top + (height - CODE.leading - len(hint) * SMALL.leading) / 2
    flow.line(block.label, SMALL, x=x, colour=GREY)
    flow.line(block.code, CODE, x=x + flow.width(SMALL, block.label) + 2)
    flow.y += CODE.leading
    for text in hint:
        flow.line(text, SMALL, x=x, colour=GREY)
        flow.y += SMALL.leading
    flow.y = top + height + 3


def _foot(sheet: Sheet, width: Width, page: int, pages: int) -> list[Mark]:
    number = sheet.page_of(page, pages)
    if not sheet.footer:
        return [Ink((LEFT + RIGHT - width(SMALL, number)) / 2, _FOOT, number, SMALL, GREY)]
    return [
        Ink(LEFT, _FOOT, sheet.footer, SMALL, GREY),
        Ink(RIGHT - width(SMALL, number), _FOOT, number, SMALL, GREY),
    ]
