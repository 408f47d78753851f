"""The outcome of what a complainant asked for: accepted, or refused with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contracts.refusals import Reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a service decided about one message of a complainant."""

    accepted: bool
    reasons: tuple[Reason, ...] = ()
    """Why not; empty where it was accepted."""


class Outcomes(Protocol):
    """Outcomes by the CloudEvents id of the message."""

    async def outcome(self, command_id: str, seconds: float) -> Outcome | None:
        """Wait so long for the outcome; None when it is not known by then."""
        ...
