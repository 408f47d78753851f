"""A limit of time (限时): an amount and what it is counted in, written as people say it: ``15 working days``."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.functional_validators import BeforeValidator
from pydantic_core import PydanticCustomError

from contracts.codes import TimeUnit

_FORM = r"^(0|[1-9][0-9]{0,3}) (hour|working day|calendar day)s?$"
_READ = re.compile(_FORM)


class TimeLimit(BaseModel):
    """So many units of time. The unit is a part of the limit: S0 even mixes "50个工作日" with "15天"."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    amount: Annotated[int, Field(ge=0)]
    """0 working days: until the end of the same working day (当日, S1¶4)."""
    unit: TimeUnit

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``2 hours``, ``1 working day`` or ``15 calendar days``. Raises `ValueError`."""
        found = _READ.match(text)
        if found is None:
            raise ValueError(f"no limit of time: {text!r}")
        amount, unit = found.groups()
        return cls(amount=int(amount), unit=TimeUnit(f"{unit.replace(' ', '-')}s"))

    def __str__(self) -> str:
        words = self.unit.value.replace("-", " ")
        return f"{self.amount} {words.removesuffix('s') if self.amount == 1 else words}"


def _has_a_unit(value: object) -> object:
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdigit()):
        raise PydanticCustomError("limit_without_unit", "a limit needs its unit")
    return value


LimitText = Annotated[str, StringConstraints(pattern=_FORM), BeforeValidator(_has_a_unit)]
"""A limit as it stands in a table of a place."""
