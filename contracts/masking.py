"""Masks what looks like a telephone number, an identity number or an e-mail address in free text (design.md 7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydantic import AfterValidator

MASK = "＊＊＊"

NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters and digits, each with its ASCII equivalent; the text keeps its length."""

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
NUMBER_START = rf"(?:(?<![0-9A-Za-z])(?<![0-9A-Za-z]_){_LABEL})"
NUMBER_END = r"(?![0-9A-Za-z])(?!_[0-9A-Za-z])"
"""Bounds of a number. A digit run inside a word (a hash, an id with letters) is no number; Chinese words bound one."""

PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[A-Za-z0-9_.%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",  # e-mail; Chinese words beside it stay
        rf"{NUMBER_START}\d{{6}}[- ]?\d{{8}}[- ]?\d{{3}}[\dX]{NUMBER_END}",  # citizen identity number (GB 11643)
        rf"{NUMBER_START}(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- .·]?\d{{4}}){{2}}{NUMBER_END}",  # mobile number
        rf"{NUMBER_START}0\d{{2,3}}[- ]?\d{{7,8}}{NUMBER_END}",  # landline with area code
        rf"{NUMBER_START}(?:\+?1[- .]?)?\(?\d{{3}}\)?[- .]\d{{3}}[- .]\d{{4}}{NUMBER_END}",  # North American number
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


def mask_numbers(text: str) -> str:
    """Return the text with telephone numbers, identity numbers and e-mail addresses masked; web addresses are kept."""
    return around_addresses(text, _mask_all)


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


def _mask_all(text: str) -> str:
    for pattern in PATTERNS:
        text = mask_pattern(text, pattern)
    return text


def read_plain(text: str) -> str:
    """Return the text with digits, letters, spaces and hyphens of any form as ASCII, without invisible characters."""
    return _INVISIBLE.sub("", text.translate(_PLAIN))


def plain_positions(text: str) -> tuple[str, Sequence[int]]:
    """Return the text as `read_plain` does, and the position in the text of each of its characters."""
    plain = text.translate(_PLAIN)  # of the same length
    shown: Sequence[int] = range(len(plain))
    if _INVISIBLE.search(plain):
        shown = [at for at in shown if not _INVISIBLE.match(plain, at)]
        plain = _INVISIBLE.sub("", plain)
    return plain, shown


def mask_pattern(text: str, pattern: re.Pattern[str]) -> str:
    """Mask what the pattern finds in the plain form of the text."""
    plain, shown = plain_positions(text)
    for found in reversed(list(pattern.finditer(plain))):
        text = text[: shown[found.start()]] + MASK + text[shown[found.end() - 1] + 1 :]
    return text


MASKED = AfterValidator(mask_numbers)
"""Validator of staff's free text that no complainant has to read: masks numbers and addresses of people."""
