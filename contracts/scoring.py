"""Facts published by scoring on `scoring.events`, keyed by case id."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from contracts.codes import Channel, PauseReason, Rung, Satisfaction
from contracts.message import Event, PolicyVersion
from contracts.refusals import Reason


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
    """Which limit of the policy it is: ``appeal/complaint`` or ``category/heating``."""
    policy: PolicyVersion


class ClockRungReached(Event):
    """A reminder, a yellow card or a red card; each once per clock."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.rung-reached.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    rung: Rung
    due_at: AwareDatetime


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


class ClockStopped(Event):
    """The limit was kept, or it was not."""

    TYPE: ClassVar[str] = "cn.xiaoneng.clock.stopped.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    clock: str
    stopped_at: AwareDatetime
    on_time: bool
    working_days_used: Annotated[int, Field(ge=0)]


class CaseRated(Event):
    """The person served has said how it went; not answered is not satisfied, and is counted apart (S2)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.rated.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    channel: Channel
    rating_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the rating that is counted."""
    satisfaction: Satisfaction
    solved: bool


class RatingRefused(Event):
    """The rating was not counted, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rating.refused.v1"
    TOPIC: ClassVar[str] = "scoring.events"

    channel: Channel
    rating_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the rating that is answered."""
    reasons: tuple[Reason, ...]
