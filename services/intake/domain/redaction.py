"""Identity is masked before a complaint's words go any further: design.md 7, identity never travels."""

from __future__ import annotations

import re

from contracts.channel import Contact

MASK = "＊＊＊"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # e-mail
        r"(?<!\d)\d{17}[\dXx](?![\dXx])",  # citizen identity number (GB 11643)
        r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)",  # mobile number
        r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)",  # landline with area code
        r"(?<!\d)(?:\+?1[- .]?)?\(?\d{3}\)?[- .]\d{3}[- .]\d{4}(?!\d)",  # North American number
    )
)


def redact(text: str, contact: Contact | None) -> str:
    """The text with the complainant's own name, number and address masked, and whatever looks like one."""
    if contact is not None:
        for own in (contact.name, contact.phone, contact.email):
            if own and len(own.strip()) > 1:
                text = re.sub(re.escape(own.strip()), MASK, text, flags=re.IGNORECASE)
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text
