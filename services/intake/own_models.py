"""Bodies of what complainants and channels ask for about a case that exists."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.attachments import FileId
from contracts.channel import MAX_TEXT
from contracts.codes import CallbackOutcome, Satisfaction
from contracts.masking import MASKED
from contracts.text import CLEAN, REQUIRED
from services.intake.api_models import Added, LinkText, Proof

_CONFIG = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True)
Nth = Annotated[int, Field(ge=1, le=65_535)]


class Rating(BaseModel):
    """How it went."""

    model_config = _CONFIG

    satisfaction: Satisfaction
    solved: bool
    answer: Nth | None = None
    """Which answer of the case is meant, from 1; absent: that of the link, or the latest."""


class Wish(BaseModel):
    """Why the case is to be handled again, or the answer reviewed."""

    model_config = _CONFIG

    reason: Annotated[str, Field(max_length=MAX_TEXT), REQUIRED]
    answer: Nth | None = None
    """Which answer of the case is meant, from 1; absent: that of the link, or the latest."""


class OwnRating(Proof, Rating):
    """A complainant's rating."""


class OwnWish(Proof, Wish):
    """A complainant asks for the case to be reopened, or appeals the answer."""


class OwnSupplement(Proof, Added):
    """What a complainant adds to the case."""


class OwnWithdrawal(Proof):
    """A complainant takes the complaint back."""

    reason: Annotated[str, Field(max_length=2000), CLEAN] = ""


class OutcomeQuestion(Proof):
    """A complainant asks for the outcome of a request."""

    command_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    """As in the answer to the request."""


class OwnFile(Proof):
    """A complainant opens a file of the answer."""

    file_id: FileId
    """As in the `evidence` of the status."""


class ChannelRating(Rating):
    """A rating that a channel passes on."""

    link: LinkText | None = None
    """The link of a notice, where the channel's own pages took it: it proves who rates, and which answer."""
    code: Annotated[str, Field(max_length=64)] | None = None
    """The rating code of the notice instead."""


class CallbackRecord(BaseModel):
    """One attempt to call the person served back (回访)."""

    model_config = _CONFIG

    outcome: CallbackOutcome
    note: Annotated[str, Field(max_length=1000), CLEAN, MASKED] = ""
    """What the agent noted; telephone numbers, identity numbers and e-mail addresses are masked."""
    satisfaction: Satisfaction | None = None
    """Given together with `solved`, and only if the person was reached."""
    solved: bool | None = None
    answer: Nth | None = None
    """Which answer of the case is meant, from 1; absent: the latest."""
