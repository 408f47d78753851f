"""Inspections, open and covert (明察暗访), and what has to be put right after them (整改).

A body says on `oversight.{unit}` what it plans, saw and accepts; who was inspected answers there, too; everybody hears
on `conduct.{unit}`. Who the covert monitors are never travels: the body gives each a random code of its own, and of
that only a hash is kept. Source: S2, S3, S4, S1¶4.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field, StringConstraints

from contracts.codes import Rung
from contracts.conduct import ConductFact, OversightCommand, Reference, Text
from contracts.instants import AwareDatetime
from contracts.limits import TimeLimit
from contracts.message import PolicyVersion, UnitId
from contracts.text import IDENTIFIER

INSPECTIONS = uuid5(NAMESPACE_URL, "urn:xiaoneng:inspections")
"""Namespace of inspection keys. Never changes."""

MonitorCode = Annotated[
    str,
    StringConstraints(pattern=r"^m-[0-9a-f]{32}$"),
    Field(description="random, given to a monitor by the body, which alone knows whose it is"),
]
VisitId = Annotated[
    str, Field(min_length=1, max_length=100, description="the body's own reference for the visit"), IDENTIFIER
]


def inspection_key(body: str, reference: str) -> str:
    """The key of an inspection on the bus; the same for whoever computes it."""
    return str(uuid5(INSPECTIONS, f"{body}\n{reference}"))


def rectification_key(body: str, reference: str, visit: str, number: int) -> str:
    """The key of what has to be put right after a visit, counted from 1."""
    return str(uuid5(UUID(inspection_key(body, reference)), f"{visit}\n{number}"))


class InspectionCommand(OversightCommand):
    """What a body says of its inspection."""

    reference: Reference

    @property
    def key(self) -> str:
        return inspection_key(self.unit, self.reference)


class PlanInspection(InspectionCommand):
    """These units will be visited in that time."""

    TYPE: ClassVar[str] = "cn.xiaoneng.inspection.plan.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    covert: bool
    """暗访: the units are not told."""
    units: Annotated[tuple[UnitId, ...], Field(min_length=1, max_length=500)]
    first_day: date
    last_day: date
    purpose: Text


class Rectify(TimeLimit):
    """Something that has to be put right, in so much time."""

    what: Text


class RecordVisit(InspectionCommand):
    """What was seen in one unit on one day."""

    TYPE: ClassVar[str] = "cn.xiaoneng.inspection.record-visit.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    visit: VisitId
    about: UnitId
    visited_on: date
    monitor: MonitorCode | None = None
    """Of a covert visit. An `actor` is not named then."""
    seen: Text
    """No person's name."""
    rectify: Annotated[tuple[Rectify, ...], Field(max_length=50)] = ()


class RectificationCommand(OversightCommand):
    """About something that has to be put right."""

    body: UnitId
    """Who inspected."""
    reference: Reference
    visit: VisitId
    number: Annotated[int, Field(ge=1, le=50)]

    @property
    def key(self) -> str:
        return rectification_key(self.body, self.reference, self.visit, self.number)


class ReportRectification(RectificationCommand):
    """The unit has put it right."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.report.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    done: Text


class VerifyRectification(RectificationCommand):
    """The body has looked: it is right, or it is not, and the time goes on (销号)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.verify.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    accepted: bool
    reason: Text


class InspectionFact(ConductFact):
    """What became of an inspection."""

    body: UnitId
    reference: Annotated[str, Field(max_length=200)]

    @property
    def key(self) -> str:
        return inspection_key(self.body, self.reference)


class InspectionPlanned(InspectionFact):
    """It will take place; of a covert one only the body hears."""

    TYPE: ClassVar[str] = "cn.xiaoneng.inspection.planned.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    covert: bool
    units: tuple[UnitId, ...]
    first_day: date
    last_day: date
    purpose: str
    policy: PolicyVersion


class VisitRecorded(InspectionFact):
    """A unit was visited; it hears what was seen, never by whom."""

    TYPE: ClassVar[str] = "cn.xiaoneng.inspection.visit-recorded.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    visit: str
    about: UnitId
    visited_on: date
    covert: bool
    seen: str
    rectify: tuple[Rectify, ...]


class RectificationFact(ConductFact):
    """What became of something that has to be put right."""

    body: UnitId
    reference: Annotated[str, Field(max_length=200)]
    visit: str
    number: int

    @property
    def key(self) -> str:
        return rectification_key(self.body, self.reference, self.visit, self.number)


class RectificationOpened(RectificationFact):
    """A visit has shown it: its time begins."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.opened.v1"
    TOPIC: ClassVar[str] = "scoring.conduct"

    rectify: Rectify


class RectificationOrdered(RectificationFact):
    """Put it right by then."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.ordered.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    rectify: Rectify
    due_at: AwareDatetime
    provisional: bool
    calendar: str
    policy: PolicyVersion


class RectificationRungReached(RectificationFact):
    """A reminder, a yellow card or a red card; each once."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.rung-reached.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    rung: Rung
    due_at: AwareDatetime
    task: str = ""
    """What has to be put right."""


class RectificationEscalated(RectificationFact):
    """It has been due for so long that the next level up is told; each level once."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.escalated.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    about: UnitId
    level: Annotated[int, Field(ge=1)]
    due_at: AwareDatetime
    task: str = ""
    """What has to be put right."""


class RectificationMoved(RectificationFact):
    """It is due at another time: the calendar was published or corrected."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.moved.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    due_at: AwareDatetime
    provisional: bool
    calendar: str


class RectificationReported(RectificationFact):
    """The unit says that it is right: the body has to look."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.reported.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    done: str


class RectificationReturned(RectificationFact):
    """It is not right: the time goes on."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.returned.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    reason: str


class RectificationClosed(RectificationFact):
    """It is right."""

    TYPE: ClassVar[str] = "cn.xiaoneng.rectification.closed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    on_time: bool
    """The unit reported in time what was then accepted."""
    reason: str
