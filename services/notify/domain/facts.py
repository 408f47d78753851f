"""What is known on an occasion, made ready to be shown: checked against the vocabulary, cleaned, in the reader's words.

Facts are what people have written: they are shown and never read as a template, and nothing in them can turn a line
into two or the direction of reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Undefined

from contracts.code_names import APPEAL_NAMES
from contracts.codes import Language
from services.notify.defaults import table
from services.notify.domain.vocabulary import VARIABLES, Kind, Variable

Facts = Mapping[str, Any]
"""Values by variable; None or nothing where an optional one is absent."""

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Controls, marks that turn the direction of reading, and what is not seen at all."""
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class FactError(ValueError):
    """The facts do not fit the occasion; `str()` names the variable, never its value."""


class Absent(Undefined):
    """An optional variable without a value: it may be tested and compared, and is never shown."""

    __slots__ = ()

    def __str__(self) -> str:
        raise self._undefined_exception(self._undefined_message)

    def __iter__(self) -> Iterator[Any]:
        raise self._undefined_exception(self._undefined_message)

    def __len__(self) -> int:
        raise self._undefined_exception(self._undefined_message)


def shown(what: str, language: Language, zone: ZoneInfo, facts: Facts) -> dict[str, Any]:
    """Everything a template of the occasion may name, as it is shown. Raises `FactError`."""
    known = VARIABLES[what]
    if unknown := set(facts) - set(known):
        raise FactError(f"{what} knows no {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {}
    for name, variable in known.items():
        value = facts.get(name)
        if value is None and not variable.optional:
            raise FactError(f"{what} needs {name}")
        values[name] = Absent(name=name) if value is None else _shown(name, variable, value, language, zone)
        if variable.kind is Kind.CODE:
            words = name_of(name, str(values[name]), language) if value is not None else Absent(name=f"{name}_name")
            values[f"{name}_name"] = words
    return values


def read_facts(what: str, texts: Mapping[str, str]) -> Facts:
    """Facts that have travelled as texts, each under its variable's name, with hyphens. Raises `FactError`.

    Dates and instants in ISO 8601, ``true`` or ``false``, a line for each element of a list, records as JSON.
    """
    known = VARIABLES[what]
    facts: dict[str, Any] = {}
    for name, value in texts.items():
        variable = known.get(name.replace("-", "_"))
        if variable is None:
            raise FactError(f"{what} knows no {name}")
        try:
            facts[name.replace("-", "_")] = _read(variable, value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise FactError(f"{name} is no {variable.kind}") from error
    return facts


def name_of(variable: str, code: str, language: Language) -> str:
    """The words of a code; the code itself where there are none."""
    known = {"appeal": APPEAL_NAMES}.get(variable) or table("words").get(variable, {})
    words: Mapping[str, str] = known.get(code, {})
    return words.get(language.value, code)


def one_line(text: str) -> str:
    """Without breaks, controls and marks of direction; blanks are single."""
    return " ".join(_HIDDEN.sub("", _BREAKS.sub(" ", text)).split())


def several_lines(text: str) -> str:
    """The same, with line breaks; no more than one empty line after another."""
    clean = _HIDDEN.sub("", _BREAKS.sub("\n", text).replace("\t", " "))
    return re.sub(r"\n\s*\n+", "\n\n", clean).strip()


def shown_date(on: date, language: Language) -> str:
    """``2026年12月14日`` or ``14 December 2026``."""
    if language is Language.CHINESE:
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def shown_instant(at: datetime, language: Language, zone: ZoneInfo) -> str:
    """``2026年12月14日17:30``; midnight is the end of the day before, as limits are."""
    local = at.astimezone(zone)
    ends_the_day = local.time() == time()
    day = shown_date((local - timedelta(days=1) if ends_the_day else local).date(), language)
    if language is Language.CHINESE:
        return f"{day}24时" if ends_the_day else f"{day}{local:%H:%M}"
    return f"{day}, {'24:00' if ends_the_day else f'{local:%H:%M}'}"


def _shown(name: str, variable: Variable, value: Any, language: Language, zone: ZoneInfo) -> Any:
    match variable.kind, value:
        case ((Kind.LINE | Kind.CODE), str()):
            return one_line(value)
        case Kind.PROSE, str():
            return several_lines(value)
        case Kind.LINK, str() if _LINK.fullmatch(value):
            return value
        case (Kind.FLAG, bool()) | (Kind.NUMBER, int()) if (variable.kind is Kind.FLAG) == isinstance(value, bool):
            return value
        case Kind.RATIO, (float() | int()):
            return f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"
        case Kind.DATE, date() if not isinstance(value, datetime):
            return shown_date(value, language)
        case Kind.INSTANT, datetime() if value.tzinfo is not None:
            return shown_instant(value, language, zone)
        case ((Kind.LINES | Kind.RECORDS), (list() | tuple())):
            return [_element(name, variable, each, language, zone) for each in value]
        case _:
            raise FactError(f"{name} is no {variable.kind}")


def _read(variable: Variable, value: str) -> Any:
    match variable.kind:
        case Kind.NUMBER:
            return int(value)
        case Kind.RATIO:
            return float(value)
        case Kind.FLAG:
            return {"true": True, "false": False}[value]
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.INSTANT:
            return datetime.fromisoformat(value)
        case Kind.LINES:
            return value.splitlines()
        case Kind.RECORDS:
            return [{name: _read(variable.fields[name], each[name]) for name in each} for each in json.loads(value)]
        case Kind.LINE | Kind.PROSE | Kind.LINK | Kind.CODE:
            return value


def _element(name: str, variable: Variable, value: Any, language: Language, zone: ZoneInfo) -> Any:
    match variable.kind, value:
        case Kind.LINES, str():
            return one_line(value)
        case Kind.RECORDS, Mapping() if set(value) == set(variable.fields):
            return {
                field: _shown(f"{name}.{field}", each, value[field], language, zone)
                for field, each in variable.fields.items()
            }
        case _:
            raise FactError(f"an element of {name} does not fit {variable.kind}")
