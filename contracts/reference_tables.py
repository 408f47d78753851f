"""The tables of a place, strictly: what each file must hold, and nothing else.

Partners and apps that read the tables may use these models, too. A table without a model is allowed and reported.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.accountability_tables import AccountabilityTable
from contracts.channel_tables import ChannelsTable
from contracts.document_tables import DocumentsTable
from contracts.limits import LimitText
from contracts.message import ChannelId, Code, StaffId, UnitId
from contracts.notice_tables import NoticesTable, ReceiversTable
from contracts.procedure_tables import ProceduresTable
from contracts.reply_tables import RepliesTable
from contracts.score_tables import ScoresTable
from contracts.tables import LocalTime, Name, Table
from contracts.template_tables import TemplatesTable

CALENDARS = ("china", "weekends")
"""Calendars of working days that are known."""

DEFAULT_COUNTRY = "CN"
"""Default country of a place."""

Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
Days = Annotated[int, Field(ge=1, le=366)]
StageName = Literal[
    "close", "approve", "dispatch", "sign", "reply", "verify", "part", "instruction", "item", "callback", "review"
]
Ratio = Annotated[float, Field(gt=0, lt=1)]


class Open311(Table):
    """Answers to city apps over Open311."""

    jurisdiction_id: str = ""
    contact: str = ""
    key_service: str = ""
    area: Code | None = None
    """Holds where a request names none."""
    appeal: Literal["consult", "request", "complaint", "report", "suggestion", "praise"] = "request"


class PlaceTable(Table):
    """`place.toml`: the place itself."""

    zh: Name
    en: Name
    timezone: Name
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = DEFAULT_COUNTRY
    """ISO 3166 code: telephone numbers without a country code belong to its numbering plan."""
    calendar: Literal["china", "weekends"] = "china"
    published_by_second_post: bool = False
    """Changes of the tables are published by another post than the one that edited them (一审一核)."""
    open311: Open311 | None = None


class Jurisdiction(Table):
    """A centre whose dispatcher answers for areas, and the first letters of its case numbers."""

    unit: UnitId
    prefix: Prefix


class Area(Table):
    """An area, and the centre that answers for it."""

    code: Code
    zh: Name
    en: Name
    jurisdiction: UnitId
    parent: Code | None = None


class AreasTable(Table):
    """`areas.toml`: areas and centres."""

    jurisdiction: list[Jurisdiction] = Field(min_length=1)
    area: list[Area] = Field(min_length=1)


class Value(Table):
    """One of the answers that may be chosen."""

    key: Code
    zh: Name
    en: Name


class Question(Table):
    """What a category asks. Source: Open311 GeoReport v2, service definition attributes."""

    code: Code
    zh: Name
    en: Name
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool = False
    values: list[Value] = Field(default_factory=list)


class Category(Table):
    """A kind of matter."""

    code: Code
    zh: Name
    en: Name
    question: list[Question] = Field(default_factory=list)


class CategoriesTable(Table):
    """`categories.toml`: what may be complained about."""

    category: list[Category] = Field(min_length=1)


class Unit(Table):
    """A unit of the organisation tree."""

    id: UnitId
    zh: Name
    en: Name
    level: Literal["city", "district", "town", "village"]
    class_: Code | None = Field(default=None, alias="class")
    """Peer group in which the unit is compared (S1¶4 一/二/三类; S2 党群, 涉企涉民, 驻市): the place's own codes."""
    parent: UnitId | None = None
    areas: list[Code] = Field(min_length=1)
    dispatches: bool = False
    since: date | None = None
    """Its first day; absent: it has always been there."""


class UnitsTable(Table):
    """`units.toml`: the organisation tree."""

    unit: list[Unit] = Field(min_length=1)


class Rule(Table):
    """A rule of dispatch."""

    id: Code
    to: UnitId
    categories: list[Code] = Field(default_factory=list)
    areas: list[Code] = Field(default_factory=list)
    appeals: list[Code] = Field(default_factory=list)


class Verification(Table):
    """Which cases are verified by somebody else before they are closed (销号)."""

    appeals: list[Code] = Field(default_factory=list)
    categories: list[Code] = Field(default_factory=list)
    redos_before_escalation: Annotated[int, Field(ge=1)] = 3


class Approval(Table):
    """Which cases somebody approves before they are dispatched (呈批)."""

    appeals: list[Code] = Field(default_factory=list)
    categories: list[Code] = Field(default_factory=list)
    instructed: bool = False
    """Also every case that a leader has asked for (领导批示)."""


