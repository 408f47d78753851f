"""Findings about units and posts, and what follows from them (问责): the system proposes, a person decides.

A body says what it found on `oversight.{unit}`; everybody concerned hears of it on `conduct.{unit}`. A post is never
named by a person's name. What counts against a unit or a post, scoring tells itself on `scoring.conduct`.
Source: domain §6, S2, S4, S1¶4.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from contracts.codes import FindingSource, SubjectKind, Verdict
from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import CaseId, Code, Fact, Message, PolicyVersion, StaffId, UnitId
from contracts.refusals import Reason
from contracts.text import CLEAN, IDENTIFIER, REQUIRED

FINDINGS = uuid5(NAMESPACE_URL, "urn:xiaoneng:findings")
"""Namespace of finding keys. Never changes."""
SUBJECTS = uuid5(NAMESPACE_URL, "urn:xiaoneng:subjects")
"""Namespace of the keys of units and posts that findings are about. Never changes."""

Reference = Annotated[str, Field(min_length=1, max_length=200, description="the body's own reference"), IDENTIFIER]
Text = Annotated[str, Field(min_length=1, max_length=4_000), REQUIRED]
ProposalId = Annotated[str, Field(max_length=36, description="UUID of what is proposed")]


def finding_key(unit: str, reference: str) -> str:
    """The key of a finding on the bus; the same for whoever computes it."""
    return str(uuid5(FINDINGS, f"{unit}\n{reference}"))


def subject_key(kind: str, id: str) -> str:
    """The key of a unit or a post that findings are about."""
    return str(uuid5(SUBJECTS, f"{kind}\n{id}"))


class OversightCommand(Message):
    """What a unit says about conduct: its own, or that of others as far as the place lets it."""

    unit: UnitId
    """Who speaks."""
    issued_at: AwareDatetime = Field(description="when it was decided")
    actor: StaffId | None = None
    """The post that decided."""

    @property
    def time(self) -> datetime:
        return self.issued_at


class FindingCommand(OversightCommand):
    """About a finding."""

    body: UnitId
    """The body whose finding it is."""
    reference: Reference

    @property
    def key(self) -> str:
        return finding_key(self.body, self.reference)


class RecordFinding(OversightCommand):
    """A complaint, an inspection or a monitor has shown this. It counts when it is final, and only then (domain §6)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.record.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    reference: Reference
    verdict: Verdict
    source: FindingSource
    case_id: CaseId | None = None
    """The complaint it is about."""
    units: Annotated[tuple[UnitId, ...], Field(min_length=1, max_length=20)]
    """Found against; several answer jointly (S2)."""
    post: StaffId | None = None
    """The first-responsible post (首办责任人); of one of these units."""
    happened_on: date
    problem: Code | None = None
    """Problem kind (S1¶5), in the place's codes; so are the others."""
    rule: Code | None = None
    """Breached rule (S3, S4)."""
    ban: Code | None = None
    """Of the four bans (S4)."""
    cause: Code | None = None
    """Root cause (S1¶5)."""
    area: Code | None = None
    """Rectification area (S4)."""
    facts: Text
    """What was found. No person's name, and nothing by which the complainant is known."""
    evidence: tuple[Annotated[str, Field(max_length=500), CLEAN], ...] = ()
    """References of what shows it."""

    @property
    def key(self) -> str:
        return finding_key(self.unit, self.reference)


class AppealFinding(FindingCommand):
    """The unit found against, for itself or for its post, does not accept it (申诉)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.appeal.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    grounds: Text


class DecideAppeal(FindingCommand):
    """The body of appeal upholds the finding, or changes its verdict."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.decide-appeal.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    verdict: Verdict
    """As it stands from now on."""
    reason: Text


class ReverseFinding(FindingCommand):
    """A final finding was wrong after all: whatever rests on it falls."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.reverse.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    reason: Text


class MeasureCommand(OversightCommand):
    """About what is proposed for a unit or a post."""

    kind: SubjectKind
    subject: StaffId
    """The unit or the post."""
    proposal_id: ProposalId

    @property
    def key(self) -> str:
        return subject_key(self.kind, self.subject)


class DecideMeasure(MeasureCommand):
    """The authorised body takes measures, those proposed or others, or none."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.decide.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    measures: tuple[Code, ...]
    """Empty: none."""
    reason: Text
    consent: StaffId | None = None
    """A second post of the body, which agrees to leave out what was proposed; where the place wants it (S4).

    Only the body's own system may name it, on Kafka. Without it, the second post sends the same decision itself.
    """


class AppealMeasure(MeasureCommand):
    """The unit, for itself or for its post, does not accept a measure."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.appeal.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    grounds: Text


class ReviewMeasure(MeasureCommand):
    """The body of appeal lets a measure stand, or takes it back (复核)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.review.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    stands: bool
    reason: Text


