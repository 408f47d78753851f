"""`documents.toml`: the six documents of a complaint centre (三表一单一书一卡), box by box. Source: S1¶4.

What stands in a box is an expression over what is known of the case, the measure or the unit; which words there are,
notify says, and refuses a table that uses another.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.tables import Name, Table
from contracts.text import LEGIBLE

DocumentCode = Literal["registration", "approval", "transfer", "feedback", "admonition", "contact-card"]
"""投诉登记表, 呈批表, 转办单, 反馈表, 效能告诫书, 服务联系卡."""
Suffix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
Expression = Annotated[str, StringConstraints(max_length=300)]
"""Such as ``received_at | day``, or ``proposed_unit or unit``; empty: filled in by hand."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S"), LEGIBLE]
"""The label of a box, on one line or several."""
Prose = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"\S"), LEGIBLE]
"""Running text with expressions in double braces."""
Room = Annotated[int, Field(ge=1, le=30)]


class DocumentBox(Table):
    """A label, and what is filled in."""

    zh: Label
    en: Label
    value: Expression = ""
    lines: Room = 1
    """So much room at least, for what is written by hand."""
    sign: bool = False
    """A place for a signature and its date, below the value."""


class DocumentRow(Table):
    """Boxes side by side."""

    boxes: list[DocumentBox] = Field(min_length=1, max_length=3)


class DocumentText(Table):
    """A paragraph before or after the boxes."""

    zh: Prose
    en: Prose
    flush: bool = False
    """Begins at the edge, as an address does."""


class DocumentSignature(Table):
    """A line to sign on."""

    zh: Name
    en: Name
    value: Expression = ""


class Document(Table):
    """One of the six."""

    code: DocumentCode
    zh: Name
    en: Name
    suffix: Suffix
    """Ends its numbers, after the number of the case."""
    opening: list[DocumentText] = Field(default_factory=list)
    row: list[DocumentRow] = Field(default_factory=list)
    closing: list[DocumentText] = Field(default_factory=list)
    signature: list[DocumentSignature] = Field(default_factory=list, max_length=4)


class DocumentsTable(Table):
    """`documents.toml`."""

    document: list[Document] = Field(min_length=1)