class Escalation(Table):
    """When a case is supervised one level up (提级督办)."""

    transfers: Annotated[int, Field(ge=1)] = 3
    """So often sent on without an owner."""
    repeats: Annotated[int, Field(ge=1)] = 3
    """So often brought again by the same complainant."""


class ConsultationRule(Table):
    """When a ruling needs a consultation (会商)."""

    required: bool = False
    """A ruling names the units consulted and gives the minutes."""


class DispatchTable(Table):
    """`dispatch.toml`: rules in order, the first that fits decides."""

    verification: Verification = Verification()
    approval: Approval = Approval()
    escalation: Escalation = Escalation()
    consultation: ConsultationRule = ConsultationRule()
    rule: list[Rule] = Field(min_length=1)


class Rungs(Table):
    """Shares of the budget at which a clock's cards fall."""

    reminder_ratio: Ratio
    yellow_ratio: Ratio


class CloseLimit(Table):
    """How long a case may take."""

    appeals: dict[str, LimitText]
    """By appeal type."""
    categories: dict[Code, LimitText] = Field(default_factory=dict)
    """By category, instead of that of the appeal type: the handling limits of the catalogue (派单目录)."""
    rungs: Rungs


class StageLimits(Table):
    """The clocks beside the one of the whole case; a stage without a limit has none."""

    approve: LimitText | None = None
    """当日报批: ``0 working days`` ends with the same working day (S1¶4)."""
    dispatch: LimitText | None = None
    dispatch_urgent: LimitText | None = None
    """Instead of `dispatch`, for urgent cases."""
    sign: LimitText | None = None
    reply: LimitText | None = None
    verify: LimitText | None = None
    part: LimitText | None = None
    """Of a co-handler's part (联办)."""
    instruction: LimitText | None = None
    """Where the leader names none."""
    callback: LimitText | None = None
    review: LimitText | None = None
    """Of the complainant's appeal against an answer (复核)."""


class Alarms(Table):
    """When staff are alarmed. Nobody is outside working hours, but for the stages that are named."""

    work_begins: LocalTime = "09:00"
    work_ends: LocalTime = "17:30"
    at_any_hour: list[StageName] = Field(default_factory=list)
    escalate: list[StageName] = Field(default_factory=list)
    """Clocks whose overrun goes up level by level."""
    escalate_after: list[LimitText] = Field(default_factory=list)
    """How long after its end a limit goes to the first level up, the second, and so on; each longer than the last."""


class ReturnLimit(Table):
    """When a unit may return a case."""

    window_hours: Annotated[int, Field(ge=1)]
    returns_before_ruling: Annotated[int, Field(ge=1)]


class SuspensionLimit(Table):
    """A reason for which a case may rest (挂账), and for how long at most."""

    reason: Literal["third-party", "shelved"]
    days: Days
    """Calendar days."""


class ExtensionLimit(Table):
    """How much more time a unit may be granted."""

    working_days: Days = 15
    times: Annotated[int, Field(ge=1)] = 1
    most: dict[Code, LimitText] = Field(default_factory=dict)
    """By category, replacing both: the longest time of a case with all extensions (效能调查: 60 working days)."""


class ReopenLimit(Table):
    """How long after its end a case may be opened again."""

    days: Days = 30
    """Calendar days."""
    by_complainant: Annotated[int, Field(ge=0)] = 1
    """How many times a complainant may have a case reopened; 0: only the centre may."""


class QuestionLimit(Table):
    """How long a complainant may take to answer a unit that asks after the case was dispatched (补办)."""

    days: Days = 7
    """Calendar days after the day of asking."""


class AppealLimit(Table):
    """Whether and how long a complainant may appeal an answer (复核)."""

    days: Days = 30
    """Calendar days from the answer."""


class CallbackLimit(Table):
    """When a call-back (回访) is over that nobody has answered."""

    ends_after: LimitText = "30 calendar days"
    """After the answer of the case. It is counted apart then: neither as kept nor as late."""


class LimitsTable(Table):
    """`limits.toml`: the limits of time."""

    close: CloseLimit
    stages: StageLimits = StageLimits()
    alarms: Alarms = Alarms()
    last_day_off: Literal["next-working-day", "as-counted"] = "next-working-day"
    """A limit in calendar days whose last day is a day off ends with the next working day (民法典 §203), or on it."""
    return_: ReturnLimit = Field(alias="return")
    suspension: list[SuspensionLimit] = Field(default_factory=list)
    extension: ExtensionLimit = ExtensionLimit()
    reopen: ReopenLimit = ReopenLimit()
    question: QuestionLimit = QuestionLimit()
    appeal: AppealLimit | None = None
    """Absent: answers cannot be appealed."""
    callback: CallbackLimit = CallbackLimit()


