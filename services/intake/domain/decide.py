"""Which rule answers which message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.channel import (
    MAX_ANSWER,
    AppealAnswer,
    Contact,
    ReopenComplaint,
    SubmitComplaint,
    SupplementComplaint,
    WithdrawComplaint,
)
from contracts.clerking import EraseIdentity, JudgeScope, MergeCase, RequestSupplement, UnmergeCase
from contracts.codes import ContactWay, Ending, Hold, Language, RefusalCode, ReplyBy
from contracts.intake import (
    CaseRegistered,
    ContactSealed,
    ReceptionRequested,
    RepeatLinked,
    SubmissionRefused,
)
from contracts.message import Event
from contracts.refusals import Reason, reason, unreadable
from contracts.routing import AskingEnded, CaseClosed, CaseReopened, ComplainantAsked
from infra.decision import Context, Decision, Due, Forgotten, Subject, Unreadable
from services.intake.domain.asking import followed
from services.intake.domain.attaching import Files, attachment_faults, completed, file_ids
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.clerks import clerk, refused, sent_by_clerk
from services.intake.domain.ending import end
from services.intake.domain.erasure import forget, forgotten
from services.intake.domain.numbering import series
from services.intake.domain.redaction import redact
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import Supplies, complainant_of, earlier_of, matter_of, repeat_of
from services.intake.domain.requests import FromComplainant, forwarded, request_faults
from services.intake.domain.scope import ScopeRule, Verdict, scope_of
from services.intake.domain.submission import faults, fingerprint
from services.intake.domain.supplement import answers_of, ask, missing_answers
from services.intake.domain.supplementing import Supplements, masked_answers, masking
from services.intake.domain.traces import traces_of

FromChannel = SubmitComplaint | SupplementComplaint | WithdrawComplaint | ReopenComplaint | AppealAnswer
FROM_ROUTING = (CaseClosed, CaseReopened, ComplainantAsked, AskingEnded)
"""Routing's facts that are decided upon."""


