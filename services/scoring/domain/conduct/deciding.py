"""What people say about what is proposed: decided, appealed against, reviewed, carried out.

The system proposes, a person decides; another body than the one that has decided reviews. Source: S2, S4, S1¶4.
"""

from __future__ import annotations

from contracts.codes import RefusalCode
from contracts.conduct import (
    AppealMeasure,
    DecideMeasure,
    MeasureAppealed,
    MeasureCommand,
    MeasureConsentRequested,
    MeasureDecided,
    MeasureReversed,
    MeasureUpheld,
    OutcomeRecorded,
    RecordOutcome,
    ReviewMeasure,
)
from contracts.posts import Acting
from contracts.refusals import Reason, malformed, reason
from infra.decision import Context, Decision
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.proposing import about, propose, reviewer, to, under_review
from services.scoring.domain.conduct.record import ConductRecord, Draft, Outcome, Proposal
from services.scoring.domain.conduct.refusing import refused

COMMANDS = (DecideMeasure, AppealMeasure, ReviewMeasure, RecordOutcome)


def decide(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """Measures are taken, those proposed or others, or none; or a second post is asked to decide the same."""
    fault = _may_decide(record, proposal, command, context, policy) or _consent(
        record, proposal, command, context, policy
    )
    if fault is not None or command.actor is None:
        return refuse(record, command, context, fault or reason(RefusalCode.ACTOR_MISSING, "actor"))
    decided = Draft(measures=command.measures, by=command.actor, reason=command.reason)
    if command.consent is not None or not _needs_consent(proposal, command, policy):
        return _decided(record, proposal, decided, command.consent, context, policy)
    if _agrees(command, proposal.draft):
        return _decided(record, proposal, proposal.draft or decided, command.actor, context, policy)
    asked = record.with_proposal(proposal.model_copy(update={"draft": decided}))
    told = MeasureConsentRequested(
        **about(record, proposal, context.speaker, context),
        measures=decided.measures,
        actor=decided.by,
        reason=decided.reason,
    )
    return Decision(asked, (told,))


def _decided(
    record: ConductRecord,
    proposal: Proposal,
    decision: Draft,
    consent: str | None,
    context: Context,
    policy: ConductPolicy,
) -> Decision[ConductRecord]:
    until = context.at + policy.appeal_window
    decided = proposal.model_copy(
        update={
            "stage": "decided",
            "measures": decision.measures,
            "by": context.speaker,
            "decided_by": decision.by,
            "consent": consent,
            "draft": None,
            "appeal_until": until,
        }
    )
    return Decision(
        record.with_proposal(decided),
        to(
            (record.unit, context.speaker),
            lambda unit: MeasureDecided(
                **about(record, proposal, unit, context),
                measures=decision.measures,
                by=context.speaker,
                actor=decision.by,
                reason=decision.reason,
                appeal_until=until,
                consent=consent,
                publish=policy.table.pursuit.publish and decided.taken,
            ),
        ),
    )


def appeal(
    record: ConductRecord, proposal: Proposal, command: AppealMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """A body that has not taken the measure is asked, within the window."""
    if context.speaker != record.unit:
        return refuse(record, command, context, reason(RefusalCode.NOT_CONCERNED))
    if not proposal.taken:
        return refuse(record, command, context, reason(RefusalCode.MEASURE_NOT_TAKEN))
    if proposal.under_review:
        return refuse(record, command, context, reason(RefusalCode.APPEAL_PENDING))
    if proposal.appeal_until is not None and context.at > proposal.appeal_until:
        days = policy.table.findings.appeal_days
        return refuse(record, command, context, reason(RefusalCode.APPEAL_WINDOW_CLOSED, days=days))
    asked = under_review(proposal, context, policy).model_copy(update={"appealed_by": command.actor})
    return Decision(
        record.with_proposal(asked),
        to(
            (reviewer(record, proposal, policy), record.unit),
            lambda unit: MeasureAppealed(
                **about(record, proposal, unit, context), grounds=command.grounds, decide_until=asked.review_until
            ),
        ),
    )


def review(
    record: ConductRecord, proposal: Proposal, command: ReviewMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """It stands, or is taken back; what still counts is proposed anew then, to be decided about again."""
    if context.speaker != reviewer(record, proposal, policy):
        return refuse(record, command, context, reason(RefusalCode.NOT_APPEAL_BODY))
    if not proposal.taken:
        return refuse(record, command, context, reason(RefusalCode.MEASURE_NOT_TAKEN))
    took_part = (
        *record.finders(proposal),
        *(Acting(proposal.by or "", post) for post in (proposal.decided_by, proposal.consent)),
        Acting(record.unit, proposal.appealed_by),
    )
    if fault := _unfit(command.actor, "actor", record, took_part, context, policy):
        return refuse(record, command, context, fault)
    said = MeasureUpheld if command.stands else MeasureReversed
    done = {"under_review": False, "review_until": None, "stage": "decided" if command.stands else "reversed"}
    after = record.with_proposal(proposal.model_copy(update=done))
    told = to(
        (record.unit, policy.decides(record.of, record.unit), context.speaker),
        lambda unit: said(**about(record, proposal, unit, context), reason=command.reason),
    )
    return Decision(after, told) if command.stands else propose(after, proposal.findings, context, policy, told)


def record_outcome(
    record: ConductRecord, proposal: Proposal, command: RecordOutcome, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """What was done is kept, with its money."""
    decider = policy.decides(record.of, record.unit)
    if context.speaker not in {proposal.by, decider, record.unit}:
        return refuse(record, command, context, reason(RefusalCode.NOT_CONCERNED))
    if not proposal.taken:
        return refuse(record, command, context, reason(RefusalCode.MEASURE_NOT_TAKEN))
    if command.outcome not in {each.id for each in policy.table.outcome}:
        return refuse(record, command, context, reason(RefusalCode.CODE_UNKNOWN, "outcome"))
    if (command.unlawful_fen or 0) > (command.amount_fen or 0):
        return refuse(record, command, context, malformed("unlawful_fen", "less_than_equal"))
    done = Outcome(
        outcome=command.outcome,
        at=context.at,
        amount_fen=command.amount_fen,
        unlawful_fen=command.unlawful_fen,
    )
    return Decision(
        record.with_proposal(proposal.model_copy(update={"outcomes": (*proposal.outcomes, done)})),
        to(
            (record.unit, decider),
            lambda unit: OutcomeRecorded(
                **about(record, proposal, unit, context),
                outcome=command.outcome,
                amount_fen=command.amount_fen,
                unlawful_fen=command.unlawful_fen,
                note=command.note,
            ),
        ),
    )


def refuse(
    state: ConductRecord | None, command: MeasureCommand, context: Context, why: Reason
) -> Decision[ConductRecord]:
    """Nothing changes; the speaker learns the rule."""
    return Decision(state, (refused(context, command.TYPE, (why,)),))


def _may_decide(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Reason | None:
    """An authorised body, through a post of its own that is neither the one concerned nor the one that found."""
    if context.speaker != policy.decides(record.of, record.unit):
        return reason(RefusalCode.NOT_DECIDER)
    if context.speaker == record.unit:
        return reason(RefusalCode.JUDGES_ITSELF)
    if proposal.stage != "open":
        return reason(RefusalCode.PROPOSAL_CLOSED)
    if command.actor is None:
        return reason(RefusalCode.ACTOR_MISSING, "actor")
    known = {each.id for each in policy.table.measure}
    return _unfit(command.actor, "actor", record, record.finders(proposal), context, policy) or (
        None if known.issuperset(command.measures) else reason(RefusalCode.CODE_UNKNOWN, "measures")
    )


def _needs_consent(proposal: Proposal, command: DecideMeasure, policy: ConductPolicy) -> bool:
    """一律严肃处理 (S4): a second post has to agree to whatever is left out of what was proposed."""
    return policy.table.pursuit.deal_severely and not set(proposal.proposed) <= set(command.measures)


def _agrees(command: DecideMeasure, draft: Draft | None) -> bool:
    """Whether another post has decided the same before."""
    return draft is not None and set(draft.measures) == set(command.measures)


def _consent(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Reason | None:
    """Why the consent is none: that of the same post, or of one that may not decide; None where it is not needed."""
    if command.consent is None:
        alone = proposal.draft is not None and proposal.draft.by == command.actor and _agrees(command, proposal.draft)
        return reason(RefusalCode.CONSENT_MISSING, "consent") if alone else None
    if command.consent == command.actor:
        return reason(RefusalCode.SAME_ACTOR, "consent")
    return _unfit(command.consent, "consent", record, record.finders(proposal), context, policy)


def _unfit(
    post: str | None,
    field: str,
    record: ConductRecord,
    took_part: tuple[Acting, ...],
    context: Context,
    policy: ConductPolicy,
) -> Reason | None:
    """Why a post, or the desk of the speaker, may not decide after those who took part; None: it may."""
    code = policy.unfit(Acting(context.speaker, post), record.subject, *took_part)
    return None if code is None else reason(code, field)
