"""Traces of identity: by them a name is known again in what is added later, though nobody can read it from them.

A trace is the length of a name, number or address and its keyed hash (HMAC-SHA-256). Without intake's key it says
nothing; with it, somebody who guesses a name can only find out whether they guessed right.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterator, Sequence

from contracts.channel import Contact
from contracts.masking import MASK, around_addresses, plain_positions, read_plain
from services.intake.domain.redaction import SHORTEST_PHONE

Trace = tuple[int, str]
"""Length in characters, and hash."""

_SEPARATOR = re.compile(r"(?<=[0-9])[ ()./-]{1,2}(?=[0-9])")
"""What may divide the digits of a number."""


def traces_of(people: Sequence[Contact | None], key: bytes) -> tuple[Trace, ...]:
    """What these people are known by, without saying it; a number also by its digits alone."""
    own = [text for each in people if each for text in (each.name, each.email, each.phone) if text]
    numbers = [re.sub(r"[^0-9]", "", read_plain(each.phone)) for each in people if each and each.phone]
    plain = dict.fromkeys(_small(read_plain(text)).strip() for text in own)
    plain |= dict.fromkeys(each for each in numbers if len(each) >= SHORTEST_PHONE)
    return tuple((len(text), _hash(text, key)) for text in plain if len(text) > 1)


def mask(text: str, traces: Sequence[Trace], key: bytes) -> str:
    """Masks text with one of these traces, except in web addresses and in digits inside words."""
    wanted: dict[int, set[str]] = {}
    for length, traced in traces:
        wanted.setdefault(length, set()).add(traced)
    return around_addresses(text, lambda part: _mask(part, wanted, key)) if wanted else text


def _mask(text: str, wanted: dict[int, set[str]], key: bytes) -> str:
    for length in sorted(wanted, reverse=True):
        text = _mask_spans(text, length, wanted[length], key, joined=False)
        if length >= SHORTEST_PHONE:
            text = _mask_spans(text, length, wanted[length], key, joined=True)
    return text


def _mask_spans(text: str, length: int, hashes: Collection[str], key: bytes, *, joined: bool) -> str:
    plain, shown = plain_positions(text)
    for start, end in reversed(list(_spans(_small(plain), length, hashes, key, joined=joined))):
        text = text[: shown[start]] + MASK + text[shown[end - 1] + 1 :]
    return text


def _spans(plain: str, length: int, hashes: Collection[str], key: bytes, *, joined: bool) -> Iterator[tuple[int, int]]:
    """Start and end of what has one of the hashes; with `joined`, of numbers whose digits are divided."""
    index: Sequence[int] = range(len(plain))
    if joined:
        dropped = {at for found in _SEPARATOR.finditer(plain) for at in range(*found.span())}
        index = [at for at in index if at not in dropped] if dropped else ()
    compared, at = "".join(plain[each] for each in index) if joined else plain, 0
    while at + length <= len(compared):
        window = compared[at : at + length]
        start, end = index[at], index[at + length - 1] + 1
        if (not joined or window.isdecimal()) and _hash(window, key) in hashes and not _inside_word(plain, start, end):
            yield start, end
            at += length
        else:
            at += 1


def _inside_word(plain: str, start: int, end: int) -> bool:
    """A number with a letter or digit directly before or after it."""
    before = plain[start].isdecimal() and start > 0 and _is_word(plain[start - 1])
    return before or (plain[end - 1].isdecimal() and end < len(plain) and _is_word(plain[end]))


def _is_word(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _small(plain: str) -> str:
    """The same without case, and as long."""
    return re.sub(r"[A-Z]", lambda found: found[0].lower(), plain)


def _hash(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:24]
