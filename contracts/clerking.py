"""What a centre's clerks publish on their own `clerking.<centre>`: the topic proves who speaks."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.codes import Authority, Ending
from contracts.message import CaseId, Command, StaffId, UnitId
from contracts.text import CLEAN, REQUIRED

Sentence = Annotated[str, Field(min_length=1, max_length=500), REQUIRED]


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
    reply: Annotated[str, Field(max_length=2000), CLEAN] = ""
    """Must be given when the case is not in scope."""


class RequestSupplement(Command):
    """A clerk asks the complainant for what is missing, before the case is dispatched (补办)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.request-supplement.v1"
    TOPIC: ClassVar[str] = "clerking.{unit}"

    unit: UnitId
    actor: StaffId
    missing: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=20)]
    """Everything that is missing, a sentence each, in the complainant's language (一次性告知, S3)."""


class MergeCase(Command):
    """A clerk has one matter of several complainants handled once (并案): this case goes on as part of another.

    Every complainant keeps their number and their clock and gets the other case's answer.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.merge.v1"
    TOPIC: ClassVar[str] = "clerking.{unit}"

    unit: UnitId
    actor: StaffId
    into: CaseId
    """The case that is handled: of the same centre, open, and not merged itself."""


class UnmergeCase(Command):
    """A clerk undoes a merger: the case is dispatched by itself again."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.unmerge.v1"
    TOPIC: ClassVar[str] = "clerking.{unit}"

    unit: UnitId
    actor: StaffId


class EraseIdentity(Command):
    """The complainant wants to be forgotten: what tells who they are is destroyed, the matter goes on without it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.identity.erase.v1"
    TOPIC: ClassVar[str] = "clerking.{unit}"

    unit: UnitId
    actor: StaffId
