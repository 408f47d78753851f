"""Which rule answers which message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from contracts.codes import Language, NoticeKind, ReplyBy
from contracts.intake import (
    CaseEnded,
    CaseMerged,
    CaseRegistered,
    CaseUnmerged,
    ContactErased,
    ContactSealed,
    SubmissionRefused,
    SupplementRequested,
)
from contracts.message import Event
from contracts.notify import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintEnded,
    ComplaintProgress,
    ComplaintRefused,
    NoticeSent,
    RatingAnswered,
    SupplementAsked,
)
from contracts.refusals import Reason
from contracts.routing import CaseClosed, CaseReopened, CaseSuspended, DelayExplained
from contracts.scoring import CaseRated, ClockExtended, RatingRefused
from infra.decision import Context, Decision, Due, Subject, Wait
from services.notify.domain.case import Answer, Asked, Case, Kind, Registered
from services.notify.domain.notices import (
    LEASE,
    Delivered,
    DeliveryFailed,
    Resealed,
    attempt,
    forget,
    outcome,
    owe,
    sealed,
)
from services.notify.domain.progress import OnTheWay, answer_due, progress_of

PATIENCE = timedelta(days=1)
"""How long the end of a case waits for its beginning before somebody is called to look."""


@dataclass(frozen=True)
class Rules:
    """What is decided by the settings of this notify."""

    lease: timedelta = LEASE
    """How long an attempt may take before another is made."""

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """The next state of a case, what is told to its channel, and what is to be sent."""
        match subject:
            case CaseRegistered():
                return self._acknowledge(case, subject, context)
            case ContactSealed():
                return attempt(sealed(case or Case(), subject.box, subject.key_id), context, self.lease)
            case ContactErased():
                return forget(case or Case(), context)
            case SubmissionRefused():
                return _refuse(case, subject, context)
            case (
                CaseClosed()
                | CaseEnded()
                | SupplementRequested()
                | ClockExtended()
                | CaseSuspended()
                | DelayExplained()
                | CaseReopened()
                | CaseMerged()
                | CaseUnmerged()
            ):
                return self._go_on(case, subject, context)
            case CaseRated() | RatingRefused():
                return Decision(case, (_rating_answered(subject, context),))
            case Delivered() | DeliveryFailed() | Resealed() if case is not None:
                return outcome(case, subject, context)
            case Due() if case is not None:
                return attempt(case, context, self.lease)
        return Decision(case)

    def _acknowledge(self, case: Case | None, registered: CaseRegistered, context: Context) -> Decision[Case]:
        if case is not None and case.registered is not None:
            return Decision(case)
        known = (case or Case()).model_copy(
            update={
                "registered": Registered(
                    number=registered.number,
                    channel=registered.channel,
                    registered_at=registered.occurred_at,
                    title=registered.title,
                    reply_by=registered.reply_by,
                    language=registered.language,
                )
            }
        )
        owed = owe(known, Kind.ACKNOWLEDGEMENT, context, self.lease)
        reply = ComplaintAcknowledged(
            case_id=context.key,
            occurred_at=context.at,
            channel=registered.channel,
            number=registered.number,
            registered_at=registered.occurred_at,
        )
        return _beside(reply, owed)

    def _go_on(
        self, case: Case | None, subject: CaseClosed | CaseEnded | SupplementRequested | OnTheWay, context: Context
    ) -> Decision[Case] | Wait:
        if case is None or case.registered is None:
            if context.patience_over:
                raise LookupError("something happened to a case that was never registered here")
            return Wait(PATIENCE)
        match subject:
            case SupplementRequested():
                return self._ask(case, case.registered, subject, context)
            case CaseClosed() if case.answer is None:
                return self._answer(case, case.registered, subject, context)
            case CaseEnded() if case.answer is None:
                return self._end(case, case.registered, subject, context)
            case CaseClosed() | CaseEnded():
                return Decision(case)
            case ClockExtended():
                return self._tell_extended(case, case.registered, subject, context)
            case _:
                return self._tell_progress(case, case.registered, subject, context)

    def _tell_extended(
        self, case: Case, registered: Registered, extended: ClockExtended, context: Context
    ) -> Decision[Case] | Wait:
        """Told while that answer is owed: scoring's word may come after the answer, or before it is opened again."""
        answer, owed = answer_due(extended), case.reopened + 1
        if answer is not None and answer > owed and not context.patience_over:
            return Wait(PATIENCE)
        if answer != owed or case.answer is not None:
            return Decision(case)
        return self._tell_progress(case, registered, extended, context)

    def _tell_progress(self, case: Case, registered: Registered, subject: OnTheWay, context: Context) -> Decision[Case]:
        progress = progress_of(subject)
        known = case.model_copy(update={"progress": (*case.progress, progress)})
        if isinstance(subject, CaseReopened):
            known = known.model_copy(update={"reopened": subject.count})
        reply = ComplaintProgress(
            case_id=context.key,
            occurred_at=context.at,
            channel=registered.channel,
            number=registered.number,
            what=progress.what,
            zh=progress.zh,
            en=progress.en,
        )
        return _beside(reply, owe(known, Kind.PROGRESS, context, self.lease, len(known.progress)))

    def _ask(self, case: Case, registered: Registered, asked: SupplementRequested, context: Context) -> Decision[Case]:
        missing = _sentences(asked.missing, registered.language)
        told = Asked(round=asked.round, missing=missing, answer_by=asked.answer_by)
        reply = SupplementAsked(
            case_id=context.key,
            occurred_at=context.at,
            channel=registered.channel,
            number=registered.number,
            missing=asked.missing,
            answer_by=asked.answer_by,
            round=asked.round,
        )
        known = case.model_copy(update={"asked": told})
        return _beside(reply, owe(known, Kind.SUPPLEMENT, context, self.lease, asked.round))

    def _answer(self, case: Case, registered: Registered, closed: CaseClosed, context: Context) -> Decision[Case]:
        answered = _with_answer(case, Answer(result=closed.result, reply=closed.reply))
        reply = ComplaintAnswered(
            case_id=context.key,
            occurred_at=context.at,
            channel=registered.channel,
            number=registered.number,
            result=closed.result,
            reply=closed.reply,
        )
        return _beside(reply, owe(answered, Kind.ANSWER, context, self.lease, case.reopened + 1))

    def _end(self, case: Case, registered: Registered, ended: CaseEnded, context: Context) -> Decision[Case]:
        """There is no department's answer; why there is none is the answer."""
        words = "\n".join([*_sentences(ended.reasons, registered.language), *([ended.reply] if ended.reply else [])])
        answered = _with_answer(case, Answer(result=ended.ending, reply=words))
        reply = ComplaintEnded(
            case_id=context.key,
            occurred_at=context.at,
            channel=registered.channel,
            number=registered.number,
            ending=ended.ending,
            reasons=ended.reasons,
            reply=ended.reply,
            authority=ended.authority,
        )
        return _beside(reply, owe(answered, Kind.ANSWER, context, self.lease, case.reopened + 1))


