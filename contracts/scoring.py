"""Facts published by scoring on `scoring.events`, keyed by case id."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import AppealType, CallbackOutcome, Ending, HandlingResult, PauseReason, Rung, Satisfaction
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.limits import TimeLimit
from contracts.message import ChannelId, Code, Event, PolicyVersion, UnitId
from contracts.refusals import Reason


class ClockResult(BaseModel):
    """What became of one clock."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    clock: str
    """Its name: the stage, and which of its kind where there was more than one, such as ``sign-2``."""
    stage: Code
    unit: UnitId
    """Who had to keep it."""
    limit: TimeLimit
    started_at: AwareDatetime
    due_at: AwareDatetime
    stopped_at: AwareDatetime
    on_time: bool
    counts: bool = True
    """False for what ended without anybody's doing: it is neither kept nor late."""


class Measures(BaseModel):
    """The fact of one answer (考核): everything that scores are computed from, as it was when the case was closed."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    answer: Annotated[int, Field(ge=1)]
    """Which answer of the case: 2 once it was opened again."""
    unit: UnitId
    """Who answered; the centre where no department did."""
    centre: UnitId
    channel: ChannelId
    appeal: AppealType
    category: Code
    area: Code
    received_at: AwareDatetime
    ended_at: AwareDatetime
    result: HandlingResult | None = None
    """What the unit says became of it; None where the case ended without an answer of a unit."""
    ending: Ending | None = None
    on_time: bool
    """Whether the limit of the whole case was kept."""
    clocks: tuple[ClockResult, ...] = ()
    """All clocks that had ended by then, the close clock first."""
    returned_by: tuple[UnitId, ...] = ()
    """Units that returned it, in order (退单)."""
    transfers: Annotated[int, Field(ge=0)] = 0
    redos: Annotated[int, Field(ge=0)] = 0
    supplements: Annotated[int, Field(ge=0)] = 0
    """Rounds in which the complainant was asked for something; a second one counts against the centre (S3)."""
    extensions: Annotated[int, Field(ge=0)] = 0
    repeats: Annotated[int, Field(ge=0)] = 0
    """How often the same complainant had brought the matter, this time included; 0 where it is the first time."""


class CaseMeasured(Event):
    """A case was answered, and this is how: one immutable fact for each answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.measured.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    measures: Measures
    policy: PolicyVersion


class ClockStarted(Event):
    """The case has a deadline, which can be explained day by day."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.started.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    """Which limit runs, such as ``close``."""
    started_on: date
    """Day 0, which is not counted."""
    budget_working_days: Annotated[int, Field(ge=0)]
    due_at: AwareDatetime
    """The instant the limit ends: the end of its last working day."""
    provisional: bool
    """A year whose calendar is not published yet was reckoned by weekends alone."""
    calendar: str
    """Version of the working calendar."""
    basis: str = ""
    """Which limit of the policy it is: ``appeal/complaint``, ``category/heating`` or ``stage/sign``."""
    limit: TimeLimit | None = None
    """The budget with its unit; `budget_working_days` is 0 where it is not counted in working days."""
    unit: UnitId | None = None
    """Who has to keep it."""
    policy: PolicyVersion


class ClockRungReached(Event):
    """A reminder, a yellow card or a red card; each once per clock."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.rung-reached.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    rung: Rung
    due_at: AwareDatetime
    unit: UnitId | None = None
    """Who has to keep the limit."""


class ClockEscalated(Event):
    """The limit has been over for so long that the next level up is told (逐级上报); each level once per clock."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.escalated.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    level: Annotated[int, Field(ge=1)]
    unit: UnitId
    """Who has not kept the limit."""
    to: UnitId
    """Who has to see to it now: so many levels above it; never the unit complained about."""
    due_at: AwareDatetime


class ClockReckoned(Event):
    """The end of a limit was reckoned anew, and this is why: a calendar was published or corrected."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.reckoned.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    previous_due_at: AwareDatetime
    due_at: AwareDatetime
    provisional: bool
    previous_calendar: str
    calendar: str
    reason: Code
    """Such as ``calendar``."""
    policy: PolicyVersion


