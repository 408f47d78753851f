"""A place's tables against their models and checks: every fault at once, with file, line, field and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from contracts.reference_checks import CHECKS
from contracts.reference_findings import Check, Finding, field_of
from contracts.reference_tables import MODELS, REQUIRED
from contracts.toml_faults import Fault, misfits, unreadable
from contracts.toml_lines import Path, line_within, lines_of

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def faults_of_texts(
    texts: Mapping[str, bytes], checks: Sequence[Check] = CHECKS, required: Collection[str] = REQUIRED
) -> tuple[Fault, ...]:
    """Every fault of a place's tables by their names, sorted by file and line.

    Checks between tables run only when each table fits its model, because they rely on the fields of the models.
    """
    parsed = _Parsed()
    faults = [*_missing(texts, required), *_misnamed(texts), *parsed.read(texts)]
    if not faults:
        faults = [parsed.fault_of(texts, each) for check in checks for each in check(parsed.tables)]
    return tuple(sorted(set(faults)))


@dataclass
class _Parsed:
    """Tables that are TOML, and the line of each of their values."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, dict[Path, int]] = field(default_factory=dict)

    def read(self, texts: Mapping[str, bytes]) -> Iterator[Fault]:
        """Parse every text; yield what is no TOML or does not fit its model."""
        for name, raw in texts.items():
            try:
                text = raw.decode()
                self.lines[name], self.tables[name] = lines_of(text), tomllib.loads(text)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
                yield unreadable(f"{name}.toml", name, raw, error)
            else:
                if (model := MODELS.get(name)) is not None:
                    yield from misfits(f"{name}.toml", model, self.tables[name], self.lines[name])

    def fault_of(self, texts: Mapping[str, bytes], found: Finding) -> Fault:
        """The finding with its line in the file."""
        lines = self.lines.get(found.table, {})
        line = line_within(texts[found.table].decode(), lines, found.path, found.line)
        return Fault(f"{found.table}.toml", line, field_of(found.path), found.zh, found.en)


def _missing(texts: Mapping[str, bytes], required: Collection[str]) -> Iterator[Fault]:
    for name in sorted(set(required) - set(texts)):
        yield Fault(f"{name}.toml", 1, name, "缺少这个文件：请补上", "the file is missing: add it")


def _misnamed(texts: Mapping[str, bytes]) -> Iterator[Fault]:
    for name in texts:
        if not _NAME.fullmatch(name):
            yield Fault(
                f"{name}.toml",
                1,
                name,
                "文件名只能用小写字母、数字和连字符",
                "name the file in lower-case letters, digits, hyphens",
            )
    for name in sorted(set(texts) - set(MODELS)):
        yield from _misspelt(name, texts)


def _misspelt(name: str, texts: Collection[str]) -> Iterator[Fault]:
    """A file whose name is nearly that of a table which the place does not have."""
    for nearest in get_close_matches(name.lower(), sorted(set(MODELS) - set(texts)), n=1, cutoff=0.8):
        yield Fault(
            f"{name}.toml",
            1,
            name,
            f"没有这种表，是否应为 {nearest}.toml：请改正文件名",
            f"there is no such table; did you mean {nearest}.toml? Rename the file",
        )
