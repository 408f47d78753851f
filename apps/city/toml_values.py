"""Values written as TOML, and lists changed in place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Item

Value = Any
_WIDE = 100
"""Longer lists are written with a value on each line."""


def written(value: Value) -> str:
    """A value as TOML."""
    return item_of(value).as_string()


def item_of(value: Value, *, inline: bool = False) -> Item:
    """A value as tomlkit has it; `inline`: within a line."""
    if isinstance(value, str) and "\n" in value and not inline:
        return tomlkit.string(value, multiline=True)
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, each in value.items():
            table[key] = item_of(each, inline=True)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for each in value:
            array.append(item_of(each, inline=True))
        return array.multiline(not inline and len(array.as_string()) > _WIDE)
    return tomlkit.item(value)


def changed(old: Any, new: Value) -> Item:
    """The new value; of a list, with the lines and comments of the values that stay."""
    if isinstance(new, list) and isinstance(old, list) and not is_entries(new) and not is_entries(old):
        for position in range(len(old) - 1, -1, -1):
            if old[position] not in new:
                del old[position]
        for each in new:
            if each not in old:
                old.append(each)
        if list(old) == new and same(tomllib.loads(f"x = {old.as_string()}\n")["x"], new):  # type: ignore[attr-defined]
            return old  # type: ignore[return-value]
    return item_of(new)


def fits_a_line(value: Mapping[str, Value]) -> bool:
    """Whether a table can be written in a line."""
    flat = all(isinstance(each, bool | int | float | str) and "\n" not in str(each) for each in value.values())
    return flat and len(written(value)) <= _WIDE


def pairs(value: Mapping[str, Value]) -> str:
    """The lines of a table's values."""
    return "".join(f"{tomlkit.key(key).as_string()} = {written(each)}\n" for key, each in value.items())


def is_entries(value: Value) -> bool:
    """Whether it is a list of tables."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def same(one: Value, other: Value) -> bool:
    """Equal in value and type: ``1`` is neither ``true`` nor ``1.0``."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
