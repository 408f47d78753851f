"""Validation errors of a TOML file with file, line, field and correction, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from contracts.reference_findings import field_of
from contracts.refusal_details import DETAILS
from contracts.toml_lines import Path, line_of

_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("缺少该项：请补上", "is missing: add it"),
    "extra_forbidden": ("没有这个项：请改正名称或删去", "is unknown: correct its name or remove it"),
    "string_type": ("应为文字：请加上引号", "must be a text: put it in quotes"),
    "int_type": ("应为整数，不加引号", "must be a whole number, without quotes"),
    "float_type": ("应为数字，不加引号", "must be a number, without quotes"),
    "bool_type": ("应为 true 或 false", "must be true or false"),
    "list_type": ("应为列表：请写在方括号中", "must be a list: write it in brackets"),
    "dict_type": ("应为表", "must be a table"),
    "model_type": ("应为表", "must be a table"),
    "too_short": ("不可为空：请至少写一项", "must not be empty: give at least one"),
    "string_too_short": ("不可为空：请填写", "must not be empty: fill it in"),
    "string_too_long": ("太长：最多 {max_length} 字", "is too long: {max_length} characters at most"),
    "string_pattern_mismatch": ("格式不对：应符合 {pattern}", "is malformed: it must match {pattern}"),
    "limit_without_unit": (
        '限期没有单位：例如写成 "15 working days"、"15 calendar days" 或 "24 hours"',
        'is a limit without a unit: write "15 working days", "15 calendar days" or "24 hours"',
    ),
    "literal_error": ("只能是 {expected}", "must be one of {expected}"),
    "date_type": ("应为日期，不加引号：如 2027-01-04", "must be a date, without quotes: such as 2027-01-04"),
    "date_from_datetime_inexact": (
        "应为日期，不带时间：如 2027-01-04",
        "must be a date without a time: such as 2027-01-04",
    ),
    "too_long": ("太多：最多 {max_length} 项", "has too many entries: {max_length} at most"),
    "finite_number": ("应为普通的数字", "must be an ordinary number"),
    "enum": ("只能是 {expected}", "must be one of {expected}"),
    "greater_than": ("应大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("应不小于 {ge}", "must be at least {ge}"),
    "less_than": ("应小于 {lt}", "must be less than {lt}"),
    "less_than_equal": ("应不大于 {le}", "must be at most {le}"),
}

_CODE = (
    "只能用小写字母、数字和单个连字符，如 wechat",
    "must be lower-case letters, digits and single hyphens, such as wechat",
)
_FORMS: dict[str, tuple[str, str]] = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": _CODE,
    r"^[a-z0-9]+([.-][a-z0-9]+)*$": (
        "只能用小写字母、数字、单个连字符和点，如 planning.director",
        "must be lower-case letters, digits, single hyphens and dots, such as planning.director",
    ),
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": ("应为时刻，如 08:30", "must be a time of day such as 08:30"),
    r"^[A-Z]{2,4}$": ("应为二至四个大写字母", "must be two to four capital letters"),
    r"^[A-Z]{2}$": ("应为两个大写字母，如 CN", "must be two capital letters, such as CN"),
    r"\S": ("不可为空：请填写", "must not be empty: fill it in"),
    r"^[^\r\n\t]*[^\s][^\r\n\t]*$": (
        "应为一行看得见的文字：请填写，去掉换行和制表符",
        "must be one line of visible text: fill it in, without line breaks and tabs",
    ),
    r"^(0|[1-9][0-9]{0,3}) (hour|working day|calendar day)s?$": (
        '不是时限：例如写成 "15 working days"、"15 calendar days" 或 "24 hours"',
        'is no limit of time: write "15 working days", "15 calendar days" or "24 hours"',
    ),
}
"""What the patterns of `contracts` ask for, in words."""


@dataclass(frozen=True, order=True)
class Fault:
    """One error in a file, with its position and correction."""

    file: str
    line: int
    field: str
    zh: str
    en: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.en}\n{' ' * len(where)}  {self.zh}"


def misfits(file: str, model: type[BaseModel], table: Mapping[str, Any], lines: Mapping[Path, int]) -> Iterator[Fault]:
    """Yield a fault for every field of a parsed file that its model rejects."""
    try:
        model.model_validate(table)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            known = each.get("ctx", {})
            zh, en = _sentences(each["type"], each["msg"], known)
            yield Fault(
                file,
                line_of(lines, each["loc"]),
                field_of(each["loc"]),
                zh,
                en,
            )


def _sentences(type: str, message: str, known: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to do, in Chinese and English."""
    if (form := _FORMS.get(str(known.get("pattern")))) is not None:
        return form
    if (sentences := _SENTENCES.get(type)) is not None:
        return sentences[0].format_map(known), sentences[1].format_map(known)
    return DETAILS.get(type, ("不符合要求：请改正", f"does not fit: {message}"))


def unreadable(file: str, field: str, raw: bytes, error: ValueError | RecursionError) -> Fault:
    """The fault of a file that is not UTF-8 or not TOML."""
    if isinstance(error, RecursionError):
        return Fault(file, 1, field, "嵌套太深：请减少层数", "is nested too deeply: use fewer levels")
    if raw.startswith(b"\xef\xbb\xbf"):
        zh, en = (
            "以字节顺序标记开头：请另存为不带 BOM 的 UTF-8",
            "begins with a byte order mark: save it as UTF-8 without BOM",
        )
        return Fault(file, 1, field, zh, en)
    if isinstance(error, UnicodeDecodeError):
        line = raw[: error.start].count(b"\n") + 1
        return Fault(file, line, field, "不是 UTF-8 文字：请另存为 UTF-8", "is not UTF-8: save it as UTF-8")
    words = str(error)
    at = words.rpartition("at line ")[2].split(",")[0]
    line = int(at) if at.isdigit() else raw.count(b"\n") + 1
    return Fault(file, line, field, "不是正确的 TOML：请看这一行和上一行", f"is not TOML: {words}")
