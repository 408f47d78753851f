"""Facts published by intake: on `cases.events`, and the sealed contact on `contacts`; keyed by case id."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from contracts.codes import AppealType, Channel, Language, ReplyBy
from contracts.message import Code, Event, PolicyVersion, UnitId
from contracts.refusals import Reason


class CaseRegistered(Event):
    """The complaint has its number; it now needs an owner and a deadline.

    Once per channel and external id. Source: S1¶4, registered on the working day it arrives.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.case.registered.v1"
    TOPIC: ClassVar[str] = "cases.events"

    number: Annotated[str, Field(max_length=40)]
    """What the complainant is told: jurisdiction, day, position; unique and never reused."""
    channel: Channel
    appeal: AppealType
    category: Code
    area: Code
    jurisdiction: UnitId
    """The centre whose area covers the matter."""
    title: str
    text: str
    """As spoken, with identity masked."""
    received_at: AwareDatetime
    """When the citizen spoke; day 0 of every limit."""
    about: UnitId | None = None
    """The unit complained about: never routed to it."""
    urgent: bool = False
    reply_by: ReplyBy
    language: Language
    policy: PolicyVersion


class SubmissionRefused(Event):
    """The submission was not registered, and this is why. It may be mended and sent again under the same reference."""

    TYPE: ClassVar[str] = "cn.xiaoneng.submission.refused.v1"
    TOPIC: ClassVar[str] = "cases.events"

    channel: Channel
    submission_id: Annotated[str, Field(max_length=200)]
    """The CloudEvents id of the submission that is answered."""
    reasons: tuple[Reason, ...]
    reply_by: ReplyBy
    language: Language
    policy: PolicyVersion


class ContactSealed(Event):
    """How to reach the complainant, readable by notify alone (libsodium sealed box over the JSON of a `Contact`)."""

    TYPE: ClassVar[str] = "cn.xiaoneng.contact.sealed.v1"
    TOPIC: ClassVar[str] = "contacts"

    key_id: Annotated[str, Field(max_length=64)]
    """Which of notify's public keys it was sealed for."""
    box: str
    """Base64 of the sealed box."""
