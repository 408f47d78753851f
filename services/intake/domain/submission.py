"""Submissions: registered with a number, or refused with every reason at once. Source: S1¶4, S3 一次性告知."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from contracts.channel import MAX_ANSWER, MAX_TEXT, MAX_TITLE, Contact, SubmitComplaint
from contracts.codes import Channel, Language, RefusalCode, ReplyBy
from contracts.intake import CaseRegistered, ContactSealed, SubmissionRefused
from contracts.refusals import Reason, malformed, reason
from infra.decision import Context, Decision, Subject, Unreadable
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.numbering import Numbers, series
from services.intake.domain.redaction import redact

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a channel's clock may run ahead of ours."""
OLDEST = timedelta(days=36_525)
"""A hundred years: a date before that is a slip, and may lie outside the calendars that deadlines are reckoned by."""

_EMAIL = re.compile(r"[^@\s,;:<>\"\r\n]{1,64}@[^@\s,;:<>\"\r\n]{1,189}")
_PHONE = re.compile(r"\+?\(?[0-9][0-9 ()./-]{3,37}")


class Registration(BaseModel):
    """What intake remembers of a case: enough to know it again, nothing of who the complainant is."""

    model_config = ConfigDict(frozen=True)

    number: str
    registered_at: datetime
    fingerprint: str
    """Of the words, to tell a resubmission from another matter under the same reference."""
    channel: str = ""
    category: str = ""
    receipt: str | None = None
    """Hash of the receipt code by which the complainant may ask for the status."""


@dataclass(frozen=True)
class Rules:
    """The rules of one place. `seal` closes a box that notify alone can open."""

    catalogue: Catalogue
    seal: Callable[[bytes], str]
    key_id: str

    def decide(self, state: Registration | None, subject: Subject, context: Context) -> Decision[Registration]:
        """Registered once, however often it is sent; refused with all reasons."""
        if isinstance(subject, Unreadable):
            return self._refuse_unreadable(state, subject, context)
        if not isinstance(subject, SubmitComplaint):
            raise TypeError(f"intake does not decide on {type(subject).__name__}")
        if state is not None:
            return self._resubmitted(state, subject, context)
        reasons = faults(subject, self.catalogue, Channel(context.speaker), context.at)
        return self._refuse(subject, reasons, context) if reasons else self._register(subject, context)

    def series_of(self, submission: SubmitComplaint, at: datetime) -> str | None:
        """The series its number comes from; None when it will be refused."""
        centre = self.catalogue.jurisdictions.get(submission.area)
        return (
            series(self.catalogue.prefixes[centre], at.astimezone(self.catalogue.timezone).date()) if centre else None
        )

    def _register(self, submission: SubmitComplaint, context: Context) -> Decision[Registration]:
        numbers = context.supplies
        centre_series = self.series_of(submission, context.at)
        if not isinstance(numbers, Numbers) or centre_series is None:
            raise TypeError("no numbers were prepared")
        contact, said = submission.contact, submission.instruction

        def masked(text: str) -> str:
            return redact(text, contact, submission.agent)

        registered = CaseRegistered(
            case_id=context.key,
            occurred_at=context.at,
            number=numbers.take(centre_series),
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
            reply_by=contact.reply_by if contact else ReplyBy.CHANNEL,
            language=contact.language if contact else Language.CHINESE,
            confidential=submission.confidential,
            by_agent=submission.agent is not None,
            problem=submission.problem,
            address=masked(submission.address),
            latitude=submission.latitude,
            longitude=submission.longitude,
            attributes=tuple(
                each.model_copy(update={"value": masked(each.value)[:MAX_ANSWER]}) for each in submission.attributes
            ),
            instruction=said and said.model_copy(update={"text": masked(said.text)[:MAX_ANSWER]}),
            policy=self.catalogue.version,
        )
        state = Registration(
            number=registered.number,
            registered_at=context.at,
            fingerprint=fingerprint(submission),
            channel=submission.channel,
            category=submission.category,
            receipt=submission.receipt,
        )
        if contact is None:
            return Decision(state, (registered,))
        sealed = ContactSealed(
            case_id=context.key,
            occurred_at=context.at,
            key_id=self.key_id,
            box=self.seal(contact.model_dump_json().encode()),
        )
        return Decision(state, (sealed, registered))

    def _resubmitted(
        self, state: Registration, submission: SubmitComplaint, context: Context
    ) -> Decision[Registration]:
        """The same words again change nothing; other words under the same reference are refused."""
        if fingerprint(submission) == state.fingerprint:
            return Decision(state)
        refusal = self._refuse(
            submission, (reason(RefusalCode.ALREADY_REGISTERED, "external_id", number=state.number),), context
        )
        return Decision(state, refusal.events)

    def _refuse(
        self, submission: SubmitComplaint, reasons: tuple[Reason, ...], context: Context
    ) -> Decision[Registration]:
        language = submission.contact.language if submission.contact else Language.CHINESE
        return Decision(None, (self._refusal(context, reasons, language),))

    def _refuse_unreadable(
        self, state: Registration | None, subject: Unreadable, context: Context
    ) -> Decision[Registration]:
        reasons = tuple(malformed(problem.field, problem.kind) for problem in subject.problems)
        return Decision(state, (self._refusal(context, reasons, Language.CHINESE),))

    def _refusal(self, context: Context, reasons: tuple[Reason, ...], language: Language) -> SubmissionRefused:
        """To the channel that spoke, whichever it claims to be."""
        return SubmissionRefused(
            case_id=context.key,
            occurred_at=context.at,
            channel=Channel(context.speaker),
            submission_id=context.message_id,
            reasons=reasons,
            reply_by=ReplyBy.CHANNEL,
            language=language,
            policy=self.catalogue.version,
        )


