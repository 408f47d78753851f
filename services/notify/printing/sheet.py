"""A printed page: what stands on it, not where. Every renderer gets the same one."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from contracts.codes import Language

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that put no ink on paper: controls, marks of direction, halves of pairs, unassigned."""


def plain(text: str) -> str:
    """The text without what is invisible: nothing can turn its direction round, or end a page.

    Line feeds stay; every other blank or line end becomes a space or a line feed.
    """
    lines = text.replace("\t", " ").splitlines()
    return "\n".join("".join(c for c in line if unicodedata.category(c) not in _INVISIBLE) for line in lines)


Text = Annotated[str, Field(max_length=200_000), AfterValidator(plain)]
Label = Annotated[Text, Field(max_length=120)]
Align = Literal["left", "center", "right"]
Tone = Literal["main", "second", "alarm"]


class Printed(BaseModel):
    """Base of everything on a page."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class Heading(Printed):
    """Begins a part of the page, or a part of a part."""

    kind: Literal["heading"] = "heading"
    text: Text
    level: Literal[1, 2] = 1


class Paragraph(Printed):
    """Running text; a line feed begins another paragraph."""

    kind: Literal["paragraph"] = "paragraph"
    text: Text
    align: Align = "left"
    indent: bool = True
    """Two characters, as Chinese prose begins."""


class Column(Printed):
    """A column of a table."""

    title: Label
    align: Align = "left"
    share: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Of the width, in proportion to the other columns."""


class Table(Printed):
    """Rows under a head, which is repeated on every page."""

    kind: Literal["table"] = "table"
    columns: tuple[Column, ...] = Field(min_length=1, max_length=12)
    rows: tuple[tuple[Text, ...], ...] = ()
    caption: Text = ""
    total: bool = False
    """The last row adds up the others."""

    @model_validator(mode="after")
    def _rows_fit_the_head(self) -> Table:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has as many cells as the table has columns")
        return self


class Box(Printed):
    """A label and what is filled in, on a form."""

    label: Label
    value: Text = ""
    lines: Annotated[int, Field(ge=1, le=30)] = 1
    """So much room at least, for what is written by hand."""
    sign: Text = ""
    """Below the value, at the right: who signs here, and when."""


class Grid(Printed):
    """Boxes in ruled rows, as Chinese official forms have."""

    kind: Literal["grid"] = "grid"
    rows: tuple[tuple[Box, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _boxes_fit_a_row(self) -> Grid:
        if any(not 1 <= len(row) <= 3 for row in self.rows):
            raise ValueError("a row of a form has one to three boxes")
        return self


class Series(Printed):
    """A line, or the bars of one colour."""

    name: Text
    values: tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...]
    tone: Tone = "main"


class Chart(Printed):
    """Numbers as a picture; the same numbers stand in a table or a sentence beside it."""

    kind: Literal["chart"] = "chart"
    form: Literal["bar", "line"]
    """Bars lie, one group for each label, so that names of units are read without turning the head."""
    title: Text
    labels: tuple[Text, ...] = Field(min_length=1, max_length=60)
    series: tuple[Series, ...] = Field(min_length=1, max_length=3)

    @model_validator(mode="after")
    def _series_fit_the_labels(self) -> Chart:
        if any(len(each.values) != len(self.labels) for each in self.series):
            raise ValueError("a series has a value for each label")
        return self


class Signature(Printed):
    """A line to sign on."""

    label: Text
    value: Text = ""
    """What is known already; empty: a line is left."""


class Signatures(Printed):
    """Lines to sign on, side by side."""

    kind: Literal["signatures"] = "signatures"
    lines: tuple[Signature, ...] = Field(min_length=1, max_length=4)


class Verification(Printed):
    """A code by which anybody can find out whether the paper is genuine, to be read and to be scanned."""

    kind: Literal["verification"] = "verification"
    label: Text
    code: Annotated[Text, Field(min_length=1, max_length=80)]
    scan: Annotated[str, Field(max_length=300)] = ""
    """What the QR code holds, such as an address; empty: the code itself."""
    hint: Text = ""


Block: TypeAlias = Annotated[
    Heading | Paragraph | Table | Grid | Chart | Signatures | Verification, Field(discriminator="kind")
]


class Sheet(Printed):
    """One document, on as many A4 pages as it needs."""

    language: Language = Language.CHINESE
    title: Text
    number: Text = ""
    issuer: Text = ""
    dateline: Text = ""
    """The day it is issued, in words."""
    red_head: bool = False
    """红头: title and rule in red, number below the title, issuer and date over the rule, as bulletins have."""
    blocks: tuple[Block, ...] = ()
    footer: Annotated[Text, Field(max_length=300)] = ""
    """Stands on every page, beside its number."""
    issued_at: AwareDatetime
    """The one instant in the file: the same sheet printed again is the same file."""

    def page_of(self, page: int, pages: int) -> str:
        """The number of a page, in the language of the sheet."""
        chinese = self.language is Language.CHINESE
        return f"第 {page} 页　共 {pages} 页" if chinese else f"Page {page} of {pages}"
