"""Traces of identity: by them a name is known again in what is added later, though nobody can read it from them.

A trace is the length of a name, number or address and its keyed hash (HMAC-SHA-256). Without intake's key it says
nothing; with it, somebody who guesses a name can only find out whether they guessed right.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from contracts.channel import Contact
from services.intake.domain.redaction import MASK, NARROW

Trace = tuple[int, str]
"""Length in characters, and hash."""


def traces_of(people: Sequence[Contact | None], key: bytes) -> tuple[Trace, ...]:
    """What these people are known by, without saying it."""
    own = [text for each in people if each for text in (each.name, each.email, each.phone) if text]
    plain = dict.fromkeys(_plain(text.strip()) for text in own)
    return tuple((len(text), _hash(text, key)) for text in plain if len(text) > 1)


def mask(text: str, traces: Sequence[Trace], key: bytes) -> str:
    """The text without whatever has one of these traces."""
    wanted: dict[int, set[str]] = {}
    for length, traced in traces:
        wanted.setdefault(length, set()).add(traced)
    for length in sorted(wanted, reverse=True):
        plain, at = _plain(text), 0
        while at + length <= len(plain):
            if _hash(plain[at : at + length], key) in wanted[length]:
                text = text[:at] + MASK + text[at + length :]
                plain, at = _plain(text), at + len(MASK)
            else:
                at += 1
    return text


def _plain(text: str) -> str:
    """Full-width letters as the narrow ones, without case; as long as the text."""
    return re.sub(r"[A-Z]", lambda found: found[0].lower(), text.translate(NARROW))


def _hash(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:24]
