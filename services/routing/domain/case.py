"""A case in routing: who is asked, who is responsible, and what may happen to it next."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from contracts.attachments import Attachment
from contracts.channel import Attribute, Instruction
from contracts.codes import AppealType, HandlingResult, PauseReason
from contracts.message import ChannelId


class Stage(StrEnum):
    """Where a case stands. What may happen in each is drawn in docs/life-of-a-case.md."""

    HELD = "held"
    """Intake has not released it; the centre answers for it."""
    QUEUED = "queued"
    """It waits for the centre's dispatcher."""
    MERGED = "merged"
    """It is handled with another (并案); the centre answers for it."""
    PROPOSED = "proposed"
    """It waits for somebody to approve where it is to go (呈批)."""
    OFFERED = "offered"
    """A unit is asked and has not signed."""
    SIGNED = "signed"
    """A unit works on it."""
    SUSPENDED = "suspended"
    """It rests for a listed reason (挂账)."""
    REPORTED = "reported"
    """What the unit did waits to be verified."""
    CLOSED = "closed"
    """It is answered, or ended by intake."""


class Consulted(BaseModel):
    """A consultation that was held about the case (会商)."""

    model_config = ConfigDict(frozen=True)

    participants: tuple[str, ...]
    """Units that took part, beside the centre."""
    minutes: str
    held_on: date
    to: str
    """The unit that has to handle the case by the ruling."""


class Note(BaseModel):
    """An internal note of a unit. The complainant never sees it."""

    model_config = ConfigDict(frozen=True)

    unit: str
    text: str
    at: datetime
    by: str | None = None
    """The post that wrote it."""


class Proposal(BaseModel):
    """Where a case is to go when somebody else approves it (呈批)."""

    model_config = ConfigDict(frozen=True)

    to: str
    rule: str
    binding: bool = False
    co_handlers: tuple[str, ...] = ()
    by: str | None = None
    """The post that proposed it; None: a rule."""
    form: str | None = None
    """Number of the approval form (呈批表)."""
    consultation: Consulted | None = None
    """The consultation on which a ruling rests (会商)."""


class Rest(BaseModel):
    """A case rests for a listed reason, until then at the latest."""

    model_config = ConfigDict(frozen=True)

    reason: PauseReason
    since: datetime
    until: datetime


class Extension(BaseModel):
    """More time that was asked for."""

    model_config = ConfigDict(frozen=True)

    working_days: int
    requested_at: datetime
    reason: str
    by: str | None = None
    """The post that asked; None: the unit's desk."""


class Subtask(BaseModel):
    """A co-handler's open part (联办)."""

    model_config = ConfigDict(frozen=True)

    unit: str
    task: str


class Evidence(BaseModel):
    """A file that a unit has cited in a report (佐证材料)."""

    model_config = ConfigDict(frozen=True)

    unit: str
    at: datetime
    by: str | None = None
    """The post that reported; None: the unit's desk."""
    file: Attachment
    shown: bool = False
    """Whether the report offers it to the complainant."""


class Report(BaseModel):
    """The result that a unit reports."""

    model_config = ConfigDict(frozen=True)

    result: HandlingResult
    reply: str
    by: str | None = None
    """The post that reported; None: the unit's desk."""
    adopted: bool | None = None
    """Whether a suggestion is adopted; None for any other appeal."""
    evidence: tuple[Attachment, ...] = ()
    evidence_shown: bool = False
    """Whether the evidence is part of the answer."""


class Question(BaseModel):
    """What the complainant has been asked for after the dispatch (补办); see `asking`."""

    model_config = ConfigDict(frozen=True)

    unit: str
    """Who asked."""
    answer_by: datetime


class GivenAnswer(BaseModel):
    """The latest answer to the complainant."""

    model_config = ConfigDict(frozen=True)

    unit: str
    result: HandlingResult
    reply: str
    posts: tuple[str, ...] = ()
    """The posts that reported and verified it; they do not review it."""
    unnamed: tuple[str, ...] = ()
    """Units that reported or verified it without naming a post; none of their posts upholds it."""
    evidence: tuple[Attachment, ...] = ()
    evidence_shown: bool = False
    """Whether the complainant may open the evidence."""


