"""Repeat complaints (重复投诉): the same complainant brings the same matter again. Linked to the first, and handled.

Who the complainant is stays unknown: a reference is the keyed hash of what they may be reached by. Whether it is the
same matter is judged by area, category and words; how well that works is measured by tests on a labelled set.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from contracts.channel import Contact
from infra.contact_addresses import AddressError, mail_address, sms_number
from services.intake.domain.attaching import Files
from services.intake.domain.numbering import Numbers
from services.intake.domain.registration import Registration

SAME_CATEGORY = 0.58
"""Words at least so similar, in the same area and category, tell of one matter."""
OTHER_CATEGORY = 0.74
"""The same where the categories differ: a channel may have chosen another one the second time."""
MOST_CHARACTERS = 400
"""So much of a complaint is compared."""
MOST_COMPARED = 20
"""With so many of a complainant's latest complaints: who sends thousands makes nobody wait."""
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Earlier:
    """A complaint that the same complainant brought before."""

    case_id: str
    number: str
    registered_at: datetime
    category: str
    area: str
    matter: str
    first: tuple[str, str] | None = None
    """Case id and number of the first one, where this is a repeat itself."""
    repeats: int = 0
    """How many times the matter had come again by then."""


@dataclass(frozen=True)
class Repeat:
    """What a complaint repeats."""

    first_case_id: str
    first_number: str
    count: int
    similarity: float


@dataclass
class Supplies:
    """What a batch of decisions needs besides states: numbers, and what complainants have brought before."""

    numbers: Numbers = field(default_factory=Numbers)
    earlier: dict[str, list[Earlier]] = field(default_factory=dict)
    """By the complainant's reference."""
    leading: dict[str, Registration] = field(default_factory=dict)
    """Cases that others are to be merged into, by id."""
    files: Files = field(default_factory=dict)
    """Uploaded files that the batch cites, by id."""

    def remember(self, complainant: str, case: Earlier) -> None:
        """Registered earlier, or in this batch: it is earlier than what follows. The oldest gives way."""
        known = self.earlier.setdefault(complainant, [])
        known.append(case)
        del known[:-MOST_COMPARED]


def complainant_of(contact: Contact | None, key: bytes, country: str) -> str | None:
    """The opaque reference of the person with this contact, the same in all their cases; None without contact.

    `country` (ISO 3166) is that of telephone numbers without a country code.
    """
    known = "" if contact is None else _number(contact.phone or "", country) or _mail(contact.email or "")
    if not known:
        return None
    return "c-" + hmac.new(key, f"complainant\n{known}".encode(), hashlib.sha256).hexdigest()[:32]


def _number(text: str, country: str) -> str:
    """The number as a text message would need it; of what takes none, such as an extension, all its digits."""
    try:
        return sms_number(text, country)
    except AddressError:
        return re.sub(r"[^0-9+]", "", unicodedata.normalize("NFKC", text))


def _mail(text: str) -> str:
    try:
        return mail_address(text).casefold()
    except AddressError:
        return text.strip().casefold()


def matter_of(title: str, text: str) -> str:
    """The words that are compared: letters and digits alone, narrow and small. From a text whose identity is masked."""
    said = text if title in text else f"{title}{text}"
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", said).casefold())[:MOST_CHARACTERS]


def similarity(one: str, other: str) -> float:
    """Between 0 and 1: by the characters that both have, whatever their order."""
    return float(fuzz.token_set_ratio(" ".join(one), " ".join(other))) / 100


def repeat_of(
    category: str, area: str, matter: str, at: datetime, earlier: Iterable[Earlier], days: int
) -> Repeat | None:
    """The matter that it repeats, the most similar one; None when it is new, or the last time was too long ago."""
    near = [each for each in earlier if each.area == area and each.registered_at >= at - timedelta(days=days)]
    rated: Sequence[tuple[float, Earlier]] = [(similarity(matter, each.matter), each) for each in near]
    same = [
        (score, each)
        for score, each in rated
        if score >= (SAME_CATEGORY if each.category == category else OTHER_CATEGORY)
    ]
    if not same:
        return None
    score, best = max(same, key=lambda pair: (pair[0], pair[1].registered_at))
    first_id, first_number = best.first or (best.case_id, best.number)
    chain = [each for each in near if (each.first or (each.case_id, ""))[0] == first_id]
    return Repeat(first_id, first_number, max(each.repeats for each in chain) + 1, round(score, 2))


def earlier_of(case_id: str, case: Registration) -> Earlier:
    """A registered case, as what follows is compared with it."""
    return Earlier(
        case_id=case_id,
        number=case.number,
        registered_at=case.registered_at,
        category=case.category,
        area=case.area,
        matter=case.matter,
        first=case.first,
        repeats=case.repeats,
    )
