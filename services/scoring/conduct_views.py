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
from services.scoring.conduct_numbers import OutcomeNumbers, ShownDuties, outcome_numbers, shown_duties
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.finding import Finding
from services.scoring.domain.conduct.inspecting import current, duties
from services.scoring.domain.conduct.inspection import Inspection, visited_in
from services.scoring.domain.conduct.outcomes import summed
from services.scoring.domain.conduct.policy import CLASSIFIED_BY, ConductPolicy
from services.scoring.domain.conduct.proposing import reviewer
from services.scoring.domain.conduct.record import ConductRecord, Counted, Proposal, carried_out_in, waiting_for
from services.scoring.domain.limits import Limits
from services.scoring.domain.scores.period import Period


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

    model_config = ConfigDict(use_attribute_docstrings=True)

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
    codes: dict[str, str]
    """Its codes by list: `problem`, `rule`, `ban`, `cause`, `area`."""
    appeal_until: datetime
    appealed_by: str | None
    waits_for: str | None
    """The body of appeal, while it has to decide."""
    decide_until: datetime | None
    """When the appeal has, or had, to be decided."""
    overdue: bool
    """It was not."""
    final_at: datetime | None
    reversed_at: datetime | None


class ShownReview(BaseModel):
    """A measure that the unit has to review."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: SubjectKind
    subject: str
    unit: str
    proposal: Proposal
    overdue: bool
    """It should have been reviewed by now."""


class ShownAppeals(BaseModel):
    """What the unit has to decide as the body of appeal, what is due first at the head."""

    findings: list[ShownFinding]
    measures: list[ShownReview]


class ConductViews:
    """Findings and records as units and those above them see them."""

    def __init__(self, store: Store, limits: Callable[[], Limits], policy: Callable[[], ConductPolicy | None]) -> None:
        """Limits and policy are those of the moment."""
        self._store = store
        self._limits = limits
        self._policy = policy

    async def finding(self, body: str, reference: str, unit: str, at: datetime) -> ShownFinding | None:
        """For the body, the units found against, whoever is above them, and who hears the appeal; None otherwise."""
        found = await self._read(finding_key(body, reference))
        if not isinstance(found, Finding):
            return None
        concerned = any(self._sees(unit, each) for each in (found.body, *found.units))
        return shown_finding(found, at) if concerned or unit == found.waits_for else None

    async def appeals(self, unit: str, at: datetime) -> ShownAppeals:
        """Every appeal that the unit has to decide about."""
        policy, waiting = self._policy(), await self._filed(waiting_for(unit))
        findings = [shown_finding(each, at) for each in waiting if isinstance(each, Finding)]
        reviews = [
            _review(record, proposal, at)
            for record in waiting
            if isinstance(record, ConductRecord)
            for proposal in record.proposals
            if proposal.under_review and policy is not None and reviewer(record, proposal, policy) == unit
        ]
        return ShownAppeals(
            findings=sorted(findings, key=lambda each: (each.decide_until or at, each.reference)),
            measures=sorted(reviews, key=lambda each: (each.proposal.review_until or at, each.subject)),
        )

    async def record(self, kind: SubjectKind, subject: str, unit: str) -> ShownRecord | None:
        """For the unit, whoever is above it, and whoever has to decide; None otherwise."""
        found = await self._read(subject_key(kind, subject))
        if not isinstance(found, ConductRecord) or not (self._sees(unit, found.unit) or unit in found.waits_for):
            return None
        return self._shown(found, unit)

    async def waiting(self, unit: str) -> ShownRecords:
        """Everything about which the unit has to decide."""
        records = [each for each in await self._filed(waiting_for(unit)) if isinstance(each, ConductRecord)]
        return ShownRecords(
            records=[self._shown(each, unit) for each in sorted(records, key=lambda each: each.subject)]
        )

    async def outcomes(self, period: Period, unit: str) -> OutcomeNumbers | None:
        """What was done in the period about the unit and those below it; None where there is no accountability."""
        policy = self._policy()
        if policy is None:
            return None
        found = await self._filed(*map(carried_out_in, period.months))
        seen = [each for each in found if isinstance(each, ConductRecord) and self._sees(unit, each.unit)]
        return outcome_numbers(period, policy, summed(seen, *period.within(policy.limits.timezone)))

    async def inspections(self, unit: str, at: datetime) -> ShownDuties | None:
        """Whether the unit, and each below it that has to inspect, has done so; None where none has to."""
        policy = self._policy()
        period = current(policy, at.astimezone(policy.limits.timezone).date()) if policy is not None else None
        if policy is None or period is None:
            return None
        kept = [each for each in await self._filed(*map(visited_in, period.months)) if isinstance(each, Inspection)]
        return shown_duties(period, [each for each in duties(policy, period, kept) if self._sees(unit, each.body)])

    async def _filed(self, *under: str) -> list[Aggregate]:
        """Everything that is found under one of these, once."""
        try:
            rows = {key: state async for key, state in self._store.every({"filed": {"$in": list(under)}})}
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return [Aggregate.model_validate(row) for row in rows.values()]

    async def _read(self, key: str) -> Aggregate | None:
        try:
            state = await self._store.state_of(key)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return None if state is None else Aggregate.model_validate(state)

    def _sees(self, unit: str, other: str) -> bool:
        return self._limits().sees(unit, other)

    def _shown(self, record: ConductRecord, unit: str) -> ShownRecord:
        """A decision that waits for consent is shown to the deciding body alone."""
        policy = self._policy()
        decides = policy is not None and policy.decides(record.of, record.unit) == unit
        drafts = {} if decides else {"draft": None}
        return ShownRecord(
            kind=record.of,
            subject=record.subject,
            unit=record.unit,
            waits_for=record.waits_for,
            counted=record.counted,
            proposals=tuple(each.model_copy(update=drafts) for each in record.proposals),
        )


def shown_finding(found: Finding, at: datetime) -> ShownFinding:
    """The finding as it is at this instant."""
    elsewhere = {"facts", "evidence", "codes", "overdue"}
    return ShownFinding(
        **{name: getattr(found, name) for name in ShownFinding.model_fields if name not in elsewhere},
        facts=found.said.facts,
        evidence=found.said.evidence,
        codes={name: code for name in CLASSIFIED_BY if (code := getattr(found.said, name)) is not None},
        overdue=found.waits_for is not None and found.decide_until is not None and found.decide_until < at,
    )


def _review(record: ConductRecord, proposal: Proposal, at: datetime) -> ShownReview:
    return ShownReview(
        kind=record.of,
        subject=record.subject,
        unit=record.unit,
        proposal=proposal,
        overdue=proposal.review_until is not None and proposal.review_until < at,
    )