class Review(BaseModel):
    """An appeal of the complainant that waits to be decided (复核); see `reviewing`."""

    model_config = ConfigDict(frozen=True)

    reviewer: str
    submission_id: str
    """The CloudEvents id of the appeal."""


class Case(BaseModel):
    """One case. `responsible` is never empty: somebody answers for it from registration on (首问负责制, S3)."""

    model_config = ConfigDict(frozen=True)

    number: str
    channel: ChannelId
    appeal: AppealType
    category: str
    area: str
    title: str
    text: str
    received_at: datetime
    urgent: bool
    about: str | None
    about_person: str | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    attributes: tuple[Attribute, ...] = ()
    attachments: tuple[Attachment, ...] = ()
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
    returned_by: str | None = None
    """The post that returned it last; None: the unit's desk."""
    consultation: Consulted | None = None
    """The latest consultation (会商) about it."""
    notes: tuple[Note, ...] = ()
    """Internal notes, in order."""
    held: bool = False
    """Intake has not released it: the centre answers for it, and nothing is dispatched."""
    reported: Report | None = None
    """What waits to be verified."""
    redos: int = 0
    supervisor: str | None = None
    """Who supervises it, one level up."""
    sent_to: str | None = None
    """The unit that was asked last, also when it has returned the case."""
    transfers: int = 0
    """How often it was sent on since a unit last signed for it."""
    proposal: Proposal | None = None
    forms: int = 0
    """Approval forms that were filled in."""
    rest: Rest | None = None
    """Why and until when it rests."""
    rests: tuple[Rest, ...] = ()
    """Rests that have ended, with their real ends."""
    extension: Extension | None = None
    """What waits to be granted."""
    extensions: int = 0
    """How often more time was granted."""
    extended_working_days: int = 0
    """How much in all."""
    subtasks: tuple[Subtask, ...] = ()
    """Parts of co-handlers that are still open."""
    question: Question | None = None
    """What the complainant has been asked for and has not answered."""
    questions: int = 0
    """How often the complainant was asked since the first dispatch."""
    questioned: bool = False
    """Whether the complainant was asked in this handling."""
    answered_at: datetime | None = None
    """When a unit's answer closed it last."""
    answer: GivenAnswer | None = None
    """The answer that closed it last."""
    review: Review | None = None
    """The appeal against that answer, until it is decided."""
    appealed: bool = False
    """Whether that answer was appealed, decided or not."""
    reopened: int = 0
    reopened_on_request: int = 0
    """How often the complainant had it reopened."""
    merged_into: str | None = None
    """Id of the case that it is handled with (并案)."""
    followers: tuple[str, ...] = ()
    """Ids of the cases that are handled with it."""
    evidence: tuple[Evidence, ...] = ()
    """Evidence of all reports, in order, until identity is erased."""
    forgetting_since: datetime | None = None
    """When identity was erased, until stored evidence is deleted."""
    closed: bool = False

    @property
    def queued(self) -> bool:
        """Waiting for the dispatcher."""
        return self.asked is None and not self.closed and not self.held and self.merged_into is None

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        marks = (
            (self.closed, Stage.CLOSED),
            (self.held, Stage.HELD),
            (self.merged_into is not None, Stage.MERGED),
            (self.proposal is not None, Stage.PROPOSED),
            (self.asked is None, Stage.QUEUED),
            (self.rest is not None, Stage.SUSPENDED),
            (self.reported is not None, Stage.REPORTED),
            (self.signed, Stage.SIGNED),
        )
        return next((stage for holds, stage in marks if holds), Stage.OFFERED)

    @property
    def answers(self) -> int:
        """How many answers were given; the number of the latest."""
        return self.reopened + (self.answered_at is not None)

    def rested(self, reason: PauseReason) -> timedelta:
        """How long it has rested for that reason already."""
        return sum((rest.until - rest.since for rest in self.rests if rest.reason == reason), timedelta())