class RecordOutcome(MeasureCommand):
    """A measure was carried out (S1¶4)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.record-outcome.v1"
    TOPIC: ClassVar[str] = "oversight.{unit}"

    outcome: Code
    amount_fen: Annotated[int, Field(ge=0)] | None = None
    """Money returned or fined, in fen."""
    unlawful_fen: Annotated[int, Field(ge=0)] | None = None
    """How much of it had been taken unlawfully (其中查处违规金额)."""
    note: Annotated[str, Field(max_length=2_000), CLEAN] = ""


class ConductFact(Fact):
    """What became of it."""

    unit: UnitId
    """Who is told."""
    occurred_at: AwareDatetime = Field(description="when the fact came to be")

    @property
    def time(self) -> datetime:
        return self.occurred_at


class FindingFact(ConductFact):
    """About a finding."""

    body: UnitId
    reference: Annotated[str, Field(max_length=200)]

    @property
    def key(self) -> str:
        return finding_key(self.body, self.reference)


class FindingRecorded(FindingFact):
    """It stands, and may be appealed against until then."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.recorded.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    verdict: Verdict
    source: FindingSource
    case_id: CaseId | None = None
    units: tuple[UnitId, ...]
    post: StaffId | None = None
    happened_on: date
    problem: Code | None = None
    rule: Code | None = None
    ban: Code | None = None
    cause: Code | None = None
    area: Code | None = None
    facts: str
    evidence: tuple[str, ...] = ()
    appeal_until: AwareDatetime
    policy: PolicyVersion


class FindingAppealed(FindingFact):
    """The body of appeal has to decide; until then it does not count."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.appealed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    by: UnitId
    grounds: str
    decide_until: AwareDatetime | None = None
    """Afterwards the body of appeal is late."""


class FindingFinal(FindingFact):
    """Nobody can appeal any more."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.final.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    verdict: Verdict
    counts: bool
    """Against the units and the post."""
    reason: str = ""
    """Of the body of appeal, if it was asked."""


class FindingReversed(FindingFact):
    """It never counted."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.reversed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    reason: str


class SubjectFact(ConductFact):
    """About a unit or a post."""

    kind: SubjectKind
    subject: StaffId

    @property
    def key(self) -> str:
        return subject_key(self.kind, self.subject)


class FindingCounted(SubjectFact):
    """A final finding counts against a unit or a post from now on."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.counted.v1"
    TOPIC: ClassVar[str] = "scoring.conduct"

    finding: str
    """Its key."""
    body: UnitId
    """Who found it."""
    actor: StaffId | None = None
    """The post that did: it does not decide what follows."""
    source: FindingSource
    happened_on: date
    units: tuple[UnitId, ...]
    """All that answer for it: more than one answer jointly."""


class FindingUncounted(SubjectFact):
    """It counts no more."""

    TYPE: ClassVar[str] = "cn.xiaoneng.finding.uncounted.v1"
    TOPIC: ClassVar[str] = "scoring.conduct"

    finding: str


class MeasureFact(SubjectFact):
    """About what is proposed for a unit or a post."""

    proposal_id: ProposalId


class MeasureProposed(MeasureFact):
    """By the place's ladder this would follow; who may decide is asked to."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.proposed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    step: Code
    measures: tuple[Code, ...]
    basis: str
    """Legal basis, as the ladder names it."""
    findings: tuple[str, ...]
    """Keys of the findings that count in the step's window: the evidence."""
    since: date
    """The window's first day."""
    jointly_with: tuple[UnitId, ...] = ()
    policy: PolicyVersion


class ProposalLapsed(MeasureFact):
    """A finding it rests on was reversed."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.lapsed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    finding: str


class ProposalExpired(MeasureFact):
    """Nobody has decided for as long as the place waits: it is dropped. Never where it is pursued to the end (S4)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.expired.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"


class MeasureConsentRequested(MeasureFact):
    """To the deciding body: a post left out something that was proposed; another post of it has to decide the same.

    It does so with `DecideMeasure` of the same measures; with other measures, it asks for consent to those instead.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.consent-requested.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    measures: tuple[Code, ...]
    actor: StaffId
    """The post that decided first."""
    reason: str


class MeasureDecided(MeasureFact):
    """A person has decided."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.decided.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    measures: tuple[Code, ...]
    by: UnitId
    actor: StaffId
    reason: str
    appeal_until: AwareDatetime
    consent: StaffId | None = None
    """The second post that agreed to leave out what was proposed."""
    publish: bool = False
    """It is put up for publication (一律向社会公开, S4), which somebody reviews first."""


class MeasureAppealed(MeasureFact):
    """The body of appeal is asked."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.appealed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    grounds: str
    decide_until: AwareDatetime | None = None
    """Afterwards the body of appeal is late."""


class ReversalDue(MeasureFact):
    """A finding behind a measure was reversed: whoever may take it back is asked to."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.reversal-due.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    finding: str
    decide_until: AwareDatetime | None = None
    """Afterwards the body of appeal is late."""


class MeasureUpheld(MeasureFact):
    """It was reviewed, and stands."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.upheld.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    reason: str


class MeasureReversed(MeasureFact):
    """It was taken back."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.reversed.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    reason: str


class OutcomeRecorded(MeasureFact):
    """It was carried out."""

    TYPE: ClassVar[str] = "cn.xiaoneng.measure.outcome-recorded.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    outcome: Code
    amount_fen: int | None = None
    unlawful_fen: int | None = None
    note: str = ""


class ConductRefused(ConductFact):
    """A command was not carried out, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.conduct.refused.v1"
    TOPIC: ClassVar[str] = "conduct.{unit}"

    about: str
    """Key of what the command was about."""
    command_id: Annotated[str, Field(max_length=200)]
    command: str
    """Its type."""
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""

    @property
    def key(self) -> str:
        return self.about
