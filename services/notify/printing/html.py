"""A sheet as one HTML text that needs nothing else: style, charts and codes are in it. Every word is escaped."""

from __future__ import annotations

from html import escape
from itertools import count
from typing import assert_never

from contracts.codes import Language
from services.notify.printing.qr import Code, code_of
from services.notify.printing.sheet import (
    Block,
    Box,
    Chart,
    Grid,
    Heading,
    Paragraph,
    Sheet,
    Signatures,
    Table,
    Verification,
)
from services.notify.printing.style import STYLE

_LANG = {Language.CHINESE: "zh-CN", Language.ENGLISH: "en"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is fetched and nothing runs, wherever the page is opened."""


def html_of(sheet: Sheet) -> str:
    """The whole document. The same sheet gives the same text."""
    numbers = count(1)
    body = "\n".join(_block(block, f"c{next(numbers)}_", sheet.language) for block in sheet.blocks)
    footer = f"<footer>{escape(sheet.footer)}</footer>\n" if sheet.footer else ""
    return (
        f'<!doctype html>\n<html lang="{_LANG[sheet.language]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(' '.join(filter(None, (sheet.title, sheet.number))))}</title>\n<style>\n{STYLE}</style>\n"
        f"</head>\n<body>\n<main>\n{_head(sheet)}{body}\n{footer}</main>\n</body>\n</html>\n"
    )


def _head(sheet: Sheet) -> str:
    number = f'<p class="number">{escape(sheet.number)}</p>\n' if sheet.number else ""
    parts = "".join(f"<span>{escape(part)}</span>" for part in (sheet.issuer, sheet.dateline))
    line = f'<p class="issued">{parts}</p>\n' if sheet.issuer or sheet.dateline else ""
    style = ' class="red"' if sheet.red_head else ""
    return f"<header{style}>\n<h1>{escape(sheet.title)}</h1>\n{number}{line}</header>\n"


def _block(block: Block, prefix: str, language: Language) -> str:
    match block:
        case Heading():
            return f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
        case Paragraph():
            return _paragraph(block, language)
        case Table():
            return _table(block)
        case Grid():
            return _grid(block)
        case Chart():
            from services.notify.printing.charts import svg_of  # noqa: PLC0415 - loads matplotlib; most sheets have no chart

            label = escape(block.title, quote=True)
            return f'<figure role="img" aria-label="{label}">{svg_of(block, prefix)}</figure>'
        case Signatures():
            lines = "".join(
                f"<div><span>{escape(each.label)}</span><span>{escape(each.value)}</span></div>" for each in block.lines
            )
            return f'<div class="signatures">{lines}</div>'
        case Verification():
            return _verification(block)
        case _:
            assert_never(block)


def _paragraph(block: Paragraph, language: Language) -> str:
    style = f"{block.align} indent" if block.indent and language is Language.CHINESE else block.align
    return "\n".join(f'<p class="{style}">{escape(text)}</p>' for text in block.text.split("\n"))


def _table(block: Table) -> str:
    whole = sum(column.share for column in block.columns)
    widths = "".join(f'<col style="width:{100 * column.share / whole:.2f}%">' for column in block.columns)
    head = "".join(f'<th scope="col" class="{c.align}">{escape(c.title)}</th>' for c in block.columns)
    rows = []
    for n, row in enumerate(block.rows, 1):
        cells = "".join(
            f'<td class="{column.align}">{_broken(cell)}</td>' for column, cell in zip(block.columns, row, strict=True)
        )
        style = ' class="total"' if block.total and n == len(block.rows) else ""
        rows.append(f"<tr{style}>{cells}</tr>\n")
    caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
    return (
        f'<table class="figures">{caption}<colgroup>{widths}</colgroup>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table>"
    )


def _grid(block: Grid) -> str:
    rows = "".join(f'<div class="row">{"".join(map(_box, row))}</div>\n' for row in block.rows)
    return f'<div class="grid">\n{rows}</div>'


def _box(box: Box) -> str:
    sign = f'<div class="sign">{escape(box.sign)}</div>' if box.sign else ""
    room = f' style="min-height:{1.7 * box.lines:.1f}em"' if box.lines > 1 else ""
    return (
        f'<div class="label">{_broken(box.label)}</div>'
        f'<div class="value"><div{room}>{_broken(box.value)}</div>{sign}</div>'
    )


def _verification(block: Verification) -> str:
    hint = f"<p>{escape(block.hint)}</p>" if block.hint else ""
    return (
        f'<div class="verification">{_qr(code_of(block.scan or block.code))}<div><p>{escape(block.label)} '
        f"<code>{escape(block.code)}</code></p>{hint}</div></div>"
    )


def _qr(code: Code) -> str:
    dark = "".join(f"M{x} {y}h1v1h-1z" for x, y in code.dark)
    return (
        f'<svg class="qr" viewBox="0 0 {code.side} {code.side}" shape-rendering="crispEdges" aria-hidden="true">'
        f'<path fill="#fff" d="M0 0h{code.side}v{code.side}H0z"/><path d="{dark}"/></svg>'
    )


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")
