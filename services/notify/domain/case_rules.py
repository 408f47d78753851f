"""Which rule answers which message about a case, and what a case wants when its time comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from contracts.codes import Language, NoticeKind
from contracts.intake import (
    CaseEnded,
    CaseRegistered,
    ContactErased,
    ContactSealed,
    SubmissionRefused,
    SupplementReceived,
    SupplementRequested,
)
from contracts.message import Fact
from contracts.notify import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintEnded,
    ComplaintProgress,
    ComplaintRefused,
    NoticeSent,
    RatingAnswered,
    SilenceEnded,
    SilenceFound,
    SupplementAsked,
)
from contracts.receipts import ReceiptRefused, RedriveNotice, ReportReceipt
from contracts.refusals import Reason, unreadable
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    CaseClosed,
    CaseReopened,
    ComplainantAsked,
    ComplainantRequestRefused,
    DelayExplained,
    SubtaskEnded,
    SubtaskOpened,
)
from contracts.scoring import CaseMeasured, CaseRated, ClockExtended, RatingRefused
from infra.decision import Context, Decision, Internal, Subject, Unreadable, Wait
from services.notify.domain.case import Answer, Asked, Case, Kind, Registered, Silence
from services.notify.domain.co_handling import OF_PARTS, OfPart, heard, limit_awaited, owed_of_part, part_limited
from services.notify.domain.house import (
    FROM_CLOCKS,
    FROM_ROUTING,
    OfClock,
    OfRouting,
    answer_due,
    carded,
    limited,
    on_its_way,
    opened_again,
    owed_to_staff,
    scheduled,
    scored,
)
from services.notify.domain.owing import staff_notice
from services.notify.domain.policy import Policy
from services.notify.domain.progress import MESSAGES as ON_THE_WAY
from services.notify.domain.progress import OnTheWay, progress_of
from services.notify.domain.requests import request_answered
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Way
from services.notify.domain.silence import next_silence, silences
from services.notify.domain.telling import Telling, next_look

PATIENCE = timedelta(days=1)
"""How long the end of a case waits for its beginning before somebody is called to look."""

AboutCase: TypeAlias = (
    CaseClosed
    | CaseEnded
    | SupplementReceived
    | SupplementRequested
    | ComplainantAsked
    | ComplainantRequestRefused
    | CaseMeasured
    | OnTheWay
    | OfRouting
    | OfPart
    | OfClock
)
ABOUT_CASE = (
    *(CaseClosed, CaseEnded, SupplementReceived, SupplementRequested, CaseMeasured),
    *(ComplainantAsked, ComplainantRequestRefused),
    *(*ON_THE_WAY, *FROM_ROUTING, *OF_PARTS, *FROM_CLOCKS),
)


@dataclass(frozen=True, slots=True)
class Resealed(Internal):
    """The contact is sealed for the key in force, where it was for one that has been replaced."""

    replaced: str
    box: str
    key_id: str


@dataclass(frozen=True)
class CaseRules:
    """The rules of one place."""

    policy: Policy
    lease: timedelta

    @property
    def _telling(self) -> Telling:
        return Telling(self.policy, self.lease)

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """The next state of a case, what is told to its channel and its units, and what is to be sent."""
        decision = self._decide(case, subject, context)
        if isinstance(decision, Wait) or decision.state is None:
            return decision
        return self._settle(decision.state, decision, context)

    def due(self, case: Case) -> datetime | None:
        """When a notice wants to be tried, or something that is missing becomes an alarm."""
        wanted = (next_look(case), next_silence(case, self.policy.table.silence))
        return min((each for each in wanted if each is not None), default=None)

    def is_open(self, case: Case) -> bool:
        """Whether anything is still owed."""
        return case.answer is None or next_look(case) is not None

    def _decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        match subject:
            case CaseRegistered():
                return self._acknowledge(case, subject, context)
            case ContactSealed():
                return Decision(_reachable(case or Case(), subject.box, subject.key_id, context.at))
            case ContactErased():
                return self._telling.forget(case or Case(), context)
            case SubmissionRefused():
                return _refuse(case, subject, context, self.policy.version)
            case CaseRated() | RatingRefused():
                return self._rate(case, subject, context)
            case ReportReceipt():
                return self._telling.receipt(case, subject, context)
            case Unreadable():
                return Decision(case, (_unreadable_receipt(subject, context),) if context.speaker else ())
            case _ if case is None and not isinstance(subject, ABOUT_CASE):
                return Decision(case)
            case _ if isinstance(subject, ABOUT_CASE):
                return self._go_on(case, subject, context)
            case _:
                return self._inward(case or Case(), subject, context)

    def _inward(self, case: Case, subject: Subject, context: Context) -> Decision[Case]:
        match subject:
            case HandedOver() | DeliveryFailed() | Postponed():
                return self._telling.outcome(case, subject, context)
            case Resealed() if case.contact_box == subject.replaced:
                return Decision(case.model_copy(update={"contact_box": subject.box, "contact_key": subject.key_id}))
            case RedriveNotice():
                return self._telling.redrive(case, subject, context)
            case _:
                return Decision(case)

    def _settle(self, case: Case, decision: Decision[Case], context: Context) -> Decision[Case]:
        """Whatever was decided: what is due is tried, and silence is noticed or over."""
        tried = self._telling.attempt(case, context)
        state = tried.state or case
        found = silences(state, self.policy.table.silence, context.at)
        before = {each.what for each in state.silences or ()}
        facts = self._heard(state, found, before, context)
        if {each.what for each in found} != before:
            state = state.model_copy(update={"silences": found or None})
        return Decision(state, (*decision.events, *tried.events, *facts), (*decision.effects, *tried.effects))

    def _heard(self, case: Case, found: tuple[Silence, ...], before: set[str], context: Context) -> tuple[Fact, ...]:
        registered = case.registered
        if registered is None:
            return ()
        now = {each.what for each in found}
        ended = [
            SilenceEnded(case_id=context.key, occurred_at=context.at, number=registered.number, what=what)
            for what in sorted(before - now)
        ]
        facts: list[Fact] = [*ended]
        unit = case.owner or registered.centre
        for each in found:
            if each.what in before:
                continue
            facts.append(
                SilenceFound(
                    case_id=context.key,
                    occurred_at=context.at,
                    number=registered.number,
                    what=each.what,
                    since=each.since,
                    unit=unit,
                )
            )
            if self.policy.tells_staff("silence"):
                told = {
                    "number": registered.number,
                    "title": registered.title,
                    "lack": each.what,
                    "limit_at": each.since,
                    "unit_name": self.policy.names.unit(unit, Language.CHINESE),
                }
                which = f"{each.what}/{each.since.isoformat()}"
                receivers = dict.fromkeys((unit, *self.policy.table.silence.tell))
                facts += [
                    staff_notice(to, "silence", which, told, self.policy, context, registered.centre)
                    for to in receivers
                ]
        return tuple(facts)

    # ---- the beginning

    def _acknowledge(self, case: Case | None, registered: CaseRegistered, context: Context) -> Decision[Case]:
        if case is not None and case.registered is not None:
            return Decision(case)
        known = _known(registered)
        registered_case = (case or Case()).model_copy(update={"registered": known})
        owed = self._telling.owe(registered_case, Kind.ACKNOWLEDGEMENT, context)
        reply = ComplaintAcknowledged(
            case_id=context.key,
            occurred_at=context.at,
            **known.reply_fields(),
            number=registered.number,
            registered_at=registered.occurred_at,
        )
        return _beside((reply,), owed)

    # ---- on the way

    def _go_on(self, case: Case | None, subject: AboutCase, context: Context) -> Decision[Case] | Wait:
        if case is None or case.registered is None:
            if context.patience_over:
                raise LookupError("something happened to a case that was never registered here")
            return Wait(PATIENCE)
        match subject:
            case SupplementRequested() | ComplainantAsked():
                return self._ask(case, case.registered, subject, context)
            case CaseClosed() | CaseEnded():
                return self._end(case, case.registered, subject, context)
            case CaseMeasured() | SupplementReceived() | ComplainantRequestRefused():
                return self._completed(case, case.registered, subject, context)
            case ClockExtended():
                return self._extend(case, case.registered, subject, context)
            case _ if isinstance(subject, FROM_ROUTING):
                known = on_its_way(case, subject)
                return Decision(known, tuple(owed_to_staff(known, subject, case.registered, self.policy, context)))
            case SubtaskOpened() | SubtaskEnded():
                return self._share(case, case.registered, subject, context)
            case _ if isinstance(subject, FROM_CLOCKS):
                known = carded(part_limited(limited(case, subject), subject), subject, self.policy)
                told = scheduled(case, subject, case.registered, context)
                owed = owed_to_staff(known, subject, case.registered, self.policy, context)
                return Decision(_date_known(case, known, context.at), (*told, *owed))
            case _:
                return self._tell_progress(case, case.registered, subject, context)

    def _share(self, case: Case, registered: Registered, subject: OfPart, context: Context) -> Decision[Case] | Wait:
        """Somebody works on it beside the unit that has it, or did (联办)."""
        if isinstance(subject, SubtaskOpened) and (wait := limit_awaited(case, subject, self.policy, context)):
            return wait
        known = heard(case, subject, self.policy)
        return Decision(known, tuple(owed_of_part(known, subject, registered, self.policy, context)))

    def _extend(
        self, case: Case, registered: Registered, extended: ClockExtended, context: Context
    ) -> Decision[Case] | Wait:
        """Told while that answer is owed: scoring's word may come after the answer, or before it is opened again."""
        answer, owed = answer_due(extended.clock), case.reopened + 1
        if answer is not None and answer > owed and not context.patience_over:
            return Wait(PATIENCE)
        known = part_limited(limited(case, extended), extended)
        if answer != owed or case.answer is not None:
            return Decision(known)
        return self._tell_progress(known, registered, extended, context)

    def _tell_progress(self, case: Case, registered: Registered, subject: OnTheWay, context: Context) -> Decision[Case]:
        if isinstance(subject, AnswerAppealDecided) and not subject.upheld:
            return Decision(case)  # `CaseReopened` follows, with the reason
        progress = progress_of(subject, self.policy)
        known = opened_again(case, subject) if isinstance(subject, CaseReopened) else case
        if isinstance(subject, DelayExplained) and known.limit is not None:
            promised = known.limit.model_copy(update={"promised_at": progress.until})
            known = known.model_copy(update={"limit": promised})
        known = known.model_copy(update={"progress": (*known.progress, progress)})
        reply = ComplaintProgress(
            case_id=context.key,
            occurred_at=context.at,
            **registered.reply_fields(),
            number=registered.number,
            what=progress.what,
            zh=progress.zh,
            en=progress.en,
        )
        owed = self._telling.owe(known, Kind.PROGRESS, context, len(known.progress))
        replies: list[Fact] = [*request_answered(subject, registered, context), reply]
        if isinstance(subject, AnswerAppealOpened):
            replies += owed_to_staff(known, subject, registered, self.policy, context)
        return _beside(replies, owed)

    def _completed(
        self,
        case: Case,
        registered: Registered,
        subject: CaseMeasured | SupplementReceived | ComplainantRequestRefused,
        context: Context,
    ) -> Decision[Case]:
        """Apply a fact of scoring about the answer, or answer a request of the channel.

        Forms list the attachments of a supplement from now on.
        """
        if isinstance(subject, CaseMeasured):
            return Decision(scored(case, subject, self.policy))
        known = _supplemented(case, registered, subject) if isinstance(subject, SupplementReceived) else case
        return Decision(known, request_answered(subject, registered, context))

    def _ask(
        self, case: Case, registered: Registered, asked: SupplementRequested | ComplainantAsked, context: Context
    ) -> Decision[Case]:
        missing = _sentences(asked.missing, registered.language)
        unit = asked.unit if isinstance(asked, ComplainantAsked) else None
        told = Asked(round=asked.round, missing=missing, answer_by=asked.answer_by, unit=unit)
        reply = SupplementAsked(
            case_id=context.key,
            occurred_at=context.at,
            **registered.reply_fields(None if isinstance(asked, ComplainantAsked) else asked.submission_id),
            number=registered.number,
            missing=asked.missing,
            answer_by=asked.answer_by,
            round=asked.round,
            asked_by=unit,
        )
        known = case.model_copy(update={"question" if unit else "asked": told})
        kind = Kind.QUESTION if unit else Kind.SUPPLEMENT
        return _beside((reply,), self._telling.owe(known, kind, context, asked.round))

    # ---- the end

    def _end(self, case: Case, registered: Registered, end: CaseClosed | CaseEnded, context: Context) -> Decision[Case]:
        """A department's answer; or there is none, and why there is none is the answer."""
        if case.answer is not None:
            return Decision(case)
        answer, reply = (
            _closed(end, registered, context) if isinstance(end, CaseClosed) else _ended(end, registered, context)
        )
        known = case.model_copy(
            update={
                "answers": (*case.answers, answer),
                "until": self.policy.day(end.occurred_at).isoformat(),
            }
        )
        return _beside((reply,), self._telling.owe(known, Kind.ANSWER, context, case.reopened + 1))

    def _rate(self, case: Case | None, subject: CaseRated | RatingRefused, context: Context) -> Decision[Case]:
        known = scored(case or Case(), subject, self.policy) if isinstance(subject, CaseRated) else case
        return Decision(known, (_rating_answered(known, subject, context),))


