"""Bodies of the native API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from contracts.attachments import Attachment, Attachments
from contracts.channel import RECEIPT_DIGITS, Attribute, Contact, SubmitComplaint
from contracts.codes import HandlingResult
from contracts.instants import AwareDatetime
from contracts.limits import TimeLimit
from contracts.refusals import Reason
from contracts.text import CLEAN, ExternalId
from contracts.typed_codes import read_code, read_number
from services.intake.index.documents import Rating
from services.intake.index.timeline import Step
from services.intake.status import Stage

_CONFIG = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True)
OURS = ("channel", "receipt", "external_id", "received_at")
"""Fields of a submission that the API fills or may fill."""

_SUBMITTED: dict[str, Any] = {
    "external_id": (
        ExternalId | None,
        Field(default=None, description="the channel's own reference, no personal data; else from Idempotency-Key"),
    ),
    "received_at": (
        AwareDatetime | None,
        Field(default=None, description="when the citizen spoke; now where it is left out"),
    ),
    "receipt_wanted": (
        bool,
        Field(default=False, description="a receipt code is made although there is a contact"),
    ),
    **{name: (field.annotation, field) for name, field in SubmitComplaint.model_fields.items() if name not in OURS},
}
NewComplaint = create_model(
    "NewComplaint",
    __config__=_CONFIG,
    __doc__="A complaint as a channel submits it; the key says which channel.",
    **_SUBMITTED,
)


class Added(BaseModel):
    """What a complainant adds."""

    model_config = _CONFIG

    text: Annotated[str, Field(max_length=10_000), CLEAN] = ""
    """Added to the words of the complaint."""
    address: Annotated[str, Field(max_length=300), CLEAN] = ""
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=50)] = ()
    contact: Contact | None = None
    """Replaces the contact that was given first."""
    attachments: Attachments = ()
    """Further photos, documents and recordings."""


class Supplement(Added):
    """What was missing."""

    external_id: ExternalId | None = None
    """As in the answer to the submission; absent: that of the registered case."""


class Withdrawal(BaseModel):
    """The complainant takes the complaint back."""

    model_config = _CONFIG

    external_id: ExternalId | None = None
    """As in the answer to the submission; absent: that of the registered case."""
    reason: Annotated[str, Field(max_length=2000), CLEAN] = ""


def link_token_of(text: str) -> str:
    """The token of a link: what follows its last slash."""
    return text.strip().partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]


def _typed(read: Callable[[str], str]) -> Callable[[Any], Any]:
    """Reads text before it is judged, and leaves the judging of anything else to the field."""
    return lambda value: read(value) if isinstance(value, str) else value


LinkText = Annotated[str, BeforeValidator(_typed(link_token_of)), Field(max_length=200)]
"""A signed link, or the token at its end."""


class Proof(BaseModel):
    """What a complainant shows: `number` and `receipt_code`, or `link`."""

    model_config = _CONFIG

    number: Annotated[str, BeforeValidator(_typed(read_number)), Field(min_length=1, max_length=40)] | None = None
    """Of the case; letter case, spaces, full-width characters and the kind of dash make no difference."""
    receipt_code: (
        Annotated[str, BeforeValidator(_typed(read_code)), Field(pattern=rf"^[0-9]{{{RECEIPT_DIGITS}}}$")] | None
    ) = None
    """Its sixteen digits; groups, spaces, dashes and full-width digits make no difference."""
    link: LinkText | None = None
    """The link of a notice, whole, or what follows `/c/` or `/r/` in it."""


class Accepted(BaseModel):
    """The broker has it; whether it is registered comes on `replies.<channel>` and by asking for the case."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    case_id: str
    external_id: str
    number: str | None = None
    """Where the case is registered already."""
    receipt_code: str | None = None
    """Sixteen digits for the complainant to keep; the same whenever the same submission comes again."""
    command_id: str | None = None
    """Of a supplement or withdrawal: its outcome is at `/v1/complaints/{case_id}/commands/{command_id}`."""
    accepted: bool | None = None
    """True when the request waited for the outcome (`Prefer: wait=N`) and intake has accepted it."""


class CaseStatus(BaseModel):
    """Where a case stands. Never who submitted it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    case_id: str | None = None
    """Told to the channel only."""
    number: str
    stage: Stage
    registered_at: datetime
    updated_at: datetime
    ending: str | None = None
    """How it ended without a department's answer."""
    result: HandlingResult | None = None
    """What became of it in a department's hands."""
    adopted: bool | None = None
    """Whether a suggestion is adopted; absent for any other appeal."""
    reasons: list[Reason] = []
    """Why it ended without a department's answer."""
    reply: str | None = None
    """What the complainant was answered."""
    evidence: list[Attachment] = []
    """Files of the unit that are part of the answer (佐证材料)."""
    awaited: list[Reason] = []
    """What the complainant is asked to give."""
    answer_by: datetime | None = None
    """Until when."""
    due_at: datetime | None = None
    """By when the answer is due; absent once there is one, and while the index is away."""
    provisional: bool | None = None
    """Whether `due_at` was calculated without the holidays of a year that are not published yet."""
    paused: bool | None = None
    """Whether the clock is paused, so that `due_at` will move to a later date."""
    limit: TimeLimit | None = None
    """The limit of the whole case before any extension, such as 15 working days; absent like `due_at`."""
    timeline: list[Step] = []
    """What happened so far, in plain words."""
    rating: Rating | None = None
    """How the latest answer was rated."""
    can: list[str] = []
    """Requests that are possible now: ``supplement``, ``withdraw``, ``rate``, ``reopen``, ``appeal``; advisory."""
