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
    str, Field(min_length=1, max_length=200, description="the system's own reference of the item"), IDENTIFIER
]


def item_key(system: str, external_id: str) -> str:
    """The key of an item on the bus; the same for whoever computes it."""
    return str(uuid5(ITEMS, f"{system}\n{external_id}"))


Material = Annotated[str, Field(min_length=1, max_length=200), REQUIRED]
"""Something that an applicant has to bring, in words."""


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
    """A type of the place's `systems.toml`, whose obligation then holds (S3); absent: the limit alone."""
    co_handlers: Annotated[tuple[UnitId, ...], Field(max_length=20)] = ()
    """Other units that work on it under the one limit of the lead (联办件)."""
    forwarded_to: UnitId | None = None
    """The superior unit to which it was forwarded (上报件)."""


class PauseItem(ItemCommand):
    """The work cannot go on, for one of the listed reasons; it is watched again when the longest time is over."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.pause.v1"
    TOPIC: ClassVar[str] = "items.{system}"

    reason: PauseReason
    type: Code | None = None
    """A type that the item becomes in addition, such as one whose missing materials are named (补办件)."""
    missing: Annotated[tuple[Material, ...], Field(max_length=50)] = ()
    """Everything that the applicant has to bring. No person's name."""


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
    """A type that the item becomes in addition, such as one that is handed back with the reason (退办件)."""
    reason: Annotated[str, Field(max_length=2_000), CLEAN] = ""
    """Why it was handed back. No person's name."""


class RecordStep(ItemCommand):
    """A step of the item's procedure was done, or done again, and an error was found in it or not (ISO9000, S2)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.item.record-step.v1"
    TOPIC: ClassVar[str] = "items.{system}"

    step: Code
    """A step of the procedure of `procedures.toml` that has the item's matter."""
    post: StaffId | None = None
    """Who did it; absent: the post that the procedure names. Never a name."""
    error: Code | None = None
    """An error of the place's list that was found in it."""


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
    """All types that the item has had, the first one first."""
    missing: tuple[str, ...] = ()
    """What the applicant has to bring, where the item was paused for it."""


class StepRecorded(ItemFact):
    """The step counts as done; an error in it counts against the unit."""

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
    """All types that the item has had, the first one first."""
    reason: str = ""
    """Why it was handed back."""


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
    """The record that is answered, where it did not fit its contract."""