def _with_answer(case: Case, answer: Answer) -> Case:
    return case.model_copy(update={"answers": (*case.answers, answer)})


def _sentences(reasons: tuple[Reason, ...], language: Language) -> tuple[str, ...]:
    return tuple(each.zh if language is Language.CHINESE else each.en for each in reasons)


def _beside(reply: Event, owed: Decision[Case]) -> Decision[Case]:
    """The channel's reply, and what is owed by the way the complainant chose."""
    return Decision(owed.state, (reply, *owed.events), owed.effects)


def _refuse(case: Case | None, refused: SubmissionRefused, context: Context) -> Decision[Case]:
    reply = ComplaintRefused(
        case_id=context.key,
        occurred_at=context.at,
        channel=refused.channel,
        submission_id=refused.submission_id,
        reasons=refused.reasons,
    )
    told = NoticeSent(
        case_id=context.key,
        occurred_at=context.at,
        notice_id=f"refusal.{refused.submission_id}",
        notice=NoticeKind.REFUSAL,
        by=ReplyBy.CHANNEL,
        attempts=1,
    )
    return Decision(case, (reply, told))


def _rating_answered(subject: CaseRated | RatingRefused, context: Context) -> RatingAnswered:
    return RatingAnswered(
        case_id=context.key,
        occurred_at=context.at,
        channel=subject.channel,
        rating_id=subject.rating_id,
        counted=isinstance(subject, CaseRated),
        reasons=subject.reasons if isinstance(subject, RatingRefused) else (),
    )
