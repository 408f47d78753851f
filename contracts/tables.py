"""The base of every table of a place."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.text import LEGIBLE

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n\t]*[^\s][^\r\n\t]*$"), LEGIBLE]
"""One line of visible text."""

LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Table(BaseModel):
    """A table, or a part of one: a field that is not declared is a mistake."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )
