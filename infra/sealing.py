"""Sealed boxes: anybody with the public key may close one, only the owner of the private key may open it. And secrets
that are made from a key.

libsodium `crypto_box_seal` through PyNaCl (X25519, XSalsa20-Poly1305).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress

from nacl.public import PrivateKey, PublicKey, SealedBox


class SealingError(ValueError):
    """The key is no key, or the box was not closed for it."""


def new_private_key() -> str:
    """A fresh private key, base64."""
    return base64.b64encode(bytes(PrivateKey.generate())).decode()


def public_key_of(private_key: str) -> str:
    """The public half, base64. Raises `SealingError`."""
    return base64.b64encode(bytes(_private(private_key).public_key)).decode()


def key_id(public_key: str) -> str:
    """A short name for a public key, so that a box tells which key it needs."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:16]


def secret_for(purpose: str, key: str) -> bytes:
    """A secret of its own for one purpose, from a key that the service has anyway."""
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


class Sealer:
    """Closes boxes for one public key. Raises `SealingError` when it is no key."""

    def __init__(self, public_key: str) -> None:
        try:
            self._box = SealedBox(PublicKey(base64.b64decode(public_key, validate=True)))
        except Exception as error:
            raise SealingError("a public key is base64 of 32 bytes") from error
        self.key_id = key_id(public_key)

    def seal(self, clear: bytes) -> str:
        """Base64 of a box; a new one each time."""
        return base64.b64encode(self._box.encrypt(clear)).decode()


class Opener:
    """Opens boxes closed for one key. Raises `SealingError` when it is no key."""

    def __init__(self, private_key: str) -> None:
        self._box = SealedBox(_private(private_key))
        self.key_id = key_id(public_key_of(private_key))

    def open(self, box: str) -> bytes:
        """What was sealed. Raises `SealingError` when the box is broken or for another key."""
        try:
            return bytes(self._box.decrypt(base64.b64decode(box, validate=True)))
        except Exception as error:
            raise SealingError(f"this box does not open with key {self.key_id}") from error


class KeyRing:
    """Opens boxes closed for one of several keys: the one in force, and those it has replaced.

    Raises `SealingError` when one is no key.
    """

    def __init__(self, private_key: str, *replaced: str) -> None:
        self._openers = [Opener(private_key), *map(Opener, replaced)]
        self.key_id = self._openers[0].key_id

    @property
    def replaced(self) -> tuple[str, ...]:
        """Ids of the keys that are no longer in force."""
        return tuple(opener.key_id for opener in self._openers[1:])

    def open(self, box: str) -> bytes:
        """What was sealed. Raises `SealingError` when the box is broken or for another key."""
        for opener in self._openers[:-1]:
            with suppress(SealingError):
                return opener.open(box)
        return self._openers[-1].open(box)


def _private(private_key: str) -> PrivateKey:
    try:
        return PrivateKey(base64.b64decode(private_key, validate=True))
    except Exception as error:
        raise SealingError("a private key is base64 of 32 bytes") from error
