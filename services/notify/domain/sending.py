"""What goes out and what came of it: the language between the rules and the ways out. Nothing here is opened yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts.codes import Language
from infra.decision import Effect, Internal


class Way(StrEnum):
    """How somebody is told."""

    CHANNEL = "channel"
    """By whoever passed the complaint on: on the bus, always open."""
    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    INBOX = "inbox"
    """In the house's own app: always open to staff."""


CERTAIN = frozenset({Way.CHANNEL, Way.INBOX})
"""Ways that need no provider: being owed is being told."""


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What the links in a notice to a complainant are for, and until when they are valid."""

    answer: int
    """The answer that the notice brings, from 1; 0: it brings none."""
    case_until: datetime
    rate_until: datetime | None = None
    """None: the notice brings nothing that can be rated."""


@dataclass(frozen=True, slots=True)
class Send(Effect):
    """Open the contact, write the letter, hand it to the provider of this way."""

    key: str
    """The document that wants it sent."""
    notice_id: str
    """Idempotency key towards the provider."""
    way: Way
    what: str
    """Which template."""
    language: Language
    facts: Mapping[str, object] = field(repr=False)
    """What the template tells; see `vocabulary`."""
    contact_box: str | None = field(repr=False)
    """Of a complainant: opened at the moment of sending, never before."""
    address: str | None = field(repr=False)
    """Of staff: e-mail address, telephone number or webhook, from the place's table."""
    traceparent: str | None
    attempt: int
    prints: tuple[str, ...] = ()
    """Files that go with it, by their ids: loaded at the moment of sending."""
    about: str | None = None
    """Of a notice to staff: id of the case."""
    links: LinkTerms | None = None
    """Of a notice to a complainant."""


@dataclass(frozen=True, slots=True)
class HandedOver(Internal):
    """The provider took the notice; `reference` is its own."""

    notice_id: str
    way: Way
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Internal):
    """The provider did not take the notice. `why` is its reply code or our own reason, without the address."""

    notice_id: str
    way: Way
    why: str
    permanent: bool
    retry_after_seconds: float | None = None
    """What the provider asks for."""


@dataclass(frozen=True, slots=True)
class Postponed(Internal):
    """No attempt was made: the provider is known to be away, or there is no room."""

    notice_id: str
    way: Way
    why: str
    seconds: float
