"""What may be told of findings and of what follows: to the unit concerned, to those above it, to who decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import FindingSource, SubjectKind, Verdict
from contracts.conduct import finding_key, subject_key
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.finding import Finding
from services.scoring.domain.conduct.record import ConductRecord, Counted, Proposal, waiting_for
from services.scoring.domain.limits import Limits


class ShownRecord(BaseModel):
    """What counts against a unit or a post, what was proposed and what became of it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: SubjectKind
    subject: str
    unit: str
    waits_for: tuple[str, ...]
    """Who has to decide something."""
    counted: tuple[Counted, ...]
    proposals: tuple[Proposal, ...]


class ShownRecords(BaseModel):
    """Records about which the unit has to decide something."""

    records: list[ShownRecord]


class ShownFinding(BaseModel):
    """A finding as it stands."""

    body: str
    reference: str
    verdict: Verdict
    source: FindingSource
    case_id: str | None
    units: tuple[str, ...]
    post: str | None
    happened_on: date
    facts: str
    evidence: tuple[str, ...]
    appeal_until: datetime
    appealed_by: str | None
    final_at: datetime | None
    reversed_at: datetime | None


class ConductViews:
    """Findings and records as units and those above them see them."""

    def __init__(self, store: Store, limits: Callable[[], Limits]) -> None:
        self._store = store
        self._limits = limits

    async def finding(self, body: str, reference: str, unit: str) -> ShownFinding | None:
        """For the body, the units found against and whoever is above them; None otherwise."""
        found = await self._read(finding_key(body, reference))
        if not isinstance(found, Finding) or not any(self._sees(unit, each) for each in (found.body, *found.units)):
            return None
        return ShownFinding(
            **{name: getattr(found, name) for name in ShownFinding.model_fields if name not in {"facts", "evidence"}},
            facts=found.said.facts,
            evidence=found.said.evidence,
        )

    async def record(self, kind: SubjectKind, subject: str, unit: str) -> ShownRecord | None:
        """For the unit, whoever is above it, and whoever has to decide; None otherwise."""
        found = await self._read(subject_key(kind, subject))
        if not isinstance(found, ConductRecord) or not (self._sees(unit, found.unit) or unit in found.waits_for):
            return None
        return _shown(found)

    async def waiting(self, unit: str) -> ShownRecords:
        """Everything about which the unit has to decide."""
        try:
            rows = [state async for _, state in self._store.every({"filed": waiting_for(unit)})]
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        records = [each for row in rows if isinstance(each := Aggregate.model_validate(row), ConductRecord)]
        return ShownRecords(records=[_shown(each) for each in sorted(records, key=lambda each: each.subject)])

    async def _read(self, key: str) -> Aggregate | None:
        try:
            state = await self._store.state_of(key)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return None if state is None else Aggregate.model_validate(state)

    def _sees(self, unit: str, other: str) -> bool:
        return unit in {other, *self._limits().above(other)}


def _shown(record: ConductRecord) -> ShownRecord:
    return ShownRecord(
        kind=record.of,
        subject=record.subject,
        unit=record.unit,
        waits_for=record.waits_for,
        counted=record.counted,
        proposals=record.proposals,
    )
