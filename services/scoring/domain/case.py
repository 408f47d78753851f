"""A case in scoring: its clock, its end, its rating."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import AppealType, Channel, Satisfaction
from services.scoring.domain.clock import CaseClock


class Case(BaseModel):
    """One case."""

    model_config = ConfigDict(frozen=True)

    channel: Channel
    appeal: AppealType
    category: str = ""
    clock: CaseClock
    clock_name: str = "close"
    """``close``, and ``close-2`` once it was opened again."""
    closed_at: datetime | None = None
    satisfaction: Satisfaction | None = None
    """None: not answered, which is not satisfied and is counted apart (S2)."""
    solved: bool | None = None
