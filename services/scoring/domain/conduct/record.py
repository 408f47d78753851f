"""What counts against one unit or one post, and what was proposed, decided and done about it (问责).

With each finding that begins to count, the hardest step of the ladder that is reached is proposed to whoever may
decide. A proposal rests on findings: when one of them is reversed it lapses, and what still counts is proposed anew; a
measure that was taken already is put up for review. The system proposes, a person decides. Source: S2, S4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from contracts.accountability_tables import Step
from contracts.codes import FindingSource, RefusalCode, SubjectKind
from contracts.conduct import (
    AppealMeasure,
    DecideMeasure,
    FindingCounted,
    FindingUncounted,
    MeasureAppealed,
    MeasureCommand,
    MeasureDecided,
    MeasureFact,
    MeasureProposed,
    MeasureReversed,
    MeasureUpheld,
    OutcomeRecorded,
    ProposalLapsed,
    RecordOutcome,
    ReversalDue,
    ReviewMeasure,
)
from contracts.refusals import Reason, reason
from infra.decision import Context, Decision, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.policy import ConductPolicy, first_day
from services.scoring.domain.conduct.refusing import refused, refused_unreadable

COMMANDS = (DecideMeasure, AppealMeasure, ReviewMeasure, RecordOutcome)
FACTS = (FindingCounted, FindingUncounted)

Stage = Literal["open", "lapsed", "decided", "reversed"]


class Counted(BaseModel):
    """A final, valid finding."""

    model_config = ConfigDict(frozen=True)

    finding: str
    actor: str | None
    source: FindingSource
    happened_on: date
    units: tuple[str, ...]


class Proposal(BaseModel):
    """What a step of the ladder would be, and what became of it."""

    model_config = ConfigDict(frozen=True)

    id: str
    step: str
    findings: tuple[str, ...]
    stage: Stage = "open"
    measures: tuple[str, ...] = ()
    """Those taken, once it is decided."""
    appeal_until: datetime | None = None
    under_review: bool = False
    """The unit has appealed, or a finding behind it was reversed."""
    outcomes: tuple[str, ...] = ()


class ConductRecord(Aggregate):
    """Of one unit or one post; never of a person by name."""

    kind: Literal["conduct"] = "conduct"
    of: SubjectKind
    subject: str
    unit: str
    counted: tuple[Counted, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    waits_for: tuple[str, ...] = ()
    """Bodies that have to decide something about it."""
    filed: tuple[str, ...] = ()
    """Under which it is found: each of these bodies."""

    def proposal(self, id: str) -> Proposal | None:
        """That one."""
        return next((each for each in self.proposals if each.id == id), None)

    def with_proposal(self, changed: Proposal) -> ConductRecord:
        """With that one in place of itself."""
        return self.model_copy(
            update={"proposals": tuple(changed if each.id == changed.id else each for each in self.proposals)}
        )


def waiting_for(body: str) -> str:
    """Under which the records are found about which a body has to decide."""
    return f"waits/{body}"


@dataclass(frozen=True)
class ConductRules:
    """By the accountability of one place; None: it has none."""

    policy: ConductPolicy | None

    def decide(self, state: ConductRecord | None, subject: Subject, context: Context) -> Decision[ConductRecord]:
        """Counted, proposed, decided, reviewed, or refused with the rule."""
        decision = self._decide(state, subject, context)
        after = decision.state
        if after is None or self.policy is None:
            return decision
        waits_for = []
        if any(each.stage == "open" for each in after.proposals):
            waits_for.append(self.policy.decides(after.of, after.unit))
        if any(each.under_review for each in after.proposals):
            waits_for.append(self.policy.hears_appeals((after.unit,)))
        bodies = tuple(dict.fromkeys(waits_for))
        found_by = {"waits_for": bodies, "filed": tuple(waiting_for(body) for body in bodies)}
        return replace(decision, state=after.model_copy(update=found_by))

    def _decide(self, state: ConductRecord | None, subject: Subject, context: Context) -> Decision[ConductRecord]:
        policy = self.policy
        match subject:
            case Unreadable():
                return Decision(state, (refused_unreadable(context, subject),))
            case FindingCounted() if policy is not None:
                return _count(state, subject, context, policy)
            case FindingUncounted() if policy is not None and state is not None:
                return _uncount(state, subject, context, policy)
            case MeasureCommand():
                return self._command(state, subject, context)
            case _:
                return Decision(state)

    @staticmethod
    def due(_state: ConductRecord) -> datetime | None:
        """Never."""
        return None

    def is_open(self, state: ConductRecord) -> bool:
        """Somebody has to decide: 一律追究到底 (S4)."""
        return any(each.stage == "open" or each.under_review for each in state.proposals)

    def _command(
        self, state: ConductRecord | None, command: MeasureCommand, context: Context
    ) -> Decision[ConductRecord]:
        proposal = state.proposal(command.proposal_id) if state is not None else None
        if state is None or proposal is None or self.policy is None:
            return _refuse(state, command, context, reason(RefusalCode.PROPOSAL_UNKNOWN, "proposal_id"))
        match command:
            case DecideMeasure():
                return _decide(state, proposal, command, context, self.policy)
            case AppealMeasure():
                return _appeal(state, proposal, command, context, self.policy)
            case ReviewMeasure():
                return _review(state, proposal, command, context, self.policy)
            case RecordOutcome():
                return _outcome(state, proposal, command, context, self.policy)
            case _:
                return Decision(state)


def reached(
    kind: SubjectKind, counted: tuple[Counted, ...], policy: ConductPolicy
) -> tuple[Step, list[Counted]] | None:
    """The hardest step of the ladder that these findings reach with the last of them, and those in its window."""
    if not counted:
        return None
    last = counted[-1]
    for step in policy.steps(kind):
        since = first_day(step, last.happened_on)
        own = [each for each in counted if since <= each.happened_on <= last.happened_on]
        if len(own) >= step.count or any(str(each.source) in step.sources for each in own):
            return step, own
    return None


def _count(
    state: ConductRecord | None, fact: FindingCounted, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    record = state or ConductRecord(of=fact.kind, subject=fact.subject, unit=fact.unit)
    if any(each.finding == fact.finding for each in record.counted):
        return Decision(record)
    new = Counted(
        finding=fact.finding,
        actor=fact.actor,
        source=fact.source,
        happened_on=fact.happened_on,
        units=fact.units,
    )
    counted = tuple(sorted((*record.counted, new), key=lambda each: (each.happened_on, each.finding)))
    return _propose(record.model_copy(update={"counted": counted}), context, policy, ())


def _uncount(
    state: ConductRecord, fact: FindingUncounted, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """What rests on it lapses; what was taken already is put up for review."""
    if all(each.finding != fact.finding for each in state.counted):
        return Decision(state)
    record = state.model_copy(update={"counted": tuple(each for each in state.counted if each.finding != fact.finding)})
    told: list[MeasureFact] = []
    for each in state.proposals:
        if fact.finding not in each.findings:
            continue
        if each.stage == "open":
            record = record.with_proposal(each.model_copy(update={"stage": "lapsed"}))
            decider = policy.decides(record.of, record.unit)
            told.append(ProposalLapsed(**_told(record, each, decider, context), finding=fact.finding))
        elif each.stage == "decided" and each.measures:
            record = record.with_proposal(each.model_copy(update={"under_review": True}))
            hears = policy.hears_appeals((record.unit,))
            told.append(ReversalDue(**_told(record, each, hears, context), finding=fact.finding))
    live = any(each.stage in {"open", "decided"} for each in record.proposals)
    return Decision(record, tuple(told)) if live else _propose(record, context, policy, tuple(told))


def _propose(
    record: ConductRecord, context: Context, policy: ConductPolicy, before: tuple[MeasureFact, ...]
) -> Decision[ConductRecord]:
    """The step that is reached now, unless the same findings have led to it already."""
    found = reached(record.of, record.counted, policy)
    if found is None:
        return Decision(record, before)
    step, own = found
    findings = tuple(each.finding for each in own)
    if any((each.step, each.findings) == (step.id, findings) and each.stage != "lapsed" for each in record.proposals):
        return Decision(record, before)
    id = str(uuid5(UUID(context.key), f"proposal/{len(record.proposals)}"))
    proposal = Proposal(id=id, step=step.id, findings=findings)
    last = own[-1]
    told = MeasureProposed(
        **_told(record, proposal, policy.decides(record.of, record.unit), context),
        step=step.id,
        measures=tuple(step.measures),
        basis=step.basis,
        findings=findings,
        since=first_day(step, last.happened_on),
        jointly_with=tuple(unit for unit in last.units if unit != record.unit) if record.of is SubjectKind.UNIT else (),
        policy=policy.version,
    )
    return Decision(record.model_copy(update={"proposals": (*record.proposals, proposal)}), (*before, told))


def _decide(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    fault = _may_decide(record, proposal, command, context, policy)
    if fault is not None or command.actor is None:
        return _refuse(record, command, context, fault or reason(RefusalCode.ACTOR_MISSING, "actor"))
    until = context.at + policy.appeal_window
    decided = proposal.model_copy(update={"stage": "decided", "measures": command.measures, "appeal_until": until})
    actor = command.actor
    return Decision(
        record.with_proposal(decided),
        _to(
            (record.unit, context.speaker),
            lambda unit: MeasureDecided(
                **_told(record, proposal, unit, context),
                measures=command.measures,
                by=context.speaker,
                actor=actor,
                reason=command.reason,
                appeal_until=until,
            ),
        ),
    )


def _may_decide(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Reason | None:
    """An authorised body, through a post of its own that is neither the one concerned nor the one that found."""
    if context.speaker != policy.decides(record.of, record.unit):
        return reason(RefusalCode.NOT_DECIDER)
    if proposal.stage != "open":
        return reason(RefusalCode.PROPOSAL_CLOSED)
    if command.actor is None:
        return reason(RefusalCode.ACTOR_MISSING, "actor")
    if not policy.has_post(context.speaker, command.actor):
        return reason(RefusalCode.ACTOR_UNKNOWN, "actor")
    if command.actor == record.subject:
        return reason(RefusalCode.ACTOR_RECUSED, "actor")
    if command.actor in {each.actor for each in record.counted if each.finding in proposal.findings}:
        return reason(RefusalCode.SAME_ACTOR, "actor")
    known = {each.id for each in policy.table.measure}
    return None if known.issuperset(command.measures) else reason(RefusalCode.CODE_UNKNOWN, "measures")


def _appeal(
    record: ConductRecord, proposal: Proposal, command: AppealMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    if context.speaker != record.unit:
        return _refuse(record, command, context, reason(RefusalCode.NOT_CONCERNED))
    if proposal.stage != "decided" or not proposal.measures:
        return _refuse(record, command, context, reason(RefusalCode.MEASURE_NOT_TAKEN))
    if proposal.under_review:
        return _refuse(record, command, context, reason(RefusalCode.APPEAL_PENDING))
    if proposal.appeal_until is not None and context.at > proposal.appeal_until:
        days = policy.table.findings.appeal_days
        return _refuse(record, command, context, reason(RefusalCode.APPEAL_WINDOW_CLOSED, days=days))
    return Decision(
        record.with_proposal(proposal.model_copy(update={"under_review": True})),
        _to(
            (policy.hears_appeals((record.unit,)), record.unit),
            lambda unit: MeasureAppealed(**_told(record, proposal, unit, context), grounds=command.grounds),
        ),
    )


def _review(
    record: ConductRecord, proposal: Proposal, command: ReviewMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    if context.speaker != policy.hears_appeals((record.unit,)):
        return _refuse(record, command, context, reason(RefusalCode.NOT_APPEAL_BODY))
    if proposal.stage != "decided" or not proposal.measures:
        return _refuse(record, command, context, reason(RefusalCode.MEASURE_NOT_TAKEN))
    said = MeasureUpheld if command.stands else MeasureReversed
    stage: Stage = "decided" if command.stands else "reversed"
    return Decision(
        record.with_proposal(proposal.model_copy(update={"stage": stage, "under_review": False})),
        _to(
            (record.unit, policy.decides(record.of, record.unit), context.speaker),
            lambda unit: said(**_told(record, proposal, unit, context), reason=command.reason),
        ),
    )


def _outcome(
    record: ConductRecord, proposal: Proposal, command: RecordOutcome, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    decider = policy.decides(record.of, record.unit)
    if context.speaker not in {decider, record.unit}:
        return _refuse(record, command, context, reason(RefusalCode.NOT_CONCERNED))
    if proposal.stage != "decided" or not proposal.measures:
        return _refuse(record, command, context, reason(RefusalCode.MEASURE_NOT_TAKEN))
    if command.outcome not in {each.id for each in policy.table.outcome}:
        return _refuse(record, command, context, reason(RefusalCode.CODE_UNKNOWN, "outcome"))
    return Decision(
        record.with_proposal(proposal.model_copy(update={"outcomes": (*proposal.outcomes, command.outcome)})),
        _to(
            (record.unit, decider),
            lambda unit: OutcomeRecorded(
                **_told(record, proposal, unit, context),
                outcome=command.outcome,
                amount_fen=command.amount_fen,
                note=command.note,
            ),
        ),
    )


def _to(units: tuple[str, ...], said: Callable[[str], MeasureFact]) -> tuple[MeasureFact, ...]:
    """The same to each of them, once."""
    return tuple(said(unit) for unit in dict.fromkeys(units))


def _told(record: ConductRecord, proposal: Proposal, unit: str, context: Context) -> dict[str, Any]:
    return {
        "unit": unit,
        "occurred_at": context.at,
        "kind": record.of,
        "subject": record.subject,
        "proposal_id": proposal.id,
    }


def _refuse(
    state: ConductRecord | None, command: MeasureCommand, context: Context, why: Reason
) -> Decision[ConductRecord]:
    return Decision(state, (refused(context, command.TYPE, (why,)),))
