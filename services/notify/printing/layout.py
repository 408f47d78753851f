"""A sheet becomes pages of marks. Pure: how wide letters are is an argument."""

from __future__ import annotations

from itertools import count
from typing import assert_never

from contracts.codes import Language
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
_WITH_NEXT = 34.0
"""A heading takes so much of what it begins along to the next page."""


def pages_of(sheet: Sheet, width: Width) -> list[list[Mark]]:
    """The pages, with their numbers; one at least. What is filled lies below what is written."""
    flow = Flow(width)
    _head(flow, sheet)
    numbers = count(1)
    for block in sheet.blocks:
        _block(flow, block, sheet.language, f"c{next(numbers)}_")
    return [
        sorted((*page, *_foot(sheet, width, n, len(flow.pages))), key=lambda mark: not isinstance(mark, Area))
        for n, page in enumerate(flow.pages, 1)
    ]


def _head(flow: Flow, sheet: Sheet) -> None:
    face, colour = (RED_TITLE, RED) if sheet.red_head else (TITLE, BLACK)
    flow.write(flow.lines(sheet.title, face, RIGHT - LEFT), face, "center", colour)
    if sheet.number:
        flow.y += 1.5
        flow.write(flow.lines(sheet.number, FORM, RIGHT - LEFT), FORM, "center")
    if sheet.issuer or sheet.dateline:
        flow.y += 2.5
        top, half = flow.y, (RIGHT - LEFT) / 2 - 2
        flow.write(flow.lines(sheet.issuer, FORM, half), FORM)
        below, flow.y = flow.y, top
        flow.write(flow.lines(sheet.dateline, FORM, half), FORM, "right")
        flow.y = max(below, flow.y)
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
            from services.notify.printing.charts import WIDTH_INCHES, height_inches, svg_of  # noqa: PLC0415 - as in html.py

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
    flow.y += 2.5


def _signatures(flow: Flow, block: Signatures) -> None:
    width = (RIGHT - LEFT) / len(block.lines)
    texts = [flow.lines(f"{each.label} {each.value}".rstrip(), FORM, width - 8) for each in block.lines]
    height = max(map(len, texts)) * FORM.leading
    flow.skip(5)
    flow.need(height + 4)
    top = flow.y
    for n, lines in enumerate(texts):
        x = LEFT + n * width
        right = x + width - (6 if n + 1 < len(texts) else 0)
        flow.y = top + height - len(lines) * FORM.leading
        for text in lines:
            flow.line(text, FORM, x=x)
            flow.y += FORM.leading
        begin = min(x + flow.width(FORM, block.lines[n].label) + 1, right - 10) if len(lines) == 1 else x
        flow.put(Rule(begin, flow.y, right, flow.y, 0.2))
    flow.y = top + height + 4


def _verification(flow: Flow, block: Verification) -> None:
    x = LEFT + _QR_SIDE + 3
    texts = ((block.label, SMALL, GREY), (block.code, CODE, BLACK), (block.hint, SMALL, GREY))
    lines = [(line, face, ink) for text, face, ink in texts if text for line in flow.lines(text, face, RIGHT - x)]
    tall = sum(face.leading for _, face, _ in lines)
    height = max(_QR_SIDE, tall)
    flow.skip(4)
    flow.need(height)
    code, top = code_of(block.scan or block.code), flow.y
    side = _QR_SIDE / code.side
    flow.put(*(Area(LEFT + c * side, top + r * side, side, side, "#000000") for c, r in code.dark))
    flow.y = top + (height - tall) / 2
    for line, face, ink in lines:
        flow.line(line, face, x=x, colour=ink)
        flow.y += face.leading
    flow.y = top + height + 3


def _foot(sheet: Sheet, width: Width, page: int, pages: int) -> list[Mark]:
    number = sheet.page_of(page, pages)
    room = RIGHT - LEFT - width(SMALL, number) - 6
    footer = sheet.footer.replace("\n", " ")
    while footer and width(SMALL, footer) > room:
        footer = f"{footer.rstrip('…')[:-1]}…"
    if not footer:
        return [Ink((LEFT + RIGHT - width(SMALL, number)) / 2, _FOOT, number, SMALL, GREY)]
    return [
        Ink(LEFT, _FOOT, footer, SMALL, GREY),
        Ink(RIGHT - width(SMALL, number), _FOOT, number, SMALL, GREY),
    ]
