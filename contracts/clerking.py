"""What a centre's clerks publish on their own `clerking.<centre>`: the topic proves who speaks."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.codes import Authority, Ending
from contracts.message import Command, StaffId, UnitId

Sentence = Annotated[str, Field(min_length=1, max_length=500)]


class JudgeScope(Command):
    """A clerk says whether a case is in scope (受理审查). Out of scope, the reply is what the complainant is told."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.judge-scope.v1"
    TOPIC: ClassVar[str] = "clerking.{unit}"

    unit: UnitId
    actor: StaffId
    ending: Ending | None = None
    """None: in scope. Else ``declined`` or ``diverted``."""
    authority: Authority | None = None
    """Where a diverted case has to go."""
    reply: Annotated[str, Field(max_length=2000)] = ""
    """Must be given when the case is not in scope."""


class RequestSupplement(Command):
    """A clerk asks the complainant for what is missing, before the case is dispatched (补办)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.request-supplement.v1"
    TOPIC: ClassVar[str] = "clerking.{unit}"

    unit: UnitId
    actor: StaffId
    missing: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=20)]
    """Everything that is missing, a sentence each, in the complainant's language (一次性告知, S3)."""
