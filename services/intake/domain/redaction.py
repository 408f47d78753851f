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


def redact(text: str, *people: Contact | None) -> str:
    """The text with these people's own names, numbers and addresses masked, and whatever looks like one.

    Names come last: one may be part of an address, which would not be known as one with a hole in it.
    """
    known = [each for each in people if each is not None]
    own = [found for each in known for found in (*_literal(each.email), *_literal(each.phone), *_number(each.phone))]
    names = [found for each in known for found in _literal(each.name)]
    for pattern in (*own, *_PATTERNS, *names):
        text = _mask(text, pattern)
    return text


def _mask(text: str, pattern: re.Pattern[str]) -> str:
    for found in reversed(list(pattern.finditer(text.translate(NARROW)))):
        text = text[: found.start()] + MASK + text[found.end() :]
    return text


def _literal(own: str | None) -> list[re.Pattern[str]]:
    own = (own or "").strip().translate(NARROW)
    return [re.compile(re.escape(own), re.IGNORECASE)] if len(own) > 1 else []


def _number(phone: str | None) -> list[re.Pattern[str]]:
    """The same digits, however they are spaced."""
    digits = re.sub(r"\D", "", (phone or "").translate(NARROW))
    if len(digits) < SHORTEST_PHONE:
        return []
    return [re.compile(r"(?<!\d)\+?" + r"[ ()./-]{0,2}".join(digits) + r"(?!\d)")]
