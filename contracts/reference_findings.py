"""What a check of a place's tables says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.toml_lines import Path

Tables = Mapping[str, Mapping[str, Any]]
"""Parsed tables by name. Each fits its model."""


@dataclass(frozen=True)
class Finding:
    """Something that must be mended: where, what is wrong and what to do."""

    table: str
    path: Path
    zh: str
    en: str
    line: int = 0
    """Of the text that stands there, from 1; 0: the text as a whole."""


Check = Callable[[Tables], Iterable[Finding]]


def field_of(path: Path) -> str:
    """A path as a person writes it: ``unit[3].areas[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def used_twice(table: str, path: Path, entries: Sequence[Any], field: str) -> Iterator[Finding]:
    """Yield a finding for each entry that repeats the `field` of an earlier entry in its list."""
    seen: set[str] = set()
    for n, entry in enumerate(entries):
        if entry[field] in seen:
            yield Finding(
                table,
                (*path, n, field),
                f"“{entry[field]}”重复：请改用别的值，或删去其一",
                f"'{entry[field]}' is used twice: choose another, or remove one of them",
            )
        seen.add(entry[field])