@dataclass(frozen=True)
class Rules:
    """The rules of one place. `seal` closes a box that notify alone can open."""

    catalogue: Catalogue
    seal: Callable[[bytes], str]
    key_id: str
    trace_key: bytes = b""
    """Keys the traces of identity that a case keeps."""

    def decide(self, state: Registration | None, subject: Subject, context: Context) -> Decision[Registration]:
        """Registered once, however often it is sent; refused with all reasons; ended only with an answer."""
        match subject:
            case Unreadable():
                return self._refuse_unreadable(state, subject, context)
            case SubmitComplaint() if state is None:
                reasons = (
                    *faults(subject, self.catalogue, context.speaker, context.at),
                    *attachment_faults(subject.attachments, _files(context), context.speaker, context.key),
                )
                return self._refuse(subject, reasons, context) if reasons else self._register(subject, context)
            case SubmitComplaint() if state is not None:
                return self._resubmitted(state, subject, context)
            case SupplementComplaint() | WithdrawComplaint() | ReopenComplaint() | AppealAnswer():
                return self._go_on(state, subject, context)
            case JudgeScope() | RequestSupplement() | MergeCase() | UnmergeCase() | EraseIdentity():
                return clerk(state, subject, self.catalogue, context)
            case Due() if state is not None:
                return forget(state, context) if state.forgetting else self._lapse(state, context)
            case Forgotten() if state is not None:
                return forgotten(state)
            case CaseClosed() | CaseReopened() | ComplainantAsked() | AskingEnded():
                return _followed(state, subject)
            case _:
                raise TypeError(f"intake does not decide on {type(subject).__name__}")

    @staticmethod
    def due(state: Registration) -> datetime | None:
        """When a case lapses that waits for its complainant; or at once, until what was sealed is known to be gone."""
        if state.forgetting:
            return state.erased_at
        return state.answer_by if state.held is Hold.SUPPLEMENT else None

    @staticmethod
    def is_open(state: Registration) -> bool:
        """Whether it may still go on, here or elsewhere."""
        return not state.over

    def series_of(self, submission: SubmitComplaint, at: datetime) -> str | None:
        """The series its number comes from; None when it will be refused."""
        centre = self.catalogue.jurisdictions.get(submission.area)
        return (
            series(self.catalogue.prefixes[centre], at.astimezone(self.catalogue.timezone).date()) if centre else None
        )

    def complainant_of(self, contact: Contact | None) -> str | None:
        """The opaque reference of the person with this contact; None without contact."""
        return complainant_of(contact, self.trace_key, self.catalogue.country)

    # ---- registration

    def _register(self, submission: SubmitComplaint, context: Context) -> Decision[Registration]:
        """Every complaint gets its number at once, also one that will not go on."""
        supplies, centre_series = context.supplies, self.series_of(submission, context.at)
        if not isinstance(supplies, Supplies) or centre_series is None:
            raise TypeError("no numbers were prepared")
        cited = completed(submission.attachments, supplies.files)
        offer = self.catalogue.offers.get(submission.category)
        case = Registration(
            number=supplies.numbers.take(centre_series),
            registered_at=context.at,
            received_at=submission.received_at.astimezone(UTC),
            fingerprint=fingerprint(submission),
            channel=submission.channel,
            category=submission.category,
            area=submission.area,
            complainant=self.complainant_of(submission.contact),
            centre=self.catalogue.reception_of(submission.area, submission.about),
            receipt=submission.receipt,
            traces=traces_of((submission.contact, submission.agent), self.trace_key),
            answered=answers_of(offer, submission.attributes),
            files=file_ids(cited),
        )
        submission = submission.model_copy(update={"attachments": cited})
        rule = scope_of(submission, self.catalogue.scope)
        missing = missing_answers(offer, case.answered)
        if rule is not None and rule.verdict is not Verdict.IN:
            case, registered, follows = self._outside(case, submission, rule, context)
        elif missing:
            case, asked = self._ask(case, missing, context)
            registered, follows = self._registered(case, submission, context), [asked]
        else:
            registered, follows = self._registered(case, submission, context), []
        case, linked = self._linked(case, registered, supplies, context)
        return Decision(case, (*self._sealed(_told(submission), context), registered, *linked, *follows))

    def _linked(
        self, case: Registration, registered: CaseRegistered, supplies: Supplies, context: Context
    ) -> tuple[Registration, tuple[RepeatLinked, ...]]:
        """The same matter of the same complainant is linked to the first time it came; both are handled."""
        who = case.complainant
        if who is None:
            return case, ()
        matter, days = matter_of(registered.title, registered.text), self.catalogue.repeat_days
        before = supplies.earlier.get(who, ())
        found = repeat_of(case.category, case.area, matter, context.at, before, days)
        update: dict[str, Any] = {"matter": matter}
        if found is not None:
            update |= {"first": (found.first_case_id, found.first_number), "repeats": found.count}
        case = case.model_copy(update=update)
        supplies.remember(who, earlier_of(context.key, case))
        if found is None:
            return case, ()
        linked = RepeatLinked(
            case_id=context.key,
            occurred_at=context.at,
            first_case_id=found.first_case_id,
            first_number=found.first_number,
            count=found.count,
            similarity=found.similarity,
        )
        return case, (linked,)

    def _outside(
        self, case: Registration, submission: SubmitComplaint, rule: ScopeRule, context: Context
    ) -> tuple[Registration, CaseRegistered, list[Event]]:
        """Registered and held; a clerk is asked, or the rule has the last word."""
        held = case.model_copy(update={"held": Hold.SCOPE})
        registered = self._registered(held, submission, context)
        if rule.verdict is Verdict.REVIEW:
            wanted = ReceptionRequested(
                case_id=context.key,
                occurred_at=context.at,
                unit=case.centre,
                number=case.number,
                category=submission.category,
                area=submission.area,
                title=registered.title,
                text=registered.text,
                why=rule.reason,
                attachments=registered.attachments,
            )
            return held, registered, [wanted]
        ending = Ending.DIVERTED if rule.verdict is Verdict.DIVERTED else Ending.DECLINED
        ended, told = end(held, ending, self.catalogue.version, context, why=rule.reason, authority=rule.authority)
        return ended, registered, [told]

    def _registered(self, case: Registration, submission: SubmitComplaint, context: Context) -> CaseRegistered:
        contact, said, told = submission.contact, submission.instruction, _told(submission)

        def masked(text: str) -> str:
            return redact(text, contact, submission.agent)

        return CaseRegistered(
            case_id=context.key,
            occurred_at=context.at,
            number=case.number,
            channel=submission.channel,
            appeal=submission.appeal,
            category=submission.category,
            area=submission.area,
            jurisdiction=self.catalogue.jurisdictions[submission.area],
            title=masked(submission.title),
            text=masked(submission.text),
            received_at=submission.received_at,
            about=submission.about,
            about_person=submission.about_person,
            urgent=submission.urgent,
            reply_by=ReplyBy.EMAIL if told and told.allowed[0] is ContactWay.EMAIL else ReplyBy.CHANNEL,
            language=told.language if told else Language.CHINESE,
            ways=told.allowed if told and told.ways else (),
            held=case.held,
            complainant=case.complainant,
            confidential=submission.confidential,
            by_agent=submission.agent is not None,
            problem=submission.problem,
            address=masked(submission.address),
            latitude=submission.latitude,
            longitude=submission.longitude,
            attributes=masked_answers(submission.attributes, masked),
            instruction=said and said.model_copy(update={"text": masked(said.text)[:MAX_ANSWER]}),
            external_id=submission.external_id,
            submission_id=context.message_id,
            attachments=submission.attachments,
            policy=self.catalogue.version,
        )

    def _sealed(self, contact: Contact | None, context: Context) -> tuple[ContactSealed, ...]:
        if contact is None:
            return ()
        box = self.seal(contact.model_dump_json().encode())
        return (ContactSealed(case_id=context.key, occurred_at=context.at, key_id=self.key_id, box=box),)

    def _resubmitted(
        self, state: Registration, submission: SubmitComplaint, context: Context
    ) -> Decision[Registration]:
        """The same words again change nothing; other words under the same reference are refused."""
        if fingerprint(submission) == state.fingerprint:
            return Decision(state)
        why = reason(RefusalCode.ALREADY_REGISTERED, "external_id", number=state.number)
        return Decision(state, self._refuse(submission, (why,), context).events)

    def _go_on(
        self,
        state: Registration | None,
        said: SupplementComplaint | WithdrawComplaint | ReopenComplaint | AppealAnswer,
        context: Context,
    ) -> Decision[Registration]:
        match said:
            case SupplementComplaint():
                return self._supplemented(state, said, context)
            case WithdrawComplaint():
                return self._withdrawn(state, said, context)
            case ReopenComplaint() | AppealAnswer():
                return self._requested(state, said, context)

    # ---- supplements

    def _ask(self, case: Registration, missing: tuple[Reason, ...], context: Context) -> tuple[Registration, Event]:
        return ask(case, missing, self.catalogue, context)

    def _supplemented(
        self, state: Registration | None, given: SupplementComplaint, context: Context
    ) -> Decision[Registration]:
        supplements = Supplements(self.catalogue, self._sealed, self.trace_key)
        wrong = self._not_theirs(state, given, context)
        if state is None or wrong:
            return self._refuse_to(state, given, given.contact, wrong, context)
        if found := supplements.faults(state, given, _files(context), context):
            return self._refuse_to(state, given, given.contact, found, context)
        return supplements.take(state, given, _files(context), context)

    def _lapse(self, state: Registration, context: Context) -> Decision[Registration]:
        if state.held is not Hold.SUPPLEMENT:
            return Decision(state)
        ended, told = end(state, Ending.LAPSED, self.catalogue.version, context)
        return Decision(ended, (told,))

    # ---- requests after the answer

    def _requested(
        self, state: Registration | None, request: FromComplainant, context: Context
    ) -> Decision[Registration]:
        """Forwarded to routing with identity masked; it decides whether there is an answer, and the rest."""
        wrong = self._strange(state, request, context) or request_faults(request, context.at)
        if state is None or wrong:
            return self._refuse_to(state, request, None, wrong, context)
        return Decision(state, (forwarded(request, masking(state, self.trace_key)(request.reason), context),))

    # ---- withdrawal

    def _withdrawn(
        self, state: Registration | None, given: WithdrawComplaint, context: Context
    ) -> Decision[Registration]:
        """Also of a case that is with a department already: routing takes it from there."""
        wrong = self._not_theirs(state, given, context)
        if state is None or wrong:
            return self._refuse_to(state, given, None, wrong, context)
        ended, told = end(state, Ending.WITHDRAWN, self.catalogue.version, context)
        return Decision(ended, (told.model_copy(update={"submission_id": context.message_id}),))

    def _not_theirs(
        self, state: Registration | None, given: SupplementComplaint | WithdrawComplaint, context: Context
    ) -> tuple[Reason, ...]:
        if wrong := self._strange(state, given, context):
            return wrong
        return (reason(RefusalCode.CASE_CLOSED),) if state is not None and state.over else ()

    @staticmethod
    def _strange(state: Registration | None, said: FromChannel, context: Context) -> tuple[Reason, ...]:
        """A message about a case of another channel, or one that there is not."""
        if said.channel != context.speaker:
            return (reason(RefusalCode.MALFORMED, "channel"),)
        return (reason(RefusalCode.CASE_UNKNOWN, "external_id"),) if state is None else ()

    # ---- refusals

    def _refuse(
        self, submission: SubmitComplaint, reasons: tuple[Reason, ...], context: Context
    ) -> Decision[Registration]:
        return self._refuse_to(None, submission, _told(submission), reasons, context)

    def _refuse_to(
        self,
        state: Registration | None,
        said: FromChannel,
        contact: Contact | None,
        reasons: tuple[Reason, ...],
        context: Context,
    ) -> Decision[Registration]:
        language = contact.language if contact else Language.CHINESE
        return Decision(state, (self._refusal(context, reasons, language, said.external_id),))

    def _refuse_unreadable(
        self, state: Registration | None, subject: Unreadable, context: Context
    ) -> Decision[Registration]:
        if sent_by_clerk(context):
            answer = refused(subject.type, unreadable(subject), context)
            return Decision(state, (answer.model_copy(update={"record": subject.origin}),))
        refusal = self._refusal(context, unreadable(subject), Language.CHINESE, subject.external_id)
        return Decision(state, (refusal.model_copy(update={"record": subject.origin}),))

    def _refusal(
        self, context: Context, reasons: tuple[Reason, ...], language: Language, external_id: str | None
    ) -> SubmissionRefused:
        """To the channel that spoke, whichever it claims to be."""
        return SubmissionRefused(
            case_id=context.key,
            occurred_at=context.at,
            channel=context.speaker,
            submission_id=context.message_id,
            external_id=external_id,
            reasons=reasons,
            reply_by=ReplyBy.CHANNEL,
            language=language,
            policy=self.catalogue.version,
        )


