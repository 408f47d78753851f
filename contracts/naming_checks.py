"""What must hold of codes and names: each belongs to one entry, none is reserved, and no list names one twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.reference_findings import Check, Finding, Tables, used_twice
from contracts.roles import PROVIDERS, SERVICES
from contracts.toml_lines import Path

RESERVED = frozenset({*SERVICES, *PROVIDERS, "operator"})
"""Principals that write or read topics and are no channel, unit or system of a place."""


def codes_are_unique(tables: Tables) -> Iterator[Finding]:
    """Nothing has the code of another."""
    for table, list_name, field in (
        ("areas", "area", "code"),
        ("areas", "jurisdiction", "unit"),
        ("areas", "jurisdiction", "prefix"),
        ("categories", "category", "code"),
        ("channels", "channel", "code"),
        ("units", "unit", "id"),
        ("dispatch", "rule", "id"),
        ("intake", "scope", "id"),
        ("posts", "post", "id"),
        ("replies", "reply", "code"),
        ("limits", "suspension", "reason"),
        ("systems", "system", "id"),
        ("systems", "type", "id"),
        ("documents", "document", "code"),
        ("documents", "document", "suffix"),
    ):
        yield from used_twice(table, (list_name,), tables.get(table, {}).get(list_name, ()), field)


def codes_are_not_reserved(tables: Tables) -> Iterator[Finding]:
    """No channel, unit or system has the name of a service, a provider or the operator: it would have their rights."""
    for table, list_name, field in (
        ("channels", "channel", "code"),
        ("units", "unit", "id"),
        ("systems", "system", "id"),
    ):
        for n, entry in enumerate(tables.get(table, {}).get(list_name, ())):
            if entry[field] in RESERVED:
                yield Finding(
                    table,
                    (list_name, n, field),
                    f"“{entry[field]}”是系统保留的名称：请改用别的代码",
                    f"'{entry[field]}' is reserved for a part of the system: choose another code",
                )


def names_tell_entries_apart(tables: Tables) -> Iterator[Finding]:
    """Names of channels, systems and types of items are unique, because figures show them by name."""
    for table, list_name, field in (
        ("channels", "channel", "code"),
        ("systems", "system", "id"),
        ("systems", "type", "id"),
    ):
        for language in ("zh", "en"):
            seen: dict[str, str] = {}
            for n, entry in enumerate(tables.get(table, {}).get(list_name, ())):
                name = entry[language].strip().casefold()
                if seen.setdefault(name, entry[field]) != entry[field]:
                    yield Finding(
                        table,
                        (list_name, n, language),
                        f"名称“{entry[language]}”与前面的一项相同：请改用能区分的名称",
                        f"an entry before is called '{entry[language]}', too: choose a name that tells them apart",
                    )


def lists_name_nothing_twice(tables: Tables) -> Iterator[Finding]:
    """No list of codes, dates or words of any table holds the same value twice."""
    for table, content in tables.items():
        for path, value in _repeated(content, ()):
            yield Finding(
                table,
                path,
                f"“{value}”在列表中重复：请删去其一",
                f"'{value}' is in the list twice: remove one of them",
            )


def _repeated(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _repeated(each, (*path, name))
    elif isinstance(value, list):
        seen: list[Any] = []
        for n, each in enumerate(value):
            if isinstance(each, Mapping | list):
                yield from _repeated(each, (*path, n))
            elif each in seen:
                yield (*path, n), each
            else:
                seen.append(each)


NAMING_CHECKS: tuple[Check, ...] = (
    codes_are_unique,
    codes_are_not_reserved,
    names_tell_entries_apart,
    lists_name_nothing_twice,
)
