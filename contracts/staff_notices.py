"""What the house tells its own people: owed on `notices.owed`, told on `notices.events`; keyed by the notice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.instants import AwareDatetime
from contracts.message import CaseId, Code, Fact, NoticeId, StaffId, UnitId

PrintId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}\.[a-z0-9.-]{1,40}$", description="of a file that notify keeps")]


class NoticeFact(BaseModel):
    """One thing that a notice tells."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    name: Code
    """Of the template's variable, with hyphens."""
    value: Annotated[str, Field(max_length=12_000)]
    """As text; an instant in ISO 8601."""


class StaffNoticeOwed(Fact):
    """Somebody of the house must be told; notify tells itself. Keyed by the notice."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.staff-owed.v1"
    TOPIC: ClassVar[str] = "notices.owed"

    notice_id: NoticeId
    """A UUID, the same whenever it is owed again."""
    owed_at: AwareDatetime
    to: UnitId
    post: StaffId | None = None
    """The post of the unit that is meant; None: the unit."""
    what: Code
    """Such as ``assignment``, ``red`` or ``escalation``: the template."""
    about: CaseId | None = None
    facts: Annotated[tuple[NoticeFact, ...], Field(max_length=40)] = ()
    """What the template tells; identity masked."""
    prints: Annotated[tuple[PrintId, ...], Field(max_length=4)] = ()
    """Files that go with it where its way carries files."""
    centre: UnitId | None = None
    """That of the case it is about: it sees to what nobody can be told."""

    @property
    def time(self) -> datetime:
        return self.owed_at

    @property
    def key(self) -> str:
        return self.notice_id


class StaffNoticeOutcome(Fact):
    """What became of a way in which somebody of the house was to be told."""

    notice_id: NoticeId
    occurred_at: AwareDatetime
    to: UnitId

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return self.notice_id


class StaffNoticeSent(StaffNoticeOutcome):
    """A unit or post was told, by a way of its own. Once per notice."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.staff-sent.v1"
    TOPIC: ClassVar[str] = "notices.events"

    post: StaffId | None = None
    what: Code
    about: CaseId | None = None
    by: Code
    """The way: ``inbox``, ``email``, ``sms``, ``webhook``."""
    attempts: Annotated[int, Field(ge=1)]


class StaffNoticeFailed(StaffNoticeOutcome):
    """A way of a unit or post did not work for good; the next is tried, at last the inbox."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.staff-failed.v1"
    TOPIC: ClassVar[str] = "notices.events"

    what: Code
    by: Code
    attempts: Annotated[int, Field(ge=0)]
    why: Annotated[str, Field(max_length=200)]
    next: Code
