"""Which rule answers what is said about the record of a unit or a post, and whom the record waits for afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.codes import RefusalCode
from contracts.conduct import (
    AppealMeasure,
    DecideMeasure,
    FindingCounted,
    FindingUncounted,
    MeasureCommand,
    RecordOutcome,
    ReviewMeasure,
)
from contracts.refusals import reason
from infra.decision import Context, Decision, Due, Subject, Unreadable
from services.scoring.domain.conduct import deciding, proposing
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record import ConductRecord, carried_out_in, waiting_for
from services.scoring.domain.conduct.refusing import refused_unreadable
from services.scoring.domain.scores.period import month_of


@dataclass(frozen=True)
class ConductRules:
    """By the accountability of one place; None: it has none."""

    policy: ConductPolicy | None

    def decide(self, state: ConductRecord | None, subject: Subject, context: Context) -> Decision[ConductRecord]:
        """Counted, proposed, decided, reviewed, or refused with the rule."""
        decision = self._decide(state, subject, context)
        after = decision.state
        return decision if after is None or self.policy is None else replace(decision, state=_filed(after, self.policy))

    def due(self, state: ConductRecord) -> datetime | None:
        """When the first proposal is dropped; never where it is pursued to the end."""
        expiry = self.policy.expiry if self.policy is not None else None
        if expiry is None:
            return None
        return min((each.proposed_at + expiry for each in state.proposals if each.stage == "open"), default=None)

    @staticmethod
    def is_open(state: ConductRecord) -> bool:
        """Somebody has to decide."""
        return any(each.stage == "open" or each.under_review for each in state.proposals)

    def _decide(self, state: ConductRecord | None, subject: Subject, context: Context) -> Decision[ConductRecord]:
        policy = self.policy
        match subject:
            case Unreadable():
                return Decision(state, (refused_unreadable(context, subject),))
            case FindingCounted() if policy is not None:
                return proposing.count(state, subject, context, policy)
            case FindingUncounted() if policy is not None and state is not None:
                return proposing.uncount(state, subject, context, policy)
            case Due() if policy is not None and state is not None:
                return proposing.expire(state, context, policy)
            case MeasureCommand():
                return self._command(state, subject, context)
            case _:
                return Decision(state)

    def _command(
        self, state: ConductRecord | None, command: MeasureCommand, context: Context
    ) -> Decision[ConductRecord]:
        proposal = state.proposal(command.proposal_id) if state is not None else None
        if state is None or proposal is None or self.policy is None:
            return deciding.refuse(state, command, context, reason(RefusalCode.PROPOSAL_UNKNOWN, "proposal_id"))
        match command:
            case DecideMeasure():
                return deciding.decide(state, proposal, command, context, self.policy)
            case AppealMeasure():
                return deciding.appeal(state, proposal, command, context, self.policy)
            case ReviewMeasure():
                return deciding.review(state, proposal, command, context, self.policy)
            case RecordOutcome():
                return deciding.record_outcome(state, proposal, command, context, self.policy)
            case _:
                return Decision(state)


def _filed(record: ConductRecord, policy: ConductPolicy) -> ConductRecord:
    """Whom it waits for, and under what it is found."""
    waits_for: list[str] = []
    if any(each.stage == "open" for each in record.proposals):
        waits_for.append(policy.decides(record.of, record.unit))
    for each in record.proposals:
        body = proposing.reviewer(record, each, policy) if each.under_review else None
        waits_for += [body] if body is not None else []
    zone = policy.limits.timezone
    bodies = tuple(dict.fromkeys(waits_for))
    months = dict.fromkeys(month_of(done.at, zone) for each in record.proposals for done in each.outcomes)
    filed = (*map(waiting_for, bodies), *map(carried_out_in, months))
    return record.model_copy(update={"waits_for": bodies, "filed": filed})
