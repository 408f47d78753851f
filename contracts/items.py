"""Items that other systems want watched (电子监察): what they say on `items.{system}`, what scoring says back on
`watch.{system}`. Any piece of work with a limit will do: an approval, a procedure, a promise. Source: S2, S1¶3.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from contracts.codes import PauseReason, Rung
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.limits import TimeLimit
from contracts.message import Code, Fact, Message, PolicyVersion, StaffId, UnitId
from contracts.refusals import Reason
from contracts.text import CLEAN, IDENTIFIER, REQUIRED

ITEMS = uuid5(NAMESPACE_URL, "urn:xiaoneng:items")
"""Namespace of item keys. Never changes."""

ExternalId = Annotated[
    str, Field(min_length=1, max_length=200, description="the system's own reference for the item"), IDENTIFIER
]


def item_key(system: str, external_id: str) -> str:
    """The key of an item on the bus; the same for whoever computes it."""
    return str(uuid5(ITEMS, f"{system}\n{external_id}"))


Material = Annotated[str, Field(min_length=1, max_length=200), REQUIRED]
"""Description of a document that the applicant must provide."""


class ItemCommand(Message):
    """What a system says about one of its items."""

    system: UnitId
    external_id: ExternalId
    issued_at: AwareDatetime = Field(
        description="when the system says it happened: not in the future, and not before what the item is known to have"
        " come to, which is its start, its last card and its last pause"
    )

    @property
    def time(self) -> datetime:
        return self.issued_at

    @property
    def key(self) -> str:
        return item_key(self.system, self.external_id)


class WatchItem(ItemCommand):
    """Watch this: the unit has so long for it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.watch.v1"
    TOPIC: ClassVar[str] = "items.{system}"

    unit: UnitId
    """Who has to keep the limit."""
    matter: Code
    """What kind of work it is, in the system's own codes, such as ``business-licence``."""
    started_at: AwareDatetime
    limit: TimeLimit
    type: Code | None = None
    """An item type of the place's `systems.toml`, whose obligation applies (S3); absent: only the limit applies."""
    co_handlers: Annotated[tuple[UnitId, ...], Field(max_length=20)] = ()
    """Other units that work on the item under the lead unit's limit (联办件)."""
    forwarded_to: UnitId | None = None
    """The superior unit to which it was forwarded (上报件)."""


class PauseItem(ItemCommand):
    """The work cannot go on, for one of the listed reasons; it is watched again when the longest time is over."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.pause.v1"
    TOPIC: ClassVar[str] = "items.{system}"

    reason: PauseReason
    type: Code | None = None
    """A type that is added to the item, such as supplement item (补办件)."""
    missing: Annotated[tuple[Material, ...], Field(max_length=50)] = ()
    """All documents that the applicant must provide; no names of persons."""


class ResumeItem(ItemCommand):
    """The work goes on."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.resume.v1"
    TOPIC: ClassVar[str] = "items.{system}"


class FinishItem(ItemCommand):
    """The work is done, or it is not wanted any more."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.finish.v1"
    TOPIC: ClassVar[str] = "items.{system}"

    cancelled: bool = False
    """It came to nothing: it counts neither as finished nor as late."""
    type: Code | None = None
    """A type that is added to the item, such as returned item (退办件)."""
    reason: Annotated[str, Field(max_length=2_000), CLEAN] = ""
    """Why the item was returned; no names of persons."""


class RecordStep(ItemCommand):
    """Report a completed or repeated step of the item's procedure, with an error if one was found (ISO9000, S2)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.record-step.v1"
    TOPIC: ClassVar[str] = "items.{system}"

    step: Code
    """A step of the procedure in `procedures.toml` whose id is the item's matter."""
    post: StaffId | None = None
    """The post that did the step; absent: the post in the procedure. Never a person's name."""
    error: Code | None = None
    """The error that was found, from the place's list."""


class ItemFact(Fact):
    """What became of an item."""

    system: UnitId
    external_id: Annotated[str, Field(max_length=200)]
    """Empty where it could not be read."""
    occurred_at: AwareDatetime = Field(description="when the fact came to be")

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return item_key(self.system, self.external_id)


class ItemWatched(ItemFact):
    """The item has its end, which can be explained day by day."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.watched.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    unit: UnitId
    matter: Code
    limit: TimeLimit
    started_at: AwareDatetime
    due_at: AwareDatetime
    provisional: bool
    calendar: str
    policy: PolicyVersion
    type: Code | None = None
    co_handlers: tuple[UnitId, ...] = ()
    forwarded_to: UnitId | None = None


class ItemRungReached(ItemFact):
    """A reminder, a yellow card or a red card (时限预警); each once per item."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.rung-reached.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    unit: UnitId
    rung: Rung
    due_at: AwareDatetime


class ItemEscalated(ItemFact):
    """The limit has been over for so long that the next level up is told; each level once per item."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.escalated.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    unit: UnitId
    level: Annotated[int, Field(ge=1)]
    to: UnitId
    due_at: AwareDatetime


class ItemMoved(ItemFact):
    """The item has another end, or stands still, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.moved.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    why: Code
    """``paused``, ``resumed``, ``lapsed`` where the longest time of a pause was over, or ``calendar``."""
    due_at: AwareDatetime
    """While it stands still: what it was."""
    provisional: bool
    calendar: str
    types: tuple[Code, ...] = ()
    """All types of the item, in the order in which they were added."""
    missing: tuple[str, ...] = ()
    """Documents that the applicant must provide, if the item was paused for them."""


class StepRecorded(ItemFact):
    """The step is recorded as done; its error, if any, counts against the unit."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.step-recorded.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    unit: UnitId
    matter: Code
    step: Code
    done_at: AwareDatetime
    post: StaffId | None = None
    error: Code | None = None
    policy: PolicyVersion


class ItemFinished(ItemFact):
    """The limit was kept, or it was not. Of a cancelled item nothing is counted."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.finished.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    unit: UnitId
    matter: Code
    finished_at: AwareDatetime
    due_at: AwareDatetime
    on_time: bool
    cancelled: bool
    types: tuple[Code, ...] = ()
    """All types of the item, in the order in which they were added."""
    reason: str = ""
    """Why the item was returned."""


class ItemRefused(ItemFact):
    """What the system said is against a rule, and this is the rule."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.refused.v1"
    TOPIC: ClassVar[str] = "watch.{system}"

    command_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of what is answered."""
    command: str
    """Its CloudEvents type."""
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""
