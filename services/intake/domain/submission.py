"""Submissions: what keeps one from being registered, all of it at once. Source: S1¶4, S3 一次性告知."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.channel import MAX_TEXT, MAX_TITLE, Attribute, Contact, SubmitComplaint, SupplementComplaint
from contracts.codes import Channel, ContactWay, RefusalCode
from contracts.refusals import Reason, malformed, reason
from services.intake.domain.catalogue import Catalogue

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a channel's clock may run ahead of ours."""
OLDEST = timedelta(days=36_525)
"""A hundred years: a date before that is a slip, and may lie outside the calendars that deadlines are reckoned by."""

_EMAIL = re.compile(r"[^@\s,;:<>\"\r\n]{1,64}@[^@\s,;:<>\"\r\n]{1,189}")
_PHONE = re.compile(r"\+?\(?[0-9][0-9 ()./-]{3,37}")


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
    people = {"contact": submission.contact, "agent": submission.agent}
    found += [fault for name, person in people.items() if person for fault in contact_faults(person, name)]
    found += strange_answers(catalogue, submission.category, submission.attributes)
    return tuple(found)


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
        found += contact_faults(given.contact, "contact")
    found += strange_answers(catalogue, category, given.attributes)
    return tuple(found)


def strange_answers(catalogue: Catalogue, category: str, answers: Sequence[Attribute]) -> list[Reason]:
    """Answers to questions that the category does not ask."""
    offer = catalogue.offers.get(category)
    known = {question.code for question in offer.questions} if offer else set()
    return [malformed(f"attributes.{each.code}", "unknown") for each in answers if offer and each.code not in known]


def contact_faults(contact: Contact, name: str) -> list[Reason]:
    """What makes a contact one by which nobody could be reached; `name` is the field it stands in."""
    found: list[Reason] = []
    if ContactWay.EMAIL in contact.allowed and not contact.email:
        found.append(reason(RefusalCode.CONTACT_MISSING, f"{name}.email"))
    if ContactWay.SMS in contact.allowed and not contact.phone:
        found.append(reason(RefusalCode.PHONE_MISSING, f"{name}.phone"))
    if contact.email and not _EMAIL.fullmatch(contact.email):
        found.append(reason(RefusalCode.CONTACT_MALFORMED, f"{name}.email"))
    if contact.phone and not _PHONE.fullmatch(contact.phone):
        found.append(reason(RefusalCode.CONTACT_MALFORMED, f"{name}.phone"))
    return found


def fingerprint(submission: SubmitComplaint) -> str:
    """A hash of the matter and its attachments, without the contact."""
    matter = f"{submission.category}\n{submission.area}\n{submission.title}\n{submission.text}"
    if submission.attachments:
        matter += "\n" + "\n".join(each.url or each.file_id or "" for each in submission.attachments)
    return hashlib.sha256(matter.encode()).hexdigest()[:32]
