"""Parsers for one cell: an id, an instant, a coordinate. Values that a spreadsheet has altered are refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from apps.channel.columns.column_map import HOURS, ISO, ExternalId
from apps.channel.rows import both
from contracts.instants import parse_instant, pinned, wall_instant


def _spoiled(en: str, zh: str) -> str:
    return both(f"a spreadsheet {en}: export this column as text", f"电子表格{zh}：请将该列按文本导出")


_GROUPED = _spoiled("has grouped its digits", "给数字加了分隔符")
_DATED = _spoiled("has made a date or time of it", "把它变成了日期或时间")
_ERROR = re.compile(r"#[¡¿]?[^\W\d][\w/.]*[!?]|#N/[AD]|#NV|#GETTING_DATA", re.IGNORECASE)
_NARROW = re.compile(r"#{2,}")
_SPOILED = (
    (
        _NARROW,
        both(
            "the spreadsheet's column was too narrow: widen it and export again", "电子表格的列太窄：请加宽后重新导出"
        ),
    ),
    (_ERROR, both("a spreadsheet's error: correct its formula", "电子表格的错误值：请改正公式")),
    (
        re.compile(r"[+-]?\d+([.,]\d+)?E\+\d+|[+-]?\d[.,]\d+E-?\d+", re.IGNORECASE),
        _spoiled(
            "has written it with an exponent, such as 9.00E+07, and its digits are lost",
            "写成了科学记数（如9.00E+07），数字已丢失",
        ),
    ),
    (re.compile(r"\d+[.,]0+"), _spoiled("has written it as a decimal, such as 1.0", "写成了小数（如1.0）")),
    (re.compile(r"(\d{1,3}([,'’ ]\d{3})+|\d{1,2}(,\d{2})+,\d{3})([.,]0+)?"), _GROUPED),
    (re.compile(r"['’‘`].*|=.*|[\"“”].*"), _spoiled("has put a mark before it", "在前面加了符号")),
)
"""What spreadsheets make of long numbers, and never of anything else."""
_MONTH = "(?:jan|feb|mar|mrz|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*"
_DOUBTFUL = (
    (re.compile(r"\d{1,3}(\.\d{3})+(,0+)?"), _GROUPED),
    (
        re.compile(
            rf"\d{{1,2}}[-. ]{_MONTH}([-. ]\d{{2,4}})?|{_MONTH}[-. ]\d{{1,4}}"
            r"|\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月(\d{1,2}日)?"
            r"|(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}/\d{1,2}/(\d{2}|\d{4}))([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"
            r"|\d{1,2}:\d{2}(:\d{2})?",
            re.IGNORECASE,
        ),
        _DATED,
    ),
    (
        re.compile(r"true|false|wahr|falsch", re.IGNORECASE),
        _spoiled("has made a truth value of it", "把它变成了逻辑值"),
    ),
    (
        re.compile(r"none|nil|null|nan|n/?a|unknown|-+|[—–]+|\?+|无|暂无|没有|空", re.IGNORECASE),
        both("it stands for no id at all: all such rows would be one complaint", "不是编号：这样的行会被当作同一投诉"),
    ),
)
"""What spreadsheets and databases write, and what may be an id all the same: the map's pattern decides."""
_EXACT_DIGITS = 15
"""Spreadsheets store this many digits of a number and write zeros for the rest."""

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]| ?(?:UTC|GMT)| ?[+-]\d{2}(:?\d{2})?)?", re.ASCII
)
_ZERO_DATES = range(1901)
"""Years of an empty date in spreadsheets and databases: 1899-12-30, 1900-01-00 and 0001-01-01."""
_DAY_NUMBER = re.compile(r"\d{5}([.,]\d+)?")
_SINCE_1970 = re.compile(r"\d{10}(\d{3})?([.]\d+)?")
_NO_DAY = re.compile(r"\d{1,2}:\d{2}[.:,]\d+")
_SAMPLE = datetime(2022, 5, 1, 0, 0, 3)  # noqa: DTZ001 - an example, in no zone

_DEGREES = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_PAIR = re.compile(r"\(?\s*([^,\s()]+)\s*,\s*([^,\s()]+)\s*\)?")
_WKT = re.compile(r"POINT\s*\(\s*(\S+)\s+([^\s()]+)\s*\)", re.IGNORECASE)


