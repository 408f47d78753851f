"""Two versions of a place beside each other: table by table, entry by entry, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

IDENTITIES = ("id", "code", "unit")
"""Fields that name an entry of a list, in this order of preference."""


def differences(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """A line for each thing that was added (`+`), removed (`-`) or changed (`~`)."""
    for name in sorted(old.keys() | new.keys()):
        path = f"{at}.{name}" if at else name
        if name not in new:
            yield f"- {path}"
        elif name not in old:
            yield f"+ {path}"
        else:
            yield from _compare(old[name], new[name], path)


def _compare(old: Any, new: Any, path: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from differences(old, new, path)
    elif (before := _entries(old)) is not None and (after := _entries(new)) is not None:
        yield from _moved(list(before), list(after), path)
        for name in [*before, *(name for name in after if name not in before)]:
            entry = f"{path}[{name}]"
            if name not in after:
                yield f"- {entry}"
            elif name not in before:
                yield f"+ {entry}"
            else:
                yield from differences(before[name], after[name], entry)
    elif isinstance(old, list) and isinstance(new, list) and sorted(map(str, old)) != sorted(map(str, new)):
        yield from (f"- {path}: {each}" for each in old if each not in new)
        yield from (f"+ {path}: {each}" for each in new if each not in old)
    else:
        yield f"~ {path}: {old} → {new}"


def _moved(before: list[str], after: list[str], path: str) -> Iterator[str]:
    """The order of rules is part of what they say."""
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield f"~ {path}: order changed"


def _entries(value: Any) -> dict[str, Mapping[str, Any]] | None:
    """A list of tables by their names; None when it is none, or its names are not unique."""
    if not isinstance(value, list) or not value or not all(isinstance(each, Mapping) for each in value):
        return None
    field = next((name for name in IDENTITIES if all(name in each for each in value)), None)
    if field is None:
        return None
    found = {str(each[field]): each for each in value}
    return found if len(found) == len(value) else None
