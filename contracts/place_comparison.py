"""Comparison of two versions of a place: table by table, entry by entry, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

IDENTITIES = ("id", "code", "unit")
"""Fields that name an entry of a list, in this order of preference."""


class ChangeKind(StrEnum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """Entries of a list are in another order."""


@dataclass(frozen=True)
class Change:
    """One difference. An entry of a list is addressed by its name: ``("units", "unit", Entry("police"), "zh")``."""

    kind: ChangeKind
    path: tuple[str | Entry, ...]
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        match self.kind:
            case ChangeKind.ADDED:
                return f"+ {_text(self.path)}{_element(self.after)}"
            case ChangeKind.REMOVED:
                return f"- {_text(self.path)}{_element(self.before)}"
            case ChangeKind.MOVED:
                return f"~ {_text(self.path)}: order changed"
            case ChangeKind.CHANGED:
                return f"~ {_text(self.path)}: {self.before} → {self.after}"


@dataclass(frozen=True)
class Entry:
    """An entry of a list, by its name."""

    name: str


@dataclass(frozen=True)
class Element:
    """A single value that a list has gained or lost."""

    value: Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """A line for each thing that was added (`+`), removed (`-`) or changed (`~`)."""
    return map(str, changes(old, new))


def changes(old: Mapping[str, Any], new: Mapping[str, Any], at: tuple[str | Entry, ...] = ()) -> Iterator[Change]:
    """What differs, by name. Whole tables and entries count as one change."""
    for name in sorted(old.keys() | new.keys()):
        path = (*at, name)
        if name not in new:
            yield Change(ChangeKind.REMOVED, path, before=old[name])
        elif name not in old:
            yield Change(ChangeKind.ADDED, path, after=new[name])
        else:
            yield from _compare(old[name], new[name], path)


def _compare(old: Any, new: Any, path: tuple[str | Entry, ...]) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from changes(old, new, path)
    elif (before := entries_of(old)) is not None and (after := entries_of(new)) is not None:
        yield from _compare_entries(before, after, path)
    elif isinstance(old, list) and isinstance(new, list) and sorted(map(str, old)) != sorted(map(str, new)):
        yield from (Change(ChangeKind.REMOVED, path, before=Element(each)) for each in old if each not in new)
        yield from (Change(ChangeKind.ADDED, path, after=Element(each)) for each in new if each not in old)
    else:
        yield Change(ChangeKind.CHANGED, path, old, new)


def _compare_entries(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str | Entry, ...]
) -> Iterator[Change]:
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change(ChangeKind.MOVED, path, list(before), list(after))
    for name in [*before, *(name for name in after if name not in before)]:
        entry = (*path, Entry(name))
        if name not in after:
            yield Change(ChangeKind.REMOVED, entry, before=before[name])
        elif name not in before:
            yield Change(ChangeKind.ADDED, entry, after=after[name])
        else:
            yield from changes(before[name], after[name], entry)


def entries_of(value: Any) -> dict[str, Mapping[str, Any]] | None:
    """A list of tables by their names; None when it is none, or its names are not unique."""
    if not isinstance(value, list) or not value or not all(isinstance(each, Mapping) for each in value):
        return None
    field = next((name for name in IDENTITIES if all(name in each for each in value)), None)
    if field is None:
        return None
    found = {str(each[field]): each for each in value}
    return found if len(found) == len(value) else None


def _element(value: Any) -> str:
    return f": {value.value}" if isinstance(value, Element) else ""


def _text(path: tuple[str | Entry, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part.name}]" if isinstance(part, Entry) else f".{part}" if text else part
    return text