def _known(registered: CaseRegistered) -> Registered:
    ways = tuple(Way(way) for way in registered.ways if way in set(Way)) or (Way(registered.reply_by.value),)
    return Registered(
        number=registered.number,
        channel=registered.channel,
        registered_at=registered.occurred_at,
        received_at=registered.received_at,
        appeal=registered.appeal,
        category=registered.category,
        area=registered.area,
        centre=registered.jurisdiction,
        title=registered.title,
        text=registered.text,
        address=registered.address,
        urgent=registered.urgent,
        confidential=registered.confidential,
        about=registered.about,
        held=registered.held is not None,
        external_id=registered.external_id,
        submission_id=registered.submission_id,
        ways=ways,
        language=registered.language,
        attachments=registered.attachments,
    )


def _supplemented(case: Case, registered: Registered, received: SupplementReceived) -> Case:
    attachments = (*registered.attachments, *received.attachments)
    return case.model_copy(update={"registered": registered.model_copy(update={"attachments": attachments})})


def _reachable(case: Case, box: str, key_id: str, at: datetime) -> Case:
    """The contact is known: what waited for it is looked at now."""
    notices = tuple(
        each.model_copy(update={"next_at": at}) if not each.attempts and each.next_at > at else each
        for each in case.notices
    )
    return case.model_copy(update={"contact_box": box, "contact_key": key_id, "notices": notices})


