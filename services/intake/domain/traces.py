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
from contracts.masking import MASK, NARROW, around_addresses

Trace = tuple[int, str]
"""Length in characters, and hash."""


def traces_of(people: Sequence[Contact | None], key: bytes) -> tuple[Trace, ...]:
    """What these people are known by, without saying it."""
    own = [text for each in people if each for text in (each.name, each.email, each.phone) if text]
    plain = dict.fromkeys(_plain(text.strip()) for text in own)
    return tuple((len(text), _hash(text, key)) for text in plain if len(text) > 1)


def mask(text: str, traces: Sequence[Trace], key: bytes) -> str:
    """Masks text with one of these traces, except in web addresses and in digits inside words."""
    wanted: dict[int, set[str]] = {}
    for length, traced in traces:
        wanted.setdefault(length, set()).add(traced)
    return around_addresses(text, lambda part: _mask(part, wanted, key)) if wanted else text


def _mask(text: str, wanted: dict[int, set[str]], key: bytes) -> str:
    for length in sorted(wanted, reverse=True):
        plain, at = _plain(text), 0
        while at + length <= len(plain):
            if _hash(plain[at : at + length], key) in wanted[length] and not _inside_word(plain, at, at + length):
                text = text[:at] + MASK + text[at + length :]
                plain, at = _plain(text), at + len(MASK)
            else:
                at += 1
    return text


def _inside_word(plain: str, start: int, end: int) -> bool:
    """A number with a letter or digit directly before or after it."""
    before = plain[start].isdecimal() and start > 0 and _is_word(plain[start - 1])
    return before or (plain[end - 1].isdecimal() and end < len(plain) and _is_word(plain[end]))


def _is_word(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _plain(text: str) -> str:
    """Full-width letters as the narrow ones, without case; as long as the text."""
    return re.sub(r"[A-Z]", lambda found: found[0].lower(), text.translate(NARROW))


def _hash(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:24]
