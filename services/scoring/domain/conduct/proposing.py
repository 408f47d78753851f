"""What follows when a finding begins to count, or counts no more: proposed, lapsed, put up for review.

A proposal rests on findings: when one of them is reversed it lapses, a measure that was taken already is put up for
review, and what still counts is proposed anew. Source: S2, S4 (一律追查到底).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID, uuid5

from contracts.codes import SubjectKind
from contracts.conduct import (
    FindingCounted,
    FindingUncounted,
    MeasureFact,
    MeasureProposed,
    ProposalExpired,
    ProposalLapsed,
    ReversalDue,
)
from infra.decision import Context, Decision
from services.scoring.domain.conduct.ladder import Reached, left_out
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record import ConductRecord, Counted, Proposal

FACTS = (FindingCounted, FindingUncounted)


def count(
    state: ConductRecord | None, fact: FindingCounted, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """It counts from now on, once; the steps that are reached with it are proposed."""
    record = state or ConductRecord(of=fact.kind, subject=fact.subject, unit=fact.unit)
    if any(each.finding == fact.finding for each in record.counted):
        return Decision(record)
    new = Counted(
        finding=fact.finding,
        body=fact.body,
        actor=fact.actor,
        source=fact.source,
        happened_on=fact.happened_on,
        units=fact.units,
    )
    counted = tuple(sorted((*record.counted, new), key=lambda each: (each.happened_on, each.finding)))
    return propose(record.model_copy(update={"counted": counted}), {new.finding}, context, policy)


def uncount(
    state: ConductRecord, fact: FindingUncounted, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """What rests on it lapses, or is put up for review; what still counts of the rest is proposed anew."""
    if all(each.finding != fact.finding for each in state.counted):
        return Decision(state)
    record = state.model_copy(update={"counted": tuple(each for each in state.counted if each.finding != fact.finding)})
    told: list[MeasureFact] = []
    resting = [each for each in state.proposals if fact.finding in each.findings]
    for each in resting:
        if each.stage == "open":
            record = record.with_proposal(each.model_copy(update={"stage": "lapsed"}))
            decider = policy.decides(record.of, record.unit)
            told.append(ProposalLapsed(**about(record, each, decider, context), finding=fact.finding))
        elif each.taken:
            asked = under_review(each, context, policy)
            record = record.with_proposal(asked)
            told += _reversal_due(record, asked, fact, context, policy)
    return propose(record, {finding for each in resting for finding in each.findings}, context, policy, tuple(told))


def expire(state: ConductRecord, context: Context, policy: ConductPolicy) -> Decision[ConductRecord]:
    """What nobody has decided about for as long as the place waits is dropped."""
    record, told = state, list[MeasureFact]()
    for each in state.proposals:
        if policy.expiry is not None and each.stage == "open" and context.at >= each.proposed_at + policy.expiry:
            record = record.with_proposal(each.model_copy(update={"stage": "expired"}))
            decider = policy.decides(record.of, record.unit)
            told.append(ProposalExpired(**about(record, each, decider, context)))
    return Decision(record, tuple(told))


def propose(
    record: ConductRecord,
    touched: Collection[str],
    context: Context,
    policy: ConductPolicy,
    before: tuple[MeasureFact, ...] = (),
) -> Decision[ConductRecord]:
    """Every step reached with one of these findings of which nothing stands is proposed to whoever may decide."""
    told = list(before)
    for each in left_out(record, touched, policy):
        proposal = Proposal(
            id=str(uuid5(UUID(context.key), f"proposal/{len(record.proposals)}")),
            step=each.step.id,
            findings=each.findings,
            proposed=tuple(each.step.measures),
            proposed_at=context.at,
        )
        record = record.model_copy(update={"proposals": (*record.proposals, proposal)})
        told.append(_proposed(record, proposal, each, context, policy))
    return Decision(record, tuple(told))


def under_review(proposal: Proposal, context: Context, policy: ConductPolicy) -> Proposal:
    """Somebody has to say whether it stands, in time; who was asked before has the time from then."""
    until = proposal.review_until if proposal.under_review else context.at + policy.time_to_decide
    return proposal.model_copy(update={"under_review": True, "review_until": until})


def reviewer(record: ConductRecord, proposal: Proposal, policy: ConductPolicy) -> str | None:
    """The body of appeal, or another: neither the unit concerned nor the body that has taken the measure."""
    return policy.hears_appeals((record.unit, proposal.by or policy.decides(record.of, record.unit)))


def to(units: tuple[str | None, ...], said: Callable[[str], MeasureFact]) -> tuple[MeasureFact, ...]:
    """The same to each of them that there is, once."""
    return tuple(said(unit) for unit in dict.fromkeys(units) if unit is not None)


def about(record: ConductRecord, proposal: Proposal, unit: str, context: Context) -> dict[str, Any]:
    """The fields of every fact about a proposal."""
    return {
        "unit": unit,
        "occurred_at": context.at,
        "kind": record.of,
        "subject": record.subject,
        "proposal_id": proposal.id,
    }


def _reversal_due(
    record: ConductRecord, asked: Proposal, fact: FindingUncounted, context: Context, policy: ConductPolicy
) -> tuple[MeasureFact, ...]:
    return to(
        (reviewer(record, asked, policy),),
        lambda unit: ReversalDue(
            **about(record, asked, unit, context), finding=fact.finding, decide_until=asked.review_until
        ),
    )


def _proposed(
    record: ConductRecord, proposal: Proposal, found: Reached, context: Context, policy: ConductPolicy
) -> MeasureProposed:
    jointly = found.counted[-1].units if record.of is SubjectKind.UNIT else ()
    return MeasureProposed(
        **about(record, proposal, policy.decides(record.of, record.unit), context),
        step=found.step.id,
        measures=proposal.proposed,
        basis=found.step.basis,
        findings=found.findings,
        since=found.since,
        jointly_with=tuple(unit for unit in jointly if unit != record.unit),
        policy=policy.version,
    )
