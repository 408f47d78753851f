"""One case of 示例市 in routing, and everybody who may say something about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import HandlingResult
from contracts.handling import (
    ApproveDispatch,
    Consultation,
    DispatchCase,
    ReportHandling,
    RequestReturn,
    SignCase,
    UnitCommand,
    VerifyReport,
)
from contracts.message import Command, Fact
from contracts.routing import CommandRefused
from infra.decision import Decision, Subject
from services.routing.domain.case import Case
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from tests.unit.services.speaking import AT, CASE, context, decided, demo, only, read, registered, told

POLICY = DispatchPolicy.from_tables(demo().version, demo().tables)
RULES = Rules(POLICY)
UNITS = {unit["id"]: unit for unit in demo()["units"]["unit"]}
AREAS = [area["code"] for area in demo()["areas"]["area"]]
CENTRES = {area["code"]: area["jurisdiction"] for area in demo()["areas"]["area"]}
MINUTES = "会商一致：由受派单位办理。"
CATEGORIES = [category["code"] for category in demo()["categories"]["category"]]


def line(unit: str) -> list[str]:
    """The unit and everybody above it, reckoned from the file alone."""
    found = [unit]
    while parent := UNITS[found[-1]].get("parent"):
        found.append(parent)
    return found


def recused(unit: str, about: str | None) -> bool:
    """Whether the unit is the one complained about, or below it."""
    return about is not None and about in line(unit)


@dataclass
class Desk:
    """A case, with all that was said and all that was announced."""

    case: Case | None = None
    at: datetime = AT
    rules: Rules = RULES
    """Of another place, where one is tried."""
    said: list[tuple[Subject, str, datetime]] = field(default_factory=list)
    events: list[Fact] = field(default_factory=list)
    announced: list[tuple[Fact, ...]] = field(default_factory=list)
    """What was announced on each thing that was said."""
    last: Decision[Case] = field(default_factory=lambda: Decision(None))

    @classmethod
    def of(cls, **changes: Any) -> Desk:
        """A case that has just been registered."""
        desk = cls()
        desk.say(registered(**changes), "")
        return desk

    @property
    def held(self) -> Case:
        """The case, which must be there."""
        assert self.case is not None
        return self.case

    def say(self, subject: Subject, speaker: str) -> list[Any]:
        """What is announced on it, as its receivers read it."""
        self.said.append((subject, speaker, self.at))
        told = self.rules.decide(self.case, subject, context(speaker, at=self.at, message_id=f"m{len(self.said)}"))
        self.last = decided(told)
        self.case = self.last.state
        self.events += self.last.events
        self.announced.append(self.last.events)
        return read(self.last.events)

    def sign(self, unit: str) -> list[Any]:
        return self.say(SignCase(case_id=CASE, issued_at=self.at, unit=unit), unit)

    def give_back(self, unit: str, reason: str = "不属于本单位职责") -> list[Any]:
        return self.say(RequestReturn(case_id=CASE, issued_at=self.at, unit=unit, reason=reason), unit)

    def report(
        self, unit: str, result: HandlingResult = HandlingResult.RESOLVED, *, adopted: bool | None = None
    ) -> list[Any]:
        return self.ask(ReportHandling, unit, result=result, reply="已办理。", adopted=adopted)

    def dispatch(self, unit: str, to: str, *, binding: bool = False, consulted: tuple[str, ...] = ()) -> list[Any]:
        held = Consultation(participants=consulted, minutes=MINUTES) if consulted else None
        return self.ask(DispatchCase, unit, to=to, binding=binding, consultation=held)

    def verify(self, unit: str, *, accepted: bool = True, reason: str = "") -> list[Any]:
        return self.say(
            VerifyReport(case_id=CASE, issued_at=self.at, unit=unit, accepted=accepted, reason=reason), unit
        )

    def ask(self, kind: type[UnitCommand], unit: str, **fields: Any) -> list[Any]:
        """Any command of a unit."""
        return self.say(kind(case_id=CASE, issued_at=self.at, unit=unit, **fields), unit)

    def approve(self, unit: str, actor: str, *, approved: bool = True, reason: str = "") -> list[Any]:
        return self.ask(ApproveDispatch, unit, actor=actor, approved=approved, reason=reason)

    def later(self, **time: float) -> None:
        """Time passes."""
        self.at += timedelta(**time)

    def refuses(self, code: str, field: str | None = None) -> bool:
        """Whether the last thing said was refused for that reason."""
        return self.refusal == (code, field)

    @property
    def refusal(self) -> tuple[str, str | None] | None:
        """Code and field of the refusal that was given last; None when the last thing said was not refused."""
        if not any(isinstance(event, CommandRefused) for event in self.last.events):
            return None
        refused = only(CommandRefused, self.last.events)
        subject, speaker, _ = self.said[-1]
        assert isinstance(subject, Command)
        assert (refused.unit, refused.command, refused.command_id) == (speaker, subject.TYPE, f"m{len(self.said)}")
        (found,) = told(refused.reasons)
        return found
