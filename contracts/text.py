"""Visible text and identifiers: what every message, body and row may hold. One definition of each for all services.

Free text is cleaned, never refused, for a stray character: a complaint must not be lost for it. Identifiers are refused
with the reason and never changed, because senders compute keys from the exact string.
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
"""Letters and symbols by their category that show nothing: Hangul fillers, Braille, hieroglyph and note blanks, and the
stand-in for an object that is not there."""
_FORMAT_MARKS = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\U00016fe4") | {
    chr(code) for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for code in range(first, last + 1)
}
"""Combining marks that show nothing: joiners, inherent vowels, fillers and variation selectors."""
_GROWING = ((0x1F000, 0x1FAFF), (0x20000, 0x3FFFD))
"""Blocks of pictographs and Chinese characters, in which each Unicode version assigns more than this Python knows."""

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(end - 1)}{chr(end)}" for end in range(0xFFFF, 0x110000, 0x10000))
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(f"[{_CONTROLS}{_BIDI}\ud800-\udfff{_NONCHARACTERS}]")
_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_PLAIN_IDENTIFIER = re.compile(r"[!-~](?:[ -~]*[!-~])?")


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of it: a letter, digit, punctuation mark or symbol."""
    return any(_shows(character) for character in text)


def cleaned(text: str) -> str:
    """The text without control characters, bidirectional overrides, surrogates and noncharacters.

    Rare line ends become line feeds. Tabs, line ends, joiners and variation selectors stay: scripts and emoji need
    them. Cleaning twice changes nothing, and no text grows.
    """
    if text.isprintable():  # the usual case, decided in C
        return text
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def identifier_fault(text: str) -> str | None:
    """Why this is no identifier, for programs; None when it is one. The length is not looked at.

    An identifier is visible characters in form C, with plain spaces between them.
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
"""Annotation of a free text that may be empty."""
REQUIRED = AfterValidator(_required)
"""Annotation of a free text that must be visible."""
LEGIBLE = AfterValidator(_legible)
"""Annotation of a text of a place's table, whose author corrects it: visible, and nothing in it to take out."""
IDENTIFIER = AfterValidator(_identifier)
"""Annotation of an identifier that a partner chooses."""

FreeText = Annotated[str, CLEAN]
"""A text of any length that may be empty. Lengths and presence are judged where it is read."""
ExternalId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=120,
        description="the channel's own reference, no personal data in it: visible characters in Unicode form NFC, with"
        " plain spaces between them; anything else is refused. The Kafka key is made of it: see docs/partners.md",
    ),
    IDENTIFIER,
]
"""A channel's own reference of a complaint."""
