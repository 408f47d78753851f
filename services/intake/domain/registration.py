"""What intake remembers of a case: enough to go on with it, nothing of who the complainant is."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.attachments import Attachment
from contracts.channel import Attribute
from contracts.codes import Ending, HandlingResult, Hold
from contracts.message import ChannelId
from contracts.refusals import Reason


class Question(BaseModel):
    """What a unit asks the complainant for after the dispatch (补办); routing has decided that it may."""

    model_config = ConfigDict(frozen=True)

    unit: str
    round: int
    """Which of the case, from 1."""
    missing: tuple[Reason, ...]
    answer_by: datetime


class AddedWords(BaseModel):
    """What supplements at the reception have added, with identity masked: each once, in the order given."""

    model_config = ConfigDict(frozen=True)

    texts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    answers: tuple[Attribute, ...] = ()


class Registration(BaseModel):
    """One registered case."""

    model_config = ConfigDict(frozen=True)

    number: str
    registered_at: datetime
    received_at: datetime | None = None
    """When the citizen spoke, in UTC; None in a state of an earlier version until `Completer` has filled it in."""
    fingerprint: str
    """Of the words, to tell a resubmission from another matter under the same reference."""
    channel: ChannelId | None = None
    """Whose case it is: nobody else is told about it."""
    category: str = ""
    area: str = ""
    complainant: str | None = None
    """Opaque reference: see `complainant_of`."""
    matter: str = ""
    """The words, masked, by which a repeat is known: see `matter_of`."""
    first: tuple[str, str] | None = None
    """Case id and number of the first of the same matter, where this is a repeat."""
    repeats: int = 0
    """How many times the matter has come again, this one included."""
    centre: str = ""
    """Who answers for it until a department does."""
    receipt: str | None = None
    """Hash of the receipt code: see `receipt_matches`."""
    traces: tuple[tuple[int, str], ...] = ()
    """By which complainant and agent are known again in what is added: see `traces_of`.

    Until the case ends without an answer or identity is erased: after an answer there may be requests.
    """
    answered: tuple[str, ...] = ()
    """Questions of the category that have been answered."""
    files: tuple[str, ...] = ()
    """Ids of the case's stored files."""
    added: tuple[Attachment, ...] = ()
    """Attachments that came with supplements, until the case is released."""
    words: AddedWords = AddedWords()
    """Words that came with supplements, until the case is released."""
    held: Hold | None = None
    """Why it has not been released to be dispatched."""
    missing: tuple[Reason, ...] = ()
    """What the complainant has been asked for."""
    answer_by: datetime | None = None
    round: int = 0
    """How many times the reception has asked for something."""
    question: Question | None = None
    """What a unit has asked for since the dispatch, until it is answered or over."""
    erased_at: datetime | None = None
    """When the complainant was forgotten, unless they have given a contact since."""
    forgetting: bool = False
    """What was sealed may still stand in the history."""
    merged_into: str | None = None
    """Id of the case that this one is handled with (并案)."""
    ended: Ending | None = None
    """How it ended without a department."""
    ended_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    """Why it ended without a department."""
    result: HandlingResult | None = None
    """What became of it in a department's hands."""
    closed_at: datetime | None = None
    """When a department's answer closed it; None while it is open, or again."""
    adopted: bool | None = None
    """Whether a suggestion was adopted; None for any other appeal."""
    reply: str = ""
    """What the complainant was answered: who has nothing but a receipt code reads it here."""
    evidence: tuple[Attachment, ...] = ()
    """Evidence that is part of that answer; stored by routing."""

    @property
    def over(self) -> bool:
        """Nothing is owed any more."""
        return self.ended is not None or self.closed_at is not None


def let_go(case: Registration) -> Registration:
    """It may be dispatched."""
    cleared = {"missing": (), "answer_by": None, "added": (), "words": AddedWords()}
    return case.model_copy(update={"held": None, **cleared})
