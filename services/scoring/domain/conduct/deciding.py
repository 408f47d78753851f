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
    MeasureDecided,
    MeasureReversed,
    MeasureUpheld,
    OutcomeRecorded,
    RecordOutcome,
    ReviewMeasure,
)
from contracts.refusals import Reason, malformed, reason
from infra.decision import Context, Decision
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.proposing import about, propose, reviewer, to, under_review
from services.scoring.domain.conduct.record import ConductRecord, Outcome, Proposal
from services.scoring.domain.conduct.refusing import refused

COMMANDS = (DecideMeasure, AppealMeasure, ReviewMeasure, RecordOutcome)


def decide(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Decision[ConductRecord]:
    """Measures are taken, those proposed or others, or none."""
    fault = _may_decide(record, proposal, command, context, policy) or _consent(
        record, proposal, command, context, policy
    )
    if fault is not None or command.actor is None:
        return refuse(record, command, context, fault or reason(RefusalCode.ACTOR_MISSING, "actor"))
    until = context.at + policy.appeal_window
    decided = proposal.model_copy(
        update={"stage": "decided", "measures": command.measures, "by": context.speaker, "appeal_until": until}
    )
    actor = command.actor
    return Decision(
        record.with_proposal(decided),
        to(
            (record.unit, context.speaker),
            lambda unit: MeasureDecided(
                **about(record, proposal, unit, context),
                measures=command.measures,
                by=context.speaker,
                actor=actor,
                reason=command.reason,
                appeal_until=until,
                consent=command.consent,
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
    asked = under_review(proposal, context, policy)
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
    return _unfit(command.actor, "actor", record, proposal, context, policy) or (
        None if known.issuperset(command.measures) else reason(RefusalCode.CODE_UNKNOWN, "measures")
    )


def _consent(
    record: ConductRecord, proposal: Proposal, command: DecideMeasure, context: Context, policy: ConductPolicy
) -> Reason | None:
    """一律严肃处理 (S4): whatever is left out of what was proposed, a second post has to agree to."""
    left_out = set(proposal.proposed) - set(command.measures)
    if command.consent is None:
        severe = policy.table.pursuit.deal_severely and left_out
        return reason(RefusalCode.CONSENT_MISSING, "consent") if severe else None
    if command.consent == command.actor:
        return reason(RefusalCode.SAME_ACTOR, "consent")
    return _unfit(command.consent, "consent", record, proposal, context, policy)


def _unfit(
    post: str, field: str, record: ConductRecord, proposal: Proposal, context: Context, policy: ConductPolicy
) -> Reason | None:
    """Why a post has no say in it; None: it has one."""
    if not policy.has_post(context.speaker, post):
        return reason(RefusalCode.ACTOR_UNKNOWN, field)
    if post == record.subject:
        return reason(RefusalCode.ACTOR_RECUSED, field)
    found_by = {each.actor for each in record.counted if each.finding in proposal.findings}
    return reason(RefusalCode.SAME_ACTOR, field) if post in found_by else None
