"""Signed tokens (JWT, Ed25519): each request to a service carries one that names the acting post.

The services know the public key as an `[[issuer]]` of their keys file and trust no field of a body.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from joserfc import jwt
from joserfc.jwk import OKPKey

AUDIENCE = "xiaoneng"
LIFE = timedelta(minutes=5)
FRESH = timedelta(minutes=1)
"""A token with less than this left is not used again."""


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf an app asks a service."""

    kind: Literal["unit", "channel"]
    speaker: str
    """Unit or channel."""
    post: str
    person: str
    """Opaque id of the person; never a name."""
    rights: tuple[str, ...] = ("read", "act")


class TokenSigner:
    """Makes the `Authorization` header of an actor."""

    def __init__(self, issuer: str, key: OKPKey, clock: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._key = key
        self._clock = clock
        self._made: dict[Actor, tuple[datetime, str]] = {}

    @classmethod
    def from_file(cls, issuer: str, file: Path, clock: Callable[[], datetime]) -> TokenSigner:
        """With the private key of a file: a JSON Web Key or PEM. Raises `OSError` or `ValueError`."""
        text = file.read_text().strip()
        return cls(issuer, OKPKey.import_key(json.loads(text) if text.startswith("{") else text), clock)

    def header(self, actor: Actor) -> str:
        """A header with a token that lives for some minutes; the same one while it is fresh."""
        now = self._clock()
        expires, token = self._made.get(actor, (now, ""))
        if expires - now < FRESH:
            expires = now + LIFE
            token = self._signed(actor, now, expires)
            if len(self._made) > 5_000:
                self._made.clear()
            self._made[actor] = (expires, token)
        return f"Bearer {token}"

    def _signed(self, actor: Actor, now: datetime, expires: datetime) -> str:
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": actor.person,
            "kind": actor.kind,
            "speaker": actor.speaker,
            "post": actor.post,
            "rights": list(actor.rights),
            "iat": int(now.timestamp()),
            "exp": int(expires.timestamp()),
            "jti": secrets.token_hex(12),
        }
        header = {"alg": "Ed25519", "kid": self._issuer, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"])
