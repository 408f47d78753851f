"""What a department's staff app publishes on its own `handling.<unit>`: the topic proves who speaks."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.codes import HandlingResult
from contracts.message import Command, StaffId, UnitId


class SignCase(Command):
    """The unit accepts the case (签收)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.sign.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    unit: UnitId


class RequestReturn(Command):
    """The unit says the case is not its to handle (退单). Source: S3, 否定报备制: the reason is given in writing."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.request-return.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    unit: UnitId
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class ReportHandling(Command):
    """The unit reports what it did and what the complainant is to be told (办结反馈)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.report-handling.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    unit: UnitId
    result: HandlingResult
    reply: Annotated[str, Field(min_length=1, max_length=10_000)]


class VerifyReport(Command):
    """The verifier has looked at what was reported: the case is struck off the list (销号), or done again (返工)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.verify-report.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    unit: UnitId
    """The verifier that speaks."""
    actor: StaffId | None = None
    """Who decided; None: the unit's desk."""
    accepted: bool
    reason: Annotated[str, Field(max_length=2000)] = ""
    """Must be given when it is not accepted; the unit reads it."""


class DispatchCase(Command):
    """The centre's dispatcher sends a queued case to a unit (派单). After a return it is a ruling if `binding`."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.dispatch.v1"
    TOPIC: ClassVar[str] = "handling.{unit}"

    unit: UnitId
    """The centre that speaks."""
    to: UnitId
    binding: bool = False