def _date_known(before: Case, now: Case, at: datetime) -> Case:
    """An acknowledgement that waited for the date is looked at now."""
    if before.limit is not None or now.limit is None:
        return now
    notices = tuple(
        each.model_copy(update={"next_at": at})
        if each.kind == Kind.ACKNOWLEDGEMENT and not each.attempts and each.next_at > at
        else each
        for each in now.notices
    )
    return now.model_copy(update={"notices": notices})


def _closed(closed: CaseClosed, registered: Registered, context: Context) -> tuple[Answer, ComplaintAnswered]:
    answer = Answer(
        result=closed.result,
        reply=closed.reply,
        at=closed.occurred_at,
        unit=closed.unit,
        by=closed.by,
        adopted=closed.adopted,
    )
    return answer, ComplaintAnswered(
        case_id=context.key,
        occurred_at=context.at,
        **registered.reply_fields(),
        number=registered.number,
        result=closed.result,
        reply=closed.reply,
        adopted=closed.adopted,
    )


def _ended(ended: CaseEnded, registered: Registered, context: Context) -> tuple[Answer, ComplaintEnded]:
    answer = Answer(
        result=ended.ending,
        reply=ended.reply,
        at=ended.occurred_at,
        by=ended.by,
        reasons=_sentences(ended.reasons, registered.language),
        authority=ended.authority,
    )
    return answer, ComplaintEnded(
        case_id=context.key,
        occurred_at=context.at,
        **registered.reply_fields(ended.submission_id),
        number=registered.number,
        ending=ended.ending,
        reasons=ended.reasons,
        reply=ended.reply,
        authority=ended.authority,
    )