class System(Table):
    """Another system whose items are watched; it speaks on `items.{id}`."""

    id: UnitId
    zh: Name
    en: Name


Obligation = Literal["on-the-spot", "within-limit", "coordinated", "forwarded", "with-reason", "told-once"]
"""The obligation that an item type puts on its unit (S3: 现场办结, 限时办结, 协调办理, 上报, 说明理由, 一次性告知)."""


class ItemType(Table):
    """A type of item of a service window (S3: 即办件, 承诺件, 联办件, 上报件, 退办件, 补办件)."""

    id: Code
    zh: Name
    en: Name
    obligation: Obligation
    limit: LimitText | None = None
    """The longest limit that such an item may have; absent: no upper bound."""


class SystemsTable(Table):
    """`systems.toml`: the systems whose items are monitored (电子监察), and their item types."""

    system: list[System] = Field(default_factory=list)
    type: list[ItemType] = Field(default_factory=list)


class YearNotice(Table):
    """The yearly notice of holidays (节假日安排通知): the days it changes.

    They are of its year, of the December before or of the January after. Days it does not name stay as they were.
    """

    year: Annotated[int, Field(ge=2004, le=2100)]
    source: Name
    """Its number and date, to be quoted when a limit is explained."""
    days_off: list[date] = Field(default_factory=list)
    """Days that are not worked: holidays, and working Saturdays and Sundays (调休) that are cancelled."""
    days_worked: list[date] = Field(default_factory=list)
    """Days that are worked: Saturdays and Sundays (调休), and holidays that are cancelled."""


class CalendarTable(Table):
    """`calendar.toml`: notices that the calendar package lacks, and corrections of its days."""

    year: list[YearNotice] = Field(default_factory=list)


class Absence(Table):
    """From the first to the last day, both included."""

    since: date
    until: date


class Post(Table):
    """A post of a unit: never a name."""

    id: StaffId
    unit: UnitId
    duty: Literal["leader", "staff"]
    instructs: bool = False
    """May give instructions on cases (批示); for leaders only."""
    administers: bool = False
    """May edit and publish the tables of the place, as every post of the root unit may."""
    stand_in: StaffId | None = None
    """B: acts when this one is away or recused (AB岗, S3)."""
    away: list[Absence] = Field(default_factory=list)
    channels: list[ChannelId] = Field(default_factory=list)
    """Channels that it may speak for over HTTP: those of a hotline agent."""


class PostsTable(Table):
    """`posts.toml`: one responsible leader and two staff for each unit that names them (S1¶6)."""

    post: list[Post] = Field(default_factory=list)


class Supplement(Table):
    """How long the complainant may take to give what is missing."""

    days: Days = 7
    """Calendar days after the day of asking."""


class RepeatLimit(Table):
    """For how long the same matter of the same complainant is a repeat (重复投诉)."""

    days: Days = 365
    """Calendar days."""


class ScopeRule(Table):
    """A rule of the scope test; what is absent fits everything."""

    id: Code
    verdict: Literal["in", "out", "diverted", "review"]
    authority: Literal["police", "court", "discipline-inspection", "petition"] | None = None
    zh: Name
    en: Name
    categories: list[Code] = Field(default_factory=list)
    appeals: list[Code] = Field(default_factory=list)
    channels: list[Code] = Field(default_factory=list)
    areas: list[Code] = Field(default_factory=list)
    words: list[Name] = Field(default_factory=list)


class IntakeTable(Table):
    """`intake.toml`: what is in scope, and how long the complainant may take to answer."""

    supplement: Supplement = Supplement()
    repeat: RepeatLimit = RepeatLimit()
    scope: list[ScopeRule] = Field(default_factory=list)


MODELS: dict[str, type[Table]] = {
    "accountability": AccountabilityTable,
    "areas": AreasTable,
    "calendar": CalendarTable,
    "categories": CategoriesTable,
    "channels": ChannelsTable,
    "dispatch": DispatchTable,
    "documents": DocumentsTable,
    "intake": IntakeTable,
    "limits": LimitsTable,
    "notices": NoticesTable,
    "place": PlaceTable,
    "posts": PostsTable,
    "procedures": ProceduresTable,
    "receivers": ReceiversTable,
    "replies": RepliesTable,
    "scores": ScoresTable,
    "systems": SystemsTable,
    "templates": TemplatesTable,
    "units": UnitsTable,
}
"""The model of each table by its name. A new table: one line here."""
REQUIRED = frozenset({"areas", "categories", "dispatch", "limits", "place", "units"})
"""Tables without which no service can work."""
