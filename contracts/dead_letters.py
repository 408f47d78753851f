"""Messages that could not be applied, kept until somebody has dealt with them. Generic: knows no complaint.

A dead letter carries the original record sealed, since it may hold somebody's identity; reason and place are in clear.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Event


class DeadLetterReason(StrEnum):
    """Why a message was put aside."""

    UNREADABLE = "unreadable"
    """It does not fit its contract; it was answered with a refusal where it had a sender to answer."""
    FAILED = "failed"
    """Our code raised on it; its key is parked."""
    BEHIND = "behind"
    """An earlier message of its key is parked, and it may not overtake."""


class Origin(BaseModel):
    """Where the original record stood."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    topic: str
    partition: int
    offset: int
    id: str
    type: str


class DeadLettered(Event):
    """A message was put aside: nothing was lost, and the rest of the partition went on.

    `case_id` is the key it was filed under.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.message.dead-lettered.v1"
    TOPIC: ClassVar[str] = "dead-letters.{service}"

    service: str
    letter_id: str
    reason: DeadLetterReason
    error: Annotated[str, Field(max_length=2000)]
    """Where and what kind, never a value from the message: ``KeyError at services/routing/domain/dispatch.py:41``."""
    origin: Origin
    traceparent: str | None = None
    box: str
    """Base64 of the sealed original: headers and value."""


class DeadLetterResolved(Event):
    """The message was applied after a redrive; its letter is closed."""

    TYPE: ClassVar[str] = "cn.xiaoneng.message.resolved.v1"
    TOPIC: ClassVar[str] = "dead-letters.{service}"

    service: str
    letter_id: str


class Redrive(Event):
    """An operator asks the service to take a dead letter again; sent in the order of the letters of its key."""

    TYPE: ClassVar[str] = "cn.xiaoneng.message.redrive.v1"
    TOPIC: ClassVar[str] = "redrive.{service}"

    service: str
    letter_id: str
    origin: Origin
    traceparent: str | None = None
    box: str
