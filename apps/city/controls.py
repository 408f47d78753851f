"""The controls of a form, ready for the template: labels, values, choices, and faults beside each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.city.fields import FormField, Kind
from apps.city.forms import LIMIT_UNITS, Raw
from apps.city.words import Words
from contracts.reference_findings import field_of

SPARE_ROWS = 2
"""Empty rows behind those of a list or map."""


@dataclass(frozen=True)
class Option:
    """A value that may be chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a list, a map or a limit."""

    value: str
    key: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Control:
    """One field as it is shown."""

    field: FormField
    label: str
    help: str
    faults: tuple[str, ...]
    value: str
    present: bool
    options: tuple[Option, ...]
    key_options: tuple[Option, ...]
    unit_options: tuple[Option, ...]
    rows: tuple[Row, ...]
    children: tuple[Control, ...]

    @property
    def kind(self) -> str:
        """How it is edited."""
        return str(self.field.kind)

    @property
    def item(self) -> str:
        """How a value of its rows is edited."""
        return str(self.field.item or self.field.kind)

    @property
    def wrong(self) -> bool:
        """Whether it, or a field inside it, has faults."""
        return bool(self.faults) or any(each.wrong for each in self.children)


FaultsOf = Callable[[FormField], Sequence[str]]


def controls_of(fields: Sequence[FormField], raw: Raw, faults: FaultsOf, words: Words) -> tuple[Control, ...]:
    """The controls of a form that holds `raw`."""
    return tuple(_control(each, raw, faults, words) for each in fields if each.kind is not Kind.ENTRIES)


def faults_by_field(faults: Sequence[tuple[str, str]], fields: Sequence[FormField]) -> FaultsOf:
    """Finds the texts of the faults at a field; `faults` are paths, such as ``areas[0]``, with their text."""

    def of(field: FormField) -> Sequence[str]:
        name = field_of(field.path)
        if field.kind is Kind.GROUP:
            return [text for path, text in faults if path == name]
        return [text for path, text in faults if path == name or path.startswith((f"{name}.", f"{name}["))]

    return of


def _control(field: FormField, raw: Raw, faults: FaultsOf, words: Words) -> Control:
    given = list(raw.get(field.html, ()))
    return Control(
        field=field,
        label=words.pick(field.name),
        help=words.pick(field.help),
        faults=tuple(dict.fromkeys(faults(field))),
        value=given[0] if given else "",
        present=not field.optional or f"{field.html}#present" in raw,
        options=_options(field.values, field.source, _chosen(field, raw), words),
        key_options=_options(field.key_values, field.key_source, raw.get(f"{field.html}#key", ()), words),
        unit_options=tuple(Option(each, _unit(each, words)) for each in LIMIT_UNITS),
        rows=_rows(field, raw),
        children=controls_of(field.fields, raw, faults, words),
    )


def _chosen(field: FormField, raw: Raw) -> Sequence[str]:
    return raw.get(field.html if field.kind in {Kind.CHOICE, Kind.CHOICES} else f"{field.html}#value", ())


def _options(values: Sequence[str], source: str | None, chosen: Sequence[str], words: Words) -> tuple[Option, ...]:
    found = {each: words.fixed(each) for each in values}
    if source is not None:
        found |= {code: words.reference(source, code) for code in words.codes(source)}
    if not found:
        return ()
    unknown = {each: each for each in chosen if each and each not in found}
    return tuple(Option(code, _label(label, code), code in chosen) for code, label in {**found, **unknown}.items())


def _label(label: str, code: str) -> str:
    if label == code:
        return label
    chinese = any(ord(each) > 0x2E80 for each in label)
    return f"{label}（{code}）" if chinese else f"{label} ({code})"


def _unit(unit: str, words: Words) -> str:
    names: Mapping[str, tuple[str, str]] = {
        "hours": ("小时", "hours"),
        "working days": ("个工作日", "working days"),
        "calendar days": ("天（自然日）", "calendar days"),
    }
    return words.pick(names[unit])


def _rows(field: FormField, raw: Raw) -> tuple[Row, ...]:
    name = field.html
    columns: dict[str, Sequence[Any]] = {
        part: raw.get(f"{name}#{part}", ()) for part in ("key", "value", "amount", "unit")
    }
    several = field.kind in {Kind.LIST, Kind.MAP}
    if not several and field.kind is not Kind.LIMIT:
        return ()
    count = max(len(each) for each in columns.values()) + SPARE_ROWS if several else 1

    def cell(part: str, position: int) -> str:
        return str(columns[part][position]) if position < len(columns[part]) else ""

    return tuple(
        Row(cell("value", n) or cell("amount", n), cell("key", n), cell("unit", n) or LIMIT_UNITS[1])
        for n in range(count)
    )
