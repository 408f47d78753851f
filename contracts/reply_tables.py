"""Reply templates of a place: the table `replies.toml`, from which staff start an answer to a complainant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from contracts.message import Code, UnitId
from contracts.tables import Name, Table
from contracts.text import LEGIBLE

ReplyText = Annotated[str, StringConstraints(min_length=1, max_length=5000), LEGIBLE]


class ReplyTemplate(Table):
    """A text to start an answer from; staff complete it before it is sent.

    Apps replace `{number}`, `{title}`, `{unit}`, `{category}`, `{area}`, `{address}`, `{received_on}` and `{today}`.
    """

    code: Code
    zh: Name
    en: Name
    text: ReplyText
    categories: list[Code] = Field(default_factory=list)
    """Categories for which it is offered; none: all."""
    units: list[UnitId] = Field(default_factory=list)
    """Units to which it is offered; none: all."""


class RepliesTable(Table):
    """`replies.toml`: reply templates in the order in which they are offered."""

    reply: list[ReplyTemplate] = Field(default_factory=list, max_length=200)
