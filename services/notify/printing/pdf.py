"""A sheet as PDF: A4, its Chinese letters in the file, the same sheet the same bytes."""

from __future__ import annotations

from io import BytesIO
from typing import assert_never

from fpdf import FPDF
from fpdf.enums import Align as Across
from fpdf.fonts import TTFFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

from contracts.codes import Language
from services.notify.printing.layout import pages_of
from services.notify.printing.marks import MISSING, Area, Face, Ink, Mark, Picture, Rule
from services.notify.printing.sheet import Sheet

_MM_PER_POINT = 25.4 / 72
_LANG = {Language.CHINESE: "zh-CN", Language.ENGLISH: "en"}


def pdf_of(sheet: Sheet) -> bytes:
    """The whole file."""
    press = _Painter(sheet)
    for marks in pages_of(sheet, press.width):
        press.page(marks)
    return press.bytes()


class _Painter:
    """Puts marks on pages."""

    def __init__(self, sheet: Sheet) -> None:
        self._pdf = FPDF(unit="mm", format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(sheet.issued_at)
        self._pdf.set_producer("xiaoneng")
        self._pdf.set_title(" ".join(filter(None, (sheet.title, sheet.number))))
        self._pdf.set_author(sheet.issuer)
        self._pdf.set_lang(_LANG[sheet.language])
        self._pdf.add_font("serif", fname=serif_path())
        self._pdf.add_font("sans", fname=sans_path())
        self._widths: dict[tuple[str, str], float] = {}

    def width(self, face: Face, text: str) -> float:
        """In millimetres."""
        return sum(self._of(face.family, c) for c in text) * face.points * _MM_PER_POINT

    def _of(self, family: str, character: str) -> float:
        key = (family, character)
        if key not in self._widths:
            font = self._font(family)
            shown = character if ord(character) in font.cmap else MISSING
            self._widths[key] = font.cw[ord(shown)] / 1000
        return self._widths[key]

    def _font(self, family: str) -> TTFFont:
        font = self._pdf.fonts[family]
        if not isinstance(font, TTFFont):
            raise TypeError(f"{family} is no OpenType font")
        return font

    def page(self, marks: list[Mark]) -> None:
        """Another page, with these marks."""
        self._pdf.add_page()
        for mark in marks:
            match mark:
                case Ink():
                    self._write(mark)
                case Rule():
                    self._pdf.set_draw_color(mark.colour)
                    self._pdf.set_line_width(mark.thick)
                    self._pdf.line(mark.x1, mark.y1, mark.x2, mark.y2)
                case Area():
                    self._pdf.set_fill_color(mark.colour)
                    self._pdf.rect(mark.x, mark.y, mark.width, mark.height, style="F")
                case Picture():
                    svg = BytesIO(mark.svg.encode())
                    self._pdf.image(svg, mark.x, mark.y, mark.width, mark.height)
                case _:
                    assert_never(mark)

    def _write(self, ink: Ink) -> None:
        if not ink.text:
            return
        font = self._font(ink.face.family)
        text = "".join(c if ord(c) in font.cmap else MISSING for c in ink.text)
        self._pdf.set_font(ink.face.family, size=ink.face.points)
        self._pdf.set_text_color(ink.colour)
        self._pdf.set_char_spacing(ink.spacing / _MM_PER_POINT)
        height = ink.face.points * _MM_PER_POINT
        # A cell sets its letters 0.5 of its height plus 0.3 of their size below its top.
        self._pdf.set_xy(ink.x, ink.y - 0.8 * height)
        self._pdf.cell(self.width(ink.face, text) + 1, height, text, align=Across.L)

    def bytes(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())
