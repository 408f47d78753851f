"""What every provider is asked and may answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from contracts.codes import Language


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it is handed to a provider. Shown, it tells neither whom it is for nor what it says."""

    notice_id: str
    """The same at each attempt: by it a provider knows what it has taken already."""
    what: str
    """Which template it was written by."""
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    sms: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The parameters of the provider's own template."""
    data: Mapping[str, object] = field(default_factory=dict, repr=False)
    """What a webhook is given."""
    prints: tuple[str, ...] = ()
    """Files that are to be enclosed, by their ids."""
    attachments: tuple[Attachment, ...] = ()
    traceparent: str | None = None
    language: Language = Language.CHINESE


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the letter."""

    reference: str | None
    """Its own, where it gives one."""


class Refused(Exception):
    """The provider, or we before asking it, said no to this letter. `why` holds neither address nor text."""

    def __init__(self, why: str, permanent: bool = True) -> None:
        super().__init__(why)
        self.why = why
        self.permanent = permanent
        """Whether the same letter would be refused again; else it may be tried later, and others meanwhile."""


class Unavailable(Exception):
    """The provider took nothing, or did not say so; another letter would have fared no better."""

    def __init__(self, why: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after_seconds = retry_after_seconds
        """How long it asks to be left alone."""


class Provider(Protocol):
    """Somebody who delivers letters."""

    @property
    def name(self) -> str:
        """Stands in metrics, spans and logs."""

    async def send(self, letter: Letter) -> Accepted:
        """The letter is the provider's. May be called for several letters at a time, and twice for one.

        Raises `Refused` and `Unavailable`. Cancelled, it leaves nothing half said on a connection that is used again.
        """

    async def close(self) -> None:
        """No connection is left open."""
