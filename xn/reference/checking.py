"""A place's folder against the models and checks: every fault at once, with file, line, field and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.reference_checks import CHECKS
from contracts.reference_findings import Check, field_of
from contracts.reference_tables import MODELS, REQUIRED
from contracts.refusal_details import DETAILS
from contracts.toml_lines import Path as Place
from contracts.toml_lines import line_of, line_within, lines_of
from services.notify.printing.forms import documents_are_readable
from xn.notices.checking import templates_can_be_filled
from xn.reference.addresses import country_has_a_numbering_plan, receivers_can_be_reached

ALL_CHECKS: tuple[Check, ...] = (
    *CHECKS,
    templates_can_be_filled,
    documents_are_readable,
    country_has_a_numbering_plan,
    receivers_can_be_reached,
)
"""Those of the contracts, and those that a service's rules add: one line for each."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
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
    "too_short": ("不可为空：请至少写一项", "must not be empty: give one at least"),
    "string_too_short": ("不可为空：请填写", "must not be empty: fill it in"),
    "string_too_long": ("太长：最多 {max_length} 字", "is too long: {max_length} characters at most"),
    "string_pattern_mismatch": ("格式不对：应符合 {pattern}", "has not the right form: it must match {pattern}"),
    "limit_without_unit": (
        '限期没有单位：例如写成 "15 working days"、"15 calendar days" 或 "24 hours"',
        'is a limit without a unit: write "15 working days", "15 calendar days" or "24 hours"',
    ),
    "literal_error": ("只能是 {expected}", "must be one of {expected}"),
    "greater_than": ("应大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("应不小于 {ge}", "must be {ge} at least"),
    "less_than": ("应小于 {lt}", "must be less than {lt}"),
    "less_than_equal": ("应不大于 {le}", "must be {le} at most"),
}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend."""

    file: str
    line: int
    field: str
    zh: str
    en: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.en}\n{' ' * len(where)}  {self.zh}"


@dataclass(frozen=True)
class Checked:
    """The result: faults forbid publishing, remarks do not."""

    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


def check_folder(folder: Path) -> Checked:
    """Every fault of a place's folder. Raises `OSError` when it cannot be read."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    return check_texts({path.stem: path.read_bytes() for path in sorted(folder.glob("*.toml"))})


def check_texts(texts: Mapping[str, bytes], checks: Sequence[Check] = ALL_CHECKS) -> Checked:
    """Every fault of a place's tables by their names.

    What lies between tables is looked at when each of them fits its model: it would lead astray before.
    """
    faults = [
        Fault(f"{name}.toml", 1, name, "缺少这个文件：请补上", "the file is missing: add it")
        for name in sorted(REQUIRED - set(texts))
    ]
    faults += [
        Fault(
            f"{name}.toml",
            1,
            name,
            "文件名只能用小写字母、数字和连字符",
            "name the file in lower-case letters, digits, hyphens",
        )
        for name in texts
        if not _NAME.fullmatch(name)
    ]
    tables: dict[str, dict[str, Any]] = {}
    lines: dict[str, dict[Place, int]] = {}
    for name, raw in texts.items():
        try:
            text = raw.decode()
            lines[name], tables[name] = lines_of(text), tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(_unreadable(name, raw, error))
        else:
            faults += _misfits(name, tables[name], lines[name])
    if not faults:
        findings = [finding for check in checks for finding in check(tables)]
        faults = [
            Fault(
                f"{f.table}.toml",
                line_within(texts[f.table].decode(), lines[f.table], f.path, f.line),
                field_of(f.path),
                f.zh,
                f.en,
            )
            for f in findings
        ]
    remarks = tuple(
        f"{name}.toml: not checked, no model is registered for it · 未检查：没有登记它的模型"
        for name in sorted(set(texts) - set(MODELS))
    )
    return Checked(tuple(sorted(set(faults))), remarks)


def _misfits(name: str, table: Mapping[str, Any], lines: Mapping[Place, int]) -> Iterator[Fault]:
    model = MODELS.get(name)
    if model is None:
        return
    try:
        model.model_validate(table)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            zh, en = {**DETAILS, **_SENTENCES}.get(each["type"], ("不符合要求：请改正", f"does not fit: {each['msg']}"))
            known = each.get("ctx", {})
            yield Fault(
                f"{name}.toml",
                line_of(lines, each["loc"]),
                field_of(each["loc"]),
                zh.format_map(known),
                en.format_map(known) if each["type"] in _SENTENCES else en,
            )


def _unreadable(name: str, raw: bytes, error: ValueError) -> Fault:
    if isinstance(error, UnicodeDecodeError):
        line = raw[: error.start].count(b"\n") + 1
        return Fault(f"{name}.toml", line, name, "不是 UTF-8 文字：请另存为 UTF-8", "is not UTF-8: save it as UTF-8")
    words = str(error)
    at = words.rpartition("at line ")[2].split(",")[0]
    line = int(at) if at.isdigit() else raw.count(b"\n") + 1
    return Fault(f"{name}.toml", line, name, "不是正确的 TOML：请看这一行和上一行", f"is not TOML: {words}")
