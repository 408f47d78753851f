"""Identity is masked before a complaint's words go any further: design.md 7, identity never travels."""

from __future__ import annotations

import re

from contracts.channel import Contact

MASK = "＊＊＊"
SHORTEST_PHONE = 7
"""Digits from which a number is known for the complainant's, whatever stands between them."""

NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters and digits as the ASCII they stand for; no text changes its length by it."""

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[A-Za-z0-9_.%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",  # e-mail; Chinese words beside it stay
        r"(?<!\d)\d{17}[\dXx](?![\dXx])",  # citizen identity number (GB 11643)
        r"(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)",  # mobile number
        r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)",  # landline with area code
        r"(?<!\d)(?:\+?1[- .]?)?\(?\d{3}\)?[- .]\d{3}[- .]\d{4}(?!\d)",  # North American number
    )
)
_NO_DIGIT = re.compile(r"\D")


def redact(text: str, *people: Contact | None) -> str:
    """The text with these people's own names, numbers and addresses masked, and whatever looks like one.

    Names come last: one may be part of an address, which would not be known as one with a hole in it.
    """
    known, plain = [each for each in people if each is not None], text.translate(NARROW)
    own = [
        found
        for each in known
        for found in (*_literal(each.email, plain), *_literal(each.phone, plain), *_number(each.phone, plain))
    ]
    names = [found for each in known for found in _literal(each.name, plain)]
    for pattern in (*own, *_PATTERNS, *names):
        text = _mask(text, pattern)
    return text


def _mask(text: str, pattern: re.Pattern[str]) -> str:
    for found in reversed(list(pattern.finditer(text.translate(NARROW)))):
        text = text[: found.start()] + MASK + text[found.end() :]
    return text


def _literal(own: str | None, plain: str) -> list[re.Pattern[str]]:
    """A pattern for it. None where it has no letter case and does not stand there: patterns are dear to make."""
    own = (own or "").strip().translate(NARROW)
    if len(own) < 2 or (own.lower() == own.upper() and own not in plain):
        return []
    return [re.compile(re.escape(own), re.IGNORECASE)]


def _number(phone: str | None, plain: str) -> list[re.Pattern[str]]:
    """The same digits, however they are spaced; no pattern where they do not stand there in this order."""
    digits = _NO_DIGIT.sub("", (phone or "").translate(NARROW))
    if len(digits) < SHORTEST_PHONE or digits not in _NO_DIGIT.sub("", plain):
        return []
    return [re.compile(r"(?<!\d)\+?" + r"[ ()./-]{0,2}".join(digits) + r"(?!\d)")]
