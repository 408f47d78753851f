"""Parsers for one cell: an id, an instant, a coordinate. Values that a spreadsheet has altered are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apps.channel.columns.column_map import ISO, ExternalId

_AS_TEXT = "export this column as text"
_SPOILED = (
    (re.compile(r"#+"), "the spreadsheet's column was too narrow: widen it and export again"),
    (re.compile(r"#(N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|DIV/0!)"), "a spreadsheet's error: correct its formula"),
    (
        re.compile(r"[+-]?\d+(\.\d+)?E\+\d+|[+-]?\d\.\d+E-?\d+", re.IGNORECASE),
        f"a spreadsheet has written it with an exponent, such as 9.00E+07, and its digits are lost: {_AS_TEXT}",
    ),
    (re.compile(r"\d+\.0+"), f"a spreadsheet has written it as a decimal, such as 1.0: {_AS_TEXT}"),
    (re.compile(r"\d{1,3}([,'’\u00a0\u202f ]\d{3})+(\.0+)?"), f"a spreadsheet has grouped its digits: {_AS_TEXT}"),
    (re.compile(r"['’‘`].*|=.*"), f"a spreadsheet's mark stands before it: {_AS_TEXT}"),
)
"""Forms into which spreadsheets change long numbers, each with its error message."""
_EXACT_DIGITS = 15
"""Spreadsheets store this many digits of a number and write zeros for the rest."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]| ?[+-]\d{2}(:?\d{2})?)?", re.ASCII)
_DAY_NUMBER = re.compile(r"\d{5}([.,]\d+)?")
_NO_DAY = re.compile(r"\d{1,2}:\d{2}[.:,]\d+")
_SAMPLE = datetime(2022, 5, 1, 0, 0, 3)  # noqa: DTZ001 - an example, in no zone

_DEGREES = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_PAIR = re.compile(r"\(?\s*([^,\s()]+)\s*,\s*([^,\s()]+)\s*\)?")
_WKT = re.compile(r"POINT\s*\(\s*(\S+)\s+([^\s()]+)\s*\)", re.IGNORECASE)


def external_id(text: str, rule: ExternalId) -> str:
    """Return the id unchanged. Raises `ValueError` with the reason when it is malformed or altered."""
    reason = next((why for pattern, why in _SPOILED if pattern.fullmatch(text)), None)
    if rule.form == "digits" and not (text.isascii() and text.isdigit()):
        raise ValueError("not a whole number" + (f": {reason}" if reason else ""))
    if reason is not None:
        raise ValueError(reason)
    if text.isdigit() and len(text) > _EXACT_DIGITS and not text[_EXACT_DIGITS:].strip("0"):
        raise ValueError(
            f"more than {_EXACT_DIGITS} digits that end in zeros: a spreadsheet has rounded it: {_AS_TEXT}"
        )
    if rule.pattern is not None and not re.fullmatch(rule.pattern, text):
        raise ValueError(f"has not the form {rule.pattern}")
    return text


def instant(text: str, formats: Sequence[str], zone: ZoneInfo) -> datetime:
    """Parse a date; a local time that occurs twice (autumn) is the first occurrence.

    Raises `ValueError` with the reason: not a date, no such day, or a local time that is skipped in spring.
    """
    found = next((read for form in formats if (read := _read(text, form)) is not None), None)
    if found is None:
        raise ValueError(_why_no_date(text, formats))
    if found.tzinfo is not None:
        return found
    local = found.replace(tzinfo=zone)
    try:
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found:
            raise ValueError("this hour was skipped: the clocks went forward")
    except OverflowError:
        raise ValueError("no such day or time") from None
    return local


def degrees(text: str) -> float:
    """Parse a latitude or longitude. Raises `ValueError`."""
    if not _DEGREES.fullmatch(text):
        raise ValueError("not a number of degrees such as 40.7128")
    return float(text)


def point(text: str) -> tuple[float, float]:
    """Parse latitude and longitude from ``(40.7, -73.9)`` or ``POINT (-73.9 40.7)``. Raises `ValueError`."""
    if (found := _WKT.fullmatch(text)) is not None:
        return degrees(found[2]), degrees(found[1])
    if (found := _PAIR.fullmatch(text)) is not None:
        return degrees(found[1]), degrees(found[2])
    raise ValueError("not a point such as (40.7, -73.9) or POINT (-73.9 40.7)")


def _read(text: str, form: str) -> datetime | None:
    try:
        if form != ISO:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller knows the zone
        return (
            datetime.fromisoformat(text.upper().replace(" +", "+").replace(" -", "-")) if _ISO.fullmatch(text) else None
        )
    except ValueError:
        return None


def _why_no_date(text: str, formats: Sequence[str]) -> str:
    if text and not text.strip("#"):
        return _SPOILED[0][1]
    like = " or ".join(_example(form) for form in formats)
    if any(_shape(form).fullmatch(text) for form in formats):
        return f"no such day or time; it should be like {like}"
    if _DAY_NUMBER.fullmatch(text):
        return f"a spreadsheet's day number: export this column as a date like {like}"
    if _NO_DAY.fullmatch(text):
        return f"a spreadsheet has written the time alone, and the day is lost: export it as a date like {like}"
    return f"not a date like {like}"


def _example(form: str) -> str:
    return _SAMPLE.isoformat() if form == ISO else _SAMPLE.strftime(form)


def _shape(form: str) -> re.Pattern[str]:
    """A pattern for text in the shape of that date format; its numbers may be out of range."""
    if form == ISO:
        return _ISO
    parts = re.split(r"(%[a-zA-Z]|%%)", form)
    return re.compile(
        "".join(_DIRECTIVES.get(part, r"\d{1,4}") if part[:1] == "%" else re.escape(part) for part in parts)
    )


_DIRECTIVES = {"%p": "[APap][Mm]", "%b": "[A-Za-z]+", "%B": "[A-Za-z]+", "%Y": r"\d{4}", "%f": r"\d+", "%%": "%"}