def _files(context: Context) -> Files:
    """Uploaded files that the batch cites, by id."""
    return context.supplies.files if isinstance(context.supplies, Supplies) else {}


def _told(submission: SubmitComplaint) -> Contact | None:
    """Who is told: the complainant; whoever files for them where they left no contact (代办, S3)."""
    return submission.contact or submission.agent


def _followed(
    case: Registration | None, subject: CaseClosed | CaseReopened | ComplainantAsked | AskingEnded
) -> Decision[Registration]:
    """What a unit answered or asks for is part of the status; a case that intake ended stays as it is."""
    if case is None:
        raise LookupError("something happened to a case that was never registered here")
    if case.ended is not None:
        return Decision(case)
    if isinstance(subject, ComplainantAsked | AskingEnded):
        return followed(case, subject)
    if isinstance(subject, CaseReopened):
        again = {"result": None, "closed_at": None, "reply": "", "adopted": None, "evidence": ()}
        return Decision(case.model_copy(update=again))
    closed = {
        "result": subject.result,
        "closed_at": subject.occurred_at,
        "reply": subject.reply,
        "adopted": subject.adopted,
        "question": None,
        "evidence": subject.evidence if subject.evidence_shown and case.erased_at is None else (),
    }
    return Decision(case.model_copy(update=closed))
