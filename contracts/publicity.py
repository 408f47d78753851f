"""What is to be published and names a unit: proposed by one unit, reviewed by a post of another (公开道歉、曝光).

A unit speaks on `publicity.{unit}`; whoever proposes and whoever reviews hears of it on `published.{unit}`. What
everybody may read is on `board.events`. What a measure puts up, notify tells itself on `publications.owed`. All are
keyed by the publication. Source: S2 (公开道歉), S4 (公开曝光, 一律向社会公开), domain §7.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import Code, Fact, Message, StaffId, UnitId
from contracts.refusals import Reason
from contracts.text import IDENTIFIER, REQUIRED

PUBLICATIONS = uuid5(NAMESPACE_URL, "urn:xiaoneng:publications")
"""Namespace of publication keys. Never changes."""
KINDS = ("apology", "exposure", "commendation", "bulletin")
"""What may be published: 公开道歉, 曝光, 表扬, 通报."""

_REFERENCE = Field(min_length=1, max_length=200, description="the proposing unit's own reference")
Reference = Annotated[str, _REFERENCE, IDENTIFIER]
KnownReference = Annotated[str, _REFERENCE]
"""A reference in an event, not checked again: references accepted earlier may not be valid identifiers."""
Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S"), REQUIRED]
Text = Annotated[str, Field(min_length=1, max_length=8_000, pattern=r"\S"), REQUIRED]
Reviewed = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S"), REQUIRED]


def publication_key(unit: str, reference: str) -> str:
    """The key of a publication on the bus; the same for whoever computes it."""
    return str(uuid5(PUBLICATIONS, f"{unit}\n{reference}"))


class PublicityCommand(Message):
    """What a unit says about a publication. A person decides: the post is named."""

    unit: UnitId
    """Who speaks."""
    issued_at: AwareDatetime = Field(description="when it was decided")
    actor: StaffId
    """The post of the unit that decided."""

    @property
    def time(self) -> datetime:
        return self.issued_at


class ProposePublication(PublicityCommand):
    """These words are put up for publication. Never a person's name, and nothing by which a complainant is known."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.propose.v1"
    TOPIC: ClassVar[str] = "publicity.{unit}"

    reference: Reference
    what: Code
    """One of `KINDS`."""
    about: UnitId | None = None
    """The unit that is named in it."""
    title_zh: Title
    title_en: Title
    text_zh: Text
    text_en: Text

    @property
    def key(self) -> str:
        return publication_key(self.unit, self.reference)


class AboutPublication(PublicityCommand):
    """About what was proposed."""

    by: UnitId
    """Who proposed it."""
    reference: Reference

    @property
    def key(self) -> str:
        return publication_key(self.by, self.reference)


class ReviewPublication(AboutPublication):
    """It may be published as it stands, or not."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.review.v1"
    TOPIC: ClassVar[str] = "publicity.{unit}"

    approved: bool
    reason: Reviewed
    public_at: AwareDatetime | None = None
    """From when on it is public; None, or an instant that has passed: at once."""


class WithdrawPublication(AboutPublication):
    """It is not to be public, or not any more: said by whoever proposed or reviewed it."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.withdraw.v1"
    TOPIC: ClassVar[str] = "publicity.{unit}"

    reason: Reviewed


class PublicationFact(Fact):
    """What became of it."""

    unit: UnitId
    """Who is told."""
    occurred_at: AwareDatetime = Field(description="when the fact came to be")
    by: UnitId
    """Who proposed it."""
    reference: KnownReference

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return publication_key(self.by, self.reference)


class PublicationProposed(PublicationFact):
    """It waits for a post of the reviewing unit."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.proposed.v1"
    TOPIC: ClassVar[str] = "published.{unit}"

    what: Code
    about: UnitId | None = None
    reviewer: UnitId
    """Who has to decide: neither who proposed it nor who is named in it."""
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


class PublicationApproved(PublicationFact):
    """A person has let it be published."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.approved.v1"
    TOPIC: ClassVar[str] = "published.{unit}"

    reviewer: UnitId
    actor: StaffId
    reason: str
    public_at: AwareDatetime


class PublicationDeclined(PublicationFact):
    """A person has not let it be published."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.declined.v1"
    TOPIC: ClassVar[str] = "published.{unit}"

    reviewer: UnitId
    actor: StaffId
    reason: str


class PublicationTakenBack(PublicationFact):
    """It will not be public, or is not any more."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.taken-back.v1"
    TOPIC: ClassVar[str] = "published.{unit}"

    withdrawn_by: UnitId | None = None
    """None: the measure behind it was reversed."""
    reason: str


class PublicationRefused(Fact):
    """A command was not carried out, or a measure could not be put up, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.refused.v1"
    TOPIC: ClassVar[str] = "published.{unit}"

    unit: UnitId
    """Who is told."""
    occurred_at: AwareDatetime
    about: str
    """Key of what it was about."""
    command_id: Annotated[str, Field(max_length=200)]
    command: str
    """Its type."""
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return self.about


class OwedPublication(Fact):
    """What notify tells itself of a measure."""

    by: UnitId
    """Who decided about the measure."""
    reference: KnownReference
    occurred_at: AwareDatetime

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return publication_key(self.by, self.reference)


class PublicationOwed(OwedPublication):
    """A measure was decided that is to be published (一律向社会公开, S4): somebody has to review the words first."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.owed.v1"
    TOPIC: ClassVar[str] = "publications.owed"

    what: Code
    about: UnitId
    title_zh: Title
    title_en: Title
    text_zh: Text
    text_en: Text


class PublicationVoided(OwedPublication):
    """The measure was reversed: nothing of it may be public."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.voided.v1"
    TOPIC: ClassVar[str] = "publications.owed"

    reason: str
