"""`procedures.toml`: procedures of a place, their steps and responsible posts. Source: S2 (ISO9000), S0."""

from __future__ import annotations

from pydantic import Field

from contracts.message import Code, StaffId
from contracts.tables import Name, Table


class ProcedureStep(Table):
    """One step (环节)."""

    id: Code
    zh: Name
    en: Name
    post: StaffId | None = None
    """The responsible post; when absent, any post of the item's unit may do the step."""


class Procedure(Table):
    """A procedure whose steps are recorded. S0 counts 3 to 15 steps."""

    id: Code
    """The `matter` of the items that follow it."""
    zh: Name
    en: Name
    step: list[ProcedureStep] = Field(min_length=1, max_length=50)
    """Steps in the order in which they must be done."""


class StepError(Table):
    """A kind of error that may be recorded for a step (工作差错)."""

    id: Code
    zh: Name
    en: Name


class ProceduresTable(Table):
    """`procedures.toml`."""

    procedure: list[Procedure] = Field(default_factory=list)
    error: list[StepError] = Field(default_factory=list)
