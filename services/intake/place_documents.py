"""The place in force as apps need it: units, posts, areas, categories, channels, appeals and calendar, with all names.

It has nothing that is secret or personal: no receivers, no addresses of providers, no rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from contracts.channel_tables import PlaceChannel, channel_names, channels_of, last_days_of
from contracts.code_names import APPEAL_NAMES
from contracts.codes import AppealType
from contracts.limits import TimeLimit
from contracts.reference_tables import Alarms, Area, CalendarTable, Category, PlaceTable, Post, Unit
from contracts.reply_tables import ReplyTemplate
from services.intake.domain.questions import Datatype

Tables = Mapping[str, Mapping[str, Any]]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class _Named(_Model):
    zh: str
    """Name in Chinese."""
    en: str
    """Name in English."""


class PlaceUnit(_Named):
    """A unit of the organisation tree."""

    id: str
    level: Literal["city", "district", "town", "village"]
    class_: str | None = Field(default=None, alias="class")
    """Peer group in which the unit is compared."""
    parent: str | None = None
    """The unit above it."""
    areas: list[str]
    """Areas that it answers for."""
    dispatches: bool
    """Whether it is a centre with a dispatcher."""


class PlacePost(_Model):
    """A post of a unit. It has no name: people who hold a post are not known here."""

    id: str
    unit: str
    duty: Literal["leader", "staff"]
    stand_in: str | None = None
    """The post that acts when this one is away or recused."""
    instructs: bool
    """Whether it may give instructions on cases (批示)."""
    channels: list[str]
    """Channels that it may speak for, such as those of a hotline agent."""


class PlaceArea(_Named):
    """An area, and the centre that answers for it."""

    code: str
    centre: str
    parent: str | None = None


class PlaceValue(_Named):
    """An answer that may be chosen."""

    key: str


class PlaceQuestion(_Named):
    """A question of a category."""

    code: str
    datatype: Datatype
    required: bool
    values: list[PlaceValue]


class PlaceCategory(_Named):
    """A kind of matter, with what it asks."""

    code: str
    questions: list[PlaceQuestion]
    limit: TimeLimit | None = None
    """Its own limit for the whole case; absent: that of the appeal type."""


class OfferedChannel(_Named):
    """A channel by which complaints reach the place."""

    code: str
    closed: bool
    """Whether it takes no complaints any more."""
    until: date | None = None
    """Its last day; absent: no end."""


class OfferedAppeal(_Named):
    """What a complainant may want (诉求类型)."""

    code: AppealType
    limit: TimeLimit
    """Limit of the whole case."""


class PlaceCalendar(_Model):
    """Working hours, and the days on which the place deviates from its calendar."""

    kind: Literal["china", "weekends"]
    """`china`: with the statutory holidays and make-up workdays of mainland China; `weekends`: Monday to Friday."""
    work_begins: str
    """Local time, such as 09:00."""
    work_ends: str
    days_off: list[date]
    """Days not worked, by the place's own notices."""
    days_worked: list[date]
    """Days worked, by the place's own notices."""


class PlaceReply(_Named):
    """A text from which staff start an answer."""

    code: str
    text: str
    """With `{number}`, `{title}`, `{unit}` and other facts of the case to be filled in."""
    categories: list[str]
    """Categories for which it is offered; none: all."""
    units: list[str]
    """Units to which it is offered; none: all."""


class PlaceDocument(_Named):
    """The place in force. All lists are in the order of its tables."""

    id: str
    version: str
    """Version of the reference data, as events have it."""
    zone: str
    """IANA time zone."""
    country: str
    """ISO 3166 code."""
    units: list[PlaceUnit]
    posts: list[PlacePost]
    areas: list[PlaceArea]
    categories: list[PlaceCategory]
    channels: list[OfferedChannel]
    appeals: list[OfferedAppeal]
    calendar: PlaceCalendar
    replies: list[PlaceReply]


