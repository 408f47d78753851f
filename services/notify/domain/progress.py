"""What the complainant is told on the way: longer, at rest, late, again or with others. Source: S2."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codes import PauseReason
from contracts.intake import CaseMerged, CaseUnmerged
from contracts.routing import AnswerAppealDecided, AnswerAppealOpened, CaseReopened, CaseSuspended, DelayExplained
from contracts.scoring import ClockExtended
from services.notify.domain.case import Progress
from services.notify.domain.policy import Policy

OnTheWay: TypeAlias = (
    ClockExtended
    | CaseSuspended
    | DelayExplained
    | CaseReopened
    | CaseMerged
    | CaseUnmerged
    | AnswerAppealOpened
    | AnswerAppealDecided
)
MESSAGES = (
    *(CaseSuspended, DelayExplained, CaseReopened, CaseMerged, CaseUnmerged),
    *(AnswerAppealOpened, AnswerAppealDecided),
)
"""Besides more time, which is a matter of the clock first."""

_REASONS = {
    PauseReason.THIRD_PARTY: ("需等待第三方", "somebody outside has to act first"),
    PauseReason.SHELVED: ("暂不具备办理条件", "it cannot be done at present"),
    PauseReason.SUPPLEMENT: ("等待补充材料", "something is missing"),
}


def progress_of(subject: OnTheWay, policy: Policy) -> Progress:
    """The words for the complainant, with dates in the place's own days."""
    match subject:
        case ClockExtended():
            zh, en = (f"，至 {subject.due_on}", f" until {subject.due_on}") if subject.due_on is not None else ("", "")
            return Progress(
                what="extended",
                zh=f"办理期限延长 {subject.working_days} 个工作日{zh}。原因：{subject.reason}",
                en=f"The limit was extended by {subject.working_days} working days{en}. Reason: {subject.reason}",
                reason=subject.reason,
                working_days=subject.working_days,
            )
        case CaseSuspended():
            zh, en = _REASONS[subject.reason]
            day = policy.last_day(subject.until).isoformat()
            return Progress(
                what="suspended",
                zh=f"因{zh}，暂缓办理，最迟 {day} 恢复。说明：{subject.note}",
                en=f"The case rests until {day} at the latest: {en}. {subject.note}",
                reason=subject.note,
                cause=subject.reason,
                until=subject.until,
            )
        case DelayExplained():
            day = policy.last_day(subject.promised_at).isoformat()
            return Progress(
                what="delayed",
                zh=f"未能按时办结，谨致歉意。原因：{subject.reason}。我们承诺在 {day} 前答复您。",
                en=f"We are late, and sorry. Reason: {subject.reason}. We promise an answer by {day}.",
                reason=subject.reason,
                until=subject.promised_at,
            )
        case CaseReopened():
            return Progress(
                what="reopened",
                zh=f"您的诉求将重新办理。原因：{subject.reason}",
                en=f"Your complaint is handled again. Reason: {subject.reason}",
                reason=subject.reason,
            )
        case AnswerAppealOpened():
            return Progress(
                what="appealed",
                zh="您对答复的复核申请已受理，将由作出答复以外的人员复核，复核结果将告知您。",
                en="Your appeal against the answer was accepted. Others than those who answered decide, and you will"
                " have the result.",
            )
        case AnswerAppealDecided():
            return Progress(
                what="appeal-upheld",
                zh=f"经复核，维持原答复。理由：{subject.reason}",
                en=f"The answer was reviewed and stands. Reason: {subject.reason}",
                reason=subject.reason,
            )
        case CaseMerged():
            return Progress(
                what="merged",
                zh="您的诉求已与同类诉求合并办理，办理结果将同样答复您。",
                en="Your complaint is handled together with others about the same matter; you get the same answer.",
            )
        case CaseUnmerged():
            return Progress(
                what="unmerged",
                zh="您的诉求不再与其他诉求合并，将单独办理并答复您。",
                en="Your complaint is handled by itself again, and answered.",
            )
