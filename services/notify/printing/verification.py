"""Codes by which anybody finds out whether a paper is genuine: whoever has not the secret cannot make one."""

from __future__ import annotations

import hashlib
import hmac

from contracts.typed_codes import read_code
from services.notify.printing.sheet import Sheet, Verification

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 of Crockford: no I, L, O and U, which are taken for others."""
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_CHARACTERS = 16
_BITS = 5


def digest_of(sheet: Sheet) -> str:
    """SHA-256 of all that stands on it but a code: the same before the code is printed, and after."""
    bare = tuple(block for block in sheet.blocks if not isinstance(block, Verification))
    return hashlib.sha256(sheet.model_copy(update={"blocks": bare}).model_dump_json().encode()).hexdigest()


def verification_code(secret: bytes, number: str, content_digest: str) -> str:
    """Of a paper with this number and content: four groups of four, 80 bits. Raises `ValueError` without a secret."""
    if len(secret) < 16:
        raise ValueError("the secret has 16 bytes at least")
    mac = hmac.digest(secret, f"{len(number)}:{number}{content_digest}".encode(), "sha256")
    bits = int.from_bytes(mac[: _CHARACTERS * _BITS // 8], "big")
    code = "".join(_ALPHABET[bits >> _BITS * n & 31] for n in reversed(range(_CHARACTERS)))
    return "-".join(code[n : n + 4] for n in range(0, _CHARACTERS, 4))


def verify(secret: bytes, number: str, content_digest: str, code: str) -> bool:
    """Whether the code is that paper's, as a person has typed it. How long it takes tells nothing."""
    typed = "".join(c for c in read_code(code) if c.isascii() and c.isalnum()).translate(_READ_AS)
    expected = verification_code(secret, number, content_digest).replace("-", "")
    return hmac.compare_digest(typed.encode(), expected.encode())
