"""Identity is masked before a complaint's words go any further: design.md 7, identity never travels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from contracts.channel import Contact

MASK = "＊＊＊"
SHORTEST_PHONE = 7
"""Digits from which a number is recognised as the complainant's, whatever separates them."""

NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters and digits as the ASCII they stand for; no text changes its length by it."""

_DIGITS = (0x0660, 0x06F0, 0x0966, *range(0x1D7CE, 0x1D7FF, 10))
"""First of ten digits: Arabic, Persian, Devanagari, and letters of formulas."""
_PLAIN = {
    **NARROW,
    **{first + digit: 0x30 + digit for first in _DIGITS for digit in range(10)},
    **{0x2460 + digit: 0x31 + digit for digit in range(9)},  # ①
    0x24EA: 0x30,
    **dict.fromkeys((0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), 0x20),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D), 0x2D),
}
"""Characters that are read as an ASCII digit, letter, space or hyphen, and that one."""
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
"""Characters that show nothing, with which web pages and telephones divide numbers; and the key of a keycap digit."""

_LABEL = "".join(
    rf"|(?<={word})" for word in ("tel", "phone", "mobile", "mob", "call", "sms", "qq", "wechat", "weixin", "wx")
)
_START = rf"(?:(?<![0-9A-Za-z])(?<![0-9A-Za-z]_){_LABEL})"
_END = r"(?![0-9A-Za-z])(?!_[0-9A-Za-z])"
"""Bounds of a number. A digit run inside a word (a hash, an id with letters) is no number; Chinese words bound one."""

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[A-Za-z0-9_.%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",  # e-mail; Chinese words beside it stay
        rf"{_START}\d{{6}}[- ]?\d{{8}}[- ]?\d{{3}}[\dX]{_END}",  # citizen identity number (GB 11643)
        rf"{_START}(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- .·]?\d{{4}}){{2}}{_END}",  # mobile number
        rf"{_START}0\d{{2,3}}[- ]?\d{{7,8}}{_END}",  # landline with area code
        rf"{_START}(?:\+?1[- .]?)?\(?\d{{3}}\)?[- .]\d{{3}}[- .]\d{{4}}{_END}",  # North American number
    )
)
_ADDRESS = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]"
_TOP = r"(?:com|cn|net|org|gov|edu|info|io|cc|co|me|top|vip|xyz|app|dev|site|tv|biz|us|uk|ca|eu|hk|tw|mo|jp|kr|de)"
"""Ends of host names that are read as such without a scheme: `J.Smith/13812345678` is no address."""
_UNTOUCHED = re.compile(
    rf"(?<![A-Za-z])(?!(?:callto|mailto|sips?|sms|tel):)[a-z][a-z0-9+.-]{{1,15}}://{_ADDRESS}+"
    rf"|(?<![0-9A-Za-z@._%+'-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,8}}{_TOP}(?::\d{{1,5}})?/{_ADDRESS}+"
    r"|(?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])\d+\.(?:jpe?g|png|webp|gif|hei[cf]|bmp|tiff?|pdf|docx?|xlsx?|txt|zip|mp[34]|m4a|aac|og[ga]|opus|wav|amr)"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""Web addresses, also without a scheme where a path follows; UUIDs; and names of files made of digits."""
_WEIGHTS, _CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
"""Weights of the check digit of an identity number. Source: GB 11643, ISO 7064 MOD 11-2."""
_NO_DIGIT = re.compile(r"\D")


def redact(text: str, *people: Contact | None) -> str:
    """Masks these people's own names, numbers and addresses, and whatever looks like one. Web addresses stay whole.

    Names come last: one may be part of an address, which would not be recognised with a hole in it.
    """
    return around_addresses(text, lambda part: _redact(part, people))


def around_addresses(text: str, mask: Callable[[str], str]) -> str:
    """Applies `mask` to everything but web addresses, UUIDs and names of files."""
    masked, at = [], 0
    for found in _UNTOUCHED.finditer(text):
        if not _holds_identity(found[0]):
            masked += [mask(text[at : found.start()]), found[0]]
            at = found.end()
    return "".join([*masked, mask(text[at:])])


def _holds_identity(name: str) -> bool:
    """A file whose name is a valid identity number."""
    digits = name[:17]
    if len(name.split(".", 1)[0]) != 18 or not digits.isdecimal():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    born = re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits[6:14])
    return born is not None and name[17].upper() == _CHECK[total % 11]


def _redact(text: str, people: Sequence[Contact | None]) -> str:
    if not text or text.isspace():
        return text
    known, plain = [each for each in people if each is not None], _plain(text)
    own = [
        found
        for each in known
        for found in (*_literal(each.email, plain), *_phone(each.phone, plain), *_number(each.phone, plain))
    ]
    names = [found for each in known for found in _literal(each.name, plain)]
    for pattern in (*own, *_PATTERNS, *names):
        text = _mask(text, pattern)
    return text


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", text.translate(_PLAIN))


def _mask(text: str, pattern: re.Pattern[str]) -> str:
    plain = text.translate(_PLAIN)  # of the same length
    shown: Sequence[int] = range(len(plain))
    if _INVISIBLE.search(plain):
        shown = [at for at in shown if not _INVISIBLE.match(plain, at)]
        plain = _INVISIBLE.sub("", plain)
    for found in reversed(list(pattern.finditer(plain))):
        text = text[: shown[found.start()]] + MASK + text[shown[found.end() - 1] + 1 :]
    return text


def _literal(own: str | None, plain: str) -> list[re.Pattern[str]]:
    """A pattern for it; none where it has no letter case and does not occur, since compiling is dear."""
    own = _plain(own or "").strip()
    if len(own) < 2 or (own.lower() == own.upper() and own not in plain):
        return []
    return [re.compile(re.escape(own), re.IGNORECASE)]


def _phone(phone: str | None, plain: str) -> list[re.Pattern[str]]:
    """A pattern for a number as it was given; none where it does not occur."""
    own = _plain(phone or "").strip()
    if len(own) < 2 or own.lower() not in plain.lower():
        return []
    start, end = (_START if own[0].isalnum() else "", _END if own[-1].isalnum() else "")
    return [re.compile(start + re.escape(own) + end, re.IGNORECASE)]


def _number(phone: str | None, plain: str) -> list[re.Pattern[str]]:
    """The same digits, however they are spaced; no pattern where they do not occur in this order."""
    digits = _NO_DIGIT.sub("", _plain(phone or ""))
    if len(digits) < SHORTEST_PHONE or digits not in _NO_DIGIT.sub("", plain):
        return []
    return [re.compile(_START + r"\+?" + r"[ ()./-]{0,2}".join(digits) + _END, re.IGNORECASE)]
