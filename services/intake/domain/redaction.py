"""Identity is masked before a complaint's words go any further: design.md 7, identity never travels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contracts.channel import Contact
from contracts.masking import NUMBER_END, NUMBER_START, PATTERNS, around_addresses, mask_pattern, read_plain

SHORTEST_PHONE = 7
"""Digits from which a number is recognised as the complainant's, whatever separates them."""

_NO_DIGIT = re.compile(r"\D")


def redact(text: str, *people: Contact | None) -> str:
    """Masks these people's own names, numbers and addresses, and whatever looks like one. Web addresses stay whole.

    Names come last: one may be part of an address, which would not be recognised with a hole in it.
    """
    return around_addresses(text, lambda part: _redact(part, people))


def _redact(text: str, people: Sequence[Contact | None]) -> str:
    if not text or text.isspace():
        return text
    known, plain = [each for each in people if each is not None], read_plain(text)
    own = [
        found
        for each in known
        for found in (*_literal(each.email, plain), *_phone(each.phone, plain), *_number(each.phone, plain))
    ]
    names = [found for each in known for found in _literal(each.name, plain)]
    for pattern in (*own, *PATTERNS, *names):
        text = mask_pattern(text, pattern)
    return text


def _literal(own: str | None, plain: str) -> list[re.Pattern[str]]:
    """A pattern for it; none where it has no letter case and does not occur, since compiling is dear."""
    own = read_plain(own or "").strip()
    if len(own) < 2 or (own.lower() == own.upper() and own not in plain):
        return []
    return [re.compile(re.escape(own), re.IGNORECASE)]


def _phone(phone: str | None, plain: str) -> list[re.Pattern[str]]:
    """A pattern for a number as it was given; none where it does not occur."""
    own = read_plain(phone or "").strip()
    if len(own) < 2 or own.lower() not in plain.lower():
        return []
    start, end = (NUMBER_START if own[0].isalnum() else "", NUMBER_END if own[-1].isalnum() else "")
    return [re.compile(start + re.escape(own) + end, re.IGNORECASE)]


def _number(phone: str | None, plain: str) -> list[re.Pattern[str]]:
    """The same digits, however they are spaced; no pattern where they do not occur in this order."""
    digits = _NO_DIGIT.sub("", read_plain(phone or ""))
    if len(digits) < SHORTEST_PHONE or digits not in _NO_DIGIT.sub("", plain):
        return []
    return [re.compile(NUMBER_START + r"\+?" + r"[ ()./-]{0,2}".join(digits) + NUMBER_END, re.IGNORECASE)]
