"""Validation and normalisation of telephone numbers and mail addresses.

The service that accepts an address and the service that sends to it call the same functions, so an accepted address is
never refused or changed later. Sources: ITU-T E.164 and E.123, RFC 3966 (telephone numbers); RFC 5321, 6531 and 5890
(mail addresses).
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from contracts.text import identifier_fault

FEWEST_DIGITS = 4
"""Digits of the shortest number that a person can dial."""
LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64

_NUMBER = re.compile(r"\+?[ (]*[0-9][0-9 ()./-]*")
_URI = re.compile(r"^tel: *", re.IGNORECASE)
_URI_IN_CONTEXT = re.compile(r"^tel:([0-9().-]+);phone-context=(\+[0-9().-]+)", re.IGNORECASE)
"""A local number and the prefix that makes it a global one. Source: RFC 3966 §5.1.5."""
_COUNTRY_IN_BRACKETS = re.compile(r"\( ?(\+ ?[0-9]{1,3}) ?\)")
_EXTENSION = re.compile(
    r".*[0-9)].*?(?:转|轉|分机|分機|ext[a-z]*\.?|x|#|\*|[,;pw])[ :=-]*[0-9]{1,6} ?(?:号|#)?", re.IGNORECASE
)
_LAST_GROUP = re.compile(r"(.*[0-9])[ ()./-]+([0-9]{1,6})[ ()./-]*")
_BETWEEN = re.compile(r"[,;、|和或及]|[ ()./-]+")
_FEWEST_OF_A_NUMBER = 7
"""Digits from which a part of a text counts as a number of its own."""
_MOST_OF_A_SHORT_NUMBER = 4
"""Digits that a gateway takes for a service number; the smallest plans have subscribers with as few."""
_MOST_OF_A_SHORT_TAIL = 2
"""In China a separate last group of at most this many digits is an extension, never the end of a number."""
_CHINA, _CHINESE = 86, "CN"
_CHINESE_MOBILE = re.compile(r"1[2-9][0-9]{9}")
"""Eleven digits of this form are accepted, because operators open number ranges before the library lists them."""
_TRIALS = (".test", ".invalid")
"""Domains reserved for tests (RFC 2606). They are accepted as public domains; mail to them is never delivered."""
_ANYWHERE = ".example"
"""Suffix under which the library accepts any host name, including reserved ones."""
_DEAF = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
"""Kinds of numbers that cannot receive text messages."""


class AddressError(ValueError):
    """The text is not a usable address. `str()` is a detail code of contracts/refusal_details.py, never the text."""


def sms_number(text: str, country: str) -> str:
    """The digits to which a text message goes: national within `country` (ISO 3166), else E.164 with its plus sign,
    as also where the national number has four digits.

    Format characters are dropped and full-width digits become ASCII. An extension is refused: a text message cannot
    reach it, and its digits must never become part of another number. Raises `AddressError`.
    """
    plain = _URI.sub("", _URI_IN_CONTEXT.sub(r"\2 \1", _plain(text)), count=1)
    if (found := _COUNTRY_IN_BRACKETS.match(plain)) is not None:
        plain = f"{found[1]} {plain[found.end() :]}"
    if not _NUMBER.fullmatch(plain):
        raise AddressError(_odd(plain))
    number = _parsed(plain, country)
    if number is None or not _exists(number):
        raise AddressError(_wrong(plain, country))
    kind = phonenumbers.number_type(number)
    if number.country_code == _CHINA and kind != PhoneNumberType.MOBILE and _ends_in_extension(plain, country):
        raise AddressError("phone_extension")
    if kind in _DEAF:
        raise AddressError("phone_not_for_sms")
    if number.country_code == phonenumbers.country_code_for_region(country):
        national = re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
        if len(national) > _MOST_OF_A_SHORT_NUMBER:
            return national
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def check_readable_number(text: str) -> None:
    """Check that a person can dial from this text: one line with enough digits; other characters are allowed.

    Raises `AddressError`.
    """
    plain = _plain(text)
    if _digits_of(plain) < FEWEST_DIGITS or not plain.isprintable():
        raise AddressError("phone_not_a_number")


def mail_address(text: str, *, public: bool = True) -> str:
    """Normalise a mail address: the domain in lower case, and in ASCII when the local part is ASCII.

    With `public`, the domain must be on the public Internet or reserved for tests; otherwise a host of the local
    network is accepted too. A local part in another script is preserved and needs a mail server with SMTPUTF8.
    Raises `AddressError`.
    """
    plain = unicodedata.normalize("NFC", text.translate(_NARROW).strip())
    if identifier_fault(plain) == "identifier_invisible_character":
        raise AddressError("email_invisible_character")
    local, at, _ = plain.rpartition("@")
    if not at or "=?" in plain:
        raise AddressError("email_not_an_address")
    if local.startswith('"'):
        raise AddressError("email_quoted")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise AddressError("email_dots")
    if len(plain) > LONGEST_ADDRESS or len(local.encode()) > LONGEST_LOCAL_PART:
        raise AddressError("email_too_long")
    found = _validated(plain, public=public)
    if found is None:
        known = public and _validated(plain, public=False) is not None
        raise AddressError("email_domain" if known else "email_not_an_address")
    return found


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs, as input methods produce them, mapped to ASCII."""


