"""Between a table of the file and a submitted form: every value becomes texts, and texts become values again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from apps.city.fields import FormField, Kind
from contracts.codes import TimeUnit
from contracts.limits import TimeLimit

Raw = Mapping[str, Sequence[str]]
"""A form: every name with its values, in order."""
LIMIT_UNITS = tuple(each.value.replace("-", " ") for each in TimeUnit)


@dataclass(frozen=True)
class FormFault:
    """A text that is not what its field takes."""

    path: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True)
class Submitted:
    """A form, read."""

    value: dict[str, Any]
    faults: tuple[FormFault, ...]


class _Unfit(ValueError):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


# ---- to texts


def raw_of(fields: Sequence[FormField], node: Mapping[str, Any]) -> dict[str, list[str]]:
    """The form that shows a table; absent values show their default."""
    raw: dict[str, list[str]] = {}
    for each in fields:
        present = each.key in node
        value = node.get(each.key, _default(each))
        if each.kind is Kind.GROUP:
            if each.optional and present:
                raw[f"{each.html}#present"] = ["on"]
            raw.update(raw_of(each.fields, value if isinstance(value, Mapping) else {}))
        elif each.kind is not Kind.ENTRIES and value is not None:
            raw.update(_texts(each, value))
    return raw


def _default(field: FormField) -> Any:
    if isinstance(field.default, list | dict | str | int | float):
        return field.default
    return list(field.default) if isinstance(field.default, tuple) else None


def _texts(field: FormField, value: Any) -> dict[str, list[str]]:
    name = field.html
    match field.kind:
        case Kind.MAP if isinstance(value, Mapping):
            return {f"{name}#key": list(value), **_column(field, name, list(value.values()))}
        case Kind.LIST if isinstance(value, list):
            return _column(field, name, value)
        case Kind.CHOICES if isinstance(value, list):
            return {name: [str(each) for each in value]}
        case Kind.LINES if isinstance(value, list):
            return {name: ["\n".join(str(each) for each in value)]}
        case Kind.LIMIT:
            return _column(field, name, [value])
        case Kind.YES_NO:
            return {name: ["on"]} if value is True else {}
        case _:
            return {name: [str(value)]}


def _column(field: FormField, name: str, values: Sequence[Any]) -> dict[str, list[str]]:
    if (field.item or field.kind) is not Kind.LIMIT:
        return {f"{name}#value": [str(each) for each in values]}
    limits = [_limit_texts(each) for each in values]
    return {f"{name}#amount": [amount for amount, _ in limits], f"{name}#unit": [unit for _, unit in limits]}


def _limit_texts(value: Any) -> tuple[str, str]:
    try:
        limit = TimeLimit.parse(str(value))
    except ValueError:
        return str(value), LIMIT_UNITS[0]
    return str(limit.amount), limit.unit.value.replace("-", " ")


# ---- to values


def read(fields: Sequence[FormField], raw: Raw, old: Mapping[str, Any]) -> Submitted:
    """The table that a form asks for. Lists of tables, and keys that no field has, stay as in `old`."""
    faults: list[FormFault] = []
    value = _read(fields, raw, old, faults)
    known = {each.key for each in fields}
    kept = {key: each for key, each in old.items() if key not in known}
    return Submitted({**value, **kept}, tuple(faults))


def _read(fields: Sequence[FormField], raw: Raw, old: Mapping[str, Any], faults: list[FormFault]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in fields:
        before = old.get(each.key)
        if each.kind is Kind.ENTRIES:
            if each.key in old:
                found[each.key] = before
        elif each.kind is Kind.GROUP:
            inner = _read(each.fields, raw, before if isinstance(before, Mapping) else {}, faults)
            wanted = f"{each.html}#present" in raw if each.optional else inner or each.key in old
            if wanted or each.required:
                found[each.key] = inner
        else:
            try:
                value = _value(each, raw)
            except _Unfit as unfit:
                faults.append(FormFault(each.path, unfit.zh, unfit.en))
                value = before
            if _is_written(each, value, each.key in old):
                found[each.key] = _settled(each, value, before)
    return found


def _value(field: FormField, raw: Raw) -> Any:
    name = field.html
    given = [text.replace("\r\n", "\n") for text in raw.get(name, ())]
    match field.kind:
        case Kind.YES_NO:
            return bool(given)
        case Kind.CHOICES:
            return [text for text in given if text]
        case Kind.LINES:
            lines = "\n".join(given).split("\n")
            return [_single(field.item or Kind.TEXT, line.strip()) for line in lines if line.strip()]
        case Kind.LIST:
            return [value for _, value in _rows(field, raw)]
        case Kind.MAP:
            return dict(_rows(field, raw))
        case Kind.LIMIT:
            rows = [value for _, value in _rows(field, raw)]
            return rows[0] if rows else None
        case _:
            text = given[0] if given else ""
            if field.kind is not Kind.LONG_TEXT:
                text = text.strip()
            if not text and (field.optional or field.kind in {Kind.NUMBER, Kind.DECIMAL, Kind.DATE, Kind.CHOICE}):
                return None
            return _single(field.kind, text)


def _rows(field: FormField, raw: Raw) -> Iterator[tuple[str, Any]]:
    """The rows of a list, map or limit that are not empty, each with its key."""
    name = field.html
    kind = field.item or field.kind
    columns = ("amount", "unit") if kind is Kind.LIMIT else ("value",)
    keys = raw.get(f"{name}#key", ())
    cells = [raw.get(f"{name}#{column}", ()) for column in columns]
    seen: set[str] = set()
    for position in range(max(len(keys) if field.kind is Kind.MAP else 0, len(cells[0]))):
        key, texts = _cell(keys, position), [_cell(column, position) for column in cells]
        if not texts[0] and not (field.kind is Kind.MAP and key):
            continue
        if field.kind is Kind.MAP and not key:
            raise _Unfit("有一行没有选择左边的代码：请选择", "a row has no code on the left: choose one")
        if not texts[0]:
            raise _Unfit(f"“{key}”没有值：请填写，或清空这一行", f"'{key}' has no value: fill it in, or clear the row")
        if field.kind is Kind.MAP and key in seen:
            raise _Unfit(f"“{key}”写了两次：请删去一行", f"'{key}' is there twice: clear one of the rows")
        seen.add(key)
        yield key, _limit(*texts) if kind is Kind.LIMIT else _single(kind, texts[0])


def _cell(column: Sequence[str], position: int) -> str:
    return column[position].strip() if position < len(column) else ""


def _limit(amount: str, unit: str) -> str:
    if not (amount.isascii() and amount.isdigit()) or len(amount) > 4 or unit not in LIMIT_UNITS:
        raise _Unfit("时限应为 0 至 9999 的整数", "a limit is a whole number from 0 to 9999")
    return f"{int(amount)} {unit.removesuffix('s') if int(amount) == 1 else unit}"


def _whole(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        raise _Unfit("应为整数", "must be a whole number")
    return int(text)


def _decimal(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise _Unfit("应为数字，如 0.5", "must be a number, such as 0.5") from None
    if not isfinite(found):
        raise _Unfit("应为数字，如 0.5", "must be a number, such as 0.5")
    return found


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unfit(f"“{text[:40]}”不是日期：如 2027-01-04", f"'{text[:40]}' is no date: such as 2027-01-04") from None


_READERS: Mapping[Kind, Callable[[str], Any]] = {Kind.NUMBER: _whole, Kind.DECIMAL: _decimal, Kind.DATE: _date}


def _single(kind: Kind, text: str) -> Any:
    return _READERS.get(kind, str)(text)


def _is_written(field: FormField, value: Any, was_written: bool) -> bool:
    """Whether the file gets the key: not for absent values, nor for defaults that it did not have before."""
    if value is None:
        return False
    if value in ([], {}) and not field.required:
        return field.default not in (None, [], {}, ()) and not _is_default(field, value)
    return field.required or was_written or not _is_default(field, value)


def _is_default(field: FormField, value: Any) -> bool:
    return bool(value == _default(field))


def _settled(field: FormField, value: Any, before: Any) -> Any:
    """The value as it was written before where it means the same; a set of choices in the order that it had."""
    if field.kind is Kind.CHOICES and isinstance(before, list):
        return [*(each for each in before if each in value), *(each for each in value if each not in before)]
    if field.kind is Kind.MAP and isinstance(before, Mapping):
        return {key: _as_before(each, before.get(key)) for key, each in value.items()}
    if field.kind is Kind.LIST and isinstance(before, list) and len(before) == len(value):
        return [_as_before(each, old) for each, old in zip(value, before, strict=True)]
    return _as_before(value, before)


def _as_before(value: Any, before: Any) -> Any:
    if isinstance(value, str) and isinstance(before, str) and value != before:
        try:
            return before if TimeLimit.parse(value) == TimeLimit.parse(before) else value
        except ValueError:
            return value
    same = value == before and not isinstance(before, bool) and not isinstance(value, bool)
    return before if same else value
