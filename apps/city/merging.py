"""Two sets of changes of one version (three-way): a person decides about what both have changed."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.city.editing import add_entry, move_entry, remove_entry, replace, value_at
from contracts.place_comparison import Entry, entries_of
from contracts.toml_lines import Path

Side = Literal["mine", "theirs"]
Unit = tuple[str | Entry, ...]
"""What is taken as a whole: an entry of a list, or a single value."""
ABSENT = object()
ORDER = "order of the entries"
"""Last part of the unit that is the order of a list."""


@dataclass(frozen=True)
class Conflict:
    """Both sides have changed this, in different ways."""

    table: str
    unit: Unit
    base: Any
    mine: Any
    theirs: Any

    @property
    def id(self) -> str:
        """Its name in a form."""
        return "/".join([self.table, *(f"[{each.name}]" if isinstance(each, Entry) else each for each in self.unit)])


@dataclass(frozen=True)
class Merged:
    """The result; where `undecided` is not empty, the other side's value was taken there for now."""

    texts: dict[str, str]
    conflicts: list[Conflict] = field(default_factory=list)
    undecided: list[Conflict] = field(default_factory=list)


Texts = Mapping[str, str]


def merge(base: Texts, mine: Texts, theirs: Texts, decided: Mapping[str, Side]) -> Merged:
    """Their texts with my changes. `decided`: whose value is taken, by id of a conflict. Raises `EditError`."""
    merged = Merged({})
    for table in sorted({*base, *mine, *theirs}):
        old, own, other = base.get(table), mine.get(table), theirs.get(table)
        if own in {old, other}:
            text = other
        elif other == old:
            text = own
        elif own is None or other is None or old is None:
            text = own if _decide(merged, Conflict(table, (), old, own, other), decided) == "mine" else other
        else:
            text = _merge_table(merged, table, (old, own, other), decided)
        if text is not None:
            merged.texts[table] = text
    return merged


def _decide(merged: Merged, conflict: Conflict, decided: Mapping[str, Side]) -> Side:
    merged.conflicts.append(conflict)
    if conflict.id not in decided:
        merged.undecided.append(conflict)
        return "theirs"
    return decided[conflict.id]


def _merge_table(merged: Merged, table: str, texts: tuple[str, str, str], decided: Mapping[str, Side]) -> str:
    base, mine, theirs = (dict(_units(tomllib.loads(text), ())) for text in texts)
    result = texts[2]
    for unit in [*mine, *(each for each in base if each not in mine)]:
        old, own, other = (side.get(unit, ABSENT) for side in (base, mine, theirs))
        if _is_same(unit, old, own) or own == other:
            continue
        if (
            not _is_same(unit, old, other)
            and _decide(merged, Conflict(table, unit, old, own, other), decided) == "theirs"
        ):
            continue
        result = _with_unit(result, unit, own)
    return result


def _is_same(unit: Unit, old: Any, new: Any) -> bool:
    """Whether a side has left it alone. An order is the same when the entries that stay follow each other as before."""
    if unit[-1] != ORDER or old is ABSENT or new is ABSENT:
        return bool(old == new) or unit[-1] == ORDER
    return [each for each in old if each in new] == [each for each in new if each in old]


def _units(value: Mapping[str, Any], at: Unit) -> Iterator[tuple[Unit, Any]]:
    for key, each in value.items():
        if isinstance(each, Mapping):
            yield from _units(each, (*at, key))
        elif (entries := entries_of(each)) is not None:
            for name, entry in entries.items():
                yield (*at, key, Entry(name)), entry
            yield (*at, key, ORDER), list(entries)
        else:
            yield (*at, key), each


def _with_unit(text: str, unit: Unit, value: Any) -> str:
    tables = tomllib.loads(text)
    if unit[-1] == ORDER:
        return _in_order(text, unit[:-1], () if value is ABSENT else value)
    if not isinstance(unit[-1], Entry):
        return replace(text, (), _with_value(tables, [str(each) for each in unit], value))
    path = path_of(tables, unit)
    if value is ABSENT:
        return remove_entry(text, path) if path else text
    return replace(text, path, value) if path else add_entry(text, tuple(str(each) for each in unit[:-1]), value)


def _with_value(tables: Mapping[str, Any], keys: Sequence[str], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(dict(tables))
    target = changed
    for key in keys[:-1]:
        target = target.setdefault(key, {})
    if value is ABSENT:
        target.pop(keys[-1], None)
    else:
        target[keys[-1]] = value
    return changed


def _in_order(text: str, unit: Unit, names: Sequence[str]) -> str:
    """The entries in the order of `names`; those it does not name stay behind the others."""
    at: Path = tuple(str(each) for each in unit)
    try:
        now = list(entries_of(value_at(tomllib.loads(text), at)) or {})
    except LookupError:
        return text
    wanted = [each for each in names if each in now]
    wanted += [each for each in now if each not in wanted]
    for position, name in enumerate(wanted):
        if now.index(name) != position:
            text = move_entry(text, (*at, now.index(name)), position)
            now.insert(position, now.pop(now.index(name)))
    return text


def path_of(tables: Any, unit: Sequence[str | Entry]) -> Path | None:
    """Where something with names of entries is in these tables; None where it is not."""
    path: Path = ()
    for part in unit:
        try:
            here = value_at(tables, path)
        except LookupError:
            return None
        if isinstance(part, str):
            path = (*path, part)
            continue
        names = list(entries_of(here) or {})
        if part.name not in names:
            return None
        path = (*path, names.index(part.name))
    try:
        value_at(tables, path)
    except LookupError:
        return None
    return path