def _validated(text: str, *, public: bool) -> str | None:
    suffix = "" if public and not text.lower().endswith(_TRIALS) else _ANYWHERE
    try:
        found = validate_email(text + suffix, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return (found.ascii_email or found.normalized).removesuffix(suffix)


def _plain(text: str) -> str:
    """In ASCII as far as digits, spaces, dashes and full-width signs go; without format characters."""
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text))).strip()


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    if kind == "Zs":
        return " "
    return "-" if kind == "Pd" or character == "\u2212" else character


def _parsed(plain: str, country: str) -> PhoneNumber | None:
    digits = re.sub(r"\D", "", plain)
    if country == _CHINESE and not plain.startswith("+") and _CHINESE_MOBILE.fullmatch(digits):
        return PhoneNumber(
            _CHINA, int(digits)
        )  # in some of them the library takes the first five digits for a carrier code
    try:
        return phonenumbers.parse(plain, country)
    except NumberParseException:
        return None


def _exists(number: PhoneNumber) -> bool:
    if phonenumbers.is_valid_number(number):
        return True
    national: str = phonenumbers.national_significant_number(number)
    china: bool = number.country_code == _CHINA
    return china and _CHINESE_MOBILE.fullmatch(national) is not None


def _odd(plain: str) -> str:
    """The detail code of a text with characters that no single number contains."""
    if _EXTENSION.fullmatch(plain):
        return "phone_extension"
    return "phone_several" if _holds_several(plain) else "phone_not_a_number"


def _wrong(plain: str, country: str) -> str:
    """The detail code of digits that are not a valid number."""
    if _holds_several(plain):
        return "phone_several"
    return "phone_extension" if _ends_in_extension(plain, country) else "phone_not_in_plan"


def _holds_several(plain: str) -> bool:
    return sum(_digits_of(part) >= _FEWEST_OF_A_NUMBER for part in _BETWEEN.split(plain)) > 1


def _digits_of(text: str) -> int:
    return sum(character.isdecimal() for character in text)


def _ends_in_extension(plain: str, country: str) -> bool:
    """Whether the last, separate group of digits follows text that is a valid number on its own."""
    found = _LAST_GROUP.fullmatch(plain)
    if found and len(found[2]) <= _MOST_OF_A_SHORT_TAIL and _digits_of(found[1]) >= _FEWEST_OF_A_NUMBER:
        return True
    number = _parsed(found[1], country) if found else None
    return number is not None and _exists(number)