def external_id(text: str, rule: ExternalId) -> str:
    """The id as it is written. Raises `ValueError` with the reason where it is none, or no longer is."""
    reason = _why_spoiled(text, _SPOILED)
    fits = rule.pattern is not None and re.fullmatch(rule.pattern, text) is not None
    if reason is None and not fits:
        reason = _why_spoiled(text, _DOUBTFUL)
    if rule.form == "digits" and not (text.isascii() and text.isdigit()):
        if reason is None and any(unicodedata.category(letter) == "Cf" for letter in text):
            reason = both("it holds an invisible character", "含有不可见字符")
        raise ValueError(f"not a whole number: {reason}" if reason else both("not a whole number", "不是整数"))
    if reason is not None:
        raise ValueError(reason)
    if text.isdigit() and len(text) > _EXACT_DIGITS and not text[_EXACT_DIGITS:].strip("0"):
        raise ValueError(_spoiled(f"has rounded it after {_EXACT_DIGITS} digits", f"在第{_EXACT_DIGITS}位后作了舍入"))
    if rule.pattern is not None and not fits:
        raise ValueError(both(f"has not the form {rule.pattern}", f"不符合格式 {rule.pattern}"))
    return text


def instant(text: str, formats: Sequence[str], zone: ZoneInfo) -> datetime:
    """Parse a date; a local time that occurs twice (autumn) is the first occurrence.

    Raises `ValueError` with the reason: not a date, no such day, or a local time that is skipped in spring.
    """
    form, found = next(((form, read) for form in formats if (read := _read(text, form)) is not None), ("", None))
    if found is None:
        raise ValueError(_why_no_date(text, formats))
    if found.year in _ZERO_DATES:
        raise ValueError(
            both(
                f"the year {found.year} is what a spreadsheet or database writes for no date",
                f"{found.year}年是电子表格或数据库的空日期",
            )
        )
    try:
        if found.tzinfo is not None:
            return found.astimezone(UTC).astimezone(found.tzinfo)
        if form != ISO and not any(mark in form for mark in HOURS):
            return wall_instant(found.date(), time.min, zone)
        local = found.replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found:
            raise ValueError(both("this hour was skipped: the clocks went forward", "时钟拨快，没有这个时刻"))
    except OverflowError:
        raise ValueError(both("no such day or time", "没有这个日期或时间")) from None
    return pinned(local, zone)


def degrees(text: str) -> float:
    """Parse a latitude or longitude with a decimal point or comma. Raises `ValueError`."""
    plain = text.replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if not _DEGREES.fullmatch(plain):
        raise ValueError(both("not a number of degrees such as 40.7128", "不是度数，如40.7128"))
    return float(plain)


def point(text: str) -> tuple[float, float]:
    """Parse latitude and longitude from ``(40.7, -73.9)`` or ``POINT (-73.9 40.7)``. Raises `ValueError`."""
    if (found := _WKT.fullmatch(text)) is not None:
        return degrees(found[2]), degrees(found[1])
    if (found := _PAIR.fullmatch(text)) is not None:
        return degrees(found[1]), degrees(found[2])
    raise ValueError(both("not a point such as (40.7, -73.9) or POINT (-73.9 40.7)", "不是坐标，如 (40.7, -73.9)"))


def _read(text: str, form: str) -> datetime | None:
    try:
        return _read_iso(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007 - the caller knows it
    except ValueError:
        return None


def _read_iso(text: str) -> datetime | None:
    """A date in ISO 8601 or RFC 3339, with or without an offset. Raises `ValueError`."""
    if _ISO.fullmatch(text) is None:
        return None
    plain = re.sub(r" ?(UTC|GMT)$", "Z", text.upper()).replace(" +", "+").replace(" -", "-")
    try:
        return parse_instant(plain)
    except ValueError:  # without offset, without seconds, or with a short offset
        return datetime.fromisoformat(plain)


def _why_spoiled(text: str, kinds: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    return next((why for pattern, why in kinds if pattern.fullmatch(text)), None)


def _why_no_date(text: str, formats: Sequence[str]) -> str:
    if (reason := _why_spoiled(text, _SPOILED[:2])) is not None:
        return reason
    like = " or ".join(_example(form) for form in formats)
    if any(_shape(form).fullmatch(text) for form in formats):
        return both(f"no such day or time; it should be like {like}", f"没有这个日期或时间，应如 {like}")
    if _DAY_NUMBER.fullmatch(text):
        return both(
            f"a spreadsheet's day number: export this column as a date like {like}",
            f"电子表格的日期序号：请按日期导出，如 {like}",
        )
    if _NO_DAY.fullmatch(text):
        return both(
            f"a spreadsheet has written the time alone, and the day is lost: export it as a date like {like}",
            f"电子表格只写了时间，日期已丢失：请按日期导出，如 {like}",
        )
    if _SINCE_1970.fullmatch(text):
        return both(
            f"seconds or milliseconds since 1970: export this column as a date like {like}",
            f"1970年以来的秒数或毫秒数：请按日期导出，如 {like}",
        )
    return both(f"not a date like {like}", f"日期格式不对，应如 {like}")


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
