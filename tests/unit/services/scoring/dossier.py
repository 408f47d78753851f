"""The record of one unit or post in the tests of accountability: what it hears, and who says what about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from contracts.codes import FindingSource, SubjectKind
from contracts.conduct import ConductRefused, DecideMeasure, FindingCounted, FindingUncounted, subject_key
from infra.decision import Decision, Subject
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.record import ConductRecord
from services.scoring.domain.decide import Rules
from tests.unit.services.speaking import AT, context, decided, demo, only, told


def rules(findings: dict[str, Any] | None = None, **pursuit: Any) -> Rules:
    """Of the demonstration place, with these switches of the four 一律 and these rules of findings."""
    table = demo().tables["accountability"]
    changed = {
        **table,
        "pursuit": {**table["pursuit"], **pursuit},
        "findings": {**table["findings"], **(findings or {})},
    }
    return Rules.from_tables("test", {**_tables(), "accountability": changed})


def _tables() -> dict[str, Any]:
    """Of the demonstration place, in which the bodies that find and decide name no posts: any post may act for them."""
    posts = [post for post in demo().tables["posts"]["post"] if post["unit"] not in {OFFICE, "city-12345"}]
    return {**demo().tables, "posts": {"post": posts}}


OFFICE, REVIEWER, UNIT, POST = "city-office", "human-resources", "beicheng-centre", "beicheng-centre.desk-1"
RULES = Rules.from_tables(demo().version, _tables())
DAY = timedelta(days=1)


def key(name: object) -> str:
    return str(uuid5(NAMESPACE_OID, str(name)))


def counted(name: object, on: date = date(2026, 3, 2), **changes: Any) -> FindingCounted:
    given: dict[str, Any] = {
        "unit": UNIT,
        "occurred_at": AT,
        "kind": SubjectKind.POST,
        "subject": POST,
        "finding": key(name),
        "body": "city-12345",
        "actor": "city-12345.desk-1",
        "source": FindingSource.COMPLAINT,
        "happened_on": on,
        "units": (UNIT,),
    }
    return FindingCounted(**{**given, **changes})


def uncounted(name: object) -> FindingUncounted:
    return FindingUncounted(unit=UNIT, occurred_at=AT, kind=SubjectKind.POST, subject=POST, finding=key(name))


class File:
    """The record of one post in scoring."""

    def __init__(
        self, *heard: Subject, of: SubjectKind = SubjectKind.POST, subject: str = POST, by: Rules = RULES
    ) -> None:
        self.record: Aggregate | None = None
        self.of, self.subject, self.by = of, subject, by
        self.key = subject_key(of, subject)
        for each in heard:
            self.hear(each)

    def hear(self, subject: Subject, speaker: str = "", days: int = 0) -> Decision[Any]:
        at = context(speaker, key=self.key, at=AT + days * DAY)
        decision = decided(self.by.decide(self.record, subject, at))
        self.record = decision.state
        return decision

    @property
    def held(self) -> ConductRecord:
        assert isinstance(self.record, ConductRecord)
        return self.record

    @property
    def last(self) -> str:
        """The id of the last proposal."""
        return self.held.proposals[-1].id

    def say(self, kind: type[Any], speaker: str, days: int = 0, **fields: Any) -> Decision[Any]:
        given = {
            "unit": speaker,
            "issued_at": AT,
            "kind": self.of,
            "subject": self.subject,
            "proposal_id": self.last if self.record is not None else key("x"),
            **fields,
        }
        return self.hear(kind(**given), speaker, days)

    def decide(self, *measures: str, speaker: str = OFFICE, days: int = 0, **fields: Any) -> Decision[Any]:
        given = {"actor": "city-office.director", "reason": "首次", **fields}
        return self.say(DecideMeasure, speaker, days, measures=measures, **given)


def refused(decision: Decision[Any]) -> list[tuple[str, str | None]]:
    return told(only(ConductRefused, decision.events).reasons)