def faults(submission: SubmitComplaint, catalogue: Catalogue, channel: Channel, at: datetime) -> tuple[Reason, ...]:
    """Everything that keeps a submission from being registered; told once and completely (S3, 一次性告知)."""
    found: list[Reason] = []
    if submission.channel != channel:
        found.append(reason(RefusalCode.MALFORMED, "channel"))
    if not submission.text.strip():
        found.append(reason(RefusalCode.TEXT_MISSING, "text"))
    if len(submission.text) > MAX_TEXT:
        found.append(reason(RefusalCode.TEXT_TOO_LONG, "text", limit=MAX_TEXT))
    if len(submission.title) > MAX_TITLE:
        found.append(reason(RefusalCode.TEXT_TOO_LONG, "title", limit=MAX_TITLE))
    if submission.area not in catalogue.jurisdictions:
        found.append(reason(RefusalCode.AREA_UNKNOWN, "area"))
    if submission.category not in catalogue.categories:
        found.append(reason(RefusalCode.CATEGORY_UNKNOWN, "category"))
    if submission.received_at > at + CLOCK_TOLERANCE:
        found.append(reason(RefusalCode.RECEIVED_IN_FUTURE, "received_at"))
    if submission.received_at < at - OLDEST:
        found.append(reason(RefusalCode.MALFORMED, "received_at"))
    if submission.contact is not None:
        found += _contact_faults(submission.contact)
    return tuple(found)


def _contact_faults(contact: Contact) -> list[Reason]:
    found: list[Reason] = []
    if contact.reply_by is ReplyBy.EMAIL and not contact.email:
        found.append(reason(RefusalCode.CONTACT_MISSING, "contact.email"))
    if contact.email and not _EMAIL.fullmatch(contact.email):
        found.append(reason(RefusalCode.CONTACT_MALFORMED, "contact.email"))
    if contact.phone and not _PHONE.fullmatch(contact.phone):
        found.append(reason(RefusalCode.CONTACT_MALFORMED, "contact.phone"))
    return found


def fingerprint(submission: SubmitComplaint) -> str:
    """A hash of the matter, without the contact."""
    matter = f"{submission.category}\n{submission.area}\n{submission.title}\n{submission.text}"
    return hashlib.sha256(matter.encode()).hexdigest()[:32]