class ClockPaused(Event):
    """The clock stands still: no rung falls until it runs again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.paused.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    reason: PauseReason
    paused_at: AwareDatetime
    """Working days after this one are not counted."""


class ClockResumed(Event):
    """The clock runs again, with a later end."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.resumed.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    resumed_at: AwareDatetime
    """Counting goes on with the next working day."""
    paused_working_days: Annotated[int, Field(ge=0)]
    """What this pause has added."""
    due_at: AwareDatetime
    provisional: bool


class ClockExtended(Event):
    """The limit was lengthened: asked for before its end, granted by another role."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.extended.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    working_days: Annotated[int, Field(ge=1)]
    """What was added."""
    budget_working_days: Annotated[int, Field(ge=1)]
    """The whole budget now."""
    due_at: AwareDatetime
    provisional: bool
    reason: str = ""
    """Why it was asked for."""
    due_on: date | None = None
    """The last day, in the place's own days."""


class ExtensionRefused(Event):
    """Time that was granted counts for nothing, and this is why; whoever asked and whoever granted it have to know.

    The limit stays as it was, and the complainant is told of no more time.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.extension.refused.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    """That of the whole case."""
    unit: UnitId
    """Who asked for it."""
    approver: UnitId
    """Who granted it."""
    working_days: Annotated[int, Field(ge=1)]
    """What was granted."""
    requested_at: AwareDatetime
    due_at: AwareDatetime
    """When the limit ended."""
    reasons: tuple[Reason, ...]


class ClockStopped(Event):
    """The limit was kept, or it was not."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.stopped.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    stopped_at: AwareDatetime
    on_time: bool
    working_days_used: Annotated[int, Field(ge=0)]
    unit: UnitId | None = None
    """Who had to keep it."""
    counts: bool = True
    """False for what ended without anybody's doing: it is neither kept nor late."""


class CallbackEnded(Event):
    """The person served was asked how it went (回访), and this is what came of it: one fact for each answer."""

    TYPE: ClassVar[str] = "cn.xiaoneng.callback.ended.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    answer: Annotated[int, Field(ge=1)]
    """Which answer of the case it was about."""
    centre: UnitId
    """Who had to ask."""
    result: Code
    """``rated``; ``declined`` or ``unreachable`` by an attempt; ``reopened``: the case was reopened before it ended;
    ``unanswered``: its time was over.
    """
    started_at: AwareDatetime
    due_at: AwareDatetime
    ended_at: AwareDatetime
    on_time: bool | None = None
    """Of one that was rated: whether that was within its limit; the others are neither kept nor late."""
    attempts: Annotated[int, Field(ge=0)] = 0
    """Recorded attempts to call the person served."""
    reached: bool = False
    """Whether the person was reached by one of them."""


class CallbackRecorded(Event):
    """One attempt to ask the person served how it went (回访)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.callback.recorded.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    channel: ChannelId
    record_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the record."""
    answer: Annotated[int, Field(ge=1)]
    """Which answer of the case it was about."""
    attempt: Annotated[int, Field(ge=1)]
    """Which attempt for this answer."""
    outcome: CallbackOutcome
    note: str = ""
    """With numbers and addresses of people masked."""


class CaseRated(Event):
    """The person served has said how it went; not answered is not satisfied, and is counted apart (S2)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.rated.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    channel: ChannelId
    rating_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the rating that is counted."""
    answer: Annotated[int, Field(ge=1)] = 1
    """Which answer of the case is rated."""
    satisfaction: Satisfaction
    solved: bool


class RatingRefused(Event):
    """The rating was not counted, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rating.refused.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    channel: ChannelId
    rating_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the rating that is answered."""
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""
