"""Signed links for complainants: the holder may see, rate, supplement, reopen or appeal that case, until it expires.

A token has no identity in it: case id, purpose, answer and expiry, signed with HMAC-SHA-256. Notify makes it, intake
verifies it; both have the key of `XN_RATING_SECRET`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from uuid import UUID

_FORM = struct.Struct(">BB16sHI")
"""Version, purpose, case id, answer, expiry in seconds since 1970."""
_VERSION = 1
_SIGNATURE_BYTES = 16
LINK_CHARACTERS = 54
"""Length of a token."""


class LinkError(ValueError):
    """The token is not one of ours, was cut or changed, or was signed with another key."""


class LinkPurpose(IntEnum):
    """What a link allows."""

    CASE = 1
    """To see the case, supplement it, and after the answer to rate, reopen and appeal."""
    RATE = 2
    """To rate one answer, and to see the case."""


@dataclass(frozen=True, slots=True)
class CaseLink:
    """The content of a valid token."""

    case_id: str
    purpose: LinkPurpose
    answer: int
    """The answer that was sent with the link, from 1; 0: none yet."""
    expires_at: datetime

    def expired(self, at: datetime) -> bool:
        """Whether it is of no use any more."""
        return at >= self.expires_at


def link_token(secret: bytes, link: CaseLink) -> str:
    """Sign a link; returns `LINK_CHARACTERS` characters of URL-safe Base64."""
    body = _FORM.pack(_VERSION, link.purpose, UUID(link.case_id).bytes, link.answer, int(link.expires_at.timestamp()))
    return _text(body + _signature(secret, body))


def read_link(secret: bytes, token: str) -> CaseLink:
    """Verify a token, also one that has expired. Raises `LinkError`."""
    try:
        text = token.strip()
        raw = base64.b64decode(text.encode("ascii") + b"==", altchars=b"-_", validate=True)
        body, signature = raw[: _FORM.size], raw[_FORM.size :]
        version, purpose, case, answer, seconds = _FORM.unpack(body)
        known = CaseLink(str(UUID(bytes=case)), LinkPurpose(purpose), answer, datetime.fromtimestamp(seconds, UTC))
    except (ValueError, binascii.Error, struct.error, OverflowError, OSError):
        raise LinkError("not a link") from None
    if version != _VERSION or _text(raw) != text:  # `text` may be another spelling of the same bytes
        raise LinkError("not a link")
    if not hmac.compare_digest(signature, _signature(secret, body)):
        raise LinkError("not signed by this city")
    return known


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signature(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"case-link\n" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
