"""One reason of a refusal, as it is served over HTTP."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ProblemReason(BaseModel):
    """One thing to mend. The same shape as a refusal on the bus."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    """For machines."""
    field: str | None = None
    """Path of the field at fault."""
    detail: str | None = None
    """What a malformed field lacks, for programs."""
    zh: str
    en: str
