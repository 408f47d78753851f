"""Who is told what, when and by which way: `notices.toml` and `receivers.toml`. Source: domain §7, S1¶3, S1¶6, S2."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from contracts.message import Code, StaffId, UnitId
from contracts.tables import LocalTime, Name, Table

StaffWay = Literal["inbox", "email", "sms", "webhook"]
"""By which a unit or post may be told; the inbox is always open."""
ComplainantNotice = Literal[
    "acknowledgement",
    "supplement",
    "answer",
    "extended",
    "suspended",
    "delayed",
    "reopened",
    "merged",
    "unmerged",
    "appealed",
    "appeal-upheld",
]
StaffNotice = Literal[
    "assignment",
    "ruling",
    "instruction",
    "return-reported",
    "subtask",
    "subtask-ended",
    "redo",
    "reminder",
    "yellow",
    "red",
    "escalation",
    "supervision",
    "answer-appeal",
    "extension-refused",
    "rectification",
    "item",
    "proposal",
    "finding",
    "publication-review",
    "silence",
    "daily",
    "weekly",
    "bulletin",
]
COMPLAINANT_NOTICES: tuple[ComplainantNotice, ...] = get_args(ComplainantNotice)
Minutes = Annotated[int, Field(ge=1, le=14 * 24 * 60)]


Disturbing = Literal["email", "sms", "webhook"]
"""Ways that may wake somebody."""


def _by_sms() -> list[Disturbing]:
    return ["sms"]


class QuietHours(Table):
    """When nobody is disturbed: what falls into them is told when they end."""

    begins: LocalTime = "21:30"
    ends: LocalTime = "07:30"
    ways: list[Disturbing] = Field(default_factory=_by_sms)
    """The ways that would disturb somebody."""
    not_for: list[Code] = Field(default_factory=list)
    """Notices that are told at any hour all the same."""


class ToComplainant(Table):
    """What a complainant is told, besides what their channel is."""

    tells: list[ComplainantNotice] = Field(default_factory=lambda: list(COMPLAINANT_NOTICES))
    acknowledgement_waits_seconds: Annotated[int, Field(ge=0, le=600)] = 10
    """How long an acknowledgement waits for the date by which an answer may be expected."""


class ToStaff(Table):
    """What units are told besides their work on the bus: by their own ways in `receivers.toml`."""

    tells: list[StaffNotice] = Field(default_factory=list)


class SilenceLimits(Table):
    """How long a case may lack something before that is an alarm (件件有回音、事事有着落)."""

    acknowledgement_minutes: Minutes = 60
    owner_minutes: Minutes = 60
    """Without a unit or a visible place in a queue."""
    deadline_minutes: Minutes = 60
    answer_minutes: Minutes = 60
    """After the end of the limit, or after a promised date."""
    reply_minutes: Minutes = 24 * 60
    """Answered, and the complainant not told."""
    tell: list[UnitId] = Field(default_factory=list)
    """Who hears of it besides the unit that has to see to it."""


EveryDays = Annotated[int, Field(ge=1, le=31)]


class Interval(Table):
    """A changed length of a series' issues from a given day (S1¶6: 由每10天提速为每7天)."""

    since: date
    """First day of the first issue of this length; the issue before ends with the day before."""
    every_days: EveryDays


class Series(Table):
    """A report that comes out again and again: 日报, 周报, 简报 (S1¶6 every 7 days; S2 企政通 daily and weekly)."""

    id: Literal["daily", "weekly", "bulletin"]
    zh: Name
    en: Name
    every_days: EveryDays
    """Of so many days it tells; 7 begins on Monday."""
    interval: list[Interval] = Field(default_factory=list)
    """Later lengths, in order of their first days."""
    channels: list[Code] = Field(default_factory=list)
    """Counts only cases of these channels (S2 企政通); empty: all channels."""
    at: LocalTime = "08:00"
    """Local time of the day after the last of them."""
    number: Name = "〔{year}〕第{n}期"
    """Of an issue: the year of its last day, and which it is in that year."""
    to: list[UnitId | StaffId] = Field(min_length=1)
    languages: Annotated[tuple[Literal["zh", "en"], ...], Field(min_length=1, strict=False)] = ("zh",)


class Board(Table):
    """The public screen (大屏, S0): what everybody may see of a case; never its words, never who said it."""

    cases: bool = True
    listed: Annotated[int, Field(ge=1, le=500)] = 100
    least_cases: Annotated[int, Field(ge=1, le=100)] = 5
    """An area is named where so many cases come from it within `least_days`; else the area around it."""
    least_days: Annotated[int, Field(ge=1, le=366)] = 30


class Publication(Table):
    """Who lets anything be published that names a unit (公开道歉、曝光; S2, S4): never the unit that proposes it."""

    by: list[UnitId] = Field(default_factory=list)
    """Units that may propose; none named: nobody."""
    reviewed_by: UnitId | None = None
    reviewed_otherwise_by: list[UnitId] = Field(default_factory=list)
    """Who reviews what that unit proposes itself, or what names it: the first that neither proposes nor is named."""


class NoticesTable(Table):
    """`notices.toml`: who is told what, and when."""

    quiet: QuietHours = QuietHours()
    complainant: ToComplainant = ToComplainant()
    staff: ToStaff = ToStaff()
    silence: SilenceLimits = SilenceLimits()
    series: list[Series] = Field(default_factory=list)
    board: Board = Board()
    publication: Publication = Publication()


class Receiver(Table):
    """How a unit or a post of it is told; an official address, never somebody's own."""

    unit: UnitId | None = None
    post: StaffId | None = None
    ways: list[StaffWay] = Field(min_length=1)
    """The preferred one first; the inbox follows where it is not named."""
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: Annotated[str, Field(max_length=40, pattern=r"^\+?[0-9][0-9 -]{3,38}$")] | None = None
    webhook: Code | None = None
    """Id of an endpoint in the providers' file of the deployment."""
    language: Literal["zh", "en"] = "zh"


class ReceiversTable(Table):
    """`receivers.toml`: how units and posts are told."""

    receiver: list[Receiver] = Field(default_factory=list)
