"""What a place makes of findings: the record of a unit or a post, and a finding with all who speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from contracts.codes import FindingSource, SubjectKind, Verdict
from contracts.conduct import (
    AppealFinding,
    DecideAppeal,
    DecideMeasure,
    FindingCounted,
    MeasureCommand,
    MeasureProposed,
    RecordFinding,
    finding_key,
    subject_key,
)
from contracts.message import Fact
from infra.decision import Decision, Subject
from services.scoring.domain.aggregate import Aggregate
from tests.unit.policies.opened import Place
from tests.unit.services.speaking import AT, context, decided, only


@dataclass
class Record:
    """What counts against a unit or a post, and what the place's ladder makes of it."""

    place: Place
    of: SubjectKind
    subject: str
    unit: str
    state: Aggregate | None = None
    said: int = 0

    def hear(self, subject: Subject, speaker: str = "") -> Decision[Any]:
        """What is announced on it."""
        self.said += 1
        given = context(speaker, key=subject_key(self.of, self.subject), message_id=f"m{self.said}")
        decision = decided(self.place.scoring.decide(self.state, subject, given))
        self.state = decision.state
        return decision

    def counts(
        self, on: date, source: FindingSource = FindingSource.COMPLAINT, units: tuple[str, ...] | None = None
    ) -> MeasureProposed:
        """One more final, valid finding: what is proposed now."""
        fact = FindingCounted(
            unit=self.unit,
            occurred_at=AT,
            kind=self.of,
            subject=self.subject,
            finding=str(uuid5(NAMESPACE_OID, f"{self.subject}/{self.said}")),
            body="a-body",
            actor=None,
            source=source,
            happened_on=on,
            units=units or (self.unit,),
        )
        return only(MeasureProposed, self.hear(fact).events)

    def say(self, kind: type[MeasureCommand], speaker: str, proposal_id: str, **fields: Any) -> Decision[Any]:
        """A command about what was proposed."""
        about: dict[str, Any] = {"unit": speaker, "issued_at": AT, "kind": self.of, "subject": self.subject}
        return self.hear(kind(**about, proposal_id=proposal_id, **fields), speaker)

    def decided(self, proposed: MeasureProposed) -> Decision[Any]:
        """Who may decide takes the measures that were proposed."""
        actor = f"{proposed.unit}.director"
        said = {"measures": proposed.measures, "reason": "属实", "actor": actor}
        return self.say(DecideMeasure, proposed.unit, proposed.proposal_id, **said)


def of_post(place: Place, unit: str) -> Record:
    """The record of the unit's first staff post."""
    post = next(id for id, each in place.conduct.posts.items() if each.unit == unit and not each.leads)
    return Record(place, SubjectKind.POST, post, unit)


def of_unit(place: Place, unit: str) -> Record:
    """The record of a unit."""
    return Record(place, SubjectKind.UNIT, unit, unit)


@dataclass
class Finding:
    """A finding, and everybody who may say something about it."""

    place: Place
    body: str
    unit: str
    state: Aggregate | None = None

    def hear(self, subject: Subject, speaker: str) -> tuple[Fact, ...]:
        """What is announced on it."""
        given = context(speaker, key=finding_key(self.body, "1"), at=AT, supplies=frozenset())
        decision: Decision[Any] = decided(self.place.scoring.decide(self.state, subject, given))
        self.state = decision.state
        return decision.events

    def record(self, **fields: Any) -> tuple[Fact, ...]:
        """The body finds it, and that it is valid."""
        said: dict[str, Any] = {
            "unit": self.body,
            "issued_at": AT,
            "reference": "1",
            "verdict": Verdict.VALID,
            "source": FindingSource.COMPLAINT,
            "units": (self.unit,),
            "happened_on": AT.date(),
            "facts": "经核实，情况属实。",
        }
        return self.hear(RecordFinding(**{**said, **fields}), self.body)

    def appealed(self) -> tuple[Fact, ...]:
        """The unit does not accept it."""
        about: dict[str, Any] = {"issued_at": AT, "body": self.body, "reference": "1"}
        return self.hear(AppealFinding(unit=self.unit, grounds="情况不实", **about), self.unit)

    def upheld(self, by: str) -> tuple[Fact, ...]:
        """The body of appeal lets it stand: it is final."""
        about: dict[str, Any] = {"issued_at": AT, "body": self.body, "reference": "1"}
        return self.hear(DecideAppeal(unit=by, verdict=Verdict.VALID, reason="属实", **about), by)
