"""A case in routing: who is asked, who is responsible, and what may happen to it next."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.channel import Attribute, Instruction
from contracts.codes import AppealType, Channel, HandlingResult


class Report(BaseModel):
    """What a unit says became of the matter."""

    model_config = ConfigDict(frozen=True)

    result: HandlingResult
    reply: str


class Case(BaseModel):
    """One case. `responsible` is never empty: somebody answers for it from registration on (首问负责制, S3)."""

    model_config = ConfigDict(frozen=True)

    number: str
    channel: Channel
    appeal: AppealType
    category: str
    area: str
    title: str
    text: str
    received_at: datetime
    urgent: bool
    about: str | None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    attributes: tuple[Attribute, ...] = ()
    confidential: bool = False
    problem: str | None = None
    instruction: Instruction | None = None
    centre: str
    """Whose dispatcher decides what no rule covers."""
    responsible: str
    asked: str | None = None
    """The unit that was sent the case; None while it waits for the dispatcher."""
    asked_at: datetime | None = None
    rule: str = ""
    signed: bool = False
    binding: bool = False
    """A ruling: it may not be returned."""
    refusers: tuple[str, ...] = ()
    """Units that returned it, in order."""
    held: bool = False
    """Intake has not released it: the centre answers for it, and nothing is dispatched."""
    reported: Report | None = None
    """What waits to be verified."""
    redos: int = 0
    supervisor: str | None = None
    """Who supervises it, one level up."""
    closed: bool = False

    @property
    def queued(self) -> bool:
        """Waiting for the dispatcher."""
        return self.asked is None and not self.closed and not self.held
