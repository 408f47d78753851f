"""The outcome of a request that was published: accepted, or refused by a rule with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contracts.refusals import Reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the services decided on one command."""

    accepted: bool
    reasons: tuple[Reason, ...] = ()
    """Why it was refused."""


class Outcomes(Protocol):
    """Finds outcomes by the CloudEvents id of the command, and its case."""

    async def outcome(self, command_id: str, case_id: str, seconds: float) -> Outcome | None:
        """Wait up to so many seconds for the outcome; 0: look once. None if it is not known by then.

        The outcome of a command about another case is not found.
        """
