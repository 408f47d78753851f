"""What a body has entered into the score of a unit, and the rules by which it counts. Source: S2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from contracts.assessments import (
    ApproveAssessment,
    AssessmentApproved,
    AssessmentCommand,
    AssessmentFact,
    AssessmentRecorded,
    AssessmentRefused,
    AssessmentWithdrawn,
    RecordAssessment,
    WithdrawAssessment,
    assessment_key,
)
from contracts.codes import AssessmentKind, RefusalCode
from contracts.message import Message
from contracts.posts import Acting, needs_name
from contracts.refusals import Reason, reason, unreadable
from contracts.surveys import SurveyResult
from infra.decision import Context, Decision, Subject, Unreadable, Wait
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy

COMMANDS = (RecordAssessment, WithdrawAssessment, ApproveAssessment)
FACTS = (SurveyResult,)
PATIENCE = timedelta(hours=1)
"""An approval may overtake what it approves by this much."""


def entered_for(period: str) -> str:
    """Under which the assessments of a period are found."""
    return f"period/{period}"


def key_of_assessment(message: Message, speaker: str | None) -> str:
    """The key of an assessment: what a body has entered is found by the body that the topic proves."""
    assert isinstance(message, AssessmentCommand)  # noqa: S101 - the topic carries nothing else
    assessor = message.assessor if isinstance(message, ApproveAssessment) else speaker or message.body
    return assessment_key(assessor, message.reference)


class Assessment(Aggregate):
    """One entry."""

    kind: Literal["assessment"] = "assessment"
    assessor: str
    reference: str
    does: AssessmentKind
    item: str
    about: str
    entered_for: str
    """The period."""
    points: Decimal
    basis: str
    recorded_at: datetime
    recorded_by: str | None = None
    """The body's post that entered it; None: its desk."""
    approved_by: str | None = None
    withdrawn: bool = False
    filed: tuple[str, ...] = ()
    """Under which it is found: its period."""

    @property
    def counts(self) -> bool:
        """It is part of the score."""
        return not self.withdrawn and (self.does is not AssessmentKind.BONUS or self.approved_by is not None)


