"""Submissions: what keeps one from being registered, all of it at once. Source: S1¶4, S3 一次性告知."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from contracts.channel import MAX_TEXT, MAX_TITLE, Attribute, Contact, SubmitComplaint, SupplementComplaint
from contracts.codes import ContactWay, RefusalCode
from contracts.message import ChannelId
from contracts.refusals import Reason, detailed, malformed, reason
from contracts.text import is_visible
from infra.contact_addresses import AddressError, check_readable_number, mail_address, sms_number
from services.intake.domain.catalogue import Catalogue

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a channel's clock may run ahead of ours."""
OLDEST = timedelta(days=36_525)
"""A hundred years: a date before that is a slip, and may lie outside the calendars that deadlines are reckoned by."""


def faults(submission: SubmitComplaint, catalogue: Catalogue, channel: ChannelId, at: datetime) -> tuple[Reason, ...]:
    """Everything that keeps a submission from being registered, in one complete answer (S3, 一次性告知)."""
    found = [
        *_sender_faults(submission, catalogue, channel, at),
        *_text_faults(submission),
        *_place_faults(submission, catalogue),
    ]
    if submission.received_at > at + CLOCK_TOLERANCE:
        found.append(reason(RefusalCode.RECEIVED_IN_FUTURE, "received_at"))
    if submission.received_at < at - OLDEST:
        found.append(reason(RefusalCode.MALFORMED, "received_at"))
    people = {"contact": submission.contact, "agent": submission.agent}
    found += [
        fault for name, person in people.items() if person for fault in contact_faults(person, name, catalogue.country)
    ]
    if submission.instruction is not None and not is_visible(submission.instruction.text):
        found.append(malformed("instruction.text", "text_missing"))
    found += strange_answers(catalogue, submission.category, submission.attributes)
    return tuple(found)


def _sender_faults(
    submission: SubmitComplaint, catalogue: Catalogue, channel: ChannelId, at: datetime
) -> Iterator[Reason]:
    if submission.channel != channel:
        yield reason(RefusalCode.MALFORMED, "channel")
    if channel not in catalogue.channels:
        yield reason(RefusalCode.CHANNEL_UNKNOWN, "channel")
    until = catalogue.channels_until.get(channel)
    if until is not None and at.astimezone(catalogue.timezone).date() > until:
        yield reason(RefusalCode.CHANNEL_WITHDRAWN, "channel", until=until)


def _text_faults(submission: SubmitComplaint) -> Iterator[Reason]:
    if not is_visible(submission.text):
        yield reason(RefusalCode.TEXT_MISSING, "text")
    if len(submission.text) > MAX_TEXT:
        yield reason(RefusalCode.TEXT_TOO_LONG, "text", limit=MAX_TEXT)
    if len(submission.title) > MAX_TITLE:
        yield reason(RefusalCode.TEXT_TOO_LONG, "title", limit=MAX_TITLE)


def _place_faults(submission: SubmitComplaint, catalogue: Catalogue) -> Iterator[Reason]:
    if submission.area not in catalogue.jurisdictions:
        yield reason(RefusalCode.AREA_UNKNOWN, "area")
    if submission.category not in catalogue.categories:
        yield reason(RefusalCode.CATEGORY_UNKNOWN, "category")


def supplement_faults(
    given: SupplementComplaint, catalogue: Catalogue, category: str, at: datetime
) -> tuple[Reason, ...]:
    """Everything that keeps a supplement from being taken."""
    found: list[Reason] = []
    if len(given.text) > MAX_TEXT:
        found.append(reason(RefusalCode.TEXT_TOO_LONG, "text", limit=MAX_TEXT))
    if given.given_at > at + CLOCK_TOLERANCE:
        found.append(reason(RefusalCode.RECEIVED_IN_FUTURE, "given_at"))
    if given.contact is not None:
        found += contact_faults(given.contact, "contact", catalogue.country)
    found += strange_answers(catalogue, category, given.attributes)
    return tuple(found)


def strange_answers(catalogue: Catalogue, category: str, answers: Sequence[Attribute]) -> list[Reason]:
    """Answers to questions that the category does not ask."""
    offer = catalogue.offers.get(category)
    known = {question.code for question in offer.questions} if offer else set()
    return [malformed(f"attributes.{each.code}", "unknown") for each in answers if offer and each.code not in known]


def contact_faults(contact: Contact, name: str, country: str) -> list[Reason]:
    """What keeps the chosen ways from reaching anybody; `name` is the field of the contact.

    A telephone number that no text message goes to is only read by people: it may hold an extension or two numbers.
    """
    found: list[Reason] = []
    if ContactWay.EMAIL in contact.allowed and not contact.email:
        found.append(reason(RefusalCode.CONTACT_MISSING, f"{name}.email"))
    if ContactWay.SMS in contact.allowed and not contact.phone:
        found.append(reason(RefusalCode.PHONE_MISSING, f"{name}.phone"))
    try:
        if contact.email:
            mail_address(contact.email)
    except AddressError as error:
        found.append(detailed(RefusalCode.CONTACT_MALFORMED, f"{name}.email", str(error)))
    try:
        if contact.phone and ContactWay.SMS in contact.allowed:
            sms_number(contact.phone, country)
        elif contact.phone:
            check_readable_number(contact.phone)
    except AddressError as error:
        found.append(detailed(RefusalCode.CONTACT_MALFORMED, f"{name}.phone", str(error)))
    return found


def fingerprint(submission: SubmitComplaint) -> str:
    """A hash of the matter and its attachments, without the contact."""
    matter = f"{submission.category}\n{submission.area}\n{submission.title}\n{submission.text}"
    if submission.attachments:
        matter += "\n" + "\n".join(each.url or each.file_id or "" for each in submission.attachments)
    return hashlib.sha256(matter.encode()).hexdigest()[:32]
