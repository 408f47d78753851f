"""Which changes between two releases of the contracts break somebody.

Within a version of a type one change is allowed: a field is added that nobody has to send. Everything else breaks one
of the two readers that exist while a release spreads. A tightened schema breaks the new reader, who meets records
that old senders wrote; a loosened one breaks the old reader, who is strict and meets what new senders write. So a
value added to a code list breaks, too: an old reader refuses it.

There is one exception: a *request*, a type that only outsiders write and only our services read. A value added to its
code lists may be used by nobody before the release that reads it is running, since it is that release that offers it.

A closed list may also become a code of reference data, marked by `x-reference-table`, when its pattern fits all old
values. A new value is used only once a place publishes it in that table, which is done after every reader has the
release. Closing the list again breaks the readers of old records.

Words (titles, descriptions, examples) are no part of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_WORDS = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "deprecated"})
_WALKED = frozenset({"$ref", "properties", "required", "enum", "items", "anyOf", "default"})
_TABLE = "x-reference-table"
"""Keyword with the name of the reference table that lists the values of a code."""
_OF_CODES = frozenset({_TABLE, "pattern", "maxLength"})
_ABSENT = object()


def breaking_changes(old: Schema, new: Schema, *, request: bool = False) -> list[str]:
    """What the change from `old` to `new` breaks, one sentence each; empty when it breaks nobody.

    Both are complete schemas of the same type. `request`: only outsiders write it and only our services read it.
    """
    return list(_Comparison(old, new, request).between(old, new, ""))


def breaking_releases(
    old: Mapping[str, Schema], new: Mapping[str, Schema], *, is_request: Callable[[str], bool]
) -> list[str]:
    """What the change of a set of schemas breaks, by type. A new type breaks nobody: it is skipped unread."""
    found: list[str] = []
    for type, schema in sorted(old.items()):
        if type not in new:
            found.append(f"{type}: the type was removed")
        else:
            found += [f"{type}: {each}" for each in breaking_changes(schema, new[type], request=is_request(type))]
    return found


def breaking_topics(old: Schema, new: Schema) -> list[str]:
    """What the change of an AsyncAPI document of the whole system breaks.

    The number of partitions is part of the contract: changing it sends a key to another partition, out of its order.
    """
    found: list[str] = []
    for name, channel in sorted(old.get("channels", {}).items()):
        other = new.get("channels", {}).get(name)
        if other is None or other["address"] != channel["address"]:
            found.append(f"topic {channel['address']}: was removed or renamed")
            continue
        gone = sorted(set(channel["messages"]) - set(other["messages"]))
        found += [f"topic {channel['address']}: {message} no longer travels on it" for message in gone]
        before, after = (each["bindings"]["kafka"] for each in (channel, other))
        if before["partitions"] != after["partitions"]:
            found.append(
                f"topic {channel['address']}: had {before['partitions']} partitions, has {after['partitions']}"
            )
    return found


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Two documents, which local references are looked up in."""

    old: Schema
    new: Schema
    request: bool

    def between(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from self._properties(old, new, path)
        yield from self._values(old, new, path)
        yield from self._inner(old, new, path)
        if "default" in old and "default" in new and old["default"] != new["default"]:
            yield f"{_at(path)} meant {old['default']!r} when absent, means {new['default']!r}"
        passed_over = _OF_CODES if _is_opened(old, new) else frozenset[str]()
        for keyword in sorted((set(old) | set(new)) - _WORDS - _WALKED - passed_over):
            before, after = old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)
            if before != after:
                yield f"{_at(path)} had {_told(keyword, before)}, has {_told(keyword, after)}"

    def _properties(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        demanded, demands = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            inner = f"{path}.{name}" if path else name
            if name not in after:
                yield f"{_at(inner)} was removed"
                continue
            if name in demands - demanded:
                yield f"{_at(inner)} is now required: older records lack it"
            if name in demanded - demands:
                yield f"{_at(inner)} is no longer required: older readers demand it"
            yield from self.between(before[name], after[name], inner)
        for name in sorted(demands - set(before)):
            yield f"{_at(f'{path}.{name}' if path else name)} is new and required: older records lack it"

    def _values(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        if _is_opened(old, new):
            return
        if ("enum" in old) != ("enum" in new):
            yield f"{_at(path)} {'is no longer' if 'enum' in old else 'is now'} a closed list of values"
            return
        before, after = old.get("enum", []), new.get("enum", [])
        for value in (value for value in before if value not in after):
            yield f"{_at(path)} no longer allows {value!r}: older records may hold it"
        if not self.request:
            for value in (value for value in after if value not in before):
                yield f"{_at(path)} now allows {value!r}: older readers refuse it"

    def _inner(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
            yield from self.between(old["items"], new["items"], f"{path}[]")
        elif old.get("items") != new.get("items"):
            yield f"{_at(path)} holds other items"
        before, after = old.get("anyOf", []), new.get("anyOf", [])
        if len(before) != len(after):
            yield f"{_at(path)} has {len(after)} alternative forms, had {len(before)}"
            return
        for one, other in zip(before, after, strict=True):
            yield from self.between(one, other, path)


def _is_opened(old: Schema, new: Schema) -> bool:
    """Whether an enum was replaced by a code of reference data that accepts all its values."""
    if "enum" not in old or "enum" in new or _TABLE not in new or _TABLE in old:
        return False
    most = new.get("maxLength", float("inf"))
    return all(re.search(new.get("pattern", ""), str(value)) and len(str(value)) <= most for value in old["enum"])


def _resolved(document: Schema, schema: Schema) -> Schema:
    """The schema with its reference replaced by what it refers to. Ours never refer to themselves."""
    while "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _at(path: str) -> str:
    return f"`{path}`" if path else "the message"


def _told(keyword: str, value: object) -> str:
    return f"no {keyword}" if value is _ABSENT else f"{keyword} {value!r}"