@dataclass(frozen=True)
class AssessmentRules:
    """By the scores of one place; None: it makes none, and everything is refused."""

    policy: ScorePolicy | None

    def decide(self, state: Assessment | None, subject: Subject, context: Context) -> Decision[Assessment] | Wait:
        """Entered, approved, withdrawn, or refused with the rule."""
        match subject:
            case RecordAssessment():
                return self._record(state, subject, context)
            case SurveyResult():
                return self._survey(state, subject, context)
            case WithdrawAssessment() | ApproveAssessment() if state is None:
                if isinstance(subject, ApproveAssessment) and not context.patience_over:
                    return Wait(PATIENCE)
                return _refuse(state, subject, context, RefusalCode.ASSESSMENT_UNKNOWN)
            case WithdrawAssessment() if state is not None:
                return self._withdraw(state, subject, context)
            case ApproveAssessment() if state is not None:
                return self._approve(state, subject, context)
            case Unreadable():
                answer = _refused(context, subject.type, context.speaker, "", unreadable(subject))
                return Decision(state, (answer.model_copy(update={"record": subject.origin}),))
            case _:
                return Decision(state)

    @staticmethod
    def due(_state: Assessment) -> datetime | None:
        """Never."""
        return None

    @staticmethod
    def is_open(state: Assessment) -> bool:
        """A bonus waits for its approval."""
        return not state.withdrawn and not state.counts

    def _record(self, state: Assessment | None, command: RecordAssessment, context: Context) -> Decision[Assessment]:
        entry = Assessment(
            assessor=context.speaker,
            reference=command.reference,
            does=command.kind,
            item=command.item,
            about=command.about,
            entered_for=command.period,
            points=command.points,
            basis=command.basis,
            recorded_at=context.at,
            recorded_by=command.actor,
            filed=(entered_for(command.period),),
        )
        if state is not None:
            here = {name: getattr(state, name) for name in ("recorded_at", "recorded_by", "approved_by", "withdrawn")}
            same = entry.model_copy(update=here) == state
            return Decision(state) if same else _refuse(state, command, context, RefusalCode.ASSESSMENT_EXISTS)
        fault = self._fault(entry, context)
        if fault is not None:
            return Decision(None, (_refused_command(command, context, fault),))
        told = AssessmentRecorded(
            **_told(entry, context),
            kind=entry.does,
            item=entry.item,
            about=entry.about,
            period=entry.entered_for,
            points=entry.points,
            basis=entry.basis,
            actor=command.actor,
            policy=self.policy.version if self.policy else "",
        )
        return Decision(entry, (told,))

    def _survey(self, state: Assessment | None, result: SurveyResult, context: Context) -> Decision[Assessment]:
        """The result of a survey is the rating of the body that made it."""
        said = RecordAssessment(
            body=result.body,
            issued_at=result.occurred_at,
            reference=result.entry,
            kind=AssessmentKind.RATING,
            item=result.item,
            about=result.unit,
            period=result.period,
            points=result.points,
            basis=f"问卷测评 {result.reference}：发出 {result.issued} 份，有效 {result.valid} 份",
        )
        return self._record(state, said, replace(context, speaker=result.body))

    def _fault(self, entry: Assessment, context: Context) -> Reason | None:
        policy = self.policy
        listed = policy.entered(entry.does, entry.item) if policy is not None else None
        if policy is None or listed is None:
            return reason(RefusalCode.NOT_IN_SCORES, "item")
        if entry.about not in policy.members:
            return reason(RefusalCode.UNIT_UNKNOWN, "about")
        if entry.assessor not in listed.assessed_by or entry.assessor == entry.about:
            return reason(RefusalCode.NOT_ASSESSOR, "item")
        if Period.parse(entry.entered_for).within(policy.zone)[0] > context.at:
            return reason(RefusalCode.PERIOD_NOT_BEGUN, "period")
        recorder = Acting(entry.assessor, entry.recorded_by)
        if entry.does is AssessmentKind.BONUS and needs_name(recorder, (policy.approver(entry.item),)):
            return reason(RefusalCode.ACTOR_MISSING, "actor")
        if fault := policy.unfit(recorder):
            return reason(fault, "actor")
        most = policy.most(entry.does, entry.item)
        return reason(RefusalCode.POINTS_TOO_MANY, "points", most=most) if entry.points > most else None

    def _withdraw(self, state: Assessment, command: WithdrawAssessment, context: Context) -> Decision[Assessment]:
        if state.withdrawn:
            return _refuse(state, command, context, RefusalCode.ASSESSMENT_WITHDRAWN)
        told = AssessmentWithdrawn(**_told(state, context), reason=command.reason)
        return Decision(state.model_copy(update={"withdrawn": True}), (told,))

    def _approve(self, state: Assessment, command: ApproveAssessment, context: Context) -> Decision[Assessment]:
        if state.withdrawn:
            return _refuse(state, command, context, RefusalCode.ASSESSMENT_WITHDRAWN)
        approver = self.policy.approver(state.item) if self.policy and state.does is AssessmentKind.BONUS else None
        if approver != context.speaker or context.speaker == state.about:
            return _refuse(state, command, context, RefusalCode.NOT_APPROVER)
        recorder = Acting(state.assessor, state.recorded_by)
        if self.policy and (fault := self.policy.unfit(Acting(approver, command.actor), recorder)):
            return _refuse(state, command, context, fault, "actor")
        if state.approved_by is not None:
            return Decision(state)
        told = AssessmentApproved(**_told(state, context), approver=approver, actor=command.actor)
        return Decision(state.model_copy(update={"approved_by": approver}), (told,))


def _told(entry: Assessment, context: Context) -> dict[str, Any]:
    return {
        "body": entry.assessor,
        "assessor": entry.assessor,
        "reference": entry.reference,
        "occurred_at": context.at,
    }


def _refuse(
    state: Assessment | None, command: AssessmentCommand, context: Context, code: RefusalCode, field: str | None = None
) -> Decision[Assessment]:
    return Decision(state, (_refused_command(command, context, reason(code, field)),))


def _refused_command(command: AssessmentCommand, context: Context, why: Reason) -> AssessmentFact:
    assessor = command.assessor if isinstance(command, ApproveAssessment) else context.speaker
    return _refused(context, command.TYPE, assessor, command.reference, (why,))


def _refused(
    context: Context, command: str, assessor: str, reference: str, reasons: tuple[Reason, ...]
) -> AssessmentRefused:
    return AssessmentRefused(
        body=context.speaker,
        assessor=assessor,
        reference=reference,
        occurred_at=context.at,
        command_id=context.message_id,
        command=command,
        reasons=reasons,
    )
