"""Tokens of people who have signed in, as a desk signs them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey

from infra.http.keys import Issuer

PERSON = "1f0c5a52-7f3e-4d4e-9a51-0b7f3f1f2c11"


@dataclass
class Signer:
    """An issuer with its private key."""

    id: str = "desk"
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"), repr=False)

    def issuer(self, **fields: Any) -> Issuer:
        """What the keys file has of it."""
        kinds = fields.pop("kinds", frozenset({"unit", "channel"}))
        return Issuer(id=self.id, public_key=str(self.key.as_dict(private=False)["x"]), kinds=kinds, **fields)

    def token(
        self, speaker: str, *, now: float | None = None, header: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        """A token of five minutes; None as a value leaves a claim or a header out."""
        at = int(time.time() if now is None else now)
        standard = {"iss": self.id, "aud": "xiaoneng", "iat": at, "exp": at + 300, "kind": "unit", "sub": PERSON}
        content = {**standard, "speaker": speaker, "rights": ["act", "read"], "jti": uuid4().hex, **claims}
        headers = {"alg": "Ed25519", "kid": self.id, **(header or {})}
        return jwt.encode(
            {name: value for name, value in headers.items() if value is not None},
            {name: value for name, value in content.items() if value is not None},
            self.key,
            algorithms=["Ed25519"],
        )
