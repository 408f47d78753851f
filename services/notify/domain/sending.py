"""What is to be sent by a way out of notify, and what comes back of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.codes import Language
from infra.decision import Effect, Internal


class Way(StrEnum):
    """A way by which somebody is told."""

    CHANNEL = "channel"
    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class Send(Effect):
    """Write this notice and send it."""

    key: str
    """The document that wants it sent."""
    notice_id: str
    """The idempotency key towards the provider."""
    way: Way
    what: str
    """Which template."""
    language: Language
    facts: Mapping[str, object] = field(repr=False)
    contact_box: str | None = field(repr=False)
    """Of a complainant: opened at the moment of sending, never before."""
    address: str | None = field(repr=False)
    """Of staff: e-mail address, phone number or webhook id, from the place's table."""
    traceparent: str | None
    attempt: int


@dataclass(frozen=True, slots=True)
class HandedOver(Internal):
    """The provider took the notice."""

    notice_id: str
    way: Way
    reference: str | None
    """The provider's own."""


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Internal):
    """The provider did not take the notice. `why` is its code, without address or text."""

    notice_id: str
    way: Way
    why: str
    permanent: bool
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Postponed(Internal):
    """The provider was not asked: it rests, or there is no room. This was no attempt."""

    notice_id: str
    way: Way
    why: str
    seconds: float
    """After which it may be wanted again."""
