"""What a desk may say to what it is sent, and the questions whoever decides has to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contracts.codes import HandlingResult
from contracts.handling import Consultation
from contracts.routing import (
    AssignmentOffered,
    CommandRefused,
    DispatchRequested,
    ExtensionApprovalRequested,
    RedoRequested,
    SubtaskRequested,
    VerificationRequested,
)


@dataclass(frozen=True, slots=True)
class Handle:
    """The unit signs, and reports this."""

    result: HandlingResult
    reply: str
    adopted: bool | None = None
    """Whether a suggestion is adopted; None for any other appeal."""


@dataclass(frozen=True, slots=True)
class Return:
    """The case is not the unit's to handle, for this reason."""

    reason: str
    actor: str | None = None
    """The post that decided; None: the unit's desk."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The centre sends the case to this unit."""

    to: str
    binding: bool = False
    actor: str | None = None
    """The post that sends it; None: the unit's desk."""
    consultation: Consultation | None = None
    """On which a ruling rests (会商)."""


@dataclass(frozen=True, slots=True)
class Approve:
    """A post of the centre lets a dispatch go out that a rule or another post proposed (呈批)."""

    actor: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verifier accepts what was reported, or has it done again for a reason."""

    accepted: bool
    reason: str = ""


class Decide(Protocol):
    """Decides at a desk. The same question must get the same answer: messages may come more than once."""

    def offered(self, offer: AssignmentOffered) -> Handle | Return:
        """A case is offered to the unit. A binding one cannot be returned."""
        ...

    def return_refused(self, refusal: CommandRefused) -> Handle:
        """The unit wanted to return the case and may not; it stays with the unit."""
        ...

    def adoption_missing(self, refusal: CommandRefused) -> Handle:
        """The case is a suggestion, and the report did not say whether it is adopted."""
        ...

    def verification_requested(self, request: VerificationRequested) -> Verdict:
        """A unit has reported, and this unit verifies it."""
        ...

    def redo_requested(self, request: RedoRequested) -> Handle:
        """The verifier was not content; the unit handles the case again."""
        ...

    def dispatch_requested(self, request: DispatchRequested) -> Dispatch | Approve | None:
        """A case waits for the centre's dispatcher, or for a proposal to be approved. None leaves it waiting."""
        ...

    def subtask_requested(self, request: SubtaskRequested) -> str:
        """The unit is asked for its part of a case; this is what it reports to the lead."""
        ...

    def extension_requested(self, request: ExtensionApprovalRequested) -> Verdict:
        """A unit asks for more time, and this unit decides."""
        ...
