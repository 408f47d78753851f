"""Visible text and identifiers: the one definition of each, for messages, request bodies and imported rows.

Free text is cleaned rather than refused, so that no complaint is lost because of a stray character. A faulty identifier
is refused with the reason and never changed, because senders compute keys from the exact string.
Source: Unicode General_Category, Default_Ignorable_Code_Point (UAX #44) and normalisation form C (UAX #15).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from contracts.refusal_details import DETAILS

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U00013441\U00013442\U0001d159")
"""Characters in a letter or symbol category that are blank: Hangul fillers, the Braille, hieroglyph and musical blanks,
and the object replacement character."""
_FORMAT_MARKS = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\U00016fe4") | {
    chr(code) for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for code in range(first, last + 1)
}
"""Invisible combining marks: joiners, inherent vowels, fillers and variation selectors."""
_GROWING = ((0x1F000, 0x1FAFF), (0x20000, 0x3FFFD))
"""Blocks of pictographs and Chinese characters in which newer Unicode versions assign characters that this Python does
not know yet."""

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(end - 1)}{chr(end)}" for end in range(0xFFFF, 0x110000, 0x10000))
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(f"[{_CONTROLS}{_BIDI}\ud800-\udfff{_NONCHARACTERS}]")
_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_PLAIN_IDENTIFIER = re.compile(r"[!-~](?:[ -~]*[!-~])?")


def is_visible(text: str) -> bool:
    """Whether the text contains a visible letter, digit, punctuation mark or symbol."""
    return any(_shows(character) for character in text)


def cleaned(text: str) -> str:
    """Remove control characters, bidirectional controls, surrogates and noncharacters.

    Rare line separators become line feeds. Tabs, line ends, joiners and variation selectors are preserved because
    scripts and emoji need them. The function is idempotent, and its result is never longer than its input.
    """
    if text.isprintable():  # fast path for most texts, in C
        return text
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def identifier_fault(text: str) -> str | None:
    """The detail code of why the text is not an identifier, or None when it is one. The length is not checked.

    An identifier consists of visible characters in Unicode form NFC, with plain spaces between them.
    """
    if _PLAIN_IDENTIFIER.fullmatch(text):
        return None
    if not is_visible(text):
        return "identifier_blank"
    if text != text.strip():
        return "identifier_outer_space"
    if not unicodedata.is_normalized("NFC", text):
        return "identifier_not_nfc"
    if unicodedata.category(text[0])[0] == "M" or not all(map(_may_identify, text)):
        return "identifier_invisible_character"
    return None


def _shows(character: str) -> bool:
    if character in _BLANK:
        return False
    kind = unicodedata.category(character)
    if kind == "Cn":
        return any(first <= ord(character) <= last for first, last in _GROWING) and ord(character) & 0xFFFE != 0xFFFE
    return kind[0] in "LNPS"


def _may_identify(character: str) -> bool:
    if character == " ":
        return True
    return _shows(character) or (unicodedata.category(character)[0] == "M" and character not in _FORMAT_MARKS)


def _fault(detail: str) -> PydanticCustomError:
    return PydanticCustomError(detail, DETAILS[detail][1])


def _required(text: str) -> str:
    clean = cleaned(text)
    if not is_visible(clean):
        raise _fault("text_missing")
    return clean


def _legible(text: str) -> str:
    if not is_visible(text):
        raise _fault("text_missing")
    if cleaned(text) != text:
        raise _fault("text_forbidden_character")
    return text


def _identifier(text: str) -> str:
    fault = identifier_fault(text)
    if fault is not None:
        raise _fault(fault)
    return text


CLEAN = AfterValidator(cleaned)
"""Validator of free text that may be empty: cleans it."""
REQUIRED = AfterValidator(_required)
"""Validator of required free text: cleans it and refuses text without a visible character."""
LEGIBLE = AfterValidator(_legible)
"""Validator of text in a place's tables: refuses what `REQUIRED` would clean, because its author can correct it."""
IDENTIFIER = AfterValidator(_identifier)
"""Validator of an identifier that a partner chooses."""

FreeText = Annotated[str, CLEAN]
"""Cleaned text of any length, possibly empty. The code that uses it checks length and presence."""
ExternalId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=120,
        description="the channel's own reference, without personal data: visible characters in Unicode form NFC, with"
        " plain spaces between them; anything else is refused. The Kafka key is computed from it: see docs/partners.md",
    ),
    IDENTIFIER,
]
"""A channel's own reference for a complaint."""
