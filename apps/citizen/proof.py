"""The sealed cookie that proves whose case a browser follows, so that neither number, code nor link is in an address.

Encrypted and authenticated (XSalsa20-Poly1305), `HttpOnly`, `SameSite=Strict`; it ends 30 minutes after it was made.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from starlette.requests import Request
from starlette.responses import Response

from apps.web.cookies import drop, put
from contracts.links import LINK_CHARACTERS

COOKIE = "xn_case"
SECONDS = 1_800
TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{LINK_CHARACTERS}}}")
"""A token of a link out of a notice."""


@dataclass(frozen=True)
class Own:
    """A case and what proves that it is the reader's own: number and code, or a link."""

    number: str = ""
    code: str = ""
    link: str = ""
    rates_only: bool = False
    """Whether the link is for a rating alone."""
    case_id: str = ""
    """Of a case filed from this browser."""
    until: float = 0.0
    """Seconds since 1970."""

    @property
    def proof(self) -> dict[str, str]:
        """What a service wants to see; empty while the case has no number."""
        if self.link:
            return {"link": self.link}
        return {"number": self.number, "receipt_code": self.code} if self.number else {}

    @property
    def digest(self) -> str:
        """Identifies the proof without containing it."""
        return hashlib.sha256(json.dumps(self.proof, sort_keys=True).encode()).hexdigest()


class Sealer:
    """Writes and reads the cookie."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._box = SecretBox(hashlib.sha256(b"xn-citizen-case\0" + secret.encode()).digest())
        self._clock = clock

    def write(self, request: Request, response: Response, own: Own) -> None:
        """Set the cookie for the next 30 minutes."""
        fields = {**asdict(own), "until": self._clock().timestamp() + SECONDS}
        text = base64.urlsafe_b64encode(self._box.encrypt(json.dumps(fields).encode())).decode()
        put(request, response, COOKIE, text, SECONDS)

    def read(self, request: Request) -> Own | None:
        """The case of the request; None without one, after 30 minutes, or where the cookie was changed."""
        text = request.cookies.get(COOKIE, "")
        if not text:
            return None
        try:
            fields = json.loads(self._box.decrypt(base64.urlsafe_b64decode(text)))
            own = Own(**fields)
        except (CryptoError, binascii.Error, ValueError, TypeError):
            return None
        return own if own.until > self._clock().timestamp() else None

    @staticmethod
    def end(response: Response) -> None:
        """Delete the cookie."""
        drop(response, COOKIE)