class PlaceView:
    """The document of one version of the place, which changes with the day because channels close."""

    def __init__(self, id: str, version: str, tables: Tables) -> None:
        self._id = id
        self._version = version
        self._tables = tables
        self.zone = ZoneInfo(tables["place"]["timezone"])
        self._latest: tuple[date, bytes] | None = None

    def etag(self, on: date) -> str:
        """The entity tag of the document of a day."""
        return f'"{self._version}-{on:%Y%m%d}"'

    def body(self, on: date) -> bytes:
        """The document of a day as JSON, without absent fields."""
        if self._latest is None or self._latest[0] != on:
            document = place_document(self._id, self._version, self._tables, on)
            self._latest = on, document.model_dump_json(by_alias=True, exclude_none=True).encode()
        return self._latest[1]


def place_document(id: str, version: str, tables: Tables, on: date) -> PlaceDocument:
    """The document of a day, from tables that fit their models."""
    place = PlaceTable.model_validate(tables["place"])
    return PlaceDocument(
        id=id,
        version=version,
        zh=place.zh,
        en=place.en,
        zone=place.timezone,
        country=place.country,
        units=[_unit(Unit.model_validate(each)) for each in tables["units"]["unit"]],
        posts=[_post(Post.model_validate(each)) for each in tables.get("posts", {}).get("post", ())],
        areas=[_area(Area.model_validate(each)) for each in tables["areas"]["area"]],
        categories=_categories(tables),
        channels=_channels(tables, on),
        appeals=_appeals(tables),
        calendar=_calendar(place, tables),
        replies=[_reply(ReplyTemplate.model_validate(each)) for each in tables.get("replies", {}).get("reply", ())],
    )


def _unit(unit: Unit) -> PlaceUnit:
    shared = unit.model_dump(include={"id", "zh", "en", "level", "class_", "parent", "areas", "dispatches"})
    return PlaceUnit.model_validate(shared, by_alias=False, by_name=True)


def _post(post: Post) -> PlacePost:
    return PlacePost.model_validate(post.model_dump(exclude={"away"}))


def _area(area: Area) -> PlaceArea:
    return PlaceArea(code=area.code, zh=area.zh, en=area.en, centre=area.jurisdiction, parent=area.parent)


def _categories(tables: Tables) -> list[PlaceCategory]:
    limits: Mapping[str, str] = tables["limits"]["close"].get("categories", {})
    found = []
    for raw in tables["categories"]["category"]:
        category = Category.model_validate(raw)
        questions = [PlaceQuestion.model_validate(each.model_dump()) for each in category.question]
        limit = TimeLimit.parse(limits[category.code]) if category.code in limits else None
        found.append(
            PlaceCategory(code=category.code, zh=category.zh, en=category.en, questions=questions, limit=limit)
        )
    return found


def _channels(tables: Tables, on: date) -> list[OfferedChannel]:
    names, last_days = channel_names(tables), last_days_of(tables)
    listed = (PlaceChannel(code=code, **names[code], until=last_days.get(code)) for code in channels_of(tables))
    return [
        OfferedChannel(
            code=each.code,
            zh=each.zh,
            en=each.en,
            closed=each.until is not None and each.until < on,
            until=each.until,
        )
        for each in listed
    ]


def _appeals(tables: Tables) -> list[OfferedAppeal]:
    limits: Mapping[str, str] = tables["limits"]["close"]["appeals"]
    return [
        OfferedAppeal(code=each, limit=TimeLimit.parse(limits[each]), **APPEAL_NAMES[each])
        for each in AppealType
        if each in limits
    ]


def _reply(reply: ReplyTemplate) -> PlaceReply:
    return PlaceReply.model_validate(reply.model_dump())


def _calendar(place: PlaceTable, tables: Tables) -> PlaceCalendar:
    alarms = Alarms.model_validate(tables["limits"].get("alarms", {}))
    notices = CalendarTable.model_validate(tables.get("calendar", {})).year
    return PlaceCalendar(
        kind=place.calendar,
        work_begins=alarms.work_begins,
        work_ends=alarms.work_ends,
        days_off=sorted({day for each in notices for day in each.days_off}),
        days_worked=sorted({day for each in notices for day in each.days_worked}),
    )
