"""A part of a table that is edited as one form: where it is, what it holds, and whether it has changed meanwhile."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from apps.city.editing import value_at
from apps.city.fields import FormField, Kind, fields_of, model_at
from apps.city.names import Names
from contracts.reference_tables import MODELS
from contracts.toml_lines import Path

_AT = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,11}")


class Gone(LookupError):
    """The part was removed, or changed, since its form was made."""


@dataclass(frozen=True)
class Node:
    """A table inside the file, or an entry of a list."""

    table: str
    path: Path
    model: type[BaseModel]
    value: Mapping[str, Any]
    there: bool
    """False for a part that the file does not have yet."""
    new: bool = False
    """`path` is a list that gets one more entry."""

    @property
    def is_entry(self) -> bool:
        """Whether it is an entry of a list."""
        return not self.new and bool(self.path) and isinstance(self.path[-1], int)

    @property
    def stamp(self) -> str:
        """Changes with the content."""
        return stamp_of(self.value if self.there else None)

    def fields(self, names: Names) -> tuple[FormField, ...]:
        """The fields of its form. Parts of the file itself have forms of their own."""
        found = fields_of(self.model, names)
        return found if self.path else tuple(each for each in found if each.kind is not Kind.GROUP)

    def lists(self, names: Names) -> tuple[FormField, ...]:
        """Lists of tables directly inside it."""
        return tuple(each for each in fields_of(self.model, names) if each.kind is Kind.ENTRIES)


def parse_at(text: str) -> Path:
    """The path of an address: ``unit.3`` is ``("unit", 3)``. Raises `LookupError`."""
    if not text:
        return ()
    if not _AT.fullmatch(text):
        raise LookupError(text)
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def at_of(path: Path) -> str:
    """The address of a path."""
    return ".".join(str(part) for part in path)


def node_of(table: str, tables: Mapping[str, Mapping[str, Any]], path: Path, *, new: bool = False) -> Node:
    """The part at a path. Raises `LookupError` where the models have none, or the list has no such entry."""
    model = model_at(MODELS[table], path)
    if new:
        return Node(table, path, model, {}, there=False, new=True)
    try:
        value = value_at(tables.get(table, {}), path)
    except LookupError:
        if any(isinstance(part, int) for part in path):
            value_at(tables.get(table, {}), path[: _after_last_index(path)])
        return Node(table, path, model, {}, there=False)
    if not isinstance(value, Mapping):
        raise LookupError(path)  # noqa: TRY004 - a path without a table
    return Node(table, path, model, value, there=True)


def find(table: str, tables: Mapping[str, Mapping[str, Any]], path: Path, stamp: str) -> Node:
    """The part that had this content when its form was made, also when it has moved in its list. Raises `Gone`."""
    try:
        node = node_of(table, tables, path)
        if node.stamp == stamp:
            return node
        if node.is_entry:
            for position, entry in enumerate(value_at(tables.get(table, {}), path[:-1])):
                if stamp_of(entry) == stamp:
                    return node_of(table, tables, (*path[:-1], position))
    except LookupError:
        pass
    raise Gone(at_of(path))


def stamp_of(value: Any) -> str:
    """A short hash of a value."""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _after_last_index(path: Path) -> int:
    return 1 + max(position for position, part in enumerate(path) if isinstance(part, int))
