"""A case in notify: what is known of it, what its complainant is owed, and what they were told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.attachments import Attachment
from contracts.codes import AppealType, Authority, Ending, HandlingResult, Language, Rung, Satisfaction
from contracts.message import CaseId, ChannelId, StaffId, UnitId
from services.notify.domain.kept import Kept
from services.notify.domain.notice import Notice
from services.notify.domain.sending import Way

OPEN = "9999-12-31"
"""Stands for the last day of a case that has not ended."""


class Kind(StrEnum):
    """What a notice to the complainant is about."""

    ACKNOWLEDGEMENT = "acknowledgement"
    SUPPLEMENT = "supplement"
    QUESTION = "question"
    """As `SUPPLEMENT`, asked by a unit after the dispatch."""
    ANSWER = "answer"
    PROGRESS = "progress"
    """It takes longer, rests or is handled again."""


class Part(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(frozen=True)


class Registered(Part):
    """What the registration told us."""

    number: str
    channel: ChannelId
    registered_at: datetime
    received_at: datetime
    appeal: AppealType
    category: str
    area: str
    centre: UnitId
    title: str
    text: str = ""
    """Identity masked."""
    address: str = ""
    urgent: bool = False
    confidential: bool = False
    about: UnitId | None = None
    """The unit complained about: nothing that could tell who complained is for it."""
    held: bool = False
    """At the reception: its centre answers for it."""
    external_id: str | None = None
    """The channel's own reference, repeated in every reply to it."""
    submission_id: str | None = None
    """The CloudEvents id of the submission that was registered."""
    ways: tuple[Way, ...] = (Way.CHANNEL,)
    """By which the complainant allows to be told, the preferred one first."""
    language: Language
    attachments: tuple[Attachment, ...] = ()
    """What came with the submission, and with later supplements."""

    def reply_fields(self, submission_id: str | None = None) -> dict[str, Any]:
        """By what a channel recognises a reply: its own reference, and the message of its own that is answered."""
        return {
            "channel": self.channel,
            "external_id": self.external_id,
            "submission_id": submission_id or self.submission_id,
        }


class Answer(Part):
    """How the case ended: a department's result, or why there is none."""

    result: HandlingResult | Ending
    reply: str
    at: datetime
    unit: UnitId | None = None
    by: StaffId | None = None
    reasons: tuple[str, ...] = ()
    """A sentence each, in the complainant's language, where no department answered."""
    authority: Authority | None = None
    adopted: bool | None = None
    """Whether a suggestion is adopted; None for any other appeal."""


class Progress(Part):
    """What became of the matter on the way, told at once."""

    what: str
    zh: str
    en: str
    reason: str = ""
    working_days: int | None = None
    cause: str | None = None
    until: datetime | None = None
    """The last day of rest, or the day that is promised."""


class Asked(Part):
    """What the complainant is asked for (补办)."""

    round: int
    missing: tuple[str, ...]
    """A sentence each, in the complainant's language."""
    answer_by: datetime
    unit: UnitId | None = None
    """The unit that asks after the dispatch; None: the reception."""


class Limit(Part):
    """The limit of the whole case, as scoring reckons it."""

    clock: str
    due_at: datetime
    provisional: bool = False
    resting: tuple[str, ...] = ()
    """Why it stands still at this moment."""
    promised_at: datetime | None = None
    """What the unit has promised when it explained why it is late."""
    card: str | None = None
    """The last rung that was reached."""


class Card(Part):
    """A reminder or a card of one of its limits."""

    clock: str
    rung: Rung
    on: str
    """Local day, ISO 8601."""


class Step(Part):
    """Something on its way through the house that stands on a printed form."""

    what: Literal["proposed", "assigned", "redo", "consulted"]
    at: datetime
    unit: UnitId
    by: StaffId | None = None
    form: str | None = None
    """Number of the approval form (呈批表)."""
    words: str = ""
    rule: str = ""
    binding: bool = False
    co_handlers: tuple[UnitId, ...] = ()
    """Who was proposed to work beside that unit (联办)."""
    units: tuple[UnitId, ...] = ()
    """Who took part in the consultation (会商)."""


class Turn(Part):
    """A co-handler was asked for a part of the case, or its part has ended; see `co_handling`."""

    at: datetime
    on: str
    """Local day, ISO 8601."""
    unit: UnitId
    lead: UnitId | None = None
    ending: str | None = None
    """``reported``, ``declined`` or ``cancelled``; None: it was asked."""
    words: str = ""
    """The task; or what was reported, or why not."""


class PartLimit(Part):
    """The limit of a co-handler's part, as scoring reckons it."""

    clock: str
    unit: UnitId
    on: str
    """Local day on which it began, ISO 8601."""
    due_at: datetime


class Outcome(Part):
    """What scoring says of the last answer."""

    answer: int
    """Which it is: 2 once the case was opened again."""
    unit: UnitId
    centre: UnitId
    on_time: bool
    answered: bool
    """By a unit; not withdrawn, lapsed or out of scope."""
    ended_on: str
    """Local day, ISO 8601."""
    satisfaction: Satisfaction | None = None
    solved: bool | None = None


class Rating(Part):
    """What the person served has said last; scoring's word of the answer itself may come after it."""

    answer: int
    satisfaction: Satisfaction
    solved: bool


class Silence(Part):
    """Something that is missing past its limit."""

    what: str
    since: datetime


class Case(Kept):
    """One case. The contact and the registration arrive on two topics, in any order."""

    kind: Literal["case"] = "case"
    registered: Registered | None = None
    contact_box: str | None = None
    contact_key: str | None = None
    """Id of the key that opens it."""
    answers: tuple[Answer, ...] = ()
    """One each time it was closed."""
    asked: Asked | None = None
    """The last round of what is missing, asked by the reception."""
    question: Asked | None = None
    """What a unit asked for last after the dispatch."""
    progress: tuple[Progress, ...] = ()
    """Everything that was told on the way; a notice names its place in it."""
    reopened: int = 0
    """How often it was opened again; each time there is another answer."""
    notices: tuple[Notice, ...] = ()
    owner: UnitId | None = None
    """Who answers for it in the house; None: nobody that notify has heard of."""
    merged_into: CaseId | None = None
    limit: Limit | None = None
    cards: tuple[Card, ...] = ()
    """Each once per limit; what a report counts."""
    steps: tuple[Step, ...] = ()
    turns: tuple[Turn, ...] = ()
    """Of co-handlers, those of earlier answers too."""
    part_limits: tuple[PartLimit, ...] = ()
    joined_at: tuple[datetime, ...] = ()
    """When it was merged into another: its co-handlers had no part any more."""
    outcome: Outcome | None = None
    rating: Rating | None = None
    until: str = OPEN
    """The local day on which it ended: what a report of some days tells about has this day or a later one."""
    silences: tuple[Silence, ...] | None = None
    """What is missing past its limit; None when nothing is."""
    dead_at: datetime | None = None
    """When a notice was given up by every way that was chosen."""

    @property
    def filed(self) -> tuple[str, ...]:
        """Its number; and what is wrong with it."""
        number = (f"number/{self.registered.number}",) if self.registered else ()
        return (*number, *(("silent",) if self.silences else ()), *(("dead",) if self.dead_at else ()))

    @property
    def answer(self) -> Answer | None:
        """How it ended; None while it is handled, for the first time or again."""
        return self.answers[self.reopened] if len(self.answers) > self.reopened else None