def _sentences(reasons: tuple[Reason, ...], language: Language) -> tuple[str, ...]:
    return tuple(each.zh if language is Language.CHINESE else each.en for each in reasons)


def _beside(replies: Iterable[Fact], owed: Decision[Case]) -> Decision[Case]:
    """The replies to the channel before the notices to the complainant."""
    return replace(owed, events=(*replies, *owed.events))


def _refuse(case: Case | None, refused: SubmissionRefused, context: Context, policy: str) -> Decision[Case]:
    reply = ComplaintRefused(
        case_id=context.key,
        occurred_at=context.at,
        channel=refused.channel,
        external_id=refused.external_id,
        submission_id=refused.submission_id,
        reasons=refused.reasons,
        record=refused.record,
    )
    told = NoticeSent(
        case_id=context.key,
        occurred_at=context.at,
        notice_id=f"refusal.{context.message_id}",  # a partner may use one id for several submissions
        notice=NoticeKind.REFUSAL,
        by=Way.CHANNEL,
        attempts=1,
        policy=policy,
    )
    return Decision(case, (reply, told))


def _unreadable_receipt(subject: Unreadable, context: Context) -> ReceiptRefused:
    """Of a receipt that fits no contract nothing is known but who sent it."""
    return ReceiptRefused(
        notice_id=context.key,
        provider=context.speaker,
        occurred_at=context.at,
        reasons=unreadable(subject),
        record=subject.origin,
    )


def _rating_answered(case: Case | None, subject: CaseRated | RatingRefused, context: Context) -> RatingAnswered:
    """With the reference of the case, where it is one of the channel that has rated."""
    registered = case.registered if case else None
    theirs = registered is not None and registered.channel == subject.channel
    return RatingAnswered(
        case_id=context.key,
        occurred_at=context.at,
        channel=subject.channel,
        external_id=registered.external_id if registered and theirs else None,
        submission_id=subject.rating_id,
        rating_id=subject.rating_id,
        counted=isinstance(subject, CaseRated),
        reasons=subject.reasons if isinstance(subject, RatingRefused) else (),
        record=subject.record if isinstance(subject, RatingRefused) else None,
    )
